import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { probing, runPlugin } from "../support/host.ts";

const lib = { "a.js": "export const x = 1;\nexport default 2;" };

const texts: readonly (readonly [what: string, text: string, expected: unknown])[] = [
  [
    "import statements in comments",
    probing("1", `/* import "./none.js"; */ // import("./none.js")\n/** export * from "./none.js" */`),
    1,
  ],
  [
    "import statements in strings",
    probing("[a, b]", `const a = 'import "./none.js"', b = "export * from './none.js'";`),
    [`import "./none.js"`, "export * from './none.js'"],
  ],
  [
    "import statements in templates",
    probing("a", "const a = `import \"./none.js\"; ${'import(1)'} export {} from 'x'`;"),
    `import "./none.js"; import(1) export {} from 'x'`,
  ],
  [
    "import statements in regular expressions",
    probing("a.source", `const a = /import "x" from[/'"]/;`),
    `import "x" from[/'"]`,
  ],
  ["a template in a template", probing("`${`${(await import('./a.js')).x}${`}`}`}`"), "1}"],
  ["a brace in a template's expression", probing("`${{ a: '}' }.a}${(await import('./a.js')).x}`"), "}1"],
  [
    "divisions that look like regular expressions",
    probing("[a /b/ c, a++ / 2, (a) / x /1]", `import { x } from "./a.js";\nlet a = 8, b = 2, c = 1;`),
    [4, 4, 9],
  ],
  [
    "regular expressions that look like divisions",
    probing("[r.test('/'), s]", `const r = /[/]/; let s = 0; if (r) /import('x')/.test(""); else s = 1;`),
    [true, 0],
  ],
  [
    "a regular expression after a block",
    probing("1", `{} /import("x")/.test("");\nfunction f() {}\n/from "y"/.test("");`),
    1,
  ],
  ["a division after an object", probing("y / 2", `const y = { valueOf() { return 4; } } / 2;`), 1],
  [
    "no spaces at all",
    `import"./a.js";import*as a from"./a.js";import{x}from"./a.js";import d,{x as y}from'./a.js';export*from"./a.js";export*as q from"./a.js";export{x as z}from"./a.js";${
      probing("[a.x,x,d,y]")
    }`,
    [1, 1, 2, 1],
  ],
  [
    "comments between all tokens",
    probing(
      "[x, y, a.x]",
      `import/*1*/{/*2*/x/*3*/}/*4*/from/*5*/"./a.js"/*6*/;\nimport // 7\n{ x as /* 8 */ y } // 9\nfrom // 10\n"./a.js"; import/**/*/**/as/**/a/**/from/**/"./a.js"`,
    ),
    [1, 1, 1],
  ],
  [
    "line breaks between all tokens",
    probing("[x, a.x]", `import\n{\nx\n}\nfrom\n"./a.js"\nimport\r\n*\r\nas\r\na\r\nfrom\r\n"./a.js"`),
    [1, 1],
  ],
  ["tabs, form feeds and vertical tabs", probing("x", `import\t{\fx\v}\tfrom\f"./a.js"`), 1],
  [
    "escapes in specifiers",
    probing(
      "[x, y, z]",
      `import { x } from "./\\u0061.js";\nimport { x as y } from './\\x61.js';\nimport { x as z } from "./\\\na.js";`,
    ),
    [1, 1, 1],
  ],
  ["statements without semicolons", probing("x", `import "./a.js"\n;(1, 2)\nimport { x } from "./a.js"\n;[x]`), 1],
  [
    "one module imported many times",
    probing(
      "[x, d]",
      `import { x } from "./a.js"; import d from "./a.js"; import "./a.js"; import * as e from "./a.js"; e;`,
    ),
    [1, 2],
  ],
  [
    "labels and variables named from and meta",
    probing("[from, meta.import]", `from: for (;;) { break from; }\nlet from = 1; let meta = { import: 2 };`),
    [1, 2],
  ],
  ["imports named from", probing("from", `import from from "./b.js";`), 3],
  ["imports named as", probing("[as, b]", `import { as as as, as as b } from "./b.js";`), [4, 4]],
  [
    "members named import",
    probing(
      "[a.import, b.import('q'), new C().import(1)]",
      `const a = { get import() { return 1; } }, b = { import(x) { return x; } }; class C { import(x) { return x; } static async *from() {} 'from'; }`,
    ),
    [1, "q", 1],
  ],
  [
    "chains of from and import",
    probing("o.from('a').import('b').from", `const o = { from() { return this; }, import() { return { from: 5 }; } };`),
    5,
  ],
  [
    "Array.from and new.target",
    probing("[Array.from('ab'), new F().t]", `function F() { this.t = new.target === F; }`),
    [["a", "b"], true],
  ],
  ["directives that look like imports", `"import './none.js'";\n'use strict';\n${probing("1")}`, 1],
  ["a comment in the last line", `${probing("import.meta.url.length > 0")}// import "./none.js"`, true],
  [
    "a source map comment in the last line",
    `${probing("import.meta.url.length > 0")}//# sourceMappingURL=none.js.map`,
    true,
  ],
  ["a pragma of Bun's at the head", `// @bun\n${probing("[typeof require, x]", `import { x } from "./a.js";`)}`, [
    "undefined",
    1,
  ]],
  [
    "a pragma of Bun's below a hashbang",
    `#!/usr/bin/env bun\n// @bun @bun-cjs\n${probing("typeof require")}`,
    "undefined",
  ],
  ["the word require", probing("['require', a]", `const a = { require: 1 }.require; // require("./none.js")`), [
    "require",
    1,
  ]],
  ["names with escapes", probing("[\\u{61}b, c\\u0064]", `const ab = 1, cd = 2;`), [1, 2]],
  ["a very long line", probing("a.length", `const a = "${"import ".repeat(5_000)}";`), 35_000],
  [
    "private names and class fields",
    probing(
      "new A().read()",
      `class A { #from = 1; #import(x) { return x; } read() { return this.#from + this.#import(1); } static { import.meta; } }`,
    ),
    2,
  ],
  [
    "async generators and for await",
    probing(
      "out",
      `import { x } from "./a.js"; async function* g() { yield* [import("./a.js")]; } const out = []; for await (const m of g()) out.push(m.x + x);`,
    ),
    [2],
  ],
];

describe("imports are told from text that looks like them, with", () => {
  for (const [what, text, expected] of texts) {
    it(what, async () => {
      const files = { "main.js": text, ...lib, "b.js": "export const as = 4;\nexport default 3;" };
      assertEquals(await runPlugin(files), expected);
    });
  }

  it("a pragma of Bun's at the head of TypeScript", async () => {
    assertEquals(await runPlugin({ "main.ts": `// @bun\n${probing("x", "const x: number = 4;")}` }), 4);
  });

  it("the same in TypeScript", async () => {
    const before = `
      import { x } from "./a.js";
      type Import = { from: "import"; import: (a: string) => typeof import("./none.ts") };
      const a: Import["from"] = "import"; // import "./none.ts"
      const b = <T extends { from: string }>(o: T): T["from"] => o.from;
      abstract class C { abstract import(x: string): void; from!: string; declare import2: import("./none.ts").X; }`;
    assertEquals(await runPlugin({ "main.ts": probing("[x, a, b({ from: 'f' })]", before), ...lib }), [
      1,
      "import",
      "f",
    ]);
  });
});
