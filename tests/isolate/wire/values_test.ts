import { describe, it } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { connect } from "./peers.ts";

/** Sends a value to another peer and back. */
async function roundTrip<Value>(value: Value, pieces?: number): Promise<Value> {
  using pair = connect({}, {}, { pieces });
  return await pair.host.call(0, value) as Value;
}

/** An object with own properties of these names, whatever they are. */
function tableOf(names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, `own ${name}`]));
}

describe("a value arrives as it was sent", () => {
  const numbers = [
    0,
    1,
    127,
    128,
    -1,
    -128,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 53,
    0.1,
    1e308,
    5e-324,
  ];
  const texts = ["", "a", "x".repeat(63), "x".repeat(64), "x".repeat(70_000), "é", "é".repeat(31), "é".repeat(32)];
  const odd = ["\ud800", "a\udc00b", "😀", "\u0000", "\ufeffmark", "é".repeat(70_000), `${"a".repeat(63)}é`];
  const plain = {
    "nothing": [undefined, null],
    "booleans": [true, false],
    "numbers": [...numbers, Infinity, -Infinity, NaN],
    "bigints": [0n, 1n, -1n, 2n ** 64n, -(2n ** 64n), 2n ** 1000n],
    "texts": [...texts, ...odd],
    "dates": [new Date(0), new Date(-1), new Date(8.64e15), new Date(NaN)],
    "arrays": [[], [[]], [1, [2, [3]]]],
    "objects": [{}, { a: { b: { c: undefined } } }, { 2: "b", 1: "a" }],
    "maps and sets": [new Map(), new Map<unknown, unknown>([[{ a: 1 }, new Set([1, "1"])]]), new Set([new Map()])],
    "regular expressions": [/a/, /[/\]]\n/giu, /(?<year>\d+)/v],
  };
  for (const [kind, values] of Object.entries(plain)) {
    it(kind, async () => assertEquals(await roundTrip(values), values));
  }

  it("negative zero", async () => {
    const [zero, negative] = await roundTrip([0, -0]);
    assert(Object.is(zero, 0));
    assert(Object.is(negative, -0));
  });

  it("URLs", async () => {
    const url = await roundTrip(new URL("https://example.org/a?b#c"));
    assertInstanceOf(url, URL);
    assertEquals(url.href, "https://example.org/a?b#c");
  });

  it("buffers and all kinds of views on them, in buffers of their own", async () => {
    const buffer = Uint8Array.from({ length: 32 }, (_, index) => index).buffer;
    for (
      const kind of [
        Uint8Array,
        Uint8ClampedArray,
        Int8Array,
        Uint16Array,
        Int16Array,
        Uint32Array,
        Int32Array,
        Float16Array,
        Float32Array,
        Float64Array,
        BigUint64Array,
        BigInt64Array,
        DataView,
      ]
    ) {
      const view = await roundTrip(new (kind as Uint8ArrayConstructor)(buffer, 8, 1));
      assertInstanceOf(view, kind);
      assertEquals(view.byteOffset, 0);
      // Nothing else of the memory that a view is on goes to the other side.
      const expected = buffer.slice(8, 8 + view.byteLength);
      assertEquals(view.buffer.byteLength, expected.byteLength);
      assertEquals([...new Uint8Array(view.buffer)], [...new Uint8Array(expected)]);
    }
    const arrived = await roundTrip(buffer);
    assertInstanceOf(arrived, ArrayBuffer);
    assertEquals([...new Uint8Array(arrived)], [...new Uint8Array(buffer)]);
  });

  it("large byte arrays, in pieces and several in a message", async () => {
    const first = Uint8Array.from({ length: 200_000 }, (_, index) => index * 7);
    const second = new Float64Array(20_000).fill(1.5);
    const small = new Uint8Array(65_535).fill(3);
    for (const pieces of [undefined, 1000, 65_536]) {
      const arrived = await roundTrip({ first, small, second, first2: first, last: "x" }, pieces);
      assertEquals([arrived.first, arrived.second, arrived.small] as unknown[], [first, second, small]);
      assertStrictEquals(arrived.first2, arrived.first);
      assertEquals([arrived.last, arrived.first.buffer.byteLength], ["x", 200_000]);
    }
  });

  it("texts at the end of the memory in which they are written", async () => {
    for (let length = 65_270; length < 65_340; length++) {
      const value = ["x".repeat(length), "é".repeat(100)];
      assertEquals(await roundTrip(value), value);
    }
  });

  it("whatever the pieces are in which its bytes come", async () => {
    const value = { text: "é".repeat(50), list: [1, 2n, { three: 3 }], bytes: new Uint8Array(70_000).fill(9) };
    for (const pieces of [1, 2, 3, 5, 7]) assertEquals(await roundTrip(value, pieces), value);
  });
});

