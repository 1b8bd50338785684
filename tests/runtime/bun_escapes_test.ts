import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { PlugmapError } from "../../src/errors.ts";
import { isBun, parserFor, rewrite } from "./bun_parser.ts";

/** Texts that try to get an import past the rewriting. `?` stands for what is not literal. */
const attempts: readonly string[] = [
  `import"x"`,
  `import'x'`,
  `import*as a from"x"`,
  `export*from"x"`,
  `export*as a from"x"`,
  `export{a}from"x"`,
  `import/**/"x"`,
  `import/*\n*/a/**/from/**/"x"`,
  `import//"y"\n"x"`,
  `import a from//'\n"x"`,
  `export/*from*/*/**/from/*'*/"x"`,
  `import\u2028"x"`,
  `import\u2029{a}\u2028from\u2029"x"`,
  `import\u00a0"x"`,
  `import\ufeff"x"`,
  `import\u3000a\u3000from\u3000"x"`,
  `import\v"x"`,
  `import\f"x"`,
  `import\r"x"`,
  `\u2028import "x"`,
  `"a"\u2028import "x"`,
  `import "\\x78"`,
  `import "\\u0078"`,
  `import "\\u{78}"`,
  `import "\\\nx"`,
  `import "\\170"`,
  `\\u0069mport "x"`,
  `i\\u006dport("x")`,
  `import a fr\\u006fm "x"`,
  `export * fr\\u{6f}m "x"`,
  `import("x")`,
  `import ("x")`,
  `import/**/("x")`,
  `import//\n("x")`,
  `import\n("x")`,
  "import(`x`)",
  `import("x",)`,
  `import("x", {})`,
  `import("x" + y)`,
  `import(y)`,
  "import(`${y}`)",
  `import(import(y))`,
  `import((y, "x"))`,
  `import(...y)`,
  `new (import(y))`,
  `import(y)\n.then()`,
  `a?.b(import(y))`,
  `a ? import(y) : import(z)`,
  `async () => await import(y)`,
  `(import)(y)`,
  `import?.(y)`,
  `import\u2028(y)`,
  `import\u00a0(y)`,
  `[import(y)]`,
  `\`\${import(y)}\``,
  "`${`${import(y)}`}`",
  `import.meta.require("x")`,
  `import/**/.meta.require(y)`,
  `import.meta["require"](y)`,
  `const { require: r } = import.meta; r("x")`,
  `import\n.\nmeta.resolve(y)`,
  `import.m\\u0065ta`,
  `require("x")`,
  `require(y)`,
  `(0, require)("x")`,
  `r\\u0065quire("x")`,
  `r\\u{65}quire(y)`,
  `const r = require; r("x")`,
  `require?.("x")`,
  `require.resolve("x")`,
  `module.require("x")`,
  `typeof require === "function" && require("x")`,
  `eval("require")("x")`,
  `const { require: q } = globalThis; q?.("x")`,
  `export default require`,
  `export { require }`,
  `(() => require("x"))()`,
  `{ require("x") }`,
  `function f(a = require("x")) {}`,
  `class A { static { require("x"); } }`,
  `import a = require("x")`,
  `export import a = require("x")`,
  `import a = require("x"); a.b`,
  `import type a = require("x")`,
  `export = require("x")`,
  `const enum E { A = require("x") }`,
  `import type a from "x"`,
  `import { type a } from "x"`,
  `import type, { a } from "x"`,
  `import type { a } from "x"; export type { a }`,
  `export type * from "x"`,
  `import type from from "x"`,
  `let a: import("x").B`,
  `let a: typeof import("x")`,
  `import a from "x" with { type: "macro" }; a()`,
  `import { a } from "x" with {type:"macro"}\na()`,
  `import { a } from "x" assert { type: "macro" }; a()`,
  `import { a } from "x"\u2028with { type: "macro" }; a()`,
  `import { a } from "macro:x"; a()`,
  `export { a } from "x" with { type: "macro" }`,
  `/'/; import("x") /'/`,
  `a = b / c; import("x"); d / e`,
  `a\n/b/.test(import(y))`,
  `x++ / import(y) / 1`,
  `({}) / import(y)`,
  `if (a) /'/.test(b); import(y) //'`,
  `while (a) /"/.x; import(y) //"`,
  `a.if(b) / import(y) / '/'`,
  `} / import(y)`,
  `{} /'/; import(y) //'`,
  `a = () => {} /'/; import(y) //'`,
  `a = function () {} / import(y) / '/'`,
  `a = class {} / import(y) / '/'`,
  `a = { b() {} } / import.meta.require(y) / 1`,
  `(function () {}) / import(y) / 1`,
  `a = async () => {}\n/ import(y) / 1`,
  `a = function () {} / (import(y)) / 1; // import "z"`,
  `import("x" / y)`,
  `import("x"/**/ + y)`,
  `import("x", y)`,
  `class A {} /'/; import(y) //'`,
  `function f() {} /'/.x; import(y) //'`,
  `a = function () {} / import(y) / '/'`,
  `yield /'/; import(y) //'`,
  `let await_ /'/; import(y)`,
  `a = [] / import(y) //'`,
  `a = /[/'"]/; import(y)`,
  `a = /[\\]/'"]/; import(y)`,
  `a = /\\/'/; import(y) //'`,
  `a = /(?<n>')/; import(y) //'`,
  `a = /[[']]/v; import(y) //'`,
  "`\\`${import(y)}`",
  "`$${import(y)}`",
  "`\\${`; import(y) //`",
  "x`${import(y)}`",
  "`${{ a: `}` }}${import(y)}`",
  "`${/`/.source}${import(y)}`",
  "`${'`'}`; import(y) //`",
  "`${ /* ` */ 1}`; import(y) //`",
  `<!-- import("x")\nimport(y)`,
  `/**/--> import("x")\nimport(y)`,
  `#!/usr/bin/env x\nimport "x"`,
  `#!import "x"\nimport(y)`,
  `// @bun\nimport "x"; require("x")`,
  `// @bun @bun-cjs\n(function (exports, require, module) { require("x"); })`,
  `#!x\n// @bun\nconst a: number = import(y)`,
  `/** @jsx require */ import(y)`,
  `/** @jsxImportSource x */\nconst a = <b />;`,
  `const a = <import("x")>b`,
  `a<b>(import(y))`,
  `<T,>(a: T) => import(y)`,
  `(a as any) /'/ 1; import(y) //'`,
  `a! /'/ 1; import(y) //'`,
  `let a: '/'; import(y) //'`,
  `type A = \`\${'\`'}\`; import(y)`,
  `@(import(y)) class A {}`,
  `@d /'/ class A {}; import(y)`,
  `a satisfies B; import(y)`,
  `abstract class A { abstract import(x: string): void; }\nimport(y)`,
  `class A { import(x: string): void { return import(y); } }`,
  `class A { get import(): B { return import("x"); } }`,
  `class A { import = import(y) }`,
  `class A { static import(x) { return import(x); } }`,
  `class A { #import = import("x") }`,
  `({ import: import(y) })`,
  `({ import() { return import(y); } })`,
  `({ get from() { return import("x"); } })`,
  `a.import("x"); import(y)`,
  `a?.import(y)`,
  `a.#import(y)`,
  `from: for (;;) { import(y); break from; }`,
  `const from = import(y)`,
  `let as, from; import(as, from)`,
  `export const a = import("x"), b = import(y);`,
  `export default import("x")`,
  `export default async () => import(y)`,
  `export async function f() { for await (const a of import(y)) {} }`,
  `using a = import(y)`,
  `switch (a) { case import(y): }`,
  `try {} catch { import(y) } finally { import("x") }`,
  `label: import(y)`,
  `throw import(y)`,
  `void import("x"), typeof import(y)`,
  `import("x").then(import(y))`,
  `a\n++\nimport(y)`,
  `() => ({ ...import(y) })`,
  `new.target; import(y)`,
  `import.meta; import(y); import.meta`,
];

