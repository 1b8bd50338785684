import { assertEquals } from "@std/assert";
import { spawn } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { syscallNumber } from "../../../src/isolate/linux/architecture.ts";
import { Assembler, encodeProgram, Label } from "../../../src/isolate/linux/bpf.ts";
import { CallProgram } from "../../../src/isolate/linux/call_program.ts";
import { errno } from "../../../src/isolate/linux/errno.ts";
import { fileAccess } from "../../../src/isolate/linux/landlock.ts";
import { launcherImage, launchFailures, planConfinement } from "../../../src/isolate/linux/mod.ts";
import type { LaunchJob, LinuxFacts } from "../../../src/isolate/linux/mod.ts";
import { verdicts } from "../../../src/isolate/linux/seccomp.ts";
import type { SyscallName } from "../../../src/isolate/linux/syscalls_x64.ts";
import { createTemporaryFolder } from "../../support/temporary_folder.ts";
import { confinable, machine, nothing } from "./confined_bun.ts";

/** A system call that is refused: any such call, or those with one argument. */
interface Refusal {
  readonly call: SyscallName;
  readonly argument?: { readonly index: number; readonly value: number };
}

// linux/prctl.h, linux/seccomp.h
const PR_SET_PDEATHSIG = 1;
const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_SET_MODE_FILTER = 1;

/** Of the launcher's own `execve`, and not of the one by which it is started. */
const secret = Uint32Array.of(11, 12, 13, 14, 15, 16);

/** A program that says so when it is started. */
function startedProgram({ architecture }: LinuxFacts): Uint8Array {
  const program = new CallProgram(architecture);
  const end = program.failure(0, "");
  program.call("write", [1, program.text("started"), "started".length], { then: end, otherwise: end });
  return program.finish();
}

/**
 * A program that becomes another one, to which the kernel refuses some calls.
 *
 * @param path The other one.
 */
function refusing(refusals: readonly Refusal[], path: string, { architecture }: LinuxFacts): Uint8Array {
  const assembler = new Assembler();
  for (const { call, argument } of refusals) {
    const next = new Label();
    // struct seccomp_data: the number, and from 16 on the arguments.
    assembler.load(0);
    assembler.ifEqual(syscallNumber(architecture, call)!, undefined, next);
    if (argument !== undefined) {
      assembler.load(16 + 8 * argument.index);
      assembler.ifEqual(argument.value, undefined, next);
    }
    assembler.result(verdicts.error | errno.EPERM);
    assembler.place(next);
  }
  assembler.result(verdicts.allow);
  const filter = encodeProgram(assembler.finish());

  const program = new CallProgram(architecture);
  const otherwise = program.failure(99, "The test itself failed");
  const filterBytes = program.bytes(new Uint8Array(Uint32Array.from(filter).buffer));
  program.call("prctl", [PR_SET_NO_NEW_PRIVS, 1], { otherwise });
  program.call("seccomp", [SECCOMP_SET_MODE_FILTER, 0, program.words([filter.length / 2, filterBytes])], { otherwise });
  const name = program.text(path);
  program.call("execve", [name, program.words([name, 0]), program.words([0])], { then: otherwise, otherwise });
  return program.finish();
}

/** How a launcher is started, and what is changed of its job. */
interface Start {
  /** In a session and a group of its own. */
  readonly detached?: boolean;
  readonly change?: (job: LaunchJob) => LaunchJob;
}

/** How a launcher ended. */
interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a launcher to which the kernel refuses some calls. */
async function launch(refusals: readonly Refusal[], { detached = false, change = (job) => job }: Start): Promise<End> {
  const facts = machine as LinuxFacts;
  using folder = createTemporaryFolder();
  chmodSync(folder.path, 0o755);
  const place = (name: string): string => join(folder.path, name);
  const write = (name: string, bytes: Uint8Array): void => writeFileSync(place(name), bytes, { mode: 0o755 });
  const plan = { granted: nothing, facts, program: "", environment: {}, limits: { memory: 2 ** 29 } };
  const { job } = planConfinement({ ...plan, parent: process.pid });
  const whole: LaunchJob = {
    ...job,
    // Nothing that the program needs to be started: that it is not has to come from the launcher's end alone.
    landlock: {
      withheld: { files: fileAccess.makeSocket, network: 0, scopes: 0, size: 8 },
      paths: [
        { path: "/", rights: fileAccess.makeSocket, needed: true, follow: true },
        { path: folder.path, rights: fileAccess.makeSocket, needed: false, follow: false },
      ],
      rightsOfFiles: 0,
    },
    command: [place("program")],
  };
  write("program", startedProgram(facts));
  write("launcher", launcherImage(change(whole), facts.architecture, secret));
  write("refusing", refusing(refusals, place("launcher"), facts));

  const child = spawn(place("refusing"), [], { env: {}, stdio: ["ignore", "pipe", "pipe", "pipe"], detached });
  const read = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8").on("data", (text: string) => read[name] += text);
  }
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...read }));
  });
}

