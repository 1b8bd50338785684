/**
 * What a Deno process is made into before a plugin comes into it. The permissions are the process's own, by its flags; this
 * here is for order, not for safety.
 *
 * @module
 */

import process from "node:process";

interface DenoNamespace {
  readonly internal: symbol;
  readonly ppid: number;
  readonly stderr: object;
  memoryUsage(): { readonly rss: number };
}

interface Internals {
  readonly Console: new (print: (text: string, level: number) => void) => Console;
  readonly core: { print(text: string, isError: boolean): void };
}

const deno = (globalThis as unknown as { Deno: DenoNamespace }).Deno;

/**
 * Lets what a plugin prints go to standard error, since standard output is the channel to the host, and takes away what
 * would start code that nothing has verified, out of reach of the memory limit.
 */
export function settle(): void {
  const internals = Reflect.get(deno, deno.internal) as Internals;
  const console = new internals.Console((text) => internals.core.print(text, true));
  define(globalThis, "console", console);
  define(deno, "stdout", deno.stderr);
  define(deno, "stdin", undefined);
  const { process } = globalThis as unknown as { process: { stderr: unknown } };
  Object.defineProperty(process, "stdout", { get: () => process.stderr, configurable: true });
  define(globalThis, "Worker", undefined);
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, enumerable: false, writable: true });
}

/** Bytes of memory that the process takes. */
export function memory(): number {
  return deno.memoryUsage().rss;
}

/**
 * Ends the process when the host is gone, even while a plugin keeps its main thread busy: what waits for the end of the
 * channel would never get to run then. Nothing else in Deno can watch from outside of a loop.
 */
export function watchHost(): void {
  const source = `const host = Deno.ppid;
setInterval(() => { if (Deno.ppid !== host) process.kill(process.pid, "SIGKILL"); }, 500);`;
  new Worker(`data:text/javascript,${encodeURIComponent(source)}`, { type: "module" });
}

/** Ends the process. */
export const exit: (code: number) => never = process.exit.bind(process);
