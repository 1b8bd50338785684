import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createTestHost, probing } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";

const dependencies = { base: "^1.0.0" };

function base(overrides: Readonly<Record<string, unknown>> = {}): PluginFolder {
  const files = {
    "main.ts": `export let count = 0;\nexport const increment = () => ++count;\nexport default {};`,
    "inner.ts": "export const secret = 1;",
  };
  return createPluginFolder(files, { name: "base", ...overrides });
}

describe("plugins/<name>", () => {
  it("is the entry of a declared dependency, in the one instance that the host runs", async () => {
    using library = base();
    const user = (name: string) =>
      createPluginFolder({
        "main.ts": `import { count, increment } from "plugins/base";
          increment();
          export default { hooks: { greeting: () => String(count) } };`,
      }, { name, dependencies });
    using one = user("one");
    using other = user("other");
    await using host = createTestHost([one, other, library]);
    await host.load();
    assertEquals(host.hooks.greeting({ name: "Ada" }), ["2", "2"]);
  });

  it("can be imported dynamically, and is the same", async () => {
    using library = base();
    using user = createPluginFolder({
      "main.ts": probing(
        `[await import("plugins/base") === base, await import("plugins/" + "base") === base, import.meta.resolve("plugins/base")]`,
        `import * as base from "plugins/base";`,
      ),
    }, { dependencies });
    await using host = createTestHost([user, library]);
    await host.load();
    assertEquals(await host.hooks.probe({}), [true, true, "plugins/base"]);
  });

  it("gives no way to other modules of the dependency", async () => {
    using library = base();
    for (const specifier of ["plugins/base/inner.ts", "plugins/base/", `${library.url}inner.ts`, library.url]) {
      using user = createPluginFolder({ "main.ts": probing("1", `import ${JSON.stringify(specifier)};`) }, {
        dependencies,
      });
      await using host = createTestHost([user, library]);
      const { plugins } = await host.load();
      assertEquals(plugins.find(({ name }) => name === "sample")?.error?.code, "module-unlisted", specifier);
    }
  });

  it("is refused to a plugin that does not declare the dependency, though the other is active", async () => {
    using library = base();
    using user = createPluginFolder({ "main.ts": probing("1", `import "plugins/base";`) });
    await using host = createTestHost([library, user]);
    const { plugins } = await host.load();
    const error = plugins.find(({ name }) => name === "sample")?.error;
    assertEquals(error?.code, "module-unlisted");
    assertStringIncludes(error?.message ?? "", `Add "base" to "dependencies" in plugin.json.`);
  });

  it("is refused to the dependency of a dependency's user", async () => {
    using library = base();
    using middle = createPluginFolder({ "main.ts": `import "plugins/base";\nexport default {};` }, {
      name: "middle",
      dependencies,
    });
    using user = createPluginFolder({ "main.ts": probing("1", `import "plugins/base";`) }, {
      dependencies: { middle: "*" },
    });
    await using host = createTestHost([library, middle, user]);
    await host.load();
    assertEquals(host.plugins(), ["base", "middle"]);
  });

  it("of an optional dependency that is not there is an import that fails", async () => {
    using user = createPluginFolder({
      "main.ts": probing("found", `const found = await import("plugins/base").then(() => "there", (e) => e.code);`),
    }, { dependencies: { base: { version: "^1.0.0", optional: true } } });
    await using host = createTestHost([user]);
    await host.load();
    assertEquals(await host.hooks.probe({}), "module-unlisted");
  });

  it("keeps the instance that was imported when the dependency is reloaded", async () => {
    using library = base();
    using user = createPluginFolder({
      "main.ts": probing("increment()", `import { increment } from "plugins/base";`),
    }, { dependencies });
    await using host = createTestHost([user, library]);
    await host.load();
    assertEquals(await host.hooks.probe({}), 1);
    await host.reload("base");
    assertEquals(await host.hooks.probe({}), 2);
    await host.reload("sample");
    assertEquals(await host.hooks.probe({}), 1);
  });

  it("may be constructor", async () => {
    using library = createPluginFolder({ "main.ts": "export const x = 1;\nexport default {};" }, {
      name: "constructor",
    });
    using user = createPluginFolder({
      "main.ts": probing(
        "[x, await import('plugins/toString').catch((error) => error.code)]",
        `import { x } from "plugins/constructor";`,
      ),
    }, { dependencies: { constructor: "*" } });
    await using host = createTestHost([user, library]);
    await host.load();
    assertEquals(await host.hooks.probe({}), [1, "module-unlisted"]);
  });
});

describe("imports of a manifest", () => {
  it("map bare names and prefixes for every module of the plugin", async () => {
    using plugin = createPluginFolder({
      "main.ts": probing(
        "[a, b, c, d]",
        `
        import { x as a } from "lib";
        import { x as b } from "lib/one.ts";
        import { d } from "./deep/inner.ts";
        const { x: c } = await import("lib/" + "deeper/two.ts");`,
      ),
      "deep/inner.ts": `export { x as d } from "lib/deeper/two.ts";`,
      "vendor/main.ts": "export const x = 0;",
      "vendor/one.ts": "export const x = 1;",
      "vendor/special.ts": "export const x = 2;",
    }, { imports: { lib: "./vendor/main.ts", "lib/": "./vendor/", "lib/deeper/two.ts": "./vendor/special.ts" } });
    await using host = createTestHost([plugin]);
    await host.load();
    assertEquals(await host.hooks.probe({}), [0, 1, 2, 2]);
  });

  it("do not let a prefix lead out of its folder", async () => {
    using plugin = createPluginFolder({
      "main.ts": probing(`await import("lib/../main.ts").then(() => "loaded", (error) => error.code)`),
      "vendor/one.ts": "export {};",
    }, { imports: { "lib/": "./vendor/" } });
    await using host = createTestHost([plugin]);
    await host.load();
    assertEquals(await host.hooks.probe({}), "module-unlisted");
  });

  it("can stand in for a builtin, by name and by prefix", async () => {
    using plugin = createPluginFolder({
      "main.ts": probing("[fs, promises]", `import fs from "fs";\nimport promises from "fs/promises";`),
      "fake/fs.ts": `export default "own";`,
      "fake/promises": `own text`,
    }, { imports: { fs: "./fake/fs.ts", "fs/": "./fake/" } });
    await using host = createTestHost([plugin]);
    await host.load();
    assertEquals(await host.hooks.probe({}), ["own", "own text"]);
  });

  it("take names that objects inherit for names", async () => {
    using plugin = createPluginFolder({
      "main.ts": probing(
        "[a, b, await import('toString').catch((error) => error.code)]",
        `
        import a from "__proto__";
        import b from "constructor";`,
      ),
      "a.ts": "export default 1;",
      "b.ts": "export default 2;",
    }, { imports: JSON.parse(`{ "__proto__": "./a.ts", "constructor": "./b.ts" }`) });
    await using host = createTestHost([plugin]);
    await host.load();
    assertEquals(await host.hooks.probe({}), [1, 2, "module-unlisted"]);
  });

  it("are those of one plugin alone", async () => {
    using mapping = createPluginFolder({ "main.ts": "export default {};", "lib.ts": "export {};" }, {
      name: "mapping",
      imports: { lib: "./lib.ts" },
    });
    using other = createPluginFolder({ "main.ts": probing("1", `import "lib";`) });
    await using host = createTestHost([mapping, other]);
    await host.load();
    assertEquals(host.plugins(), ["mapping"]);
  });
});
