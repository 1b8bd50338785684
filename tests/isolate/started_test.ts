import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { PlugmapError } from "../../src/errors.ts";
import { readStarted } from "../../src/isolate/started.ts";
import type { Manifest } from "../../src/manifest/mod.ts";
import { checkDeclared } from "../../src/runtime/plugin_export.ts";
import { parseWith } from "../manifest/sample.ts";

const manifest: Manifest = parseWith({ hooks: { greeting: { before: ["a", "b"], args: ["name"] } } });
const greeting = {
  target: "greeting",
  wrapper: false,
  tryFirst: false,
  tryLast: false,
  priority: 0,
  before: ["b", "a"],
  after: [],
  args: ["name"],
  optional: false,
};
const odd: readonly unknown[] = [
  undefined,
  null,
  1n,
  NaN,
  "x",
  {},
  Object.create(null),
  [],
  [{}],
  new Map(),
  new Date(0),
];

describe("readStarted()", () => {
  it("takes what a process says of a plugin, and nothing more", () => {
    const started = { impls: new Map([["greeting", { ...greeting, run: 1 }]]), hasSetup: 1, hasDispose: true, more: 1 };
    assertEquals(readStarted(started), {
      impls: new Map([["greeting", greeting]]),
      hasSetup: false,
      hasDispose: true,
    } as ReturnType<typeof readStarted>);
  });

  it("isolate-protocol: says nothing that could be implementations", () => {
    const messages = [
      ...odd,
      ...odd.filter((value) => !(value instanceof Map)).map((impls) => ({ impls })),
      ...odd.filter((key) => typeof key !== "string").map((key) => ({ impls: new Map([[key, greeting]]) })),
      ...odd.map((impl) => ({ impls: new Map([["a", impl]]) })),
      ...odd.map((wrapper) => ({ impls: new Map([["a", { ...greeting, wrapper }]]) })),
      ...odd.filter((hook) => typeof hook !== "string")
        .map((target) => ({ impls: new Map([["a", { ...greeting, target }]]) })),
    ];
    for (const message of messages) {
      assertEquals(assertThrows(() => readStarted(message), PlugmapError).code, "isolate-protocol");
    }
  });
});

describe("checkDeclared()", () => {
  it("takes what is declared, in whatever order lists are", () => {
    checkDeclared(readStarted({ impls: new Map([["greeting", greeting]]) }).impls, manifest);
  });

  it("plugin-invalid: refuses members of any other kind", () => {
    for (const member of ["tryFirst", "tryLast", "priority", "before", "after", "args", "optional"]) {
      for (const value of odd) {
        if (member === "after" && Array.isArray(value) && value.length === 0) continue;
        const { impls } = readStarted({ impls: new Map([["greeting", { ...greeting, [member]: value }]]) });
        const { code, pointer } = assertThrows(() => checkDeclared(impls, manifest), PlugmapError);
        assertEquals([code, pointer], ["plugin-invalid", `/hooks/greeting/${member}`]);
      }
    }
  });

  it("plugin-invalid: tells of many differences only a few", () => {
    const impls = new Map(Array.from({ length: 10_000 }, (_, index) => [`more${index}`, greeting]));
    const error = assertThrows(() => checkDeclared(readStarted({ impls }).impls, manifest), PlugmapError);
    assertEquals([error.code, error.message.length < 2000], ["plugin-invalid", true]);
  });
});
