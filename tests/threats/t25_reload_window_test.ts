import { describe, it } from "node:test";
import process from "node:process";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { PlugmapError } from "../../mod.ts";
import type { Host, HostOptions } from "../../mod.ts";
import { createPlugin } from "../host/sample_plugins.ts";
import { failureOf, isRunning, loadIsolated, statusOf, until } from "../support/isolated.ts";
import type { AsyncHooks } from "../support/isolated.ts";
import { manifestOf } from "../support/plugin_folder.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { childrenOf } from "../support/processes.ts";

// T25: while a plugin is reloaded, old and new code are both there for a moment. A call goes to one of them, and gets its
// answer or an error that says why not; when the new one cannot be had, nothing changes. tests/host/reload_test.ts has the
// same for plugins in the host's own process, which cannot be ended.

/** A plugin that says which one it is, at once, late, again and again, or never. */
const source = (version: string, setup = ""): string => `
const { process } = globalThis;
let host;
const deeds = {
  name: () => "${version}",
  pid: () => process.pid,
  late: async () => { host.begun(); await host.hold(); return "${version}"; },
  never: () => { host.begun(); return new Promise(() => {}); },
  exit: () => process.exit(1),
  stream: async function* () { for (let n = 0;; n++) { yield "${version} " + n; await host.step(); } },
};
export default {
  async setup(context) { host = context.host; ${setup} },
  hooks: { one: ({ deed }) => deeds[deed](), all: () => "${version}" },
  dispose: () => host.note("dispose ${version}"),
};`;

function write(plugin: PluginFolder, source: string): void {
  plugin.write("mod.js", source);
  plugin.write(
    "plugin.json",
    JSON.stringify(manifestOf({ "mod.js": source }, { name: plugin.name, version: "2.0.0" })),
  );
}

async function loadOld(
  plugin: PluginFolder,
  context: Readonly<Record<string, unknown>> = {},
  options: Partial<HostOptions<AsyncHooks, unknown>> = {},
): Promise<Host<AsyncHooks>> {
  const { name, manifestUrl } = plugin;
  return await loadIsolated([{ name, manifestUrl }], { context: { note: () => {}, ...context }, ...options });
}

