import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { runPlugin } from "../support/host.ts";

/** The plugin gives the stack of what `boom` throws. */
const catching = `export default { hooks: { probe() { try { boom(); } catch (error) { return error.stack; } } } };`;

/** Number of the line in which `throw` stands. */
function lineOf(text: string): number {
  return text.slice(0, text.indexOf("throw")).split(/\r?\n/).length;
}

async function framesOf(path: string, text: string): Promise<string[]> {
  const stack = String(await runPlugin({ [path]: text }));
  return stack.split("\n").filter((line) => /^ {4}at /.test(line));
}

const modules: readonly (readonly [string, string, string])[] = [
  ["JavaScript", "main.js", `// one\nfunction boom() {\n  throw new Error("x");\n}\n${catching}`],
  [
    "types to blank out",
    "main.ts",
    `interface Options {\n  a: string;\n}\nfunction boom(options?: Options): never {\n  throw new Error("x" as string);\n}\n${catching}`,
  ],
  [
    "an enum",
    "main.ts",
    `enum Color {\n  Red,\n\n  Green,\n}\n\nfunction boom(): never {\n\n  throw new Error(String(Color.Green));\n}\n${catching}`,
  ],
  [
    "parameter properties",
    "main.ts",
    `class Thrower {\n  constructor(\n    private readonly text: string,\n  ) {}\n  run(): never {\n    throw new Error(this.text);\n  }\n}\nconst boom = () => new Thrower("x").run();\n${catching}`,
  ],
  [
    "a namespace",
    "main.ts",
    `namespace N {\n  export const a = 1;\n}\n\nfunction boom() {\n  throw new Error("x");\n}\n${catching}`,
  ],
  ["the first line", "main.ts", `const boom = (): never => { throw new Error("x"); };\n${catching}`],
  [
    "the first line, with import.meta",
    "main.ts",
    `const boom = () => { throw new Error(import.meta.url); };\n${catching}`,
  ],
  ["the last line, without a line break", "main.ts", `${catching}\nfunction boom(): never { throw new Error("x"); }`],
  ["a hashbang", "main.ts", `#!/usr/bin/env deno\n\nfunction boom(): never {\n  throw new Error("x");\n}\n${catching}`],
  [
    "a hashbang and an enum",
    "main.ts",
    `#!/usr/bin/env deno\nenum A { B }\nfunction boom() {\n  throw new Error("x" + A.B);\n}\n${catching}`,
  ],
  [
    "a hashbang and import.meta",
    "main.ts",
    `#!/usr/bin/env deno\nfunction boom() {\n  throw new Error(import.meta.url);\n}\n${catching}`,
  ],
  [
    "lines that end with CR LF",
    "main.ts",
    `type A = string;\r\n\r\nfunction boom(a?: A): never {\r\n  throw new Error(a);\r\n}\r\n${catching}\r\n`,
  ],
  [
    "imports over several lines, also of types",
    "main.ts",
    `import type {\n  A,\n  B,\n} from "./types.ts";\nimport {\n  join,\n} from "node:path";\nfunction boom(a?: A | B): never {\n  throw new Error(join("a", String(a)));\n}\n${catching}`,
  ],
  [
    "imports that are dropped",
    "main.ts",
    `import {\n  Options,\n} from "@plugmap/plugmap/plugin";\nfunction boom(options?: Options): never {\n  throw new Error(String(options));\n}\n${catching}`,
  ],
];

describe("stack traces", () => {
  for (const [what, path, text] of modules) {
    it(`tell the author's line in a module with ${what}`, async () => {
      const [frame = ""] = await framesOf(path, text);
      assertStringIncludes(frame, `/${path}:${lineOf(text)}:`);
    });
  }

  it("tell the column of code that has no types before it in its line", async () => {
    const text = `type A = 1;\nfunction boom(): never {\n  missing();\n  throw 1;\n}\n${catching}`;
    const [frame = ""] = await framesOf("main.ts", text);
    assertStringIncludes(frame, "/main.ts:3:3)");
  });

  it("name each module by its path", async () => {
    const stack = String(
      await runPlugin({
        "main.ts": `import { boom } from "./deep/inner.ts";\n${catching}`,
        "deep/inner.ts": `\nexport function boom(): never {\n  throw new Error("x");\n}\n`,
      }),
    );
    const places = stack.split("\n").flatMap((line) => /\/((?:deep\/inner|main)\.ts:\d+):/.exec(line)?.[1] ?? []);
    assertEquals(places.slice(0, 2), ["deep/inner.ts:3", "main.ts:2"]);
  });
});
