import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { PlugmapError } from "../../mod.ts";
import type { Host, LoadPluginOptions } from "../../mod.ts";
import { createTestHost } from "../support/host.ts";
import type { TestHooks } from "../support/host.ts";
import { serveFolder, startServer } from "../support/server.ts";
import { createDependent, createPlugin, greeter, greetings, reportOn } from "./sample_plugins.ts";

/** The error of loading something. */
function refusal(host: Host<TestHooks>, nameOrUrl: unknown, options?: unknown): Promise<PlugmapError> {
  return assertRejects(
    () => host.loadPlugin(nameOrUrl as string, options as LoadPluginOptions | undefined),
    PlugmapError,
  );
}

describe("host.loadPlugin by name", () => {
  it("loadPlugin() loads one plugin of the import map and leaves the others", async () => {
    using a = createPlugin("a");
    using b = createPlugin("b");
    await using host = createTestHost([a, b]);
    assertEquals((await host.loadPlugin("b")).state, "active");
    assertEquals(greetings(host), ["b Ada"]);
    await host.load();
    assertEquals(host.plugins(), ["b", "a"]);
  });

  it("loadPlugin() loads what the plugin depends on, at any depth, also what is disabled", async () => {
    using app = createDependent("app", { lib: "*" });
    using lib = createDependent("lib", { base: "*" });
    using base = createPlugin("base");
    using other = createPlugin("other");
    await using host = createTestHost([app, other, lib, base], { enabled: [] });
    await host.load();
    await host.loadPlugin("app");
    assertEquals(host.plugins(), ["base", "lib", "app"]);
    assertEquals(reportOn(host, "other").state, "disabled");
  });

  it("loadPlugin() of an active plugin tells of it, and does nothing", async () => {
    const notes: string[] = [];
    using plugin = createPlugin("english");
    await using host = createTestHost([plugin], { context: { notes } });
    const first = await host.loadPlugin("english");
    assertEquals(await host.loadPlugin("english"), first);
    assertEquals(notes, ["setup english english"]);
  });

  it("loadPlugin() rejects with what is wrong, which the report has too, and can be called again", async () => {
    using plugin = createPlugin("english");
    plugin.write("mod.js", "// other");
    await using host = createTestHost([plugin]);
    const error = await refusal(host, "english");
    assertEquals([error.code, error.plugin, error.step], ["integrity-mismatch", "english", "verify"]);
    assertEquals(reportOn(host, "english").error?.message, error.message);
    plugin.write("mod.js", greeter("english"));
    assertEquals((await host.loadPlugin("english")).state, "active");
  });

  it("loadPlugin() rejects when a dependency fails, and neither is active", async () => {
    using app = createDependent("app", { lib: "*" });
    using lib = createPlugin("lib", `export default { setup() { throw new Error("no luck"); } };`);
    await using host = createTestHost([app, lib]);
    assertEquals((await refusal(host, "app")).code, "dependency-failed");
    assertEquals(host.plugins(), []);
  });

  for (const name of ["nothing", "", "constructor", "__proto__", "toString", "plugins/english"]) {
    it(`plugin-unknown: ${JSON.stringify(name)} is not listed`, async () => {
      using plugin = createPlugin("english");
      await using host = createTestHost([plugin]);
      assertEquals((await refusal(host, name)).code, "plugin-unknown");
      assertEquals(await host.unload(name), false);
      assertEquals((await assertRejects(() => host.reload(name), PlugmapError)).code, "plugin-unknown");
    });
  }

  it("option-invalid: what is passed is no name, or options are none", async () => {
    using plugin = createPlugin("english");
    await using host = createTestHost([plugin]);
    for (const name of [undefined, null, 1, {}, Object.create(null)]) {
      assertEquals((await refusal(host, name)).code, "option-invalid");
    }
    for (const options of [null, "sha384-…", { integrty: plugin.digest }, { integrity: 1 }]) {
      assertEquals((await refusal(host, plugin.manifestUrl, options)).code, "option-invalid");
    }
    assertEquals(host.plugins(), []);
  });

  it("option-invalid: integrity for a listed plugin, which would not be looked at", async () => {
    using plugin = createPlugin("english");
    await using host = createTestHost([plugin]);
    const error = await refusal(host, "english", { integrity: plugin.digest });
    assertEquals(error.code, "option-invalid");
    assertStringIncludes(error.message, `pinned in "integrity" of the import map`);
  });
});

