/**
 * A plugin that does what a call tells it to, however bad that is for its process.
 *
 * @module
 */
import { createPlugin } from "../host/sample_plugins.ts";
import type { PluginFolder } from "./plugin_folder.ts";

/** What it can be told, with what else the call has to say. */
const deeds = `{
  answer: ({ value }) => value,
  pid: () => process.pid,
  /** Answers when the context function \`hold\` has. */
  wait: async ({ value }) => { await host.hold(); return value; },
  never: () => new Promise(() => {}),
  loop: () => { while (true); },
  loopSoon: () => { setTimeout(() => { while (true); }, 0); },
  /** Keeps the process from answering anything for a while. */
  halt: ({ time }) => { const end = Date.now() + time; while (Date.now() < end); },
  exit: ({ code }) => process.exit(code),
  exitSoon: ({ code }) => { setTimeout(() => process.exit(code), 0); },
  abort: () => process.abort(),
  die: () => process.kill(process.pid, "SIGKILL"),
  throwSoon: () => { setTimeout(() => { throw new Error("nobody catches this"); }, 0); },
  fillHeap: () => { for (const all = [];;) all.push(new Array(1000).fill(Math.random())); },
  fillArrays: async () => {
    for (const all = [];; await pause(2)) all.push(new Uint8Array(16 * 2 ** 20).fill(1));
  },
  /** So much, and without time for others; no more, should nobody stop it. */
  fillAtOnce: () => { const all = []; while (all.length < 64) all.push(new Uint8Array(16 * 2 ** 20).fill(1)); while (true); },
  /** A message of a kind that there is none of. */
  garbage: async () => { await send(new Uint8Array([1, 0, 0, 0, 99])); await new Promise(() => {}); },
  print: ({ text, lines = 1 }) => { for (let n = 0; n < lines; n++) console.log(text.replace("#", n)); },
  /** Each text by itself, without the end of a line. */
  write: async ({ texts }) => { for (const text of texts) { process.stderr.write(text); await pause(5); } },
  printOn: () => { while (true) console.log("x".repeat(1000)); },
  callBackOn: async () => { for (;; await pause(0)) for (let n = 0; n < 500; n++) host.note(n).catch(() => {}); },
  large: ({ bytes }) => new Uint8Array(bytes),
  deep: ({ levels }) => { let value = null; for (let n = 0; n < levels; n++) value = [value]; return value; },
  long: ({ values }) => new Array(values).fill(0),
  stream: async function* ({ time = 0 }) { for (let n = 0;; n++) { yield n; if (time > 0) await pause(time); } },
}`;

const source = (hook: string): string => `
const { process, Deno, Bun } = globalThis;
let host;
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
/** Writes to the channel past what is there to do so. */
const send = (bytes) => {
  if (Deno === undefined) return Bun.write(Bun.file(3), bytes);
  Deno[Deno.internal].core.print(new TextDecoder().decode(bytes), false);
};
const deeds = ${deeds};
export default {
  async setup(context) {
    host = context.host;
    await host?.up?.(context.name);
  },
  hooks: { ${hook}: ({ deed, ...args }) => deeds[deed](args) },
  dispose: () => host?.down?.(),
};
`;

/**
 * Makes such a plugin.
 *
 * @param hook What it implements.
 */
export function createUnruly(name: string = "unruly", hook: string = "one"): PluginFolder {
  return createPlugin(name, source(hook));
}