describe("an error arrives", () => {
  it("as one of its standard class, with message, stack, cause and code", async () => {
    for (const kind of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
      const sent = Object.assign(new kind("Broken", { cause: { why: [1] } }), { code: "E_BROKEN", other: 1 });
      const error = await roundTrip(sent);
      assertStrictEquals(Object.getPrototypeOf(error), kind.prototype);
      assertEquals([error.name, error.message, error.stack], [kind.name, "Broken", sent.stack]);
      assertEquals([error.code, error.cause, error.other], ["E_BROKEN", { why: [1] }, undefined] as unknown[]);
      assertEquals(Object.keys(error), []);
    }
  });

  it("with all errors of an AggregateError", async () => {
    const error = await roundTrip(new AggregateError([new TypeError("one"), "two"], "Both"));
    assertInstanceOf(error, AggregateError);
    assertInstanceOf(error.errors[0], TypeError);
    assertEquals([error.message, error.errors[0].message, error.errors[1]], ["Both", "one", "two"]);
  });

  it("as an Error that keeps the name, when it is of another class", async () => {
    class Missing extends RangeError {
      override name = "Missing";
    }
    for (const sent of [new Missing("Gone"), new DOMException("Gone", "Missing")]) {
      const error = await roundTrip<Error>(sent);
      assertStrictEquals(Object.getPrototypeOf(error), Error.prototype);
      assertEquals([error.name, error.message], ["Missing", "Gone"]);
    }
  });

  it("with a cause that leads back to it", async () => {
    const sent = new Error("Round");
    sent.cause = [sent];
    const error = await roundTrip(sent);
    assertStrictEquals((error.cause as Error[])[0], error);
  });
});

describe("objects", () => {
  it("that are sent twice in a message arrive once, and circles stay circles", async () => {
    const shared = { name: "shared" };
    const bytes = new Uint8Array(3);
    const root: Record<string, unknown> = { a: shared, b: [shared, bytes], map: new Map(), bytes };
    root["self"] = root;
    (root["map"] as Map<unknown, unknown>).set(root, new Set([root["map"]]));
    const arrived = await roundTrip(root);
    assertStrictEquals(arrived["self"], arrived);
    assertStrictEquals((arrived["b"] as unknown[])[0], arrived["a"]);
    assertStrictEquals((arrived["b"] as unknown[])[1], arrived["bytes"]);
    const map = arrived["map"] as Map<unknown, Set<unknown>>;
    assert(map.get(arrived)!.has(map));
  });

  it("keep their identity in a message with many of them", async () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ index }));
    const arrived = await roundTrip([many, [...many].reverse()]);
    for (const [index, object] of arrived[0]!.entries()) assertStrictEquals(arrived[1]![99 - index], object);
  });

  it("may have any name for a property", async () => {
    const names = [
      "__proto__",
      "constructor",
      "toString",
      "hasOwnProperty",
      "then",
      "length",
      "",
      "a.b",
      "\ud800",
      "é",
    ];
    const arrived = await roundTrip(tableOf(names));
    assertStrictEquals(Object.getPrototypeOf(arrived), Object.prototype);
    assertEquals(Object.keys(arrived), names);
    for (const name of names) assertEquals(arrived[name], `own ${name}`);
    assertEquals(({} as { polluted?: unknown }).polluted, undefined);

    const nested = await roundTrip(JSON.parse('{ "__proto__": { "polluted": true } }'));
    assertEquals(Object.keys(nested), ["__proto__"]);
    assertEquals((nested as { polluted?: unknown }).polluted, undefined);
  });

  it("of a class arrive as plain ones, with what they own", async () => {
    class User {
      readonly name = "Ada";
      readonly #secret = 1;
      get secret(): number {
        return this.#secret;
      }
    }
    const arrived = await roundTrip([new User(), Object.assign(Object.create({ inherited: 1 }), { own: 2 })]);
    assertEquals(arrived, [{ name: "Ada" }, { own: 2 }]);
    assertStrictEquals(Object.getPrototypeOf(arrived[0]), Object.prototype);
  });

  it("give the same however Object.prototype is extended on this side", async () => {
    const prototype = Object.prototype as { extension?: unknown };
    prototype.extension = "inherited";
    try {
      const arrived = await roundTrip({ own: 1 });
      assertEquals(Object.keys(arrived), ["own"]);
    } finally {
      delete prototype.extension;
    }
  });

  it("are read once, when they are sent", async () => {
    let reads = 0;
    using pair = connect();
    const changing = {
      get count() {
        return ++reads;
      },
    };
    const list = [1, 2];
    const call = pair.host.call(0, { changing, list });
    list.push(3);
    assertEquals(await call, { changing: { count: 1 }, list: [1, 2] });
    assertEquals(reads, 1);
  });

  it("may change in their own getters", async () => {
    const map = new Map<string, unknown>([["a", {
      get grow() {
        map.set("c", 3);
        return 1;
      },
    }], ["b", 2]]);
    const list = [{
      get grow() {
        list.push({ grow: 2 });
        return 1;
      },
    }];
    const object = {
      a: {
        get shrink() {
          delete (object as { b?: unknown }).b;
          return 1;
        },
      },
      b: 2,
    };
    assertEquals(await roundTrip([map, list, object] as unknown[]), [
      new Map<string, unknown>([["a", { grow: 1 }], ["b", 2]]),
      [{ grow: 1 }],
      { a: { shrink: 1 } },
    ] as unknown[]);
  });

  it("may call the other side in their getters", async () => {
    using pair = connect();
    let inner: Promise<unknown> | undefined;
    const value = {
      before: 1,
      get call() {
        inner = pair.host.call(0, "inner");
        return 2;
      },
      after: 3,
    };
    assertEquals(await pair.host.call(0, value), { before: 1, call: 2, after: 3 });
    assertEquals(await inner, "inner");
  });

  it("lose holes of arrays, which become undefined", async () => {
    // deno-lint-ignore no-sparse-arrays
    const arrived = await roundTrip([1, , 3]);
    assertEquals(Object.keys(arrived), ["0", "1", "2"]);
  });
});