describe("host.loadPlugin by URL", () => {
  it("loadPlugin() loads a plugin from disk without a pin, and with one", async () => {
    using plugin = createPlugin("english");
    for (const options of [{}, { integrity: plugin.digest }]) {
      for (const place of [plugin.manifestUrl, new URL(plugin.url)]) {
        await using host = createTestHost([]);
        const { name, state, pinned } = await host.loadPlugin(place, options);
        assertEquals([name, state, pinned], ["english", "active", "integrity" in options]);
        assertEquals(greetings(host), ["english Ada"]);
      }
    }
  });

  it("loadPlugin() needs no import map for a URL", async () => {
    using plugin = createPlugin("english");
    await using host = createTestHost([], { importMap: { imports: {} } });
    await host.loadPlugin(plugin.manifestUrl);
    assertEquals(host.plugins(), ["english"]);
  });

  it("loadPlugin() takes the pinned plugin from a server, and nothing that is not pinned", async () => {
    using plugin = createPlugin("english");
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    await using host = createTestHost([]);
    const url = `${server.url}plugin.json`;
    assertEquals((await refusal(host, url)).code, "integrity-missing");
    assertEquals(server.requests, []);
    assertEquals((await refusal(host, url, { integrity: "" })).code, "integrity-invalid");
    assertEquals(
      (await refusal(host, url, { integrity: plugin.digest.replace(/.{4}$/, "AAAA") })).code,
      "integrity-mismatch",
    );
    assertEquals((await host.loadPlugin(url, { integrity: plugin.digest })).state, "active");
  });

  it("loadPlugin() tells the step when no name is known yet", async () => {
    await using host = createTestHost([]);
    const error = await refusal(host, "npm:english@1");
    assertEquals([error.code, error.step, error.plugin], ["npm-refused", "manifest", undefined]);
    assertEquals(host.inspect().plugins, []);
  });

  it("plugin-duplicate: the import map lists a plugin of that name, whether it is loaded or not", async () => {
    using listed = createPlugin("english", greeter("listed"));
    using other = createPlugin("english", greeter("other"));
    await using host = createTestHost([listed]);
    const error = await refusal(host, other.manifestUrl);
    assertEquals([error.code, error.plugin], ["plugin-duplicate", "english"]);
    await host.load();
    assertEquals((await refusal(host, other.manifestUrl)).code, "plugin-duplicate");
    assertEquals(greetings(host), ["listed Ada"]);
  });

  it("plugin-duplicate: another plugin of that name is active; unloaded, it gives way", async () => {
    using one = createPlugin("english", greeter("one"));
    using two = createPlugin("english", greeter("two"));
    await using host = createTestHost([]);
    await host.loadPlugin(one.manifestUrl);
    assertEquals((await refusal(host, two.manifestUrl)).code, "plugin-duplicate");
    await host.unload("english");
    await host.loadPlugin(two.manifestUrl);
    assertEquals(greetings(host), ["two Ada"]);
    assertEquals(host.inspect().plugins.map(({ source }) => source), [two.manifestUrl]);
  });

  it("loadPlugin() of the URL of an active plugin tells of it, by URL and by name", async () => {
    using plugin = createPlugin("english");
    await using host = createTestHost([]);
    const first = await host.loadPlugin(plugin.manifestUrl);
    assertEquals(await host.loadPlugin(plugin.manifestUrl), first);
    assertEquals(await host.loadPlugin("english"), first);
  });

  it("loadPlugin() of a URL that failed can be called again", async () => {
    using plugin = createPlugin("english");
    plugin.write("mod.js", "// other");
    await using host = createTestHost([]);
    assertEquals((await refusal(host, plugin.manifestUrl)).code, "integrity-mismatch");
    assertEquals(reportOn(host, "english").state, "failed");
    plugin.write("mod.js", greeter("english"));
    assertEquals((await host.loadPlugin(plugin.manifestUrl)).state, "active");
  });

  it("loadPlugin() of an unloaded plugin brings it back by its name, from the same place", async () => {
    using plugin = createPlugin("english");
    await using host = createTestHost([]);
    await host.loadPlugin(plugin.manifestUrl, { integrity: plugin.digest });
    await host.unload("english");
    const { state, source, pinned } = await host.loadPlugin("english");
    assertEquals([state, source, pinned], ["active", plugin.manifestUrl, true]);
  });

  it("loadPlugin() takes dependencies of a plugin by URL from the import map", async () => {
    using app = createDependent("app", { lib: "*" });
    using lib = createPlugin("lib");
    await using host = createTestHost([lib]);
    await host.loadPlugin(app.manifestUrl);
    assertEquals(host.plugins(), ["lib", "app"]);
  });
});
