import { builtinModules } from "node:module";
import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { builtinRequirement } from "../../src/permissions/mod.ts";
import { failureOf, probing, runPlugin } from "../support/host.ts";

const refused: readonly (readonly [specifier: string, code: string])[] = [
  ["./none.ts", "module-unlisted"],
  ["../outside.ts", "module-unlisted"],
  ["/etc/hostname", "module-unlisted"],
  ["file:///etc/hostname", "module-unlisted"],
  ["./", "module-unlisted"],
  [".", "module-unlisted"],
  ["", "module-unlisted"],
  [" ./main.ts", "module-unlisted"],
  ["./main.ts?query", "module-unlisted"],
  ["./main.ts#fragment", "module-unlisted"],
  ["./main", "module-unlisted"],
  ["./MAIN.ts", "module-unlisted"],
  ["./%6dain.ts", "module-unlisted"],
  [".\\main.ts", "module-unlisted"],
  ["lodash", "module-unlisted"],
  ["@scope/package", "module-unlisted"],
  ["#private", "module-unlisted"],
  ["sample", "module-unlisted"],
  ["es-module-lexer", "module-unlisted"],
  ["__proto__", "module-unlisted"],
  ["constructor", "module-unlisted"],
  ["toString", "module-unlisted"],
  ["jsr:@std/path", "module-unlisted"],
  ["npm:left-pad", "npm-refused"],
  ["npm:left-pad@1.3.0/index.js", "npm-refused"],
  ["NPM:left-pad", "npm-refused"],
  ["data:text/javascript,export default 1", "module-unlisted"],
  ["data:text/javascript;base64,ZXhwb3J0IGRlZmF1bHQgMQ==", "module-unlisted"],
  ["blob:null/00000000-0000-0000-0000-000000000000", "module-unlisted"],
  ["http://127.0.0.1:1/a.ts", "module-unlisted"],
  ["https://127.0.0.1:1/a.ts", "module-unlisted"],
  ["plugmap:plugin", "module-unlisted"],
  ["plugmap:1:file:///a.ts", "module-unlisted"],
  ["plugmap:!type-only", "module-unlisted"],
  ["macro:./main.ts", "module-unlisted"],
  ["@plugmap/plugmap", "module-unlisted"],
  ["@plugmap/plugmap/hooks", "module-unlisted"],
  ["plugins/other", "module-unlisted"],
  ["plugins/", "module-unlisted"],
  ["plugins/../main.ts", "module-unlisted"],
  ["node:fs", "builtin-denied"],
  ["NODE:FS", "builtin-denied"],
  ["fs", "builtin-denied"],
  ["fs/promises", "builtin-denied"],
  ["node:child_process", "builtin-denied"],
  ["node:module", "builtin-denied"],
  ["module", "builtin-denied"],
  ["node:vm", "builtin-denied"],
  ["node:none", "builtin-denied"],
  ["node:path?query", "builtin-denied"],
  ["bun", "builtin-denied"],
  ["bun:ffi", "builtin-denied"],
  ["bun:main", "builtin-denied"],
  ["x".repeat(100_000), "module-unlisted"],
];

describe("an import that the manifest does not list is refused", () => {
  for (const [specifier, code] of refused) {
    const name = JSON.stringify(specifier.slice(0, 60));

    it(`${name}, static`, async () => {
      const error = await failureOf({ "main.ts": probing("1", `import ${JSON.stringify(specifier)};`) });
      assertEquals([error.code, error.plugin, error.step], [code, "sample", "run"]);
      assertStringIncludes(error.message, "./main.ts");
      assert(error.mend !== undefined);
    });

    it(`${name}, dynamic, as a literal and computed`, async () => {
      const before = `
        const tell = (promise: Promise<unknown>) =>
          promise.then(() => "loaded", (error) => [error instanceof Error, error.name, error.code]);`;
      const literal = JSON.stringify(specifier);
      const expression = `await Promise.all([tell(import(${literal})), tell(import([${literal}][0]!))])`;
      const expected = [true, "PlugmapError", code];
      assertEquals(await runPlugin({ "main.ts": probing(expression, before) }), [expected, expected]);
    });
  }
});

