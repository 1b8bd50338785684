/**
 * Other programs, none of which outlives this one.
 *
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";

const longest = 60_000;
const children = new Set();

process.once("exit", endAll);
// A signal would end this process without the event above.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/** Ends whatever still runs. */
export function endAll() {
  for (const child of children) child.kill("SIGKILL");
}

/**
 * Starts a server, which says `listening on <URL>` when it is ready.
 *
 * @param {string} script
 * @param {readonly string[]} args
 * @returns {Promise<string>} the URL, without a slash at its end
 */
export function startServer(script, args) {
  const child = start(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    child.stdout.on("data", (text) => {
      const [, url] = /^listening on (\S+)$/m.exec(text) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.on("close", () => reject(new Error(`${script} ended before it listened`)));
  });
}

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 * @returns {Promise<string>} what it wrote to standard output
 * @throws when it fails, with all that it wrote
 */
export function runProgram(program, args, options) {
  const child = start(program, args, {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: longest,
    killSignal: "SIGKILL",
  });
  let output = "";
  let problems = "";
  child.stdout.on("data", (text) => output += text);
  child.stderr.setEncoding("utf8").on("data", (text) => problems += text);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ${args.join(" ")}\nended with ${code ?? signal}:\n${output}${problems}`));
    });
  });
}

function start(program, args, options) {
  const child = spawn(program, args, options);
  children.add(child);
  child.on("close", () => children.delete(child));
  child.stdout.setEncoding("utf8");
  return child;
}
