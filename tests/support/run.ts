/**
 * Other programs, run to their end.
 *
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";

/** Where and with what a program starts. */
export interface RunOptions {
  /** Working directory. */
  readonly cwd: string;
  /** Variables besides those of the test; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether the reader of standard output goes away at once. */
  readonly unread?: boolean;
}

/** How a program ended. */
export interface Run {
  /** The exit code; -1 if it was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that hangs fails its test, and does not hold up the others. */
const longest = { timeout: 60_000, killSignal: "SIGKILL" } as const;

const plain = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", PLUGMAP_IMPORT_MAP: undefined };

/** Runs a program with its output as plain text and nothing to read. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env = {}, unread = false }: RunOptions,
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const stdio = ["ignore", "pipe", "pipe"] as const;
    const variables = { ...process.env, ...plain, ...env };
    const child = spawn(program, args, { cwd, env: variables, stdio: [...stdio], ...longest });
    if (unread) child.stdout.destroy();
    const printed = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => printed.stdout += text);
    child.stderr.setEncoding("utf8").on("data", (text: string) => printed.stderr += text);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, ...printed }));
  });
}
