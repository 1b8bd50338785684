import { join } from "node:path";
import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { PlugmapError } from "../../mod.ts";
import type { Host, HostOptions } from "../../mod.ts";
import { createTestHost } from "../support/host.ts";
import type { TestHooks } from "../support/host.ts";
import { manifestOf } from "../support/plugin_folder.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { at, createKeys, listOf, writeList } from "../support/updates.ts";
import { createDependent, createPlugin, greeter, greetings, reportOn } from "./sample_plugins.ts";

/** Writes another version of a plugin over the first. */
function release(plugin: PluginFolder, source: string, overrides: Readonly<Record<string, unknown>> = {}): void {
  plugin.write("mod.js", source);
  const manifest = manifestOf({ "mod.js": source }, { name: plugin.name, version: "2.0.0", ...overrides });
  plugin.write("plugin.json", JSON.stringify(manifest));
}

/** A loaded host without pins, so that a plugin can change. */
async function loadUnpinned(
  plugins: readonly PluginFolder[],
  options: Partial<HostOptions<TestHooks, unknown>> = {},
): Promise<Host<TestHooks>> {
  const host = createTestHost(plugins.map(({ name, manifestUrl }) => ({ name, manifestUrl })), options);
  await host.load();
  return host;
}

function refusal(host: Host<TestHooks>, name: string): Promise<PlugmapError> {
  return assertRejects(() => host.reload(name), PlugmapError);
}

describe("host.unload", () => {
  it("unload() takes the hooks out, then disposes; the plugin can be loaded again and runs anew", async () => {
    const notes: string[] = [];
    using plugin = createPlugin("english");
    await using host = await loadUnpinned([plugin], { context: { notes } });
    assertEquals(await host.unload("english"), true);
    assertEquals([host.plugins(), greetings(host), await host.unload("english")], [[], [], false]);
    const { state, error } = reportOn(host, "english");
    assertEquals([state, error], ["unloaded", undefined]);
    await host.load();
    assertEquals(greetings(host), ["english Ada"]);
    assertEquals(notes, ["setup english english", "dispose english", "setup english english"]);
  });

  it("unload() of a plugin that others can do without leaves them", async () => {
    using lib = createPlugin("lib");
    using app = createDependent("app", { lib: { version: "*", optional: true } });
    await using host = await loadUnpinned([lib, app]);
    await host.unload("lib");
    assertEquals(host.plugins(), ["app"]);
  });
});

