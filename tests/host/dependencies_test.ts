import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { PlugmapError } from "../../mod.ts";
import { createTestHost } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { createDependent, createPlugin, greeter, loadBadPlugin, reportOn } from "./sample_plugins.ts";

/** What becomes of plugins that depend on each other: names of those that are active in order, codes of the others. */
async function outcome(
  plugins: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  change: (plugin: PluginFolder) => void = () => {},
): Promise<{ active: readonly string[]; failed: Readonly<Record<string, string>>; messages: readonly string[] }> {
  using stack = new DisposableStack();
  const folders = Object.entries(plugins).map(([name, dependencies]) => stack.use(createDependent(name, dependencies)));
  for (const folder of folders) change(folder);
  await using host = createTestHost(folders);
  const { plugins: reports } = await host.load();
  const errors = reports.flatMap(({ name, error }) => error === undefined ? [] : [[name, error] as const]);
  return {
    active: host.plugins(),
    failed: Object.fromEntries(errors.map(([name, { code }]) => [name, code])),
    messages: errors.map(([, { message }]) => message),
  };
}

describe("dependencies", () => {
  it("a plugin is loaded after what it depends on", async () => {
    const { active } = await outcome({ app: { lib: "^1.0.0" }, lib: { base: "*" }, base: {} });
    assertEquals(active, ["base", "lib", "app"]);
  });

  it("dependency-missing: what a plugin depends on is not listed", async () => {
    using plugin = createDependent("bad", { gone: "*", also: "*" });
    const { code, step, message } = await loadBadPlugin(plugin);
    assertEquals([code, step], ["dependency-missing", "plan"]);
    assertStringIncludes(message, `It depends on "gone", which is not there. List "plugins/gone"`);
  });

  it("dependency-missing: what a plugin depends on is disabled", async () => {
    using app = createDependent("app", { lib: "*" });
    using lib = createPlugin("lib");
    await using host = createTestHost([app, lib], { enabled: ["app"] });
    await host.load();
    assertEquals([host.plugins(), reportOn(host, "app").error?.code], [[], "dependency-missing"]);
  });

  it("dependency-unmet: another version is listed", async () => {
    using plugin = createDependent("bad", { first: "^2.0.0" });
    const { code, step, message } = await loadBadPlugin(plugin);
    assertEquals([code, step], ["dependency-unmet", "plan"]);
    assertStringIncludes(message, `depends on "first" "^2.0.0", and version "1.0.0" is listed`);
  });

  it("dependency-failed: the reason is that of the plugin at the start, which is named", async () => {
    const spoil = (plugin: PluginFolder) => plugin.name === "base" && plugin.write("mod.js", "// other");
    const { active, failed, messages } = await outcome({ app: { lib: "*" }, lib: { base: "*" }, base: {} }, spoil);
    assertEquals(active, []);
    assertEquals(failed, { app: "dependency-failed", lib: "dependency-failed", base: "integrity-mismatch" });
    assertStringIncludes(
      messages[0]!,
      `Cannot order plugin "app": It depends on "lib", which failed because of "base"`,
    );
    assertStringIncludes(messages[0]!, `Mend "base" first.`);
    assertStringIncludes(messages[1]!, `It depends on "base", which failed: "./mod.js" has`);
  });

  it("dependency-failed: what a plugin depends on fails in its setup, and the plugin does not run", async () => {
    const notes: string[] = [];
    using app = createDependent("app", { lib: "*" });
    using lib = createPlugin("lib", `export default { setup() { throw new Error("no luck"); } };`);
    await using host = createTestHost([app, lib], { context: { notes } });
    await host.load();
    const { error, timings } = reportOn(host, "app");
    assertEquals([error?.code, error?.step], ["dependency-failed", "plan"]);
    assertStringIncludes(error!.message, `It depends on "lib", which failed: no luck`);
    assertEquals([notes, timings.run], [[], undefined]);
  });

  it("dependency-cycle names the circle, and whoever depends on it fails too", async () => {
    const { active, failed, messages } = await outcome({
      app: { a: "*" },
      a: { b: "*" },
      b: { c: "*" },
      c: { a: "*" },
      free: {},
    });
    assertEquals(active, ["free"]);
    assertEquals(failed, {
      app: "dependency-failed",
      a: "dependency-cycle",
      b: "dependency-cycle",
      c: "dependency-cycle",
    });
    assertStringIncludes(messages[1]!, `It depends on itself: "a" -> "b" -> "c" -> "a"`);
  });

  it("dependency-cycle: a plugin depends on itself", async () => {
    const { failed, messages } = await outcome({ a: { a: "*" } });
    assertEquals(failed, { a: "dependency-cycle" });
    assertStringIncludes(messages[0]!, `"a" -> "a"`);
  });

  it("a failed dependency that is mended takes its dependents along when loading again", async () => {
    using app = createDependent("app", { lib: "*" });
    using lib = createPlugin("lib");
    lib.write("mod.js", "// other");
    await using host = createTestHost([app, lib]);
    await host.load();
    assertEquals(host.plugins(), []);
    lib.write("mod.js", greeter("lib"));
    await host.load();
    assertEquals(host.plugins(), ["lib", "app"]);
  });
});

