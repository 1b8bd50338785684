/**
 * Starting other programs: the pinned Deno and Bun, npm, and whatever a check needs.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import process from "node:process";

const extension = process.platform === "win32" ? ".exe" : "";

/** The checkout's folder. */
export const root = fileURLToPath(new URL("../", import.meta.url));

// The executables themselves, not the links in node_modules/.bin: those may be wrappers that start Node first.
export const deno = `${root}node_modules/deno/deno${extension}`;
export const bun = `${root}node_modules/bun/bin/bun.exe`;

/** Environment of every program started here: plain text, and nothing that asks or phones home. */
export const environment = { ...process.env, NO_COLOR: "1", DENO_NO_PROMPT: "1", DENO_NO_UPDATE_CHECK: "1" };

/**
 * Runs a program to its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{
 *   cwd?: string,
 *   env?: Record<string, string | undefined>,
 *   show?: boolean,
 *   shell?: boolean,
 *   minutes?: number,
 * }} [options] `show` passes the output on as it comes instead of collecting it; `minutes` is when to kill the program.
 * @returns {Promise<{ code: number, stdout: string, output: string }>} `output` is stdout and stderr as they interleaved.
 */
export function run(command, args, { cwd = root, env = environment, show = false, shell = false, minutes = 10 } = {}) {
  return new Promise((resolve) => {
    const stdio = show ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"];
    const child = spawn(command, args, { cwd, env, shell, stdio });
    // Not the option `timeout` of spawn: its timer goes on when the program cannot be started.
    const timer = setTimeout(() => child.kill("SIGKILL"), minutes * 60_000);
    let stdout = "";
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      output += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => output += text);
    const finish = (code, problem = "") => {
      clearTimeout(timer);
      resolve({ code, stdout, output: output + problem });
    };
    child.on("error", (error) => finish(127, `${error.message}\n`));
    child.on(
      "close",
      (code, signal) => finish(code ?? 1, signal === null ? "" : `${command} was ended by ${signal}\n`),
    );
  });
}

/**
 * Runs npm: the one that started this script, or else the one on the path.
 *
 * @param {readonly string[]} args
 * @throws when npm fails, with all it printed.
 */
export async function npm(args) {
  const script = process.env.npm_execpath?.endsWith("npm-cli.js") ? process.env.npm_execpath : undefined;
  const result = script === undefined
    ? await run("npm", args, { shell: process.platform === "win32" })
    : await run(process.execPath, [script, ...args]);
  if (result.code !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${result.output}`);
  return result.stdout;
}

/** Seconds since a `performance.now()`, for people. */
export function secondsSince(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Whether a module is the program that was started, given its `import.meta.url`. */
export function isMain(url) {
  const program = process.argv[1];
  return program !== undefined && existsSync(program) && url === pathToFileURL(realpathSync(program)).href;
}

/** Prints the problems that a check found and makes this process fail when there are any. */
export function report(problems) {
  for (const problem of problems) console.log(problem);
  if (problems.length > 0) process.exitCode = 1;
}