describe("host.reload", () => {
  it("reload() runs the new version in the place of the old one, which is disposed of last", async () => {
    const notes: string[] = [];
    using a = createPlugin("a");
    using b = createPlugin("b", greeter("old b"));
    using c = createPlugin("c");
    await using host = await loadUnpinned([a, b, c], { context: { notes } });
    notes.length = 0;
    release(b, greeter("new b"));
    const { version, state } = await host.reload("b");
    assertEquals([version, state], ["2.0.0", "active"]);
    assertEquals(host.plugins(), ["a", "b", "c"]);
    assertEquals(greetings(host), ["c Ada", "new b Ada", "a Ada"]);
    assertEquals(notes, ["setup b new b", "dispose old b"]);
    assertEquals(host.inspect().plugins.map(({ name, version }) => `${name} ${version}`), [
      "a 1.0.0",
      "b 2.0.0",
      "c 1.0.0",
    ]);
  });

  it("reload() of what has not changed runs it anew", async () => {
    const notes: string[] = [];
    using plugin = createPlugin("english");
    await using host = await loadUnpinned([plugin], { context: { notes } });
    await host.reload("english");
    await host.reload("english");
    assertEquals(greetings(host), ["english Ada"]);
    assertEquals(notes.filter((note) => note.startsWith("setup")).length, 3);
    await host.close();
    assertEquals(notes.length, 6);
  });

  it("reload() lets the old version answer until the new one is ready", async () => {
    const ready = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const context = { ready: ready.promise, entered: entered.resolve, notes: [] };
    using plugin = createPlugin("english", greeter("old"));
    await using host = await loadUnpinned([plugin], { context });
    release(
      plugin,
      `export default {
  async setup({ host }) { host.entered(); await host.ready; },
  hooks: { greeting: () => "new" },
};`,
    );
    const reloading = host.reload("english");
    await entered.promise;
    assertEquals([greetings(host), reportOn(host, "english").version], [["old Ada"], "1.0.0"]);
    ready.resolve();
    await reloading;
    assertEquals(greetings(host), ["new"]);
  });

  it("reload() lets a call that is under way end with the old version", async () => {
    const gate = Promise.withResolvers<string>();
    using plugin = createPlugin(
      "slow",
      `let host;
export default { setup(context) { host = context.host; }, hooks: { probe: () => host.gate } };`,
    );
    await using host = await loadUnpinned([plugin], { context: { gate: gate.promise } });
    const call = host.hooks.probe({});
    release(plugin, `export default { hooks: { probe: async () => "new" } };`);
    await host.reload("slow");
    gate.resolve("old");
    assertEquals([await call, await host.hooks.probe({})], ["old", "new"]);
  });

  const failing: Readonly<
    Record<string, readonly [source: string, overrides: Readonly<Record<string, unknown>>, code: string]>
  > = {
    "lists no modules": [`// never`, { modules: {} }, "manifest-invalid"],
    "is another plugin": [greeter("new"), { name: "other" }, "manifest-mismatch"],
    "asks for more": [greeter("new"), { permissions: { env: true } }, "permission-missing"],
    "depends on what is not there": [greeter("new"), { dependencies: { gone: "*" } }, "dependency-missing"],
    "throws": [`throw new Error("at the top");`, {}, "module-invalid"],
    "is no plugin": [`export default 1;`, {}, "plugin-invalid"],
    "fails in setup": [`export default { setup() { throw new Error("no luck"); } };`, {}, "setup-failed"],
    "has a hook that no one declares": [
      `export default { hooks: { greeting: () => "x", other() {} } };`,
      {},
      "hook-unknown",
    ],
  };
  for (const [what, [source, overrides, code]] of Object.entries(failing)) {
    it(`reload() keeps the old version, in its place, when the new one ${what}`, async () => {
      const notes: string[] = [];
      using a = createPlugin("a");
      using b = createPlugin("b", greeter("old b"));
      using c = createPlugin("c");
      await using host = await loadUnpinned([a, b, c], { context: { notes } });
      release(b, source, overrides);
      assertEquals((await refusal(host, "b")).code, code);
      assertEquals(host.plugins(), ["a", "b", "c"]);
      assertEquals(greetings(host), ["c Ada", "old b Ada", "a Ada"]);
      assertEquals([reportOn(host, "b").state, reportOn(host, "b").version], ["active", "1.0.0"]);
      assertEquals(notes.includes("dispose old b"), false);
      await host.close();
      assertEquals(notes.slice(-3), ["dispose c", "dispose old b", "dispose a"]);
    });
  }

  it("reload() of a pinned plugin takes nothing but what is pinned", async () => {
    using plugin = createPlugin("english", greeter("old"));
    await using host = createTestHost([plugin]);
    await host.load();
    await host.reload("english");
    release(plugin, greeter("new"));
    assertEquals((await refusal(host, "english")).code, "integrity-mismatch");
    assertEquals(greetings(host), ["old Ada"]);
  });

  it("reload() disposes of a new version whose hooks are refused, while the old one answers", async () => {
    const seen: unknown[] = [];
    using plugin = createPlugin("english", greeter("old"));
    let answers = (): readonly string[] => [];
    const context = { notes: [], disposing: () => seen.push(answers()) };
    await using host = await loadUnpinned([plugin], { context });
    answers = () => greetings(host);
    release(
      plugin,
      `let host;
export default { setup(context) { host = context.host; }, hooks: { other() {} }, dispose() { host.disposing(); } };`,
    );
    assertEquals((await refusal(host, "english")).code, "hook-unknown");
    assertEquals(seen, [["old Ada"]]);
  });

  it("reload() is refused when another plugin cannot do with the new version", async () => {
    using lib = createPlugin("lib");
    using app = createDependent("app", { lib: "^1.0.0" });
    await using host = await loadUnpinned([lib, app], { context: { notes: [] } });
    release(lib, greeter("new lib"));
    const error = await refusal(host, "lib");
    assertEquals([error.code, error.plugin], ["dependency-unmet", "app"]);
    assertStringIncludes(error.message, `depends on "lib" "^1.0.0", and version "2.0.0"`);
    assertEquals(greetings(host), ["app Ada", "lib Ada"]);
  });

  it("reload() that closes a circle of dependencies is refused", async () => {
    using lib = createPlugin("lib");
    using app = createDependent("app", { lib: "*" });
    await using host = await loadUnpinned([lib, app]);
    release(lib, greeter("new lib"), { dependencies: { app: "*" } });
    assertEquals((await refusal(host, "lib")).code, "dependency-cycle");
    assertEquals(host.plugins(), ["lib", "app"]);
  });

  it("reload() that cannot dispose of the old version says so, and the new one is active", async () => {
    using plugin = createPlugin("english", `export default { dispose() { throw new Error("no luck"); } };`);
    await using host = await loadUnpinned([plugin]);
    release(plugin, greeter("new"));
    assertEquals((await refusal(host, "english")).code, "dispose-failed");
    assertEquals([greetings(host), reportOn(host, "english").state], [["new Ada"], "active"]);
  });

  it("reload() takes out what the list that was got for it says was revoked, the plugin itself or another", async () => {
    using folder = createTemporaryFolder();
    using bad = createPlugin("bad");
    using good = createPlugin("good");
    using needing = createDependent("needing", { bad: "*" });
    const [issuer] = await createKeys(1);
    const source = join(folder.path, "revoked.json");
    const reason = "Sends what it reads to strangers";
    for (
      const [name, code] of [["bad", "plugin-revoked"], ["needing", "dependency-failed"], ["good", undefined]] as const
    ) {
      await writeList(source, listOf([]), issuer!);
      await using host = await loadUnpinned([bad, good, needing], { revocations: { source, key: issuer!.publicKey } });
      assertEquals(host.plugins(), ["bad", "good", "needing"]);
      const list = listOf([{ name: "bad", reason }], { sequence: 2, expires: at(3 * 3600) });
      await writeList(source, list, issuer!);
      const realNow = Date.now;
      // By then the first list has expired.
      Date.now = () => realNow() + 2 * 3600 * 1000;
      try {
        if (code === undefined) assertEquals((await host.reload(name)).state, "active");
        else assertEquals((await refusal(host, name)).code, code);
      } finally {
        Date.now = realNow;
      }
      assertEquals([host.plugins(), greetings(host)], [["good"], ["good Ada"]]);
      const { state, error } = reportOn(host, "bad");
      assertEquals([state, error?.code], ["failed", "plugin-revoked"]);
    }
  });

  it("reload() of a dependency leaves its dependents on the old one until they are reloaded", async () => {
    const sourceOf = (value: number) => `export const value = ${value};\nexport default {};`;
    using lib = createPlugin("lib", sourceOf(1));
    using app = createPlugin(
      "app",
      `import { value } from "plugins/lib";
export default { hooks: { probe: async () => value } };`,
      { dependencies: { lib: "*" } },
    );
    await using host = await loadUnpinned([lib, app]);
    release(lib, sourceOf(2));
    await host.reload("lib");
    assertEquals(await host.hooks.probe({}), 1);
    await host.reload("app");
    assertEquals(await host.hooks.probe({}), 2);
  });
});
