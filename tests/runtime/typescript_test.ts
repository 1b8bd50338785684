import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { probing, runPlugin } from "../support/host.ts";
import type { Files } from "../support/plugin_folder.ts";

const forms: readonly (readonly [what: string, expression: string, before: string, expected: unknown])[] = [
  [
    "generics that look like JSX",
    "[f<string>('x'), g<number>(1)]",
    "const f = <T,>(x: T): T => x; const g = <T extends number>(x: T): T => x;",
    ["x", 1],
  ],
  ["comparisons that look like generics", "a < b && b > (1)", "const a: number = 1, b = 3;", true],
  [
    "conditional and mapped types",
    "x",
    "type E<L> = L extends (infer T)[] ? { readonly [K in keyof T]?: T[K] } : never; const x: E<{ a: 1 }[]> = { a: 1 };",
    { a: 1 },
  ],
  [
    "satisfies, as and non-null",
    "x!.a as number",
    "const x = { a: 1 } satisfies Record<string, number> as { a: number } | undefined;",
    1,
  ],
  ["casts in angle brackets", "(<number> x)", "const x: unknown = 5;", 5],
  [
    "overloads",
    "f(2)",
    "function f(x: string): string; function f(x: number): number; function f(x: unknown) { return x; }",
    2,
  ],
  [
    "abstract classes and modifiers",
    "new B().run()",
    "abstract class A { abstract run(): number; protected note?(): void; } class B extends A { declare kept: string; override run(): number { return 2; } }",
    2,
  ],
  ["parameter properties", "new A(4).x", "class A { constructor(public readonly x: number) {} }", 4],
  ["enums", "[E.B, E[1], T.A]", "enum E { A, B } const enum T { A = 'a' }", [1, "B", "a"]],
  ["namespaces", "N.x", "namespace N { export const x = 5; }", 5],
  ["import aliases of namespaces", "y", "namespace N { export const x = 5; } import y = N.x;", 5],
  [
    "declarations without code",
    "1",
    "declare const a: number; declare module 'x' { export const y: number; } declare global { interface Z { a: 1; } }",
    1,
  ],
  [
    "assertion functions and type predicates",
    "check(1)",
    "function check(x: unknown): x is number { return typeof x === 'number'; }",
    true,
  ],
  ["this parameters", "f.call({ x: 3 })", "function f(this: { x: number }) { return this.x; }", 3],
  ["using declarations", "log", "const log: number[] = []; { using x = { [Symbol.dispose]() { log.push(1); } }; }", [
    1,
  ]],
  [
    "class fields and static blocks",
    "[new A().x, A.y]",
    "class A { x: number = 1; static y?: number; static { A.y = 2; } }",
    [1, 2],
  ],
  [
    "arrow functions with types over lines",
    "f(1)",
    "const f = async (\n  x: number,\n): Promise<\n  number\n> => x;",
    1,
  ],
  ["optional chaining beside types", "x?.a?.[0]!", "const x: { a?: number[] } | undefined = { a: [7] };", 7],
];

describe("TypeScript", () => {
  for (const [what, expression, before, expected] of forms) {
    it(`supports ${what}`, async () => {
      assertEquals(await runPlugin({ "main.ts": probing(expression, before) }), expected);
    });
  }

  it("exports enums to other modules", async () => {
    const files = { "main.ts": probing("E.B", `import { E } from "./a.ts";`), "a.ts": "export enum E { A, B = 'b' }" };
    assertEquals(await runPlugin(files), "b");
  });
});

/** The same with and without code that types alone cannot be taken out of: runtimes treat the two differently. */
const variants = [["", "types that can be blanked out"], ["enum Kind { A }\n", "an enum beside it"]] as const;

const ran = `globalThis.plugmapTestRan = "ran";`;

async function runs(before: string, dependency: string, expression: string = "1"): Promise<Record<string, unknown>> {
  const files: Files = {
    "main.ts": probing(`({ value: ${expression}, ran: globalThis.plugmapTestRan })`, before),
    "a.ts": dependency,
  };
  try {
    return await runPlugin(files) as Record<string, unknown>;
  } finally {
    Reflect.deleteProperty(globalThis, "plugmapTestRan");
  }
}

