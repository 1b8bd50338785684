/**
 * Hosts in processes of their own, on the runtime that runs the test: for what shows only from outside, such as the
 * working directory, the environment, permissions, what is printed, and when a process ends.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bun, deno } from "./binaries.ts";
import { run } from "./run.ts";
import type { Run, RunOptions } from "./run.ts";

/** How to start a host. */
export interface ProgramOptions extends RunOptions {
  /** Flags for Deno, by default `-A`; Bun knows no permissions. Prompts are always off. */
  readonly denoFlags?: readonly string[];
}

/** True when the tests run on Deno. */
export const onDeno: boolean = !("bun" in process.versions);

/** URL of `mod.ts`, for the import in a program. */
export const plugmap: string = new URL("../../mod.ts", import.meta.url).href;

/** Deno gives a child all permissions when it finds that it starts itself, which it tells from the path as written. */
export const confinedDeno: string = deno.replace(/[^\\/]+$/, "./$&");

const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

/**
 * Writes a program as `host.ts` into its working directory and runs it to its end.
 *
 * @param source The program, a module.
 */
export function runProgram(source: string, options: ProgramOptions): Promise<Run> {
  const { cwd, denoFlags = ["-A"] } = options;
  const path = join(cwd, "host.ts");
  writeFileSync(path, source);
  return onDeno
    // Its own working directory may hold a deno.json that is not Deno's business but the test's.
    ? run(confinedDeno, ["run", "--no-prompt", "--no-lock", "--config", config, ...denoFlags, path], options)
    : run(bun, ["--no-install", path], options);
}
