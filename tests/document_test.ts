import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { below, closest, pointerTo, Problems, readRecord, readStrings, readTable } from "../src/document.ts";
import { PlugmapError } from "../src/errors.ts";

describe("Problems", () => {
  it("does nothing when there is none", () => {
    new Problems("policy-invalid").throwIfAny();
  });

  it("tells all in one error, with the code, place and mend of the first", () => {
    const problems = new Problems("policy-invalid");
    problems.withCode("permission-invalid").add(below("/a", "b/c"), "First", { mend: "Mend it." });
    problems.add("", "Second");
    const error = assertThrows(() => problems.throwIfAny(), PlugmapError);
    assertEquals(
      [error.code, error.pointer, error.mend, error.problem],
      ["permission-invalid", "/a/b~1c", "Mend it.", `First, at "/a/b~1c"; Second`],
    );
  });

  it("tells the first five and how many more there are", () => {
    const problems = new Problems("policy-invalid");
    for (let index = 0; index < 8; index++) problems.add(below("", index), "Wrong");
    const error = assertThrows(() => problems.throwIfAny(), PlugmapError);
    assertEquals(error.problem.split("; ").length, 6);
    assertEquals(error.problem.endsWith("; and 3 more"), true);
  });

  it("ends the pass at a hundred", () => {
    const problems = new Problems("policy-invalid");
    const error = assertThrows(() => {
      for (;;) problems.add("", "Wrong");
    }, PlugmapError);
    assertEquals(error.problem.endsWith("; and 95 or more"), true);
  });
});

describe("pointerTo()", () => {
  it("escapes as RFC 6901 says", () => {
    assertEquals(pointerTo(below(below("", "a/b"), "m~n")), "/a~1b/m~0n");
    assertEquals(pointerTo(below(below("/x", ""), 0)), "/x//0");
  });
});

describe("readTable()", () => {
  it("takes names as data, and undefined as absent", () => {
    const problems = new Problems("policy-invalid");
    const members = readTable(JSON.parse(`{"__proto__":1,"constructor":2}`), "", problems);
    assertEquals([...members!], [["__proto__", 1], ["constructor", 2]]);
    assertEquals([...readTable({ a: undefined, b: null }, "", problems)!], [["b", null]]);
    assertEquals(readTable(Object.create({ inherited: 1 }), "", problems)!.size, 0);
    problems.throwIfAny();
  });

  it("refuses what is no object of members", () => {
    const found: [unknown, string][] = [
      [null, "null"],
      [[1], "an array"],
      ["x", `"x"`],
      [true, "true"],
      [undefined, "nothing"],
      [new Map(), "[object Map]"],
      [() => 1, "a function"],
    ];
    for (const [value, text] of found) {
      const problems = new Problems("policy-invalid");
      readTable(value, "/x", problems);
      const error = assertThrows(() => problems.throwIfAny(), PlugmapError);
      assertEquals(error.problem, `Expected an object, found ${text}, at "/x"`);
    }
  });
});

describe("readRecord()", () => {
  it("refuses an unknown member and says what was meant", () => {
    const mends = (name: string): string | undefined => {
      const problems = new Problems("policy-invalid");
      readRecord({ [name]: 1 }, "", ["integrity", "size"], problems);
      return assertThrows(() => problems.throwIfAny(), PlugmapError).mend;
    };
    assertEquals(mends("integirty"), `Did you mean "integrity"?`);
    assertEquals(mends("Size"), `Did you mean "size"?`);
    assertEquals(mends("colour"), `Remove it; known are "integrity", "size".`);
    assertEquals(mends("toString"), `Remove it; known are "integrity", "size".`);
  });
});

describe("readStrings()", () => {
  it("refuses an array with a hole or an empty string", () => {
    for (const value of [["a", , "b"], ["a", ""], [1], "a"]) {
      const problems = new Problems("policy-invalid");
      assertEquals(readStrings(value, "/x", problems), undefined);
      assertThrows(() => problems.throwIfAny(), PlugmapError);
    }
  });
});

describe("closest()", () => {
  it("finds the nearest word that is near enough", () => {
    const words = ["name", "version", "entry", "modules"];
    assertEquals(closest("nmae", words), "name");
    assertEquals(closest("module", words), "modules");
    assertEquals(closest("Entry", words), "entry");
    assertEquals(closest("x", words), undefined);
    assertEquals(closest("description", words), undefined);
    assertEquals(closest("v".repeat(100_000), words), undefined);
  });
});