describe("rewriteModule() leads no import to Bun's own resolution", { skip: !isBun }, () => {
  for (const loader of ["js", "ts"] as const) {
    for (const text of attempts) {
      it(`${loader}: ${JSON.stringify(text)}`, () => {
        let code: string;
        try {
          code = rewrite(text, loader);
        } catch (error) {
          // What is not sure is refused, by us or by Bun's parser.
          const { name, code = "" } = (error instanceof AggregateError ? error.errors[0] : error) as PlugmapError;
          assert(name === "BuildMessage" || /^module-(?:invalid|unsupported)$/.test(code), String(error));
          return;
        }
        // What Bun cannot parse does not run either.
        if (throws(() => parserFor(loader).scanImports(code))) return;
        assertEquals(foreignImports(code, loader), [], code);
        const hidden = /^(?:const|let|var|function) require\b|\nvar require;/.test(code);
        assert(hidden || !/require|\\u/.test(text), code);
      });
    }
  }
});

/**
 * What of a rewritten module would reach Bun's own resolution. Spelled with an escape, a keyword is an error and anything
 * else what it was: so Bun's parser tells which of the words are imports.
 */
function foreignImports(code: string, loader: "ts" | "js"): string[] {
  const parser = parserFor(loader);
  const foreign = parser.scanImports(code).map(({ path }) => path).filter((path) => !path.startsWith("plugmap:"));
  for (const { index } of code.matchAll(/import/g)) {
    const at = code[index - 1] === "\\" ? index + 1 : index;
    const escaped = `${code.slice(0, at)}\\u00${code.charCodeAt(at).toString(16)}${code.slice(at + 1)}`;
    const rest = code.slice(index).replace(/\/\*[^]*?\*\/|\/\/.*/g, " ");
    if (!throws(() => parser.scanImports(escaped))) continue;
    if (!/^import(?:\s*\(\s*|[^"'(.]*|[^"'(.]*= require\()(?:"plugmap:|"[^"]*" as)/.test(rest)) {
      foreign.push(rest.slice(0, 30));
    }
  }
  return foreign;
}

function throws(task: () => unknown): boolean {
  try {
    task();
    return false;
  } catch {
    return true;
  }
}
