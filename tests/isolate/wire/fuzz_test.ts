import { test } from "node:test";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import type { PlugmapError } from "../../../src/errors.ts";
import { type ByteReceiver, capability, Peer } from "../../../src/isolate/wire/mod.ts";
import { concat } from "./memory_channel.ts";
import { connect, frame, hello, pass } from "./peers.ts";

/** The same cases in each run; change it to look for others. */
const seed = 20_260_417;

const names = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", "constructor", "toString", "then", "\ud800", "x".repeat(63), "é".repeat(40)),
);
const values = fc.anything({
  key: names,
  maxDepth: 4,
  maxKeys: 6,
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  values: [fc.integer(), fc.double(), fc.bigInt(), fc.boolean(), names, fc.constantFrom(null, undefined, -0, NaN)],
});

test("arbitrary values arrive as they were sent, in whatever pieces", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(values, { maxLength: 20 }), fc.integer({ min: 1, max: 5000 }), async (sent, pieces) => {
      using pair = connect({}, {}, { pieces });
      assertEquals(await pair.host.call(0, sent), sent);
    }),
    { seed, numRuns: 150 },
  );
});

test("arbitrary graphs keep which object is which", async () => {
  const edges = fc.array(fc.tuple(fc.nat(30), fc.nat(30), names), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(edges, async (edges) => {
      const nodes = Array.from({ length: 31 }, (_, id) => Object.fromEntries([["id", id]]) as Record<string, unknown>);
      const setOwn = (node: Record<string, unknown>, name: string, value: unknown) =>
        Object.defineProperty(node, name, { value, enumerable: true, configurable: true, writable: true });
      for (const [from, to, name] of edges) setOwn(nodes[from]!, `to ${name}`, nodes[to]);
      using pair = connect();
      const arrived = await pair.host.call(0, nodes) as typeof nodes;
      for (const [place, node] of nodes.entries()) {
        assertEquals(Object.keys(arrived[place]!), Object.keys(node));
        for (const [name, target] of Object.entries(node)) {
          if (name === "id") continue;
          assertStrictEquals(arrived[place]![name], arrived[nodes.indexOf(target as typeof node)]);
        }
      }
    }),
    { seed, numRuns: 100 },
  );
});

/** A peer that has calls, streams and functions under way with a side that the test plays. */
class Target {
  closedBy: PlugmapError | undefined;
  readonly #peer: Peer;
  readonly #results: Promise<unknown>[] = [];
  #receiver: ByteReceiver | undefined;
  /** Every handler answers with what it got, and reads streams in it. */
  readonly #handle = async (args: unknown): Promise<unknown> => {
    if (typeof args === "object" && args !== null && Symbol.asyncIterator in args) {
      for await (const item of args as AsyncIterable<unknown>) void item;
    }
    return args;
  };

  constructor() {
    this.#peer = new Peer({
      channel: {
        write: () => {},
        start: (receiver) => this.#receiver = receiver,
        pause: () => {},
        resume: () => {},
        close: () => {},
      },
      methods: [(args) => args, this.#handle],
      limits: { messageBytes: 262_144 },
      onClose: (error) => this.closedBy = error,
    });
    begin((method, args) => this.#results.push(this.#peer.call(method, args).then(this.#handle).catch(() => {})));
  }

  /** Feeds bytes in pieces of these lengths, again and again. */
  async receive(chunks: readonly Uint8Array[], lengths: readonly number[]): Promise<void> {
    for (const chunk of chunks) {
      for (let start = 0, step = 0; start < chunk.length; step++) {
        const end = start + lengths[step % lengths.length]!;
        this.#receiver!.onBytes(chunk.slice(start, end));
        start = end;
      }
      // Handlers and readers have their turn.
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
    if (this.closedBy !== undefined) {
      const { code } = this.closedBy;
      assert(code === "isolate-protocol" || code === "isolate-limit", `${this.closedBy.stack}`);
      // What is not our own refusal would be a fault of the decoder that was caught by luck.
      assertEquals(this.closedBy.cause, undefined);
    }
    this.#peer.close();
    await Promise.all(this.#results);
  }
}

/** Calls with some of everything. */
function begin(call: (method: number, args: unknown) => void): void {
  call(0, {
    text: "é",
    list: [1, -1, 0.5, 2n ** 70n],
    date: new Date(0),
    error: new TypeError("x", { cause: { a: 1 } }),
  });
  call(
    1,
    (async function* () {
      for (let item = 0; item < 20; item++) yield { item };
    })(),
  );
  call(2, capability((value) => value));
  call(3, [new Map([[1, new Set(["a"])]]), new Uint16Array(9), /a+/g, new URL("http://localhost/")]);
  call(4, new Uint8Array(70_000));
}

/** What an honest side sends to a {@linkcode Target}, after its hello. */
async function recordHonest(): Promise<readonly Uint8Array[]> {
  const echo = (args: unknown) => args;
  const collect = async (args: unknown) => {
    const items: unknown[] = [];
    for await (const item of args as AsyncIterable<unknown>) items.push(item);
    return items;
  };
  const invoke = async (args: unknown) => [await (args as (value: unknown) => Promise<unknown>)("in")];
  using pair = connect({}, { methods: [echo, collect, invoke, echo, echo] });
  const results: Promise<unknown>[] = [];
  begin((method, args) => results.push(pair.host.call(method, args)));
  results.push(pair.child.call(0, { deep: [[[1]]] }));
  const streamed = pair.child.call(
    0,
    (async function* () {
      yield "one";
      yield "two";
    })(),
  );
  for await (const item of await streamed as AsyncIterable<unknown>) void item;
  await Promise.all(results);
  await pass(3);
  return pair.childChannel.chunks;
}

const lengths = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 });

