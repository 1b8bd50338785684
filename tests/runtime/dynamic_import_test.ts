import { describe, it } from "node:test";
import process from "node:process";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { probing, runPlugin } from "../support/host.ts";

const isBun = "bun" in process.versions;
const lib = { "lib/a.ts": "export const a = 1;" };

describe("import()", () => {
  for (
    const [what, specifier] of [
      ["a literal", `"./lib/a.ts"`],
      ["a literal with escapes", `"./lib/\\u0061.ts"`],
      ["a template without substitutions", "`./lib/a.ts`"],
      ["a template", "`./lib/${'a'}.ts`"],
      ["a concatenation", `"./lib/" + "a.ts"`],
      ["a computed expression", `[".", "lib", "a.ts"].join("/")`],
      ["a URL", `new URL("./lib/a.ts", import.meta.url)`],
      ["an object with a text", `{ toString: () => "./lib/a.ts" }`],
      ["comments around it", `/* a */ "./lib/a.ts" /* b */`],
      ["a trailing comma", `"./lib/a.ts",`],
      ["a conditional", `true ? "./lib/a.ts" : "./none.ts"`],
      ["a mapped name", `"a"`],
      ["a mapped prefix", `"lib/" + "a.ts"`],
    ] as const
  ) {
    it(`takes ${what}`, async () => {
      const imports = { a: "./lib/a.ts", "lib/": "./lib/" };
      assertEquals(await runPlugin({ "main.ts": probing(`(await import(${specifier})).a`), ...lib }, { imports }), 1);
    });
  }

  for (
    const [what, expression] of [
      ["a comment before the parenthesis", `(await import/* ( */("./lib/a.ts")).a`],
      ["a line comment before the parenthesis", `(await import // (\n("./lib/a.ts")).a`],
      ["a template around it", "Number(`${`${(await import('./lib/a.ts')).a}`}`)"],
      ["optional chaining after it", `(await import("./lib/a.ts"))?.a`],
      ["a spread around it", `[...[await import("./lib/a.ts")]][0].a`],
      ["satisfies and as after it", `((await import("./lib/a.ts")) satisfies object as { a: number }).a`],
      ["then() after it", `await import("./lib/a.ts").then(({ a }) => a)`],
    ] as const
  ) {
    it(`is found with ${what}`, async () => {
      assertEquals(await runPlugin({ "main.ts": probing(expression), ...lib }), 1);
    });
  }

  it("is found in generators, arrow functions and loops", async () => {
    const before = `
      const arrow = () => import("./lib/a.ts");
      function* generate() { yield import("./lib/a.ts"); }
      const found = [];
      for await (const { a } of [import("./lib/a.ts"), ...generate(), arrow()]) found.push(a);`;
    assertEquals(await runPlugin({ "main.ts": probing("found", before), ...lib }), [1, 1, 1]);
  });

  it("gives the namespace that a static import gives, every time", async () => {
    const expression = `[await import("./lib/a.ts") === ns, await import("./lib/" + "a.ts") === ns]`;
    const files = { "main.ts": probing(expression, `import * as ns from "./lib/a.ts";`), ...lib };
    assertEquals(await runPlugin(files), [true, true]);
  });

  it("finds the module itself by its import.meta.url", async () => {
    assertEquals(
      await runPlugin({ "main.ts": probing("(await import(import.meta.url)).own") + "export const own = 7;" }),
      7,
    );
  });

  it("rejects, and never throws, whatever is wrong", async () => {
    const before = `
      async function kindOf(make) {
        let promise;
        try { promise = make(); } catch { return "thrown"; }
        return await promise.then(() => "loaded", (error) => error.code ?? error.constructor.name);
      }
      class Odd extends Error {}`;
    const expression = `await Promise.all([
      kindOf(() => import("./none.ts")),
      kindOf(() => import("./none" + ".ts")),
      kindOf(() => import({ toString() { throw new Odd(); } })),
      kindOf(() => import(Symbol("x"))),
    ])`;
    assertEquals(await runPlugin({ "main.js": probing(expression, before) }), [
      "module-unlisted",
      "module-unlisted",
      "Odd",
      "TypeError",
    ]);
  });

  it("fails when it is called, not when the module is loaded", async () => {
    const before = `export const never = () => import("./none.ts");`;
    assertEquals(await runPlugin({ "main.ts": probing("typeof never", before) }), "function");
  });

  it("is not confused with methods and members of that name", async () => {
    const before = `
      const object = { import: (x) => x, from(x) { return x; } };
      class Importer { static import(x) { return x; } get from() { return "g"; } #import = "p"; read() { return this.#import; } }`;
    const expression =
      `[object.import("a"), object?.import("b"), object["import"]("c"), Importer.import("d"), new Importer().from, new Importer().read()]`;
    assertEquals(await runPlugin({ "main.js": probing(expression, before) }), ["a", "b", "c", "d", "g", "p"]);
  });

  // On Bun text that is evaluated is out of reach of a loader; the documentation says so. Nothing is asserted there.
  it("is refused with its code in text that is evaluated", { skip: isBun }, async () => {
    const before = `
      const codeOf = (promise) => promise.then(() => "loaded", (error) => error.code);
      const text = 'import("node:fs")';`;
    const expression = "await Promise.all([eval(text), (0, eval)(text), new Function('return ' + text)()].map(codeOf))";
    assertEquals(await runPlugin({ "main.js": probing(expression, before) }), [
      "builtin-denied",
      "builtin-denied",
      "builtin-denied",
    ]);
  });

  it("tells a plugin who imports what", async () => {
    const files = {
      "main.ts": probing("message", `import { message } from "./deep/inner.ts";`),
      "deep/inner.ts": `export const message = await import("../" + "none.ts").catch((error) => error.message);`,
    };
    const message = String(await runPlugin(files));
    assertStringIncludes(message, `"./deep/inner.ts" imports "../none.ts"`);
  });
});
