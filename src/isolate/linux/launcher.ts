/**
 * The launcher: a process that confines itself, and becomes another program. It does only what it is told, and whatever
 * fails ends it, with a code of {@linkcode launchFailures}: it never goes on with less.
 *
 * @module
 */
import type { Architecture } from "./architecture.ts";
import { CallProgram, Label } from "./call_program.ts";
import type { Place, StepOptions } from "./call_program.ts";
import { errno } from "./errno.ts";
import type { PathRule } from "./landlock.ts";
import type { LandlockRules, LaunchJob } from "./launch_job.ts";
import type { Unknown } from "./syscall_rule.ts";

// linux/prctl.h
const PR_SET_PDEATHSIG = 1;
const PR_SET_NO_NEW_PRIVS = 38;
const SIGKILL = 9;
// linux/capability.h
const _LINUX_CAPABILITY_VERSION_3 = 0x20080522;
// linux/seccomp.h
const SECCOMP_SET_MODE_FILTER = 1;

/** Standard input, output and error, and the channel. What else there is the program does not get. */
const firstClosed = 4;

/**
 * Makes the executable of a launcher.
 *
 * @param job What it is to do.
 * @param architecture The machine's.
 * @param secret What opens the gate of `execve`, for this launcher alone.
 */
export function launcherImage(
  job: LaunchJob,
  architecture: Architecture,
  secret: Uint32Array = crypto.getRandomValues(new Uint32Array(6)),
): Uint8Array<ArrayBuffer> {
  const program = new CallProgram(architecture);
  const must = (code: number, what: string): { otherwise: Label } => ({ otherwise: failure(program, code, what) });

  program.call("prctl", [PR_SET_PDEATHSIG, SIGKILL], must(101, "PR_SET_PDEATHSIG"));
  // Whoever adopted the process before the signal was set is not the host.
  program.call("getppid", [], { least: job.parent, most: job.parent, ...must(101, "The host is gone") });
  leadSession(program);
  // From here on the numbers of files that are opened are known.
  program.call("close_range", [firstClosed, 0xffff_ffff, 0], must(109, "close_range"));
  if (job.landlock !== null) makeRuleset(program, job.landlock);

  const filter = program.bytes(filled(job, secret));
  for (const index of job.blanks.pid ?? []) {
    program.call("getpid", [], { ...must(110, "getpid"), keep: { offset: filter.offset + operandAt(index) } });
  }
  // Together with it, execve gives root no capability back that is dropped here.
  program.call("prctl", [PR_SET_NO_NEW_PRIVS, 1], must(107, "PR_SET_NO_NEW_PRIVS"));
  if (job.landlock !== null) {
    program.call("landlock_restrict_self", [ruleset], must(108, "landlock_restrict_self"));
  }
  dropCapabilities(program, job.capabilities);
  for (const [resource, most] of job.limits) {
    program.call("prlimit64", [0, resource, program.words([most, most])], must(105, `limit ${resource}`));
  }
  const filterProgram = program.words([job.filter.length / 2, filter]);
  program.call("seccomp", [SECCOMP_SET_MODE_FILTER, 0, filterProgram], must(110, "seccomp"));
  const { otherwise } = must(111, "execve");
  program.call("execve", [
    program.text(job.command[0]!),
    program.words([...job.command.map((word) => program.text(word)), 0]),
    program.words([...job.environment.map((variable) => program.text(variable)), 0]),
    ...[0, 1, 2].map((key) => BigInt.asIntN(64, BigInt(secret[2 * key]!) | (BigInt(secret[2 * key + 1]!) << 32n))),
  ], { then: otherwise, otherwise });
  return program.finish();
}

function failure(program: CallProgram, code: number, what: string): Label {
  return program.failure(code, `plugmap launcher: ${what}\n`);
}

/** Without a terminal, and with a group by whose id the host ends it and all that it starts. A leader has it already. */
function leadSession(program: CallProgram): void {
  const leads = new Label();
  const check = new Label();
  const otherwise = failure(program, 102, "setsid");
  program.call("getpid", [], { otherwise, keep: { least: check } });
  program.call("setsid", [], { then: leads, otherwise: check });
  program.place(check);
  program.call("getpgid", [0], { most: 0, otherwise });
  program.place(leads);
}

const AT_FDCWD = -100;
const O_PATH_CLOEXEC = 0o12000000;
// linux/openat2.h
const RESOLVE_NO_SYMLINKS = 4;
const openHowSize = 24;
const LANDLOCK_RULE_PATH_BENEATH = 1;

