import { describe, it } from "node:test";
import { assert, assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { createTestHost, probing, runPlugin } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import type { Files } from "../support/plugin_folder.ts";

const forms: readonly (readonly [string, Files, unknown])[] = [
  ["a cycle of functions", {
    "main.ts": probing("[a(), b()]", `import { a } from "./a.ts";\nimport { b } from "./b.ts";`),
    "a.ts": `import { b } from "./b.ts";\nexport const x = 1;\nexport function a() { return "a" + b(); }`,
    "b.ts": `import { x } from "./a.ts";\nexport function b() { return "b" + x; }`,
  }, ["ab1", "b1"]],
  ["a module that imports itself", {
    "main.ts": probing(
      "[self.a, self.default === (await import('./main.ts')).default]",
      `import * as self from "./main.ts";\nexport const a = 1;`,
    ),
  }, [1, true]],
  ["top-level await in a dependency and in the entry", {
    "main.ts": probing(
      "[v, w]",
      `import { w } from "./b.ts";\nconst v = await new Promise((done) => setTimeout(done, 1, 5));`,
    ),
    "b.ts": "export const w = await Promise.resolve(3);",
  }, [5, 3]],
  ["export *, export * as and export {} from", {
    "main.ts": probing("[r.a, r.ns.default, r.c, Object.keys(r)]", `import * as r from "./r.ts";`),
    "r.ts": `export * from "./a.ts";\nexport * as ns from "./a.ts";\nexport { a as c } from "./a.ts";`,
    "a.ts": "export const a = 1, b = 2;\nexport default 9;",
  }, [1, 9, 1, ["a", "b", "c", "ns"]]],
  ["a re-exported default", { "main.ts": `export { default } from "./a.ts";`, "a.ts": probing("1") }, 1],
  ["names that are strings", {
    "main.ts": probing("x", `import { "odd name" as x } from "./a.ts";`),
    "a.ts": `const y = 4;\nexport { y as "odd name" };`,
  }, 4],
  ["live bindings", {
    "main.ts": probing("[n, increment(), n]", `import { increment, n } from "./a.ts";`),
    "a.ts": "export let n = 1;\nexport function increment() { return ++n; }",
  }, [1, 2, 2]],
  ["a default function without a name", {
    "main.ts": probing("f()", `import f from "./a.ts";`),
    "a.ts": "export default function () { return 1; }",
  }, 1],
  ["a default class without a name", {
    "main.ts": probing("new A().x", `import A from "./a.ts";`),
    "a.ts": "export default class { x = 5; }",
  }, 5],
  ["a default expression", {
    "main.ts": probing("d", `import d from "./a.ts";`),
    "a.ts": "export default [1, 2].map((x) => x * 2)",
  }, [2, 4]],
  ["export { x as default }", {
    "main.ts": "const plugin = { hooks: { probe: () => 6 } };\nexport { plugin as default };",
  }, 6],
  ["default, named and namespace imports in one", {
    "main.ts": probing("[d, x, ns.x]", `import d, { x } from "./a.ts";\nimport e, * as ns from "./a.ts";\ne;`),
    "a.ts": "export const x = 1;\nexport default 2;",
  }, [2, 1, 1]],
  [
    "a module without exports",
    { "main.ts": probing("Object.keys(ns)", `import * as ns from "./a.js";`), "a.js": "" },
    [],
  ],
  [".mjs and .mts", {
    "main.mts": probing("x as number", `import { x } from "./a.mjs";`),
    "a.mjs": "export const x = 4;",
  }, 4],
  ["a byte order mark", { "main.ts": `\ufeff${probing("1")}` }, 1],
  ["names that languages use", {
    "main.js": probing("[from, as, type, async]", `import { from, as, type, async } from "./a.js";`),
    "a.js": "export const from = 1, as = 2, type = 3, async = 4;",
  }, [1, 2, 3, 4]],
  ["import attributes that are empty", {
    "main.js": probing("x", `import { x } from "./a.js" with {};`),
    "a.js": "export const x = 1;",
  }, 1],
];

describe("modules", () => {
  for (const [what, files, expected] of forms) {
    it(`support ${what}`, async () => {
      assertEquals(await runPlugin(files), expected);
    });
  }

  it("are strict, and know nothing of CommonJS", async () => {
    const files = {
      "main.js": probing(
        "[typeof require, typeof module, typeof exports, strict]",
        "const strict = (function () { return this === undefined; })();",
      ),
    };
    assertEquals(await runPlugin(files), ["undefined", "undefined", "undefined", true]);
  });

  it("run for their side effects once, in the order of the imports", async () => {
    const push = (text: string): string => `(globalThis.plugmapTestOrder ??= []).push("${text}");`;
    const files = {
      "main.ts": probing(
        "globalThis.plugmapTestOrder.splice(0)",
        `import "./b.ts";\nimport "./a.ts";\nimport "./b.ts";\n${push("main")}`,
      ),
      "a.ts": push("a"),
      "b.ts": push("b"),
    };
    assertEquals(await runPlugin(files), ["b", "a", "main"]);
  });

  it("may define a require of their own", async () => {
    for (const own of ["const require = (x) => x + 1;", "function require(x) { return x + 1; }"]) {
      assertEquals(await runPlugin({ "main.js": probing("require(3)", own) }), 4, own);
    }
    const files = {
      "main.js": probing("require(3)", `import { require } from "./a.js";`),
      "a.js": "export const require = (x) => x + 1;",
    };
    assertEquals(await runPlugin(files), 4);
  });
});

describe("instances of modules", () => {
  const counting = { "main.ts": probing("++count", "let count = 0;") };

  it("are separate for each host, though the plugin is the same", async () => {
    using plugin = createPluginFolder(counting);
    await using one = createTestHost([plugin]);
    await using other = createTestHost([plugin]);
    await Promise.all([one.load(), other.load()]);
    assertEquals([await one.hooks.probe({}), await one.hooks.probe({}), await other.hooks.probe({})], [1, 2, 1]);
  });

  it("are new after a plugin was unloaded", async () => {
    using plugin = createPluginFolder(counting);
    await using host = createTestHost([plugin]);
    await host.load();
    await host.hooks.probe({});
    await host.unload("sample");
    await host.loadPlugin("sample");
    assertEquals(await host.hooks.probe({}), 1);
  });

  it("are separate for two plugins that bring two versions of one library", async () => {
    const greeting = `export default { hooks: { greeting: () => library.version } };`;
    const withLibrary = (name: string, version: number): Files => ({
      "main.ts": `import * as library from "library";\n${greeting}`,
      [`vendor/${name}.ts`]: `export const version = ${version};`,
    });
    using old = createPluginFolder(withLibrary("old", 1), { name: "old", imports: { library: "./vendor/old.ts" } });
    using young = createPluginFolder(withLibrary("young", 2), {
      name: "young",
      imports: { library: "./vendor/young.ts" },
    });
    await using host = createTestHost([old, young]);
    await host.load();
    assertEquals(host.hooks.greeting({ name: "Ada" }).map(Number).sort(), [1, 2]);
  });

  it("are one within a plugin, however they are imported", async () => {
    const files = {
      "main.ts": probing(
        "(await Promise.all(specifiers.map((s) => import(s)))).every((found) => found === ns)",
        `import * as ns from "./lib/a.ts";
        const specifiers = ["./lib/a.ts", "./lib/../lib/a.ts", "a", "lib/a.ts", new URL("lib/a.ts", import.meta.url)];`,
      ),
      "lib/a.ts": "export const a = 1;",
    };
    const imports = { a: "./lib/a.ts", "lib/": "./lib/" };
    assertStrictEquals(await runPlugin(files, { imports }), true);
  });

  it("do not share what a global of the host is to both", async () => {
    const identify = { "main.ts": probing("[Array, {}.constructor, token]", "const token = {};") };
    using plugin = createPluginFolder(identify);
    await using one = createTestHost([plugin]);
    await using other = createTestHost([plugin]);
    await one.load();
    await other.load();
    const [array, object, token] = await one.hooks.probe({}) as unknown[];
    assert(array === Array && object === Object);
    const [, , otherToken] = await other.hooks.probe({}) as unknown[];
    assertNotEquals(token === otherToken, true);
  });
});
