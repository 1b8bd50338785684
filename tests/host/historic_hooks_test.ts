import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createHost, defineHooks, hook, PlugmapError } from "../../mod.ts";
import { importMapOf } from "../support/host.ts";
import { manifestOf } from "../support/plugin_folder.ts";
import { createPlugin } from "./sample_plugins.ts";

const hooks = defineHooks({
  opened: hook<{ file: string }, string>({ historic: true, async: true }),
  greeting: hook<{ name: string }, string>(),
});

const seeing = `export default { hooks: { opened: async ({ file }) => "seen " + file } };`;
const hanging = `export default {
  hooks: { opened: () => new Promise(() => {}), greeting: () => "from one that hangs" },
};`;

describe("a historic hook of a host", () => {
  it("replays its calls to plugins that are loaded later, before they are active", async () => {
    using plugin = createPlugin("late", seeing);
    await using host = createHost({ hooks, importMap: importMapOf(plugin), policy: {}, store: false });
    const results: unknown[] = [];
    await host.hooks.opened.callHistoric({ file: "a" }, (result, plugin) => results.push([plugin, result]));
    await host.load();
    assertEquals(results, [["late", "seen a"]]);
  });

  it("replays to a reloaded plugin, which is another one, and to no other", async () => {
    using first = createPlugin("first", seeing);
    using second = createPlugin("second", seeing);
    await using host = createHost({ hooks, importMap: importMapOf(first, second), policy: {}, store: false });
    await host.load();
    const plugins: string[] = [];
    await host.hooks.opened.callHistoric({ file: "a" }, (_, plugin) => plugins.push(plugin));
    plugins.length = 0;
    await host.reload("first");
    assertEquals(plugins, ["first"]);
    assertEquals(host.dispatcher.implementations("opened"), ["second", "first"]);
  });

  it("is not waited for for ever: a plugin that hangs in a replay fails, and the others load", async () => {
    using bad = createPlugin("bad", hanging);
    using good = createPlugin("good", seeing);
    const limits = { setup: 50 };
    await using host = createHost({ hooks, importMap: importMapOf(bad, good), policy: {}, store: false, limits });
    await host.hooks.opened.callHistoric({ file: "a" });
    const { plugins } = await host.load();
    assertEquals(plugins.map(({ name, state }) => [name, state]), [["bad", "failed"], ["good", "active"]]);
    const { error } = plugins[0]!;
    assertEquals([error?.code, error?.step], ["setup-timeout", "register"]);
    assertStringIncludes(error!.message, 'plugin "bad": It is not done within 50 ms');
    assertEquals(host.hooks.greeting({ name: "Ada" }), []);
  });

  it("keeps the old version of a plugin whose new one hangs in a replay", async () => {
    using plugin = createPlugin("changing", seeing);
    const limits = { setup: 50 };
    // Without a pin, so that it can change.
    const { name, manifestUrl } = plugin;
    const importMap = importMapOf({ name, manifestUrl });
    await using host = createHost({ hooks, importMap, policy: {}, store: false, limits });
    await host.load();
    await host.hooks.opened.callHistoric({ file: "a" });
    plugin.write("mod.js", hanging);
    plugin.write("plugin.json", JSON.stringify(manifestOf({ "mod.js": hanging }, { name: "changing" })));
    const error = await assertRejects(() => host.reload("changing"), PlugmapError);
    assertEquals(error.code, "setup-timeout");
    assertEquals([host.plugins(), host.hooks.greeting({ name: "Ada" })], [["changing"], []]);
  });
});