/** Each is the first file that was free. */
const ruleset = firstClosed;
const opened = firstClosed + 1;

/** Makes the ruleset. */
function makeRuleset(program: CallProgram, { withheld, paths, rightsOfFiles }: LandlockRules): void {
  const { files, network, scopes, size } = withheld;
  program.call("landlock_create_ruleset", [program.words([files, network, scopes]), size], {
    least: ruleset,
    most: ruleset,
    otherwise: failure(program, 104, "landlock_create_ruleset"),
  });
  const withoutLinks = program.words([O_PATH_CLOEXEC, 0, RESOLVE_NO_SYMLINKS]);
  for (const path of paths) {
    const missing = new Label();
    open(program, path, withoutLinks, missing);
    addRule(program, path, rightsOfFiles);
    program.place(missing);
  }
}

/** Opens what is granted. What may be missing is passed over if it is. */
function open(program: CallProgram, { path, needed, follow }: PathRule, withoutLinks: Place, missing: Label): void {
  const name = program.text(path);
  const attempt = (options: StepOptions): void =>
    follow
      ? program.call("openat", [AT_FDCWD, name, O_PATH_CLOEXEC], options)
      : program.call("openat2", [AT_FDCWD, name, withoutLinks, openHowSize], options);
  const unopened = failure(program, 103, `${path} cannot be opened`);
  if (needed) return attempt({ least: opened, most: opened, otherwise: unopened });
  const done = new Label();
  const [isAbsent, isElsewhere] = [new Label(), new Label()];
  attempt({ least: opened, most: opened, then: done, otherwise: isAbsent });
  // A result is compared with one range only, so the other two are looked for by trying again.
  program.place(isAbsent);
  attempt({ least: -errno.ENOENT, most: -errno.ENOENT, then: missing, otherwise: isElsewhere });
  program.place(isElsewhere);
  attempt({ least: -errno.ENOTDIR, most: -errno.ENOTDIR, then: missing, otherwise: unopened });
  program.place(done);
}

/** Grants what was opened, and closes it. */
function addRule(program: CallProgram, { path, rights }: PathRule, rightsOfFiles: number): void {
  const rule = program.words([rights, opened]);
  const add = (options: StepOptions): void =>
    program.call("landlock_add_rule", [ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, 0], options);
  const refused = failure(program, 104, `${path}: landlock_add_rule`);
  const done = new Label();
  const isUnfit = new Label();
  add({ least: 0, most: 0, then: done, otherwise: isUnfit });
  // Rights of folders cannot be given to a file.
  program.place(isUnfit);
  add({ least: -errno.EINVAL, most: -errno.EINVAL, otherwise: refused, mask: { at: rule, bits: rightsOfFiles } });
  add({ least: 0, most: 0, otherwise: refused });
  program.place(done);
  program.call("close", [opened], { otherwise: refused });
}

/** Drops all capabilities but some; of those, only those stay that there are. */
function dropCapabilities(program: CallProgram, kept: number): void {
  const header = program.bytes(new Uint8Array(new Uint32Array([_LINUX_CAPABILITY_VERSION_3, 0]).buffer));
  /** Effective, permitted and inheritable ones, the lower 32 of each, then the upper. */
  const sets = program.bytes(new Uint8Array(24));
  const left = [kept, kept, 0, 0, 0, 0];
  program.call("capget", [header, sets], { otherwise: failure(program, 106, "capget") });
  for (const [index, bits] of left.entries()) {
    // For the mask alone: the call itself does nothing.
    program.call("getpid", [], {
      otherwise: failure(program, 106, "getpid"),
      mask: { at: { offset: sets.offset + 4 * index }, bits },
    });
  }
  program.call("capset", [header, sets], { otherwise: failure(program, 106, "capset") });
}

/** The filter as the kernel takes it, but for what only the process knows. */
function filled({ filter, blanks }: LaunchJob, secret: Uint32Array): Uint8Array {
  const words = new Uint32Array(filter);
  for (const [name, indexes] of Object.entries(blanks) as [Unknown, readonly number[]][]) {
    if (name === "pid") continue;
    for (const index of indexes) words[operandAt(index) / 4] = secret[Number(name.slice("secret".length))]!;
  }
  return new Uint8Array(words.buffer);
}

/** Where the operand of an instruction is: in its second half. */
function operandAt(index: number): number {
  return 8 * index + 4;
}
