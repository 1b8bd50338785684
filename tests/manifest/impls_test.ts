import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "node:test";
import { parse, parseWith, placeOf, refusalWith } from "./sample.ts";

const plain = {
  target: "greeting",
  wrapper: false,
  tryFirst: false,
  tryLast: false,
  priority: 0,
  before: [],
  after: [],
  args: undefined,
  optional: false,
};

describe("parseManifest() with implementations as hooks", () => {
  it("reads them, with what they do not say", () => {
    const whole = {
      target: "greeting",
      wrapper: "outcome",
      tryFirst: false,
      tryLast: true,
      priority: -1.5,
      before: ["a"],
      after: ["@acme/b", "c"],
      args: ["name"],
      optional: true,
    };
    const { hooks, impls } = parseWith({ hooks: { greeting: {}, polite: whole, farewell: { wrapper: true } } });
    assertEquals([...impls!], [
      ["greeting", plain],
      ["polite", whole],
      ["farewell", { ...plain, target: "farewell", wrapper: true }],
    ]);
    assertEquals(hooks, ["greeting", "farewell"]);
  });

  it("takes names of any kind, and keeps their order", () => {
    const least = parse(
      `{ "name": "a", "version": "1.0.0", "entry": "./a.js",
         "hooks": { "toString": {}, "__proto__": { "target": "constructor" }, "a": {} },
         "modules": { "./a.js": { "integrity": "sha256-AAAA", "size": 1 } } }`,
    );
    assertEquals([...least.impls!.keys()], ["toString", "__proto__", "a"]);
    assertEquals(least.hooks, ["toString", "constructor", "a"]);
  });

  it("gives an empty table for what implements nothing, and none for a list of names", () => {
    assertEquals([...parseWith({ hooks: {} }).impls!], []);
    assertEquals(parseWith({ hooks: {} }).hooks, []);
    assertEquals(parseWith({ hooks: ["greeting"] }).impls, undefined);
  });

  it("gives what is frozen", () => {
    const { hooks, impls } = parseWith({ hooks: { greeting: { before: ["a"], args: ["b"] } } });
    const impl = impls!.get("greeting")!;
    for (const part of [hooks, impl, impl.before, impl.after, impl.args]) assert(Object.isFrozen(part));
  });

  it("refuses what is neither a list nor an object, and says that both can be", () => {
    for (const [hooks, found] of [["greeting", '"greeting"'], [1, "1"], [true, "true"], [null, "null"]]) {
      const { pointer, problem } = refusalWith({ hooks });
      assertEquals(pointer, "/hooks");
      assertStringIncludes(problem, `Expected an array of names or an object, found ${found}`);
    }
  });

  it("refuses what an implementation cannot be, and says where", () => {
    const wrong: [unknown, string][] = [
      [{ "": {} }, "/hooks/"],
      [{ a: null }, "/hooks/a"],
      [{ a: [] }, "/hooks/a"],
      [{ "a/b": { run: "x" } }, "/hooks/a~1b/run"],
      [{ a: { tryfirst: true } }, "/hooks/a/tryfirst"],
      [{ a: { constructor: 1 } }, "/hooks/a/constructor"],
      [{ a: { target: "" } }, "/hooks/a/target"],
      [{ a: { wrapper: false } }, "/hooks/a/wrapper"],
      [{ a: { wrapper: "generator" } }, "/hooks/a/wrapper"],
      [{ a: { tryFirst: "yes" } }, "/hooks/a/tryFirst"],
      [{ a: { tryLast: 1 } }, "/hooks/a/tryLast"],
      [{ a: { tryFirst: true, tryLast: true } }, "/hooks/a"],
      [{ a: { priority: null } }, "/hooks/a/priority"],
      [{ a: { before: "b" } }, "/hooks/a/before"],
      [{ a: { before: ["b", "b"] } }, "/hooks/a/before/1"],
      [{ a: { after: [""] } }, "/hooks/a/after/0"],
      [{ a: { after: ["weather"] } }, "/hooks/a/after"],
      [{ a: { before: ["weather"] } }, "/hooks/a/before"],
      [{ a: { args: [1] } }, "/hooks/a/args/0"],
      [{ a: { optional: 0 } }, "/hooks/a/optional"],
    ];
    for (const [hooks, pointer] of wrong) assertEquals(placeOf({ hooks }), ["manifest-invalid", pointer]);
    assertEquals(refusalWith({ hooks: { a: { tryfirst: true } } }).mend, 'Did you mean "tryFirst"?');
    assertStringIncludes(refusalWith({ hooks: { a: { wrapper: "x" } } }).problem, 'Expected true, "outcome" or');
  });
});
