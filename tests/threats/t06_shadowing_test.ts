import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createTestHost, importMapOf, probing, runPlugin } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { takeMark } from "./canary.ts";

// T6: a plugin's own import map takes over a name that means something to the host, or to another plugin.

const evil = "export const definePlugin = () => ({}); export default 'evil'; export const basename = () => 'evil';";

/** A plugin that maps a name to a module of its own. */
function createShadow(specifier: string, address: string = "./evil.js"): PluginFolder {
  return createPluginFolder({ "mod.js": "export default {};", "lib/evil.js": "", "evil.js": evil }, {
    name: "shadow",
    imports: { [specifier]: address },
  });
}

const reserved: readonly (readonly [specifier: string, address?: string])[] = [
  ["@plugmap/plugmap/plugin"],
  ["@plugmap/plugmap"],
  ["@plugmap/", "./lib/"],
  ["jsr:@plugmap/plugmap@0.1/plugin"],
  ["jsr:/@plugmap/plugmap@0.1/plugin"],
  ["plugins/", "./lib/"],
  ["plugins/victim"],
  ["node:path"],
  ["node:", "./evil.js"],
  ["node:fs/", "./lib/"],
  ["bun"],
  ["bun:sqlite"],
  ["npm:left-pad"],
  ["plugmap:plugin"],
  ["plugmap:1:file:///app/mod.js"],
  ["https://cdn.example/library.js"],
  ["https://cdn.example/", "./lib/"],
  ["file:///app/host.ts"],
  ["data:,"],
  ["blob:x"],
  ["./mod.js"],
  ["../host.ts"],
  ["/", "./lib/"],
  ["/app/host.ts"],
  ["./", "./lib/"],
];

describe("T6, what a plugin may not map", () => {
  for (const [specifier, address] of reserved) {
    it(`includes ${specifier}`, async () => {
      using shadow = createShadow(specifier, address);
      await using host = createTestHost([shadow]);
      const { error } = (await host.load()).plugins[0]!;
      assertEquals(error?.code, "manifest-invalid");
      assertStringIncludes(error?.message ?? "", "would shadow");
    });
  }
});

describe("T6, what a plugin maps", () => {
  it("is its own: another one gets what its own map says for the same name", async () => {
    const create = (name: string): PluginFolder =>
      createPluginFolder({
        "mod.js": `import library from "library"; import deep from "library/deep.js";
export default { hooks: { greeting: async => library + deep } };`,
        [`${name}.js`]: `import deep from "library/deep.js"; export default "${name} " + deep;`,
        "lib/deep.js": `export default "deep ${name} ";`,
      }, { name, imports: { library: `./${name}.js`, "library/": "./lib/" } });
    using first = create("first");
    using second = create("second");
    await using host = createTestHost([first, second]);
    await host.load();
    assertEquals(host.hooks.greeting({ name: "" }), [
      "second deep second deep second ",
      "first deep first deep first ",
    ]);
  });

  it("is not there for another plugin, nor for what depends on it", async () => {
    using first = createPluginFolder({ "mod.js": "export default {}; export const x = 1;", "a.js": evil }, {
      name: "first",
      imports: { library: "./a.js" },
    });
    using second = createPluginFolder({ "mod.js": `import "plugins/first"; import "library"; export default {};` }, {
      name: "second",
      dependencies: { first: "*" },
    });
    await using host = createTestHost([first, second]);
    const { plugins } = await host.load();
    assertEquals(plugins.map(({ state, error }) => error?.code ?? state), ["active", "module-unlisted"]);
  });

  it("cannot change what a builtin is elsewhere, even where the bare name is the plugin's to map", async () => {
    using first = createPluginFolder({ "mod.js": `import it from "path"; ${probing("it")}`, "path.js": evil }, {
      name: "first",
      imports: { path: "./path.js" },
    });
    using second = createPluginFolder({
      "mod.js": `import { basename } from "path"; import * as real from "node:path";
export default { hooks: { greeting: () => basename("/a/b") + real.basename("/c/d") } };`,
    }, { name: "second" });
    await using host = createTestHost([first, second]);
    await host.load();
    assertEquals(host.hooks.greeting({ name: "" }), ["bd"]);
    assertEquals(await host.hooks.probe({}), "evil");
    assertEquals((await import("node:path")).basename("/e/f"), "f");
  });

  it("never stands for the authoring module, however a plugin spells its name", async () => {
    for (const specifier of ["@plugmap/plugmap/plugin", "jsr:@plugmap/plugmap@0.1.0/plugin"]) {
      const source = `import { definePlugin } from "${specifier}";
export default definePlugin({ hooks: { probe: () => definePlugin.length + " " + definePlugin("own") } });`;
      assertEquals(await runPlugin({ "mod.js": source, "plugin.js": evil }), "1 own");
    }
  });
});

describe("T6, the host's import map", () => {
  it("gives plugins nothing: neither its names nor its scopes count in them", async () => {
    using library = createPluginFolder({ "library.js": "globalThis.plugmapCanary = 1; export default 1;" });
    for (const specifier of ["library", "library/", "library/library.js"]) {
      using plugin = createPluginFolder({ "mod.js": `import "${specifier}"; export default {};` });
      const rules = { library: `${library.url}library.js`, "library/": library.url };
      const { imports, integrity } = importMapOf(plugin);
      const importMap = { imports: { ...imports, ...rules }, scopes: { [plugin.url]: rules }, integrity: integrity! };
      await using host = createTestHost([], { importMap });
      assertEquals((await host.load()).plugins[0]?.error?.code, "module-unlisted");
    }
    assertEquals(takeMark(), false);
  });

  it("lists a plugin once: what names it twice is refused whole", async () => {
    using plugin = createPluginFolder({ "mod.js": "export default {};" });
    plugin.write("plugins.json", `{ "imports": { "plugins/a": "./a/", "plugins/a": "./plugin.json" } }`);
    await using host = createTestHost([], { importMap: `${plugin.folder}/plugins.json` });
    const error = await host.load().catch((error) => error);
    assertEquals(error.code, "import-map-invalid");
  });
});
