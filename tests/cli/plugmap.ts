/**
 * The `plugmap` command for tests: in this process, where what it prints is enough, and in one of its own, for what shows
 * only from outside.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { runCommand } from "../../src/cli/mod.ts";
import { bun } from "../support/binaries.ts";
import { confinedDeno, onDeno } from "../support/child.ts";
import { run } from "../support/run.ts";
import type { RunOptions } from "../support/run.ts";

/** How a command ended. */
export interface Ending {
  /** The exit status. */
  readonly code: number;
  /** What was asked for: standard output. */
  readonly out: string;
  /** What went wrong: standard error. */
  readonly problems: string;
}

/** Runs a command in this process. */
export async function callPlugmap(...args: readonly string[]): Promise<Ending> {
  const out: string[] = [];
  const problems: string[] = [];
  const code = await runCommand(args, {
    out: (text) => void out.push(`${text}\n`),
    problem: (text) => void problems.push(`${text}\n`),
  });
  return { code, out: out.join(""), problems: problems.join("") };
}

/** Where and with what a command starts. */
export interface Start extends RunOptions {
  /** Flags for Deno, which grants nothing without one. Bun knows no permissions. */
  readonly denoFlags?: readonly string[];
}

const program = fileURLToPath(new URL("../../cli.ts", import.meta.url));

const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** Runs `cli.ts` in a process of its own, on the runtime that runs the test. */
export async function spawnPlugmap(args: readonly string[], { denoFlags = [], ...options }: Start): Promise<Ending> {
  const [runtime, flags] = onDeno
    ? [confinedDeno, ["run", "--no-prompt", "--no-lock", "--config", config, ...denoFlags]] as const
    : [bun, ["--no-install"]] as const;
  const { code, stdout, stderr } = await run(runtime, [...flags, program, ...args], options);
  return { code, out: stdout, problems: stderr };
}
