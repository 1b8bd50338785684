import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { PlugmapError } from "../../mod.ts";
import { createTestHost } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import { createPlugin, greeter, greetings, loadBadPlugin, reportOn } from "./sample_plugins.ts";

/** What becomes of a plugin with this entry module. */
async function refused(
  source: string,
  overrides: Readonly<Record<string, unknown>> = {},
): ReturnType<typeof loadBadPlugin> {
  using plugin = createPlugin("bad", source, overrides);
  return await loadBadPlugin(plugin);
}

describe("default export that is no plugin", () => {
  const cases: readonly (readonly [what: string, source: string, text: string])[] = [
    ["is missing", `export const hooks = {};`, `"./mod.js" has no plugin as its default export`],
    ["is null", `export default null;`, "has no plugin"],
    ["is a function", `export default () => ({ hooks: {} });`, "has no plugin"],
    ["is a class", `export default class { setup() {} }`, "has no plugin"],
    [
      "is an instance of a class",
      `class Sample { setup() {} } export default new Sample();`,
      `Member "setup" of the plugin is inherited`,
    ],
    ["is an array", `export default [];`, `Member "length"`],
    [
      "inherits its members",
      `export default Object.create({ setup() {} });`,
      `Member "setup" of the plugin is inherited`,
    ],
    ["has an unknown member", `export default { hooks: {}, teardown() {} };`, `Member "teardown"`],
    ["has an unknown member of a common name", `export default { toString() { return ""; } };`, `Member "toString"`],
    [
      "has a getter",
      `export default { get hooks() { throw new Error("ran"); } };`,
      `Member "hooks" of the plugin is an accessor`,
    ],
    ["has a setter", `export default { set setup(value) {} };`, `Member "setup" of the plugin is an accessor`],
    [
      "has a setup that is no function",
      `export default { setup: "now" };`,
      `Member "setup" of the plugin is not a function`,
    ],
    ["has a dispose that is no function", `export default { dispose: {} };`, `Member "dispose"`],
    ["has hooks that are no object", `export default { hooks: "greeting" };`, `Member "hooks"`],
    [
      "is what a function then resolves to",
      `export function then(resolve) { resolve(undefined); } export default {};`,
      "has no plugin",
    ],
  ];
  for (const [what, source, text] of cases) {
    it(`plugin-invalid: the default export ${what}`, async () => {
      const { code, step, message } = await refused(source);
      assertEquals([code, step], ["plugin-invalid", "run"]);
      assertStringIncludes(message, text);
    });
  }

  it("plugin-invalid: the plugin implements other hooks than its manifest declares", async () => {
    const { code, message } = await refused(greeter("bad"), { hooks: ["probe"] });
    assertEquals(code, "plugin-invalid");
    assertStringIncludes(message, `implements "greeting", which its manifest does not declare`);
    assertStringIncludes(message, `declares "probe", which it does not implement`);
  });

  it("a plugin may be a module's namespace, with nothing but what it exports", async () => {
    using plugin = createPluginFolder({
      "mod.js": `export * as default from "./plugin.js";`,
      "plugin.js": `export const hooks = { greeting: ({ name }) => "namespace " + name };`,
    }, { name: "namespace" });
    await using host = createTestHost([plugin]);
    await host.load();
    assertEquals(greetings(host), ["namespace Ada"]);
  });
});

describe("setup that fails", () => {
  const cases: readonly (readonly [what: string, setup: string, text: string])[] = [
    ["throws", `setup() { throw new Error("no luck"); }`, "no luck"],
    ["rejects", `async setup() { throw new Error("no luck"); }`, "no luck"],
    ["throws a thenable", `setup() { throw { then() {} }; }`, ""],
    ["gives a thenable that throws", `setup: () => ({ then() { throw new Error("then threw"); } })`, "then threw"],
    ["changes its context", `setup(context) { context.name = "other"; }`, ""],
    ["throws nothing", `setup() { throw null; }`, "null"],
  ];
  for (const [what, setup, text] of cases) {
    it(`setup-failed: setup ${what}`, async () => {
      const { code, step, message } = await refused(`export default { hooks: { greeting: () => "bad" }, ${setup} };`);
      assertEquals([code, step], ["setup-failed", "setup"]);
      assertStringIncludes(message, text);
    });
  }

  it("setup-timeout: setup never settles", async () => {
    using plugin = createPlugin("bad", `export default { setup: () => new Promise(() => {}) };`);
    const { code, step, message } = await loadBadPlugin(plugin, { limits: { setup: 30 } });
    assertEquals([code, step], ["setup-timeout", "setup"]);
    assertStringIncludes(message, "not done within 30 ms");
  });

  it("setup-timeout: setup settles late; dispose then takes back what it took, and nothing is registered", async () => {
    const gate = Promise.withResolvers<void>();
    const disposed = Promise.withResolvers<void>();
    const context = { gate: gate.promise, disposed: disposed.resolve };
    using plugin = createPlugin(
      "late",
      `let host;
export default {
  async setup(context) { host = context.host; await host.gate; },
  hooks: { greeting: () => "late" },
  dispose() { host.disposed(); },
};`,
    );
    await using host = createTestHost([plugin], { context, limits: { setup: 30 } });
    await host.load();
    assertEquals(reportOn(host, "late").error?.code, "setup-timeout");
    gate.resolve();
    await disposed.promise;
    assertEquals([host.plugins(), greetings(host)], [[], []]);
  });

  it("setup that fails is not followed by dispose", async () => {
    const notes: string[] = [];
    using plugin = createPlugin(
      "bad",
      `let host;
export default {
  setup(context) { host = context.host; throw new Error("no luck"); },
  dispose() { host.notes.push("disposed"); },
};`,
    );
    await using host = createTestHost([plugin], { context: { notes } });
    await host.load();
    await host.close();
    assertEquals(notes, []);
  });

  it("setup gets name, version and the host's context, and this is the plugin", async () => {
    const seen: unknown[] = [];
    using plugin = createPlugin(
      "aware",
      `export default {
  setup(context) { context.host.push(Object.keys(context), context.name, context.version, typeof this.dispose); },
  dispose() {},
};`,
      { version: "3.2.1" },
    );
    await using host = createTestHost([plugin], { context: seen });
    await host.load();
    assertEquals(seen, [["name", "version", "host"], "aware", "3.2.1", "function"]);
  });
});

describe("dispose that fails", () => {
  const sources: Readonly<Record<string, string>> = {
    throws: `dispose() { throw new Error("no luck"); }`,
    rejects: `async dispose() { throw new Error("no luck"); }`,
    hangs: `dispose: () => new Promise(() => {})`,
  };
  for (const [what, dispose] of Object.entries(sources)) {
    it(`dispose-failed: dispose ${what}; the plugin is out all the same, and can be loaded again`, async () => {
      using plugin = createPlugin("bad", `export default { hooks: { greeting: () => "bad" }, ${dispose} };`);
      const host = createTestHost([plugin], { limits: { dispose: 30 } });
      await host.load();
      const error = await assertRejects(() => host.unload("bad"), PlugmapError);
      assertEquals([error.code, error.plugin, error.step], ["dispose-failed", "bad", "dispose"]);
      assertEquals([host.plugins(), greetings(host)], [[], []]);
      assertEquals([reportOn(host, "bad").state, reportOn(host, "bad").error?.code], ["unloaded", "dispose-failed"]);
      assertEquals((await host.loadPlugin("bad")).error, undefined);
      assertEquals(greetings(host), ["bad"]);
      assertEquals((await assertRejects(() => host.close(), PlugmapError)).code, "dispose-failed");
    });
  }
});
