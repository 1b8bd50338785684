import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createTestHost, failureOf, probing, runPlugin } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";

describe("a module that is none fails the plugin", () => {
  const broken: readonly (readonly [what: string, path: string, text: string, line: number])[] = [
    ["a missing expression in JavaScript", "main.js", "const a = 1;\nconst b = ;\n", 2],
    ["a missing expression in TypeScript", "main.ts", "const a: number = 1;\nconst b = ;\n", 2],
    ["a missing type", "main.ts", "const a: number = 1;\n\nconst b: = 3;\n", 3],
    ["two errors", "main.ts", "const a = ;\nconst b = ;\n", 1],
    ["an open string", "main.js", "\nconst a = 'x\n", 2],
    ["an open regular expression", "main.js", "const a = /[/;\n", 1],
    ["a second declaration", "main.js", "const x = 1;\nlet x = 2;\n", 2],
    ["await in a plain function", "main.js", "\nfunction f() { await x; }\n", 2],
    ["JSX", "main.js", "\n\nconst a = <div/>;\n", 3],
    ["types in JavaScript", "main.js", "const a: number = 4;\n", 1],
    ["an escaped keyword", "main.js", "\\u0069mport './a.js';\n", 1],
    ["an export that is declared twice", "main.js", "export const a = 1;\nexport { a };\n", 2],
    ["bytes that are no text", "main.js", "\ufffd\n", 1],
  ];
  for (const [what, path, text, line] of broken) {
    it(`with ${what}, telling file and line`, async () => {
      const error = await failureOf({ [path]: text });
      assertEquals([error.code, error.plugin, error.step], ["module-invalid", "sample", "run"]);
      assertMatch(error.problem, new RegExp(`in "file:///[^"]*/${path}", line ${line}, column \\d+$`));
    });
  }

  it("in a dependency, naming that one", async () => {
    const error = await failureOf({ "main.ts": probing("1", `import "./lib/a.ts";`), "lib/a.ts": "\nlet x = {\n" });
    assertEquals(error.code, "module-invalid");
    assertMatch(error.problem, /in "[^"]*\/lib\/a\.ts", line 2, column \d+$/);
  });

  it("with JSON that is none, naming the file", async () => {
    const error = await failureOf({
      "main.ts": probing("a", `import a from "./a.json" with { type: "json" };`),
      "a.json": `{ "a": 1`,
    });
    assertEquals(error.code, "module-invalid");
    assertMatch(error.problem, /^"[^"]*\/a\.json" is not JSON: /);
  });

  for (
    const [what, before] of [
      ["an import", `import { none } from "./a.ts"; none;`],
      ["a re-export", `export { none } from "./a.ts";`],
      ["an ambiguous name", `import { x } from "./both.ts"; x;`],
    ] as const
  ) {
    it(`with ${what} of a name that is not exported`, async () => {
      const files = {
        "main.ts": probing("1", before),
        "a.ts": "export const x = 1;",
        "b.ts": "export const x = 2;",
        "both.ts": `export * from "./a.ts";\nexport * from "./b.ts";`,
      };
      const error = await failureOf(files);
      assertEquals(error.code, "module-invalid");
      assertMatch(error.problem, /'(?:none|x)'/);
      assertMatch(error.problem, /\.ts/);
    });
  }

  it("as CommonJS", async () => {
    for (const text of ["module.exports = {};", "exports.default = {};", `const fs = require("node:fs");`]) {
      const error = await failureOf({ "main.js": text });
      assertEquals(["module-invalid", "module-unsupported"].includes(error.code), true, error.message);
      assertEquals(error.plugin, "sample");
    }
  });

  it("as CommonJS that another module imports", async () => {
    const error = await failureOf({
      "main.js": probing("a", `import a from "./a.js";`),
      "a.js": "module.exports = 5;",
    });
    assertEquals(error.code, "module-invalid");
  });

  it("of a kind that no plugin can have, before anything runs", async () => {
    for (const path of ["a.cjs", "a.cts", "a.jsx", "a.tsx", "a.wasm", "a.node"]) {
      const error = await failureOf({ "main.ts": "globalThis.plugmapTestKinds = true;", [path]: "" });
      assertEquals([error.code, error.step], ["module-unsupported", "fetch"], path);
    }
    assertEquals("plugmapTestKinds" in globalThis, false);
  });

  it("without touching the others", async () => {
    using broken = createPluginFolder({ "main.ts": "const a = ;" }, { name: "broken" });
    using other = createPluginFolder({ "main.ts": `export default { hooks: { greeting: () => "Hello" } };` });
    await using host = createTestHost([broken, other]);
    await host.load();
    assertEquals(host.hooks.greeting({ name: "Ada" }), ["Hello"]);
  });
});

