/**
 * Confines itself, and becomes another program: run as `bun -e` with the text of this module, a job in its environment, and
 * the arguments to append to the command.
 *
 * It has to start fast, so it imports little and does only what it is told. Whatever fails ends it, with a code of
 * `launchFailures`: it never goes on with less.
 *
 * @module
 */
import process from "node:process";
import { bunFfi, systemCalls } from "./bun_ffi.ts";
import type { LandlockRules, LaunchJob } from "./launch_job.ts";

const fail = (code: number, what: string): never => {
  console.error(`plugmap launcher: ${what}`);
  process.exit(code);
};

const ffi = bunFfi() ?? fail(100, "This is not Bun");
const job: LaunchJob = JSON.parse(process.env.PLUGMAP_LAUNCH ?? fail(100, "There is no job"));
const { calls } = job;
const { call, errno } = systemCalls(ffi, job.libc);
const must = (code: number, what: string, result: number): number =>
  result < 0 ? fail(code, `${what}: errno ${errno()}`) : result;

/** What the kernel is given addresses of must not be collected meanwhile. */
const kept: unknown[] = [];
const address = (bytes: Uint8Array | BigUint64Array | Uint32Array): number => {
  kept.push(bytes);
  return ffi.ptr(bytes);
};
const encoder = new TextEncoder();
const cString = (value: string): number => address(encoder.encode(`${value}\0`));
const cStrings = (values: readonly string[]): number =>
  address(new BigUint64Array([...values.map((value) => BigInt(cString(value))), 0n]));

// linux/prctl.h
const PR_SET_PDEATHSIG = 1;
const PR_SET_NO_NEW_PRIVS = 38;
const SIGKILL = 9;
must(101, "PR_SET_PDEATHSIG", call(calls.prctl, PR_SET_PDEATHSIG, SIGKILL));
// Whoever adopted the process before the signal was set is not the host.
if (call(calls.getppid) !== job.parent) fail(101, "The host is gone");

// Without a terminal, and with a group by whose id the host ends it and all that it starts. A leader has it already.
const pid = call(calls.getpid);
if (call(calls.setsid) < 0 && call(calls.getpgid, 0) !== pid) fail(102, `setsid: errno ${errno()}`);

const AT_FDCWD = -100;
const O_PATH_CLOEXEC = 0o12000000;
// linux/openat2.h
const RESOLVE_NO_SYMLINKS = 4n;
const withoutLinks = address(new BigUint64Array([BigInt(O_PATH_CLOEXEC), 0n, RESOLVE_NO_SYMLINKS]));
const openHowSize = 24;
const LANDLOCK_RULE_PATH_BENEATH = 1;
const ENOENT = 2;
const ENOTDIR = 20;
const EINVAL = 22;
const makeRuleset = ({ withheld, paths, rightsOfFiles }: LandlockRules): number => {
  const { files, network, scopes, size } = withheld;
  const attributes = address(new BigUint64Array([BigInt(files), BigInt(network), BigInt(scopes)]));
  const ruleset = must(104, "landlock_create_ruleset", call(calls.landlock_create_ruleset, attributes, size));
  const rule = new Uint8Array(12);
  const view = new DataView(rule.buffer);
  const ruleAddress = address(rule);
  const add = (rights: number): number => {
    view.setBigUint64(0, BigInt(rights), true);
    return call(calls.landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, ruleAddress);
  };
  for (const { path, rights, needed, follow } of paths) {
    const file = follow
      ? call(calls.openat, AT_FDCWD, cString(path), O_PATH_CLOEXEC)
      : call(calls.openat2, AT_FDCWD, cString(path), withoutLinks, openHowSize);
    if (file < 0) {
      const problem = errno();
      if (!needed && (problem === ENOENT || problem === ENOTDIR)) continue;
      fail(103, `${path}: errno ${problem}`);
    }
    view.setInt32(8, file, true);
    if (add(rights) < 0) {
      // Rights of folders cannot be given to a file.
      if (errno() !== EINVAL) fail(104, `${path}: errno ${errno()}`);
      must(104, path, add(rights & rightsOfFiles));
    }
    call(calls.close, file);
  }
  return ruleset;
};
const ruleset = job.landlock && makeRuleset(job.landlock);

const filter = new Uint32Array(job.filter);
const secret = crypto.getRandomValues(new Uint32Array(6));
for (const [name, indexes] of Object.entries(job.blanks)) {
  const value = name === "pid" ? pid : secret[Number(name.slice("secret".length))]!;
  // The operand is the second half of an instruction.
  for (const index of indexes) filter[2 * index + 1] = value;
}
const program = address(new BigUint64Array([BigInt(filter.length / 2), BigInt(address(filter))]));
const command = [...job.command, ...process.argv.slice(1)];
const path = cString(command[0]!);
const argumentList = cStrings(command);
const environment = cStrings(job.environment);
const key = (index: number): bigint =>
  BigInt.asIntN(64, BigInt(secret[2 * index]!) | (BigInt(secret[2 * index + 1]!) << 32n));
const keys = [key(0), key(1), key(2)] as const;

const _LINUX_CAPABILITY_VERSION_3 = 0x20080522;
const capabilityHeader = address(new Uint32Array([_LINUX_CAPABILITY_VERSION_3, 0]));
/** Twice, for the lower and the upper half: effective, permitted, inheritable. */
const capabilities = new Uint32Array(6);
const capabilitiesAddress = address(capabilities);
const limits = job.limits.map(([resource, most]) =>
  [resource, address(new BigUint64Array([BigInt(most), BigInt(most)]))] as const
);
const SECCOMP_SET_MODE_FILTER = 1;
const CLOSE_RANGE_CLOEXEC = 4;

// Together with it, execve gives root no capability back that is dropped here.
must(107, "PR_SET_NO_NEW_PRIVS", call(calls.prctl, PR_SET_NO_NEW_PRIVS, 1));
if (ruleset !== null) must(108, "landlock_restrict_self", call(calls.landlock_restrict_self, ruleset, 0));
// Bun does it too when it starts, but the program need not be one that does.
must(109, "close_range", call(calls.close_range, job.closeFrom, 0xffffffff, CLOSE_RANGE_CLOEXEC));
must(106, "capget", call(calls.capget, capabilityHeader, capabilitiesAddress));
const left = capabilities[1]! & job.capabilities;
capabilities.set([left, left, 0, 0, 0, 0]);
must(106, "capset", call(calls.capset, capabilityHeader, capabilitiesAddress));
for (const [resource, limit] of limits) must(105, `limit ${resource}`, call(calls.prlimit64, 0, resource, limit, 0));
must(110, "seccomp", call(calls.seccomp, SECCOMP_SET_MODE_FILTER, 0, program));
call(calls.execve, path, argumentList, environment, ...keys);
fail(111, `execve: errno ${errno()}`);