describe("optional dependencies", () => {
  const optional = { version: "^1.0.0", optional: true };

  it("an optional dependency that is there is loaded first", async () => {
    assertEquals((await outcome({ app: { lib: optional }, lib: {} })).active, ["lib", "app"]);
  });

  it("an optional dependency can be absent, of another version, or failed", async () => {
    assertEquals((await outcome({ app: { lib: optional } })).active, ["app"]);
    const newer = { lib: { version: "^2.0.0", optional: true } };
    assertEquals((await outcome({ app: newer, lib: {} })).active, ["app", "lib"]);
    const spoil = (plugin: PluginFolder) => plugin.name === "lib" && plugin.write("mod.js", "// other");
    assertEquals((await outcome({ app: { lib: optional }, lib: {} }, spoil)).active, ["app"]);
  });

  it("an optional dependency that fails late does not take its dependent along", async () => {
    using app = createDependent("app", { lib: optional });
    using lib = createPlugin("lib", `export default { setup() { throw new Error("no luck"); } };`);
    await using host = createTestHost([app, lib]);
    await host.load();
    assertEquals(host.plugins(), ["app"]);
  });

  it("optional dependencies in a circle give way to the order of the import map", async () => {
    assertEquals((await outcome({ a: { b: optional }, b: { a: optional } })).active, ["b", "a"]);
    assertEquals((await outcome({ a: { b: optional }, b: { a: "*" } })).active, ["a", "b"]);
    assertEquals((await outcome({ a: { a: optional } })).active, ["a"]);
  });
});

describe("import of plugins/<name>", () => {
  const counting = (name: string) =>
    createPluginFolder({
      "mod.js": `export let count = 0;\nexport const add = () => ++count;\n${greeter(name)}`,
    }, { name });

  /** A plugin whose hook `probe` gives what a dependency gives. */
  const importing = (name: string, dependencies: object, code = "() => lib.add()") =>
    createPluginFolder({
      "mod.js": `import * as lib from "plugins/lib";\nexport default { hooks: { probe: async () => (${code})() } };`,
    }, { name, dependencies });

  it("plugins/<name> is the very instance that the host has loaded, the same for all", async () => {
    using lib = counting("lib");
    using one = importing("one", { lib: "*" });
    using two = importing("two", { lib: "^1.0.0" });
    await using host = createTestHost([one, two, lib]);
    await host.load();
    assertEquals(await host.hooks.probe({}), 1);
    await host.unload("two");
    assertEquals(await host.hooks.probe({}), 2);
  });

  it("plugins/<name> is refused where the manifest does not declare it, also if it is loaded", async () => {
    using lib = counting("lib");
    using one = importing("one", {});
    await using host = createTestHost([lib, one]);
    await host.load();
    assertEquals(reportOn(host, "one").error?.code, "module-unlisted");
    assertStringIncludes(reportOn(host, "one").error!.message, `Add "lib" to "dependencies"`);
  });

  it("plugins/<name> of an optional dependency that is not there is refused, and can be tried", async () => {
    using app = createPluginFolder({
      "mod.js": `const lib = await import("plugins/lib").catch(({ code }) => code);
export default { hooks: { probe: async () => typeof lib === "string" ? lib : "found" } };`,
    }, { name: "app", dependencies: { lib: { version: "^2.0.0", optional: true } } });
    using lib = counting("lib");
    for (const plugins of [[app], [app, lib], [lib, app]]) {
      await using host = createTestHost(plugins);
      await host.load();
      assertEquals(await host.hooks.probe({}), "module-unlisted");
    }
  });

  it("unload() of what others need is refused, and they go on", async () => {
    using lib = counting("lib");
    using one = importing("one", { lib: "*" });
    await using host = createTestHost([lib, one]);
    await host.load();
    const error = await assertRejects(() => host.unload("lib"), PlugmapError);
    assertEquals([error.code, error.plugin], ["plugin-needed", "lib"]);
    assertStringIncludes(error.message, `"one" cannot do without it`);
    assertEquals([host.plugins(), await host.hooks.probe({})], [["lib", "one"], 1]);
    await host.unload("one");
    assertEquals(await host.unload("lib"), true);
  });
});
