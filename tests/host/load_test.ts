import { describe, it } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { permissionNames, PlugmapError, plugmapVersion } from "../../mod.ts";
import { createTestHost, importMapOf } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import { createPlugin, greeter, greetings, reportOn } from "./sample_plugins.ts";

describe("host.load", () => {
  it("host.load() loads what the import map lists, and its hooks can be called", async () => {
    using english = createPlugin("english", greeter("Hello"));
    using german = createPlugin("german", greeter("Hallo"));
    await using host = createTestHost([english, german]);
    await host.load();
    assertEquals(host.plugins(), ["english", "german"]);
    assertEquals(greetings(host), ["Hallo Ada", "Hello Ada"]);
    const [first] = host.hooks.greeting.detailed({ name: "Ada" });
    assertEquals([first?.plugin, first?.result], ["german", "Hallo Ada"]);
  });

  it("host.load() with an empty import map loads nothing", async () => {
    await using host = createTestHost([]);
    assertEquals((await host.load()).plugins, []);
    assertEquals(greetings(host), []);
  });

  it("host.load() ignores what the import map does not list under plugins/", async () => {
    using plugin = createPlugin("english");
    const { imports } = importMapOf(plugin);
    const others = { "app/": "./src/", "plugin/english": "./x.json", "english": "./y.json" };
    await using host = createTestHost([], { importMap: { imports: { ...others, ...imports } } });
    const { plugins, problems } = await host.load();
    assertEquals(plugins.map(({ name }) => name), ["english"]);
    assertEquals(problems, []);
  });

  it("host.load() takes the address of the folder for that of its plugin.json", async () => {
    using plugin = createPlugin("english");
    const { name, url, digest, manifestUrl } = plugin;
    await using host = createTestHost([], {
      importMap: { imports: { [`plugins/${name}`]: url }, integrity: { [manifestUrl]: digest } },
    });
    await host.load();
    assertEquals(reportOn(host, name).manifestUrl, manifestUrl);
    assertEquals(reportOn(host, name).pinned, true);
  });

  it("host.load() again tries what failed, leaves what is active, and reports the new state", async () => {
    const notes: string[] = [];
    using good = createPlugin("good");
    using late = createPlugin("late", greeter("late"));
    late.write("mod.js", "// not what was pinned");
    await using host = createTestHost([late, good], { context: { notes } });
    await host.load();
    assertEquals(reportOn(host, "late").state, "failed");
    assertEquals(reportOn(host, "late").error?.code, "integrity-mismatch");

    late.write("mod.js", greeter("late"));
    await host.load();
    assertEquals(reportOn(host, "late").state, "active");
    assertEquals(reportOn(host, "late").error, undefined);
    assertEquals(host.plugins(), ["good", "late"]);
    assertEquals(notes, ["setup good good", "setup late late"]);
  });

  it("host.load() rejects for what is wrong with the import map, and can be called again", async () => {
    using folder = createPluginFolder({ "plugins.json": "{" });
    await using host = createTestHost([], { importMap: `${folder.folder}/plugins.json` });
    const error = await host.load().then(() => undefined, (error) => error);
    assertInstanceOf(error, PlugmapError);
    assertEquals(error.code, "import-map-invalid");
    folder.write("plugins.json", "{}");
    assertEquals((await host.load()).plugins, []);
  });
});

describe("host.inspect", () => {
  it("host.inspect() before loading knows no plugins", async () => {
    await using host = createTestHost([]);
    const { plugins, importMap, plugmap } = host.inspect();
    assertEquals([plugins, importMap.foundBy, plugmap], [[], "none", plugmapVersion]);
  });

  it("host.inspect() tells all of an active plugin as plain data", async () => {
    const modules = { "mod.js": `import "./inner.js";\n${greeter("Hello")}`, "inner.js": "export {};" };
    using plugin = createPluginFolder(modules, {
      name: "english",
      version: "2.1.0",
      permissions: { env: ["LANG"] },
      hooks: ["greeting"],
    });
    await using host = createTestHost([plugin], {
      policy: { plugins: { english: { permissions: { env: ["LANG"] } } } },
    });
    const report = await host.load();
    assertEquals(report, host.inspect());
    const [english] = report.plugins;
    const { timings, permissions, ...rest } = english!;
    assertEquals(rest, {
      name: "english",
      state: "active",
      source: plugin.manifestUrl,
      manifestUrl: plugin.manifestUrl,
      version: "2.1.0",
      digest: plugin.digest,
      pinned: true,
      signer: undefined,
      tier: "trusted",
      enforcement: permissionNames.map((permission) => ({
        permission,
        level: "not enforceable" as const,
        by: "nothing: the plugin runs in the host's process",
      })),
      process: undefined,
      hooks: ["greeting"],
      modules: { count: 2, size: modules["mod.js"].length + modules["inner.js"].length },
      error: undefined,
    });
    assertEquals([permissions.env, permissions.read], [["LANG"], []]);
    for (const time of Object.values(timings)) assert(time !== undefined && time >= 0);
    assertEquals(structuredClone(report), report);
    assertEquals(JSON.parse(JSON.stringify(report)).plugins[0].timings, timings);
  });

  it("host.inspect() tells why a plugin failed and what was known of it by then", async () => {
    using plugin = createPlugin("broken", "export default {};\nthrow new Error('at the top');");
    await using host = createTestHost([plugin]);
    await host.load();
    const { state, error, version, tier, timings, hooks } = reportOn(host, "broken");
    assertEquals([state, version, tier, hooks], ["failed", "1.0.0", "trusted", []]);
    assertEquals([error?.code, error?.step], ["module-invalid", "run"]);
    assertStringIncludes(error?.message ?? "", `Cannot run plugin "broken": at the top`);
    assert(timings.modules !== undefined);
    assertEquals(timings.setup, undefined);
  });

  it("host.inspect() claims no tier for a plugin that the policy does not let run", async () => {
    using plugin = createPlugin("greedy", undefined, { permissions: { net: true } });
    await using host = createTestHost([plugin], { policy: { default: { tier: "isolated" } } });
    await host.load();
    const { tier, enforcement } = reportOn(host, "greedy");
    assertEquals([tier, enforcement], [undefined, []]);
  });

  it("host.inspect() gives a copy that later changes leave alone", async () => {
    using plugin = createPlugin("english");
    await using host = createTestHost([plugin]);
    const before = await host.load();
    await host.unload("english");
    assertEquals(before.plugins[0]?.state, "active");
    assertEquals(reportOn(host, "english").state, "unloaded");
  });
});