test("what an honest side sends is accepted, in whatever pieces", async () => {
  const honest = await recordHonest();
  await fc.assert(
    fc.asyncProperty(lengths, async (lengths) => {
      const target = new Target();
      await target.receive(honest, lengths);
      assertEquals(target.closedBy, undefined);
    }),
    { seed, numRuns: 20 },
  );
});

test("bytes of what an honest side sends that are changed break nothing", async () => {
  const honest = await recordHonest();
  // Of its long chunk, a byte array, the beginning is what matters.
  const change = fc.record({
    chunk: fc.nat(honest.length - 1),
    at: fc.nat(200),
    remove: fc.oneof(fc.constant(0), fc.constant(1), fc.nat(40)),
    insert: fc.uint8Array({ maxLength: 6 }),
    copyFrom: fc.option(fc.nat(honest.length - 1)),
    flip: fc.nat(255),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), lengths, async (changes, lengths) => {
      const chunks = [...honest];
      for (const { chunk, at, remove, insert, copyFrom, flip } of changes) {
        const bytes = chunks[chunk]!;
        const start = at % bytes.length;
        const copied = copyFrom === null ? insert : chunks[copyFrom]!.subarray(0, 100);
        const rest = bytes.slice(start + remove);
        if (rest.length > 0 && remove === 0) rest[0]! ^= flip;
        chunks[chunk] = concat([bytes.subarray(0, start), copied, rest]);
      }
      await new Target().receive(chunks, lengths);
    }),
    { seed, numRuns: 600 },
  );
});

test("frames of random bytes break nothing", async () => {
  // Bytes that mean something come more often than others.
  const byte = fc.oneof(fc.nat(255), fc.nat(0x17), fc.constantFrom(0x40, 0x41, 0x80, 0x81));
  const payload = fc.array(byte, { maxLength: 60 });
  const message = fc.tuple(fc.nat(11), fc.nat(3), fc.nat(3), fc.nat(1), payload)
    .map(([kind, first, second, third, payload]) => frame(kind, first, second, third, Uint8Array.from(payload)));
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 8 }), lengths, async (messages, lengths) => {
      await new Target().receive([hello, ...messages], lengths);
    }),
    { seed, numRuns: 3000 },
  );
});

test("random bytes break nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), lengths, async (bytes, greets, lengths) => {
      await new Target().receive(greets ? [hello, bytes] : [bytes], lengths);
    }),
    { seed, numRuns: 1000 },
  );
});

test("values of random bytes break nothing", async () => {
  const tag = fc.oneof(fc.nat(0x18), fc.constantFrom(0x40, 0x41, 0x80, 0x82), fc.nat(255));
  const value = fc.array(tag, { minLength: 1, maxLength: 40 }).map((bytes) =>
    frame(1, 9, 0, 0, Uint8Array.from(bytes))
  );
  await fc.assert(
    fc.asyncProperty(value, async (value) => await new Target().receive([hello, value], [1000])),
    { seed, numRuns: 6000 },
  );
});