describe("imports of types", () => {
  for (const [prefix, variant] of variants) {
    it(`are no imports when they say so, with ${variant}`, async () => {
      const before = `${prefix}
        import type { T } from "./none.ts";
        import type D from "nothing";
        import type * as N from "npm:left-pad";
        import type from_ from "./none.ts";
        export type { T } from "./none2.ts";
        export type * from "./none3.ts";
        export type * as ns from "./none4.ts";
        let a: T | D | N.A | from_;
        let b: import("./none5.ts").V, c: typeof import("./none6.ts"), d: Awaited<ReturnType<() => import("none").X<string>>>;`;
      assertEquals(await runs(before, ""), { value: 1, ran: undefined });
    });

    it(`are dropped when nothing but types is named, with ${variant}`, async () => {
      const before = `${prefix}import { type T } from "./a.ts";\nimport { type U } from "./none.ts";\nlet x: T | U;`;
      assertEquals(await runs(before, ran), { value: 1, ran: undefined });
    });

    it(`are dropped when only types use the name, with ${variant}`, async () => {
      const before = `${prefix}import { T } from "./a.ts";\nimport D, * as N from "./a.ts";\nlet x: T | D | N.T;`;
      assertEquals(await runs(before, `export interface T { a: 1 }\n${ran}`), { value: 1, ran: undefined });
    });

    it(`leave the values beside them, with ${variant}`, async () => {
      const before =
        `${prefix}import { T, a, type U, b as c } from "./a.ts";\nimport D, { d } from "./a.ts";\nlet x: T | U | D;`;
      const dependency = `export interface T { a: 1 }\nexport type U = 2;\nexport const a = 1, b = 2, d = 3;\n${ran}`;
      assertEquals(await runs(before, dependency, "[a, c, d]"), { value: [1, 2, 3], ran: "ran" });
    });

    it(`are kept when they name nothing, with ${variant}`, async () => {
      assertEquals(await runs(`${prefix}import "./a.ts";`, ran), { value: 1, ran: "ran" });
    });
  }

  it("named type are values like others", async () => {
    const files = {
      "main.ts": probing("[type, other]", `import type from "./a.ts";\nimport { type as other } from "./b.ts";`),
      "a.ts": "export default 3;",
      "b.ts": "export const type = 8;",
    };
    assertEquals(await runPlugin(files), [3, 8]);
  });

  it("that are dropped do not join the statements around them", async () => {
    const before = `const log: number[] = [];
      const f = (x: number) => log.push(x)
      import { T } from "./a.ts"
      (f satisfies T)(5)`;
    const files = { "main.ts": probing("log", before), "a.ts": "export type T = unknown;" };
    assertEquals(await runPlugin(files), [5]);
  });

  for (
    const [what, text] of [
      ["a comment", "let x: T; // a T"],
      ["a comment for documentation", "/** Takes a {@link T}. */\nlet x: T;"],
      ["a string", `let x: T, y = "T" + 'T';`],
      ["a member", "let x: T, y = { T: 1 }.T;"],
    ] as const
  ) {
    it(`are dropped when besides types only ${what} has the name`, async () => {
      assertEquals(await runs(`import { T } from "./a.ts";\n${text}`, `export interface T { a: 1 }\n${ran}`), {
        value: 1,
        ran: undefined,
      });
    });
  }

  for (
    const [what, clause, use] of [
      ["a use in a template", "{ a }", "`${a}`"],
      ["a use as shorthand", "{ a }", "({ a }).a"],
      ["a use in another export", "{ a }", "1; export { a as again }; ({})"],
      ["a name with a dollar sign", "{ a as $a }", "$a"],
      ["a name of other letters", "{ a as ä }", "ä"],
      ["a name that is part of another", "{ a, a as ab }", "a + ab"],
      ["comments in the clause", "{ /* } */ a /* , */ }", "a"],
      ["an escaped name", "{ a }", "\\u0061"],
    ] as const
  ) {
    it(`are told from values with ${what}`, async () => {
      const { ran: didRun } = await runs(
        `import ${clause} from "./a.ts";\nvoid ${use};`,
        `export const a = 1;\n${ran}`,
      );
      assertEquals(didRun, "ran");
    });
  }
});
