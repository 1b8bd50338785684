/**
 * Starts confined Buns, on whichever runtime runs the test.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { launcherImage, planBubblewrap, planConfinement } from "../../../src/isolate/linux/mod.ts";
import type { LaunchJob, LinuxFacts, ResourceLimits } from "../../../src/isolate/linux/mod.ts";
import type { PermissionSet } from "../../../src/permissions/types.ts";
import { bun } from "../../support/binaries.ts";
import { notTested } from "../../support/not_tested.ts";
import { createTemporaryFolder } from "../../support/temporary_folder.ts";

const source = (path: string): string => fileURLToPath(new URL(`../../../src/isolate/linux/${path}`, import.meta.url));

/** What is known about this machine, or why nothing can be confined here. */
export const machine: LinuxFacts | string = detect();

/** For the options of a test that needs the kernel: says why it is skipped, if it is. */
export const confinable: { readonly skip: string | false } = {
  skip: typeof machine === "string"
    ? notTested(machine)
    : machine.landlockAbi === 0 && notTested("the kernel has no Landlock"),
};

function detect(): LinuxFacts | string {
  const program = `import { detectLinux } from ${JSON.stringify(source("mod.ts"))};
    try { console.log(JSON.stringify(detectLinux())); } catch (error) { console.log(JSON.stringify(error.message)); }`;
  const { stdout, stderr } = spawnSync(bun, ["--no-install", "-e", program], { encoding: "utf8" });
  return stdout === "" ? stderr : JSON.parse(stdout);
}

/** Where the launchers are; the name of each is its number. */
const launchers = createTemporaryFolder();
process.on("exit", () => launchers[Symbol.dispose]());
chmodSync(launchers.path, 0o755);
let made = 0;

/** How to confine it. */
export interface ConfinedOptions {
  /** What is granted; nothing else is. */
  readonly granted?: Partial<PermissionSet>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly limits?: ResourceLimits;
  /** Pretends that the kernel is older. */
  readonly landlockAbi?: number;
  /** Stays root, if the test is; else it runs as nobody. Either way, mounts are its own. */
  readonly asRoot?: boolean;
  /** The path of `bwrap`, to use it instead of Landlock. */
  readonly bubblewrap?: string;
  /** A last change to the job. */
  readonly change?: (job: LaunchJob) => LaunchJob;
}

/** Nothing is granted. */
export const nothing: PermissionSet = { read: [], write: [], net: [], env: [], run: [], sys: [], ffi: [], import: [] };

/** Whether the test can become nobody. */
export const isRoot: boolean = process.getuid?.() === 0;

/**
 * Starts a confined Bun.
 *
 * @param program The script that it runs.
 * @returns The process, with pipes for standard output and error, and the channel as `stdio[3]`.
 */
export function startConfined(program: string, options: ConfinedOptions = {}): ChildProcess {
  const [file, ...args] = confinedCommand(program, options);
  // The last one stands for a file that the host leaves open; it must not reach the program.
  return spawn(file!, args, { cwd: "/", env: {}, stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"] });
}

/** The command that starts a confined Bun. */
export function confinedCommand(program: string, options: ConfinedOptions): string[] {
  if (typeof machine === "string") throw new Error(machine);
  const { granted, environment = {}, limits = {}, asRoot = false, bubblewrap, change = (job) => job } = options;
  const facts = { ...machine, landlockAbi: options.landlockAbi ?? machine.landlockAbi };
  const asked = { granted: { ...nothing, ...granted }, facts, program, environment, limits };
  const unprivileged = asRoot ? [] : ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const prefix = isRoot ? ["/usr/bin/unshare", "-m", "--propagation", "private", ...unprivileged] : [];
  const { job, arguments: mounts } = bubblewrap === undefined
    ? { ...planConfinement({ ...asked, parent: process.pid }), arguments: [] }
    : planBubblewrap(asked);
  const launcher = join(launchers.path, String(++made));
  writeFileSync(launcher, launcherImage(change(job), facts.architecture), { mode: 0o755 });
  // First, because later mounts may cover its folder with the machine's own, where it is too.
  const wrapper = bubblewrap === undefined ? [] : [bubblewrap, "--ro-bind", launcher, launcher, ...mounts];
  return [...prefix, ...wrapper, launcher];
}

/** How a confined Bun ended. */
export interface ConfinedRun {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a confined Bun to its end. */
export function runConfined(program: string, options: ConfinedOptions = {}): Promise<ConfinedRun> {
  const child = startConfined(program, options);
  // Nobody hangs the tests.
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const read = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8").on("data", (text: string) => read[name] += text);
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...read });
    });
  });
}

/**
 * Tries things in a confined Bun.
 *
 * @param probes Expressions by name; they may use `await`, `fs`, `os`, `run(command, ...args)`, which gives what a program
 * prints, and `env`.
 * @returns By name, `"ok"` or the code of the error that it failed with.
 */
export async function probe(
  probes: Readonly<Record<string, string>>,
  options: ConfinedOptions = {},
): Promise<Record<string, string>> {
  const lines = Object.entries(probes).map(([name, expression]) => `
    try { const value = ${expression}; done[${JSON.stringify(name)}] = value === false ? "false" : "ok"; }
    catch (error) { done[${JSON.stringify(name)}] = String(error?.code ?? error); }`);
  const program = `(async () => {
    const builtin = (name) => process.getBuiltinModule(name);
    const fs = builtin("node:fs"), os = builtin("node:os"), env = process.env, done = {};
    const ffi = () => builtin("bun:ffi");
    const run = (...command) => Bun.spawnSync(command).stdout.toString();
    ${lines.join("")}
    process.stdout.write(JSON.stringify(done), () => process.exit(0));
  })()`;
  const { code, signal, stdout, stderr } = await runConfined(program, options);
  if (code !== 0) throw new Error(`${code ?? signal}: ${stderr} ${stdout}`);
  return JSON.parse(stdout);
}
