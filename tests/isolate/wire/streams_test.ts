import { describe, it } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { connect, pass, rejection } from "./peers.ts";

/** Counts without end, and remembers how far it was asked and whether it was ended. */
class Counter implements AsyncIterableIterator<number> {
  asked = 0;
  returned = 0;
  next(): Promise<IteratorResult<number>> {
    return Promise.resolve({ done: false, value: this.asked++ });
  }
  return(): Promise<IteratorResult<number>> {
    this.returned++;
    return Promise.resolve({ done: true, value: undefined });
  }
  [Symbol.asyncIterator](): this {
    return this;
  }
}

async function* list<Item>(...items: Item[]): AsyncGenerator<Item> {
  for (const item of items) yield await item;
}

async function collect(items: unknown, most = Infinity): Promise<unknown[]> {
  const collected: unknown[] = [];
  if (most === 0) return collected;
  for await (const item of items as AsyncIterable<unknown>) {
    if (collected.push(item) === most) break;
  }
  return collected;
}

describe("a stream", () => {
  it("arrives as one, in an argument and in a result", async () => {
    using pair = connect({}, { methods: [(args) => collect(args), (args) => ({ deep: [list(args, [1, 2], "é")] })] });
    assertEquals(await pair.host.call(0, list<unknown>(1, { a: 2 }, new Map())), [1, { a: 2 }, new Map()]);
    const { deep } = await pair.host.call(1, "in") as { deep: AsyncIterable<unknown>[] };
    assertEquals(await collect(deep[0]), ["in", [1, 2], "é"]);
  });

  it("can be a ReadableStream, and of bytes", async () => {
    const bytes = new Uint8Array(200_000).fill(7);
    using pair = connect({}, { methods: [() => new Blob([bytes]).stream()] });
    const chunks = await collect(await pair.host.call(0, null)) as Uint8Array[];
    assertEquals(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).bytes(), bytes);
  });

  it("can be long, with items of all sizes, and several at the same time", async () => {
    using pair = connect({}, { methods: [(length) => counting(length as number)] });
    async function* counting(length: number): AsyncGenerator<string> {
      for (let index = 0; index < length; index++) yield `${index}`.padEnd(index % 7 === 0 ? 40_000 : 1);
    }
    const streams = await Promise.all([700, 300].map((length) => pair.host.call(0, length)));
    const [longer, shorter] = await Promise.all(streams.map((stream) => collect(stream)));
    assertEquals(longer!.map(Number), Array.from({ length: 700 }, (_, index) => index));
    assertEquals(shorter!.map(Number), Array.from({ length: 300 }, (_, index) => index));
  });

  it("goes on with items of all kinds: both sides count what is in its window alike", async () => {
    class Point {
      x = 1;
      y = "2";
    }
    const shared = {};
    const items: Record<string, unknown> = {
      "an object of a class": new Point(),
      "objects and references to them": [shared, [shared, {}], { a: null, b: undefined }],
      "numbers and texts": [1, -1, 0.5, 7n, "", "é", "\ud800", "x".repeat(100)],
      "maps and sets": new Map<unknown, unknown>([[1, new Set([2, 3])]]),
      "errors": new AggregateError([new Error("a", { cause: "b" }), Object.assign(new Error(), { name: "Own" })]),
      "bytes": [new Uint8Array(3), new ArrayBuffer(3), new DataView(new ArrayBuffer(3))],
      "others": [new Date(0), /a+/giu, new URL("https://example.org/")],
    };
    const limits = { streamBytes: 3000 };
    for (const [kind, item] of Object.entries(items)) {
      using pair = connect({ limits }, { limits, methods: [() => list(...new Array(100).fill(item))] });
      assertEquals((await collect(await pair.host.call(0, null))).length, 100, kind);
    }
  });

  it("takes an item that is larger than its window", async () => {
    using pair = connect({ limits: { streamBytes: 1000 } }, { methods: [() => list("a", "x".repeat(9000), "b")] });
    assertEquals(await collect(await pair.host.call(0, null)), ["a", "x".repeat(9000), "b"]);
  });

  it("waits when the other side has enough to work on", async () => {
    const limits = { bytesAtWork: 42_000, messageBytes: 17_000, streams: 2, streamBytes: 25_000 };
    using pair = connect({ limits }, {
      methods: [() => [1, 2].map(() => list(...Array.from({ length: 9 }, (_, index) => `${index}`.repeat(12_000))))],
    });
    const streams = await pair.host.call(0, null) as AsyncIterable<string>[];
    const both = await Promise.all(streams.map(async (stream) => {
      const items: string[] = [];
      for await (const item of stream) {
        // Both windows together are more than the other side takes.
        await pass(items.length === 0 ? 9 : 1);
        items.push(item[0]!);
      }
      return items.join("");
    }));
    assertEquals(both, ["012345678", "012345678"]);
    assertEquals(pair.closedBy(), undefined);
  });

  it("ends with what its source throws", async () => {
    using pair = connect({}, {
      methods: [async function* () {
        yield 1;
        throw new RangeError("Broken");
      }],
    });
    const seen: unknown[] = [];
    const stream = await pair.host.call(0, null) as AsyncIterable<unknown>;
    const error = await rejection((async () => {
      for await (const item of stream) seen.push(item);
    })());
    assertInstanceOf(error, RangeError);
    assertEquals([error.message, seen], ["Broken", [1]] as unknown[]);
  });

  it("ends with an error for an item that cannot be sent, and its source is ended", async () => {
    const source = { ...new Counter(), returned: 0, next: () => Promise.resolve({ done: false, value: { f() {} } }) };
    const items = {
      [Symbol.asyncIterator]: () => ({
        next: source.next,
        return: () => {
          source.returned++;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    using pair = connect({}, { methods: [() => items] });
    const error = await rejection(collect(await pair.host.call(0, null)));
    assertStringIncludes(error.message, 'Cannot send "item.f", which is a function');
    assertEquals(source.returned, 1);
  });
});

describe("back-pressure", () => {
  it("asks nothing of a source before the stream is read, then no more than the window", async () => {
    const counter = new Counter();
    using pair = connect({ limits: { streamItems: 4 } }, { methods: [() => counter] });
    const stream = await pair.host.call(0, null) as AsyncIterable<number>;
    await pass(5);
    assertEquals(counter.asked, 0);
    const items = stream[Symbol.asyncIterator]();
    assertEquals(await items.next(), { done: false, value: 0 });
    await pass(5);
    assert(counter.asked <= 5, `${counter.asked} were asked for`);
    for (let index = 1; index < 100; index++) assertEquals((await items.next()).value, index);
    await pass(5);
    assert(counter.asked <= 104, `${counter.asked} were asked for`);
  });

  it("counts bytes as well as items", async () => {
    let asked = 0;
    const source = async function* () {
      while (true) {
        asked++;
        yield "x".repeat(1000);
      }
    };
    using pair = connect({ limits: { streamBytes: 3000 } }, { methods: [source] });
    const stream = await pair.host.call(0, null) as AsyncIterable<string>;
    await stream[Symbol.asyncIterator]().next();
    await pass(5);
    assert(asked <= 6, `${asked} were asked for`);
  });

  it("holds in the other direction too", async () => {
    const counter = new Counter();
    using pair = connect({}, {
      limits: { streamItems: 4 },
      methods: [async (args) => {
        const items = (args as AsyncIterable<number>)[Symbol.asyncIterator]();
        await items.next();
        await pass(5);
        return counter.asked;
      }],
    });
    const asked = await pair.host.call(0, counter) as number;
    assert(asked <= 5, `${asked} were asked for`);
  });
});

describe("a reader that leaves", () => {
  for (const direction of ["result", "argument"]) {
    it(`ends the source of a stream in a ${direction}`, async () => {
      const counter = new Counter();
      using pair = connect({}, { methods: [() => counter, (args) => collect(args, 3)] });
      const items = direction === "result"
        ? await collect(await pair.host.call(0, null), 3)
        : await pair.host.call(1, counter);
      assertEquals(items, [0, 1, 2]);
      await pass(5);
      assertEquals(counter.returned, 1);
      const { asked } = counter;
      await pass(5);
      assertEquals(counter.asked, asked);
    });
  }

  it("without having read ends the source as well", async () => {
    const counter = new Counter();
    using pair = connect({}, { methods: [() => counter] });
    const items = (await pair.host.call(0, null) as AsyncIterable<number>)[Symbol.asyncIterator]();
    await items.return!();
    assertEquals(await items.next(), { done: true, value: undefined });
    await pass(3);
    assertEquals([counter.asked, counter.returned], [0, 1]);
  });

  it("leaves the room to others that what it did not read took", async () => {
    const limits = { bytesAtWork: 50_000, messageBytes: 20_000, streams: 2, streamBytes: 25_000 };
    using pair = connect({ limits }, {
      methods: [async function* () {
        while (true) yield "x".repeat(10_000);
      }],
    });
    for (let round = 0; round < 5; round++) {
      const stream = await pair.host.call(0, null) as AsyncIterable<string>;
      for await (const _ of stream) {
        await pass(5);
        break;
      }
      await pass(3);
    }
    assertEquals(await pair.child.call(0, "y".repeat(15_000)), "y".repeat(15_000));
  });

  it("is not needed by a stream in a call that could not be sent", async () => {
    using pair = connect({ limits: { streams: 1 } }, { methods: [(args) => collect(args)] });
    for (let round = 0; round < 3; round++) {
      assertEquals((await rejection(pair.host.call(0, [new Counter(), Symbol("no")]))).code, "isolate-value");
    }
    assertEquals(await pair.host.call(0, list(1, 2)), [1, 2]);
  });

  it("leaves a source behind that hangs, and the channel goes on", async () => {
    using pair = connect({}, {
      methods: [() => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }), (args) => args],
    });
    const items = (await pair.host.call(0, null) as AsyncIterable<number>)[Symbol.asyncIterator]();
    const next = items.next();
    await pass(3);
    await items.return!();
    assertEquals(await next, { done: true, value: undefined });
    assertEquals(await pair.host.call(1, "on"), "on");
  });

  it("makes room for another stream", async () => {
    const limits = { streams: 2 };
    using pair = connect({ limits }, { limits, methods: [() => new Counter(), () => list(1)] });
    for (let round = 0; round < 5; round++) {
      await collect(await pair.host.call(0, null), 1);
      await collect(await pair.host.call(1, null));
      await pass(3);
    }
    const open = [await pair.host.call(0, null), await pair.host.call(0, null)];
    assertEquals((await rejection(pair.host.call(0, null))).code, "isolate-limit");
    assertEquals(await collect(open[0], 2), [0, 1]);
  });
});

describe("several reads at the same time", () => {
  it("get items in order, and the end", async () => {
    using pair = connect({}, { methods: [() => list("a", "b")] });
    const items = (await pair.host.call(0, null) as AsyncIterable<string>)[Symbol.asyncIterator]();
    const results = await Promise.all([items.next(), items.next(), items.next(), items.next()]);
    assertEquals(results.map(({ value }) => value), ["a", "b", undefined, undefined]);
    assertEquals(results.map(({ done }) => done), [false, false, true, true]);
  });
});

describe("when the channel ends", () => {
  it("readers get the items that have come and then the error, and sources are ended", async () => {
    const counter = new Counter();
    using pair = connect({}, { methods: [() => counter] });
    const items = (await pair.host.call(0, null) as AsyncIterable<number>)[Symbol.asyncIterator]();
    await items.next();
    await pass(3);
    pair.hostChannel.end();
    pair.childChannel.end();
    assertEquals(await items.next(), { done: false, value: 1 });
    const error = await rejection((async () => {
      while (!(await items.next()).done);
    })());
    assertEquals(error.code, "isolate-crashed");
    assertEquals(await items.next(), { done: true, value: undefined });
    assertEquals(counter.returned, 1);
  });
});