const onePath = (change: { needed: boolean; follow: boolean }) => (job: LaunchJob): LaunchJob => {
  const [path] = job.landlock!.paths;
  return { ...job, landlock: { ...job.landlock!, paths: [{ ...path!, ...change }] } };
};

/** What is refused, with which code the launcher ends then, and what it says. */
const cases: readonly (readonly [what: string, refusals: readonly Refusal[], code: number, says: string, Start?])[] = [
  [
    "the signal at its parent's end",
    [{ call: "prctl", argument: { index: 0, value: PR_SET_PDEATHSIG } }],
    101,
    "PR_SET_PDEATHSIG",
  ],
  ["its parent's id", [{ call: "getppid" }], 101, "The host is gone"],
  ["its own id", [{ call: "getpid" }], 102, "setsid"],
  ["a session, where it leads no group", [{ call: "setsid" }], 102, "setsid"],
  ["a session and its group's id", [{ call: "setsid" }, { call: "getpgid" }], 102, "setsid", { detached: true }],
  ["closing descriptors", [{ call: "close_range" }], 109, "close_range"],
  ["a ruleset", [{ call: "landlock_create_ruleset" }], 104, "landlock_create_ruleset"],
  ["opening what is needed", [{ call: "openat" }], 103, "/ cannot be opened"],
  ["opening what is granted", [{ call: "openat2" }], 103, "cannot be opened"],
  ["opening what is granted by way of links", [{ call: "openat" }], 103, "/ cannot be opened", {
    change: onePath({ needed: false, follow: true }),
  }],
  ["a rule", [{ call: "landlock_add_rule" }], 104, "/: landlock_add_rule"],
  ["closing what a rule was for", [{ call: "close" }], 104, "/: landlock_add_rule"],
  [
    "giving up what execve gives",
    [{ call: "prctl", argument: { index: 0, value: PR_SET_NO_NEW_PRIVS } }],
    107,
    "PR_SET_NO_NEW_PRIVS",
  ],
  ["the ruleset for itself", [{ call: "landlock_restrict_self" }], 108, "landlock_restrict_self"],
  ["its capabilities", [{ call: "capget" }], 106, "capget"],
  ["dropping capabilities", [{ call: "capset" }], 106, "capset"],
  ["a limit", [{ call: "prlimit64" }], 105, "limit 4"],
  ["the last of the limits", [{ call: "prlimit64", argument: { index: 1, value: 9 } }], 105, "limit 9"],
  ["the filter", [{ call: "seccomp" }], 110, "seccomp"],
  ["the program", [{ call: "execve", argument: { index: 3, value: secret[0]! } }], 111, "execve"],
];

describe("The launcher", confinable, () => {
  it("starts the program where nothing is refused", async () => {
    assertEquals(await launch([], {}), { code: 0, signal: null, stdout: "started", stderr: "" });
  });

  it("starts it without a new session, where it leads its group already", async () => {
    assertEquals((await launch([{ call: "setsid" }], { detached: true })).stdout, "started");
  });

  for (const [what, refusals, code, says, start = {}] of cases) {
    it(`starts nothing if the kernel refuses it ${what}`, async () => {
      const { stdout, stderr, ...end } = await launch(refusals, start);
      assertEquals([stdout, end], ["", { code, signal: null }]);
      assertEquals([Object.hasOwn(launchFailures, code), stderr.startsWith("plugmap launcher: ")], [true, true]);
      assertEquals([stderr.endsWith(`${says}\n`), stderr.split("\n").length], [true, 2]);
    });
  }

  it("starts nothing if a rule fits neither a folder nor a file", async () => {
    const file = (job: LaunchJob): LaunchJob => {
      const path = { path: job.command[0]!, rights: fileAccess.makeSocket, needed: true, follow: true };
      return { ...job, landlock: { ...job.landlock!, paths: [path] } };
    };
    const { code, stdout } = await launch([], { change: file });
    assertEquals([code, stdout], [104, ""]);
  });

  it("starts nothing if even its end is refused", async () => {
    const refusals: readonly Refusal[] = [{ call: "getppid" }, { call: "exit_group" }];
    const end = await launch(refusals, {});
    const stderr = "plugmap launcher: The host is gone\n";
    assertEquals(end, { code: null, signal: "SIGSEGV", stdout: "", stderr });
  });
});
