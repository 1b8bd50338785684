import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import { lexImports, withImports } from "../../src/runtime/bun_lex.ts";
import { rewriteModule } from "../../src/runtime/bun_rewrite.ts";
import type { ModuleKind, SourceModule } from "../../src/runtime/types.ts";
import { parserFor, rewrite } from "./bun_parser.ts";

const url = "file:///main.ts";

function moduleOf(text: string, kind: ModuleKind = "typescript"): SourceModule {
  return { url, kind, bytes: new TextEncoder().encode(text) };
}

/** What another process makes of a module, which has the imports as data. */
function rewriteElsewhere(text: string): string {
  const imports = structuredClone(withImports(moduleOf(text)).imports);
  const lex = () => "found" in imports! ? imports.found : [];
  const rename = (specifier: string): string => `plugmap:${specifier}`;
  return rewriteModule(text, { url, lex, support: () => "plugmap:support", rename }, parserFor("ts"));
}

describe("withImports()", () => {
  for (
    const [what, text] of [
      ["static imports", `import a from "./a.ts";\nimport type { B } from "./b.ts";\nexport * from "./c.ts";\na;`],
      ["attributes", `import a from "./a.json" with { type: "json" };\na;`],
      ["dynamic imports and import.meta", `import.meta.url; await import("./a.ts"); await import("./" + 1);`],
      ["a hashbang", `#!/usr/bin/env bun\nimport "./a.ts";`],
      ["the pragma of Bun", `// @bun\nimport "./a.ts";`],
      ["text beyond ASCII before an import", `"ß🦕";\nimport "./a.ts";`],
    ] as const
  ) {
    it(`lets ${what} be rewritten elsewhere as here`, () => {
      assertEquals(rewriteElsewhere(text), rewrite(text));
    });
  }

  it("leaves alone what imports nothing", () => {
    for (
      const module of [moduleOf("export default 1;"), moduleOf(`{ "import": 1 }`, "json"), moduleOf("import", "text")]
    ) {
      assertEquals(withImports(module), module);
    }
  });

  it("tells of text that is no module when it is loaded, not before", () => {
    const text = `const a = 1;\n  import { from "x";`;
    const { imports } = withImports(moduleOf(text));
    const error = assertThrows(() => lexImports(text, url), PlugmapError);
    assertMatch(error.problem, /^"file:\/\/\/main\.ts" cannot be parsed at line 2/);
    assertEquals(imports, { problem: error.problem });
  });
});
