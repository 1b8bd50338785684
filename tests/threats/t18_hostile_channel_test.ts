import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import type { PlugmapError } from "../../mod.ts";
import { createPlugin } from "../host/sample_plugins.ts";
import { onDeno } from "../support/child.ts";
import { failureOf, isRunning, loadIsolated, statusOf, until } from "../support/isolated.ts";

// T18: a plugin takes the channel to the host into its own hands. It has the same file descriptor as the code of ours in its
// process, so it can write to it whatever it likes. The host has to hold; how it takes bytes apart is tested in
// tests/isolate/wire.

/** Where the channel is in the plugin's process. */
const channel = onDeno ? 1 : 3;

const write = (bytes: string): string => `fs.writeSync(${channel}, new Uint8Array(${bytes}));`;

/** What a plugin does in `one`; `fs` is at hand. */
const deeds: Readonly<Record<string, string>> = {
  "text": write(`new TextEncoder().encode("GET / HTTP/1.1\\r\\n\\r\\n")`),
  "zeros": write(`4096`),
  "a length of four gigabytes": write(`[255, 255, 255, 255, 0, 0, 0, 0]`),
  "a message of no kind that there is": write(`[2, 0, 0, 0, 250, 0]`),
  "random bytes": write(`crypto.getRandomValues(new Uint8Array(65536))`),
  ...Object.fromEntries(
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((
      kind,
    ) => [`a message of kind ${kind} about nothing`, write(`[3, 0, 0, 0, ${kind}, 255, 127]`)]),
  ),
  "nothing any more, because it closes it": `fs.closeSync(${channel}); await new Promise(() => {});`,
};

/** Ways for a process to end that have nothing to do with the channel. */
const ends: Readonly<Record<string, string>> = {
  "process.exit()": "process.exit(0);",
  "process.abort()": "process.abort();",
  "a signal to itself": `process.kill(process.pid, "SIGKILL");`,
  "taking the host's messages out of the channel": onDeno
    ? `for (;;) fs.readSync(0, new Uint8Array(65536));`
    : `for (;;) { try { fs.readSync(3, new Uint8Array(65536)); } catch {} }`,
};

const codes: ReadonlySet<string> = new Set([
  "isolate-protocol",
  "isolate-limit",
  "isolate-crashed",
  "isolate-timeout",
]);

/** The error of a call in which the plugin does something; afterwards everything has to be as it should be. */
async function errorOf(deed: string): Promise<PlugmapError> {
  using hostile = createPlugin(
    "hostile",
    `const fs = process.getBuiltinModule("node:fs");
export default { hooks: { one: async ({ good }) => { if (good) return "good"; ${deed} await new Promise(() => {}); } } };`,
  );
  using neighbour = createPlugin("neighbour", `export default { hooks: { all: () => "well" } };`);
  await using host = await loadIsolated([hostile, neighbour], {
    isolation: { limits: { call: 1_500, heartbeat: 700, shortestWait: 1 } },
  });
  assertEquals(await host.hooks.one({ good: true }), "good");
  const { pid } = statusOf(host, "hostile").process as { readonly pid: number };
  const failing = failureOf(host.hooks.one({}));
  assertEquals(await host.hooks.all({}), ["well"]);
  const error = await failing;
  await until(() => !isRunning(pid), "the process of the hostile plugin has ended");
  // It gets another chance, in a process of its own.
  assertEquals(await host.hooks.one({ good: true }), "good");
  assertEquals(await host.hooks.all({}), ["well"]);
  return error;
}

describe("T18, a plugin that writes to its channel", () => {
  for (const [what, deed] of Object.entries(deeds)) {
    it(`${what} loses its process, and nobody else anything`, async () => {
      const { code, plugin, hook } = await errorOf(deed);
      assert(codes.has(code), code);
      assertEquals([plugin, hook], ["hostile", "one"]);
    });
  }
});

describe("T18, a plugin that ends its process", () => {
  for (const [what, deed] of Object.entries(ends)) {
    it(`by ${what} ends nothing else`, async () => {
      assert(codes.has((await errorOf(deed)).code));
    });
  }

  it("by system calls of another architecture is killed for them", {
    skip: onDeno || process.platform !== "linux" || process.arch !== "x64",
  }, async () => {
    // getpid, with the bit of the x32 ABI, whose numbers a filter could take for others.
    const deed = `const { symbols } = process.getBuiltinModule("bun:ffi").dlopen("libc.so.6", {
      syscall: { args: ["i64"], returns: "i64" },
    });
    symbols.syscall(0x40000000 + 39);`;
    const { code, message } = await errorOf(deed);
    assertEquals([code, message.includes("SIGSYS")], ["isolate-crashed", true]);
  });
});