describe("a refused import", () => {
  it("names importer and specifier as the author wrote them", async () => {
    const files = {
      "main.ts": probing("1", `import "./deep/inner.ts";`),
      "deep/inner.ts": `import { a } from "../none.ts";\na();`,
    };
    const error = await failureOf(files);
    assertEquals(error.problem, `"./deep/inner.ts" imports "../none.ts", which the plugin's manifest does not list`);
    assertStringIncludes(error.mend ?? "", "plugmap hash");
  });

  for (
    const [form, before] of [
      ["a default import", `import a from "./none.ts"; a;`],
      ["a named import", `import { a } from "./none.ts"; a;`],
      ["a namespace import", `import * as a from "./none.ts"; a;`],
      ["export *", `export * from "./none.ts";`],
      ["export * as", `export * as a from "./none.ts";`],
      ["export {}", `export { a } from "./none.ts";`],
      ["one of several", `import "node:path"; import { a } from "./none.ts"; import { b } from "./none2.ts"; a; b;`],
    ] as const
  ) {
    it(`is told as what it is in ${form}`, async () => {
      const error = await failureOf({ "main.ts": probing("1", before) });
      assertEquals(error.code, "module-unlisted");
      assertStringIncludes(error.problem, `"./main.ts" imports "./none.ts"`);
    });
  }

  it("does not run what stands beside it", async () => {
    const files = {
      "main.ts": probing("1", `import "./beside.ts";\nimport { a } from "./none.ts";\na;`),
      "beside.ts": "globalThis.plugmapTestBeside = true;",
    };
    await failureOf(files);
    assertEquals("plugmapTestBeside" in globalThis, false);
  });

  it("that the plugin catches is not what a later failure is put down to", async () => {
    const error = await failureOf({
      "main.ts": `await import("./optional" + ".ts").catch(() => {});\nthrow new Error("something else");`,
    });
    assertEquals([error.code, error.problem], ["module-invalid", "something else"]);
  });

  it("that the plugin catches does not keep it from loading", async () => {
    const before =
      `let optional = "absent";\ntry { optional = (await import("./optional.ts")).name; } catch { /* fine */ }`;
    assertEquals(await runPlugin({ "main.ts": probing("optional", before) }), "absent");
  });

  it("fails every time", async () => {
    const before = `const codeOf = (text: string) => import(text).catch((error) => error.code);`;
    const expression = `[await codeOf("./none.ts"), await codeOf("./none.ts"), await codeOf("./none.ts")]`;
    const code = "module-unlisted";
    assertEquals(await runPlugin({ "main.ts": probing(expression, before) }), [code, code, code]);
  });

  it("shows nothing unprintable of the specifier", async () => {
    const error = await failureOf({ "main.ts": probing("1", `import "\\u001b[31m\\u202e";`) });
    assertStringIncludes(error.problem, String.raw`imports "\u{1b}[31m\u{202e}"`);
  });
});

describe("builtins", () => {
  it("that need no permission can be imported, with and without the prefix", async () => {
    const before =
      `import { join } from "node:path";\nimport posix from "path/posix";\nimport * as util from "NODE:util";`;
    const expression =
      `[join("a", "b").length, posix.join("a"), typeof util.inspect, typeof (await import("path")).join]`;
    assertEquals(await runPlugin({ "main.ts": probing(expression, before) }), [3, "a", "function", "function"]);
  });

  it("that need a permission can be imported by a plugin that asked for it", async () => {
    const files = { "main.ts": probing("typeof connect", `import { connect } from "node:net";`) };
    assertEquals(await runPlugin(files, { permissions: { net: ["127.0.0.1:1"] } }), "function");
  });

  it("that need another permission stay refused", async () => {
    const files = { "main.ts": probing("1", `import "node:fs";`) };
    const error = await failureOf(files, { permissions: { net: ["127.0.0.1:1"] } });
    assertEquals(error.code, "builtin-denied");
    assertStringIncludes(error.message, `In "./main.ts": Importing "node:fs" needs the permission "read" or "write"`);
  });

  it("that load code stay refused with every permission", async () => {
    const everything = Object.fromEntries(["read", "write", "net", "env", "sys"].map((name) => [name, true]));
    for (const name of ["node:module", "module", "node:vm", "node:worker_threads", "node:inspector"]) {
      const error = await failureOf({ "main.ts": probing("1", `import "${name}";`) }, { permissions: everything });
      assertEquals(error.code, "builtin-denied", name);
    }
  });

  it("are refused one like the other, whichever the runtime has loaded already", async () => {
    const names = builtinModules.map((name) => `node:${name.replace(/^node:/, "")}`);
    for (const name of names.filter((name) => builtinRequirement(name)?.kind !== "free")) {
      const error = await failureOf({ "main.ts": probing("typeof ns", `import * as ns from "${name}";`) });
      assertEquals(error.code, "builtin-denied", name);
      const expression = `await import("${name}").then(() => "loaded", (error) => error.message)`;
      assertStringIncludes(String(await runPlugin({ "main.ts": probing(expression) })), "[builtin-denied]", name);
    }
  });
});