describe("a module that throws while it runs fails the plugin", () => {
  const hostile = "get() { throw 1; }, getPrototypeOf() { throw 2; }, has() { throw 3; }, ownKeys() { throw 4; }";
  const thrown: readonly (readonly [what: string, text: string, problem: string])[] = [
    ["an error", `throw new RangeError("boom");`, "boom"],
    ["an error without a message", `throw new RangeError();`, "RangeError"],
    ["a frozen error", `throw Object.freeze(new Error("cold"));`, "cold"],
    ["several errors", `throw new AggregateError([new Error("a")], "both");`, "both"],
    ["no errors at all in one for several", `throw new AggregateError([], "none");`, "none"],
    ["null in an error for several", `throw new AggregateError([null], "none");`, "none"],
    ["undefined", "throw undefined;", `"undefined" was thrown`],
    ["null", "throw null;", `"null" was thrown`],
    ["a text", `throw "boom";`, `"boom" was thrown`],
    ["a symbol", `throw Symbol("boom");`, `"Symbol(boom)" was thrown`],
    ["a thenable", "throw { then(resolve) { resolve(5); } };", `"[object Object]" was thrown`],
    ["an object without a prototype", "throw Object.create(null);", "something that has no text was thrown"],
    [
      "an object that throws when read",
      "throw { get message() { throw 1; }, get name() { throw 2; }, get code() { throw 3; }, toString() { throw 4; } };",
      "something that has no text was thrown",
    ],
    [
      "a proxy that throws at everything",
      `throw new Proxy({}, { ${hostile} });`,
      "something that has no text was thrown",
    ],
    [
      "a proxy of an error",
      `throw new Proxy(new Error("x"), { ${hostile} });`,
      "something that has no text was thrown",
    ],
    [
      "a revoked proxy",
      "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy;",
      "something that has no text was thrown",
    ],
    [
      "what looks like a message of Bun's",
      `throw { name: "BuildMessage", message: 1, position: { file: 5, line: {} } };`,
      `"[object Object]" was thrown`,
    ],
    ["control characters", `throw new Error("\\u001b[31mred\\nline");`, String.raw`\u{1b}[31mred\u{a}line`],
    ["what is rejected later", `await Promise.reject(new Error("later"));`, "later"],
  ];
  for (const [what, text, problem] of thrown) {
    it(`with ${what}`, async () => {
      const error = await failureOf({ "main.js": text });
      assertEquals([error.code, error.plugin, error.step], ["module-invalid", "sample", "run"]);
      assertEquals(error.problem, problem);
    });
  }

  it("with what was thrown as the cause, and its stack", async () => {
    const error = await failureOf({
      "main.ts": probing("1", `import "./a.ts";`),
      "a.ts": `\n\nthrow new TypeError("inner");`,
    });
    const cause = error.cause as Error;
    assertEquals([cause.name, cause.message], ["TypeError", "inner"]);
    assertStringIncludes(cause.stack ?? "", "/a.ts:3:");
  });

  it("with an error that only looks like one of Plugmap's", async () => {
    const text = `throw Object.assign(new Error("[x]"), { name: "PlugmapError", code: "module-unlisted" });`;
    const error = await failureOf({ "main.js": text });
    assertEquals([error.code, error.problem], ["module-invalid", "[x]"]);
  });

  it("every time that it is loaded", async () => {
    using plugin = createPluginFolder({ "main.ts": `throw new Error("again");` });
    await using host = createTestHost([plugin]);
    for (const _ of [1, 2, 3]) {
      const { plugins: [report] } = await host.load();
      assertEquals([report?.state, report?.error?.code], ["failed", "module-invalid"]);
    }
  });
});

describe("a module that fails when it is imported dynamically", () => {
  it("rejects the import and leaves the plugin running", async () => {
    const files = {
      "main.ts": probing(
        `await Promise.all(["./throws.ts", "./broken.ts", "./broken.js"].map(kindOf))`,
        `
        const kindOf = (specifier: string) => import(specifier).then(() => "loaded", (error) => typeof error.message);`,
      ),
      "throws.ts": `throw new Error("inner");`,
      "broken.ts": "const a = ;",
      "broken.js": "const a = ;",
    };
    assertEquals(await runPlugin(files), ["string", "string", "string"]);
  });
});
