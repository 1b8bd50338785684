import { describe, test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { TagTracer } from "../../src/tracing/mod.ts";

/** How a value is shown. */
function show(value: unknown): string {
  return lines("value", { value })[1]!.replace(/^ {4}value: /, "");
}

function lines(...args: unknown[]): string[] {
  const written: string[] = [];
  const tracer = new TagTracer({ onDiagnostic: (diagnostic) => written.push(`diagnostic: ${diagnostic.message}`) });
  tracer.setWriter((line) => written.push(line));
  tracer.get("test")(...args);
  return written;
}

describe("a traced value", () => {
  const shown: readonly (readonly [string, unknown, string])[] = [
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a number", 1.5, "1.5"],
    ["negative zero", [-0, 0], "[-0, 0]"],
    ["a bigint", 5n, "5n"],
    ["a symbol", Symbol("a\nb"), "Symbol(a\\u{a}b)"],
    ["a string", 'say "hi"', 'say "hi"'],
    ["a string inside", ['say "hi"'], '["say \\"hi\\""]'],
    ["a function", function named() {}, "[Function named]"],
    ["a function without a name", (() => () => {})(), "[Function]"],
    ["a list", [1, [2, []]], "[1, [2, []]]"],
    ["a list with a hole", Object.assign([], { 1: 1, length: 2 }), "[undefined, 1]"],
    ["an object", { a: 1, "b c": { d: true } }, '{a: 1, "b c": {d: true}}'],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), "{a: 1}"],
    [
      "an instance",
      new (class Person {
        age = 3;
      })(),
      "Person {age: 3}",
    ],
    ["an error", new TypeError("two\nlines"), "[TypeError two\\u{a}lines]"],
    ["a date", new Date(0), "[Date 1970-01-01T00:00:00.000Z]"],
    ["an invalid date", new Date(NaN), "[Date invalid]"],
    ["a map", new Map([[1, 2]]), "[Map]"],
    ["bytes", new Uint8Array(1_000_000), "[Uint8Array]"],
    [
      "properties named as those that objects have",
      JSON.parse('{"__proto__":1,"toString":2}'),
      "{__proto__: 1, toString: 2}",
    ],
  ];
  for (const [what, value, text] of shown) {
    test(`that is ${what} is shown as ${text}`, () => assertStrictEquals(show(value), text));
  }

  test("that is large is shown in part", () => {
    assertStrictEquals(show("x".repeat(1_000_000)), `${"x".repeat(500)}…`);
    assertStrictEquals(show(["x".repeat(1_000)]), `["${"x".repeat(100)}…"]`);
    assertStrictEquals(show(Array(1_000).fill(0)), `[${"0, ".repeat(10)}… 990 more]`);
    assertStrictEquals(show(new Array(2 ** 32 - 1)).endsWith("… 4294967285 more]"), true);
    const wide = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`p${index}`, 0]));
    assertStrictEquals(show(wide).endsWith("p9: 0, … 2 more}"), true);
    assertStrictEquals(show({ ["n".repeat(1_000)]: 1 }), `{${"n".repeat(100)}…: 1}`);
    const nested = (width: number, depth: number): unknown =>
      depth === 0 ? "x".repeat(200) : Array.from({ length: width }, () => nested(width, depth - 1));
    assertStrictEquals(show(nested(10, 3)).length, 501);
    assertStrictEquals(
      lines("x", Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`p${at}`, 0]))).length,
      102,
    );
  });

  test("that is inside many others, or inside itself, is left out", () => {
    const itself: { self?: unknown; list?: unknown[] } = {};
    itself.self = itself;
    assertStrictEquals(show(itself), "{self: {self: {self: {…}}}}");
    assertStrictEquals(show([[[[[1]]]]]), "[[[[…]]]]");
    assertStrictEquals(
      show({
        a: {
          a: {
            a: new (class Deep {
              a = 1;
            })(),
          },
        },
      }),
      "{a: {a: {a: Deep {…}}}}",
    );
  });

  test("has no code of its own run", () => {
    let ran = 0;
    const run = () => {
      ran++;
      throw new Error("ran");
    };
    class Trap {
      [Symbol.toPrimitive] = run;
      toString = run;
      toJSON = run;
      static get [Symbol.hasInstance]() {
        return run();
      }
    }
    const maker = Object.defineProperty(() => {}, "name", { get: run });
    const accessors = Object.defineProperty({}, "got", { get: run, enumerable: true });
    const tagged = Object.create({
      get [Symbol.toStringTag]() {
        return run();
      },
      get constructor() {
        return run();
      },
    });
    const failed = Object.defineProperty(new Error(), "message", { get: run });
    const list = Object.defineProperty([1], 0, { get: run });
    assertEquals(
      [new Trap(), maker, accessors, tagged, failed, list].map(show),
      [
        "Trap {toString: [Function run], toJSON: [Function run]}",
        "[Function]",
        "{got: [getter]}",
        "{}",
        "[Error]",
        "[[getter]]",
      ],
    );
    assertEquals(lines("x", Object.defineProperty({}, "got", { get: run, enumerable: true }))[1], "    got: [getter]");
    assertStrictEquals(ran, 0);
  });

  test("that throws whatever it is asked is unreadable", () => {
    const refusing = new Proxy({}, {
      get: () => {
        throw new Error("no");
      },
    });
    const hostile = new Proxy({}, refusing);
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    assertStrictEquals(show(hostile), "[unreadable]");
    assertStrictEquals(show([revoked]), "[[unreadable]]");
    assertStrictEquals(show(Object.create(Date.prototype)), "[unreadable]");
    assertEquals(lines("x", hostile), ["x [unreadable] [test]"]);
    assertEquals(
      lines(
        "x",
        new Proxy({}, {
          ownKeys: () => {
            throw new Error("no");
          },
        }),
      ),
      [
        "x [test]",
        "    [unreadable]",
      ],
    );
  });

  test("cannot do anything to a terminal", () => {
    const rude = "\u{1b}]0;title\u{7}\r\n\u{9b}2J\u{200b}\u{202e}\u{d800}";
    const every = [
      rude,
      [rude],
      { [rude]: rude },
      Symbol(rude),
      new Error(rude),
      Object.defineProperty(() => {}, "name", { value: rude }),
    ];
    for (const line of lines(rude, ...every, { [rude]: rude })) {
      assertEquals(line.match(/[^\x20-\x7e]/gu), null);
    }
  });
});
