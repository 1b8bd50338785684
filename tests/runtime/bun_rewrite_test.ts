import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import { lexImports } from "../../src/runtime/bun_lex.ts";
import { rewriteModule } from "../../src/runtime/bun_rewrite.ts";
import { parserFor, rewrite } from "./bun_parser.ts";

describe("rewriteModule()", () => {
  it("changes specifiers and leaves every line where it was", () => {
    const text =
      `// one\nimport {\n  a,\n} from "./a.ts"; // two\nexport * from "./b.ts";\n\nconst c = await import("./c.ts");\n`;
    const lines = rewrite(text).split("\n");
    assertEquals(lines.slice(0, 7), [
      "// one",
      "import {",
      "  a,",
      `} from "plugmap:./a.ts"; // two`,
      `export * from "plugmap:./b.ts";`,
      "",
      `const c = await import("plugmap:./c.ts");`,
    ]);
  });

  it("leads computed imports and import.meta through the support module", () => {
    const code = rewrite("const a = import(b), c = import.meta.url;");
    assertStringIncludes(code, "const a = $plugmap.import(b), c = $plugmap.meta.url;");
    assertStringIncludes(code, `import $plugmap from "plugmap:support";`);
  });

  it("does without the support module where nothing needs it", () => {
    assertEquals(rewrite(`import "./a.ts";`).includes("support"), false);
  });

  it("makes an ES module of a text without any sign of one", () => {
    for (const text of ["globalThis.a = 1;", `globalThis.a = "from";`]) {
      assertMatch(rewrite(text), /\nexport \{\};$/);
    }
  });

  it("quotes what it puts in", () => {
    assertStringIncludes(rewrite(`import './a"b\\\\c.ts';`), String.raw`import "plugmap:./a\"b\\c.ts"`);
  });

  it("takes out attributes, but no line break in them", () => {
    assertMatch(
      rewrite(`import a from "./a.json" with {\n  type: "json",\n};\na;`),
      /^import a from "plugmap:\.\/a\.json" +\n +\n +;\na;/,
    );
  });

  it("passes the type of an attribute on", () => {
    const types: unknown[] = [];
    const rename = (specifier: string, type?: string): string => (types.push(type), specifier);
    const text = `import a from "a" with { type: "json" };\nexport * from "b" with { 'type': 'text' };\nimport "c";`;
    const url = "file:///main.ts";
    rewriteModule(text, { url, lex: () => lexImports(text, url), support: () => "support", rename }, parserFor("ts"));
    assertEquals(types, ["json", "text", undefined]);
  });

  it("tells where a text cannot be lexed", () => {
    const error = assertThrows(() => rewrite(`const a = 1;\n  import { from "x";`), PlugmapError);
    assertEquals(error.code, "module-invalid");
    assertMatch(error.problem, /^"file:\/\/\/main\.ts" cannot be parsed at line 2, column \d+$/);
  });

  for (
    const [what, text] of [
      ["import defer", `import defer * as a from "./a.ts";`],
      ["import source", `import source a from "./a.wasm";`],
      ["import.defer()", `import.defer("./a.ts");`],
      ["import.source()", `import.source(a);`],
      ["an import assertion", `import a from "./a.json" assert { type: "json" };`],
      ["an import assertion behind comments", `import a from "./a.json"/* a */ assert /* b */ { type: "json" };`],
      ["import a = require()", `import a = require("./a.ts");`],
    ] as const
  ) {
    it(`refuses ${what}`, () => {
      assertEquals(assertThrows(() => rewrite(text), PlugmapError).code, "module-unsupported");
    });
  }

  it("takes a call of assert() after an import for what it is", () => {
    assertStringIncludes(rewrite(`import { assert } from "./a.ts"\nassert(true)`), "\nassert(true)");
  });
});