describe("T25, the time in which a plugin is reloaded", () => {
  it("calls in flight are answered by the old one, later ones by the new one, and then the old one is gone", async () => {
    const notes: string[] = [];
    const begun = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    using plugin = createPlugin("subject", source("old"));
    await using host = await loadOld(plugin, {
      note: (note: string) => void notes.push(note),
      begun: begun.resolve,
      hold: () => held.promise,
    });
    const before = await host.hooks.one({ deed: "pid" }) as number;
    const late = host.hooks.one({ deed: "late" });
    await begun.promise;
    write(plugin, source("new"));
    const reloading = host.reload("subject");
    await until(() => statusOf(host).version === "2.0.0", "the new one is there");
    assertEquals(await host.hooks.one({ deed: "name" }), "new");
    assertEquals([isRunning(before), notes], [true, []]);
    held.resolve();
    assertEquals(await late, "old");
    await reloading;
    await until(() => !isRunning(before), "the old process has ended");
    assertEquals(notes, ["dispose old"]);
    assertEquals(await host.hooks.all({}), ["new"]);
  });

  it("a stream in flight goes on, and ends the wait when it is ended", async () => {
    using plugin = createPlugin("subject", source("old"));
    await using host = await loadOld(plugin, { step: () => {} });
    const seen: unknown[] = [];
    let reloading: Promise<unknown> | undefined;
    for await (const item of await host.hooks.one({ deed: "stream" }) as AsyncIterable<string>) {
      seen.push(item);
      if (seen.length === 1) {
        write(plugin, source("new"));
        reloading = host.reload("subject");
      }
      if (seen.length > 10 && statusOf(host).version === "2.0.0") break;
    }
    assertEquals(seen, seen.map((_, n) => `old ${n}`));
    await reloading;
    assertEquals(await host.hooks.all({}), ["new"]);
  });

  it("a call that the old one does not answer is waited for as long as for its dispose, and then fails", async () => {
    const begun = Promise.withResolvers<void>();
    using plugin = createPlugin("subject", source("old"));
    await using host = await loadOld(plugin, { begun: begun.resolve }, { limits: { dispose: 300 } });
    const never = failureOf(host.hooks.one({ deed: "never" }));
    await begun.promise;
    write(plugin, source("new"));
    await host.reload("subject");
    const { code, plugin: name, hook } = await never;
    assertEquals([code, name, hook], ["isolate-crashed", "subject", "one"]);
    assertEquals(await host.hooks.one({ deed: "name" }), "new");
  });

  it("unload waits for calls in flight as well", async () => {
    const begun = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    using plugin = createPlugin("subject", source("old"));
    await using host = await loadOld(plugin, { begun: begun.resolve, hold: () => held.promise });
    const pid = await host.hooks.one({ deed: "pid" }) as number;
    const late = host.hooks.one({ deed: "late" });
    await begun.promise;
    const unloading = host.unload("subject");
    await until(() => host.plugins().length === 0, "its hooks are gone");
    assertEquals(await host.hooks.all({}), []);
    held.resolve();
    assertEquals([await late, await unloading], ["old", true]);
    await until(() => !isRunning(pid), "its process has ended");
  });

  it("every call gets one answer, and none of the old one after the first of the new one", async () => {
    using plugin = createPlugin("subject", source("old"));
    await using host = await loadOld(plugin);
    write(plugin, source("new"));
    let isLoading = true;
    const reloading = host.reload("subject").finally(() => isLoading = false);
    const answers: unknown[] = [];
    while (isLoading) answers.push(...await Promise.all([host.hooks.all({}), host.hooks.all({}), host.hooks.all({})]));
    await reloading;
    answers.push(await host.hooks.all({}));
    const turn = answers.findIndex((answer) => String(answer) === "new");
    assert(turn > 0, String(answers));
    assertEquals(answers, answers.map((_, n) => [n < turn ? "old" : "new"]));
  });

  for (
    const [what, text, code, limits] of [
      ["cannot be set up", source("new", "throw new Error('no');"), "setup-failed", {}],
      ["is never set up", source("new", "await new Promise(() => {});"), "setup-timeout", { setup: 300 }],
      ["exits", "globalThis.process.exit(3)", "isolate-crashed", {}],
      ["loops", "while (true);", "run-timeout", { run: 500 }],
      ["implements what no one declares", "export default { hooks: { other() {} } };", "hook-unknown", {}],
    ] as const
  ) {
    it(`the old one goes on in its process when the new one ${what}`, async () => {
      using plugin = createPlugin("subject", source("old"));
      await using host = await loadOld(plugin, {}, { limits });
      const before = await host.hooks.one({ deed: "pid" }) as number;
      write(plugin, text);
      const error = await assertRejects(() => host.reload("subject"), PlugmapError);
      assertEquals([error.code, error.plugin], [code, "subject"]);
      assertEquals([await host.hooks.one({ deed: "pid" }), await host.hooks.all({})], [before, ["old"]]);
      if (process.platform !== "linux") return;
      await until(() => childrenOf().length === 1, "nothing is left of the new one");
    });
  }

  it("an old one that keeps ending takes nothing of the new one with it", async () => {
    const held = Promise.withResolvers<void>();
    using plugin = createPlugin("subject", source("old"));
    await using host = await loadOld(plugin, { hold: () => held.promise }, {
      isolation: { limits: { crashes: 1, shortestWait: 1 } },
    });
    const before = await host.hooks.one({ deed: "pid" });
    write(plugin, source("new", "await host.hold();"));
    const reloading = host.reload("subject");
    for (let n = 0; n < 2; n++) await failureOf(host.hooks.one({ deed: "exit" }));
    held.resolve();
    await reloading;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals([statusOf(host).state, await host.hooks.one({ deed: "name" })], ["active", "new"]);
    assertNotEquals(await host.hooks.one({ deed: "pid" }), before);
  });
});
