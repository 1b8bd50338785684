import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { concat } from "./memory_channel.ts";
import { face, frame, hello, pass, rejection, varint } from "./peers.ts";

// Threats T7, T11, T17 and T18: the other side sends what no peer of ours does.

/** A call of method 0 with a value. */
function call(...value: (number | string | Uint8Array)[]): Uint8Array {
  return frame(1, 0, 0, 0, ...value);
}

const text = (value: string) => [0x40 + value.length, value];
const float = (value: number) => new Uint8Array(new Float64Array([value]).buffer);

const protocol: Record<string, readonly Uint8Array[]> = {
  "no hello": [call(0x80)],
  "a text instead": [new TextEncoder().encode("Hello, world\n")],
  "a hello of another version": [frame(0, 2, 1, 1, 1)],
  "a hello that is too short": [frame(0, 1, 1)],
  "a hello that is too long": [frame(0, 1, 1, 1, 1, 1)],
  "a second hello": [hello, hello],
  "an empty frame": [hello, frame(), frame(5, 0)],
  "an unknown kind": [hello, frame(12)],
  "an unknown method": [hello, frame(1, 0, 7, 0, 0x80)],
  "a method far off": [hello, frame(1, 0, varint(2 ** 32 - 1), 0, 0x80)],
  "a function that was not offered": [hello, frame(2, 0, 0, 0, 0x0a, 0)],
  "a function that comes in": [hello, call(0x16, 0)],
  "arguments of a function that are none": [hello, frame(2, 0, 0, 0, 0x80)],
  "a call that is made twice": [hello, frame(1, 5, 1, 0, 0x80), frame(1, 5, 1, 0, 0x80)],
  "an answer that nobody waits for": [hello, frame(3, 7, 0x80)],
  "an error that nobody waits for": [hello, frame(4, 7, 0x80)],
  "a cancellation of nothing": [hello, frame(5, 0)],
  "credit for no stream": [hello, frame(6, 0, 1, 1)],
  "an item of no stream": [hello, frame(7, 0, 0x80)],
  "an end of no stream": [hello, frame(8, 0)],
  "a failure of no stream": [hello, frame(9, 0, 0x80)],
  "a stop of no stream": [hello, frame(10, 0)],
  "a stream that is opened twice": [hello, call(0x0b, 2, 0x15, 3, 0x15, 3)],
  "an item without credit": [hello, call(0x15, 3), frame(7, 3, 0x80)],
  "an attachment that is small": [hello, frame(11, 1, 2, 3)],
  "an attachment of a message without value": [
    hello,
    call(0x80),
    frame(11, new Uint8Array(65_536)),
    frame(5, 0),
  ],
  "an attachment that is not used": [hello, frame(11, new Uint8Array(65_536)), call(0x80)],
  "an attachment that is not there": [hello, call(0x12, varint(65_536 * 2 + 1))],
  "an attachment of another length": [
    hello,
    frame(11, new Uint8Array(65_536)),
    call(0x12, varint(65_537 * 2 + 1)),
  ],
  "a call without a value": [hello, call()],
  "a call that is cut": [hello, frame(1, 0)],
  "bytes after the value": [hello, call(0x80, 0x80)],
  "bytes after a message of numbers": [hello, call(0x80), frame(5, 0, 0)],
  "an unknown tag": [hello, call(0x3f)],
  "an end instead of a value": [hello, call(0x17)],
  "a varint with a zero too many": [hello, frame(1, 0x80, 0x00, 0, 0, 0x80)],
  "a varint of 33 bits": [hello, frame(1, 0xff, 0xff, 0xff, 0xff, 0x1f, 0, 0, 0x80)],
  "a varint without end": [hello, frame(1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
  "a text that is not UTF-8": [hello, call(0x42, 0xc3, 0x28)],
  "a text with an overlong form": [hello, call(0x42, 0xc0, 0x80)],
  "a text with a surrogate in UTF-8": [hello, call(0x43, 0xed, 0xa0, 0x80)],
  "a text that announces more": [hello, call(0x08, varint(2 ** 31), "abc")],
  "a text in UTF-16 without need": [hello, call(0x09, 1, 0x41, 0)],
  "an array that announces more": [hello, call(0x0b, varint(2 ** 31), 0x80)],
  "a map that announces more": [hello, call(0x0d, varint(2 ** 31), 0x80, 0x80)],
  "a set that announces more": [hello, call(0x0e, varint(2 ** 31), 0x80)],
  "an object without end": [hello, call(0x0c, ...text("a"), 0x80)],
  "a name that is no text": [hello, call(0x0c, 0x80, 0x80, 0x17)],
  "a buffer that announces more": [hello, call(0x12, varint(2 ** 31), 1)],
  "a view of an unknown kind": [hello, call(0x13, 13, 0)],
  "a view that ends within an element": [hello, call(0x13, 9, 6, 1, 2, 3)],
  "a reference to nothing": [hello, call(0x0a, 0)],
  "a reference to what comes later": [hello, call(0x0b, 2, 0x0a, 1, 0x0b, 0)],
  "an error of an unknown kind": [hello, call(0x11, 8, 0, 0x40)],
  "an error with unknown fields": [hello, call(0x11, 0, 32, 0x40)],
  "an error whose name is no text": [hello, call(0x11, 0, 1, 0x40, 0x80)],
  "a regular expression that is none": [hello, call(0x10, ...text("("), 0x40)],
  "flags that are none": [hello, call(0x10, ...text("a"), ...text("gg"))],
  "a URL that is none": [hello, call(0x14, ...text("::"))],
  "a bigint with other digits": [hello, call(0x06, 2, "0x")],
  "a bigint with a zero in front": [hello, call(0x06, 2, "01")],
  "a bigint without digits": [hello, call(0x06, 0)],
  "a negative zero bigint": [hello, call(0x07, 1, "0")],
};

const limit: Record<string, readonly Uint8Array[]> = {
  "a frame of 4 GiB": [hello, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1)],
  "a frame just over the cap": [hello, Uint8Array.of(1, 0, 0, 4, 1)],
  "attachments that are too much together": [
    hello,
    ...Array.from({ length: 1023 }, () => frame(11, new Uint8Array(65_536))),
    Uint8Array.of(0, 0, 1, 0, 11),
  ],
  "a value that is too deep": [hello, call(...new Array(200).fill([0x0b, 1]).flat(), 0x80)],
  "maps that are too deep": [hello, call(...new Array(200).fill([0x0d, 1, 0x80]).flat(), 0x80)],
  "errors that are too deep": [hello, call(...new Array(200).fill([0x11, 0, 8, 0x40]).flat(), 0x80)],
  "too many values": [hello, call(0x0b, varint(1_000_001), new Uint8Array(1_000_001))],
  "too many heavy values": [
    hello,
    call(0x0b, varint(70_000), new Uint8Array(140_000).map((_, at) => at % 2 ? 0 : 0x0e)),
  ],
  "a bigint that is too long": [hello, call(0x06, varint(300_000), "1".repeat(300_000))],
  "a regular expression that is too long": [hello, call(0x10, 0x08, varint(5_000), "a".repeat(5_000), 0x40)],
  "regular expressions that take long together": [
    hello,
    call(
      0x0b,
      varint(300),
      ...Array.from({ length: 300 }, () => [0x10, 0x08, ...varint(4000), "a".repeat(4000), 0x40])
        .flat(),
    ),
  ],
  "too many streams": [
    hello,
    call(0x0b, varint(300), ...Array.from({ length: 300 }, (_, id) => [0x15, ...varint(id)]).flat()),
  ],
};

for (const [code, messages] of [["isolate-protocol", protocol], ["isolate-limit", limit]] as const) {
  describe(`${code} closes the channel`, () => {
    for (const [name, bytes] of Object.entries(messages)) {
      it(name, async () => {
        const { peer, channel, send, closedBy } = face({ methods: [() => {}, () => new Promise(() => {})] });
        const pending = rejection(peer.call(0, "waits"));
        await send(...bytes);
        assertEquals(closedBy()?.code, code);
        assert(channel.isClosed);
        // Who waits learns of it, and so does who comes later.
        assertEquals(await pending, closedBy());
        assertEquals(await rejection(peer.call(0, 1)), closedBy());
        assertEquals(peer.pending, 0);
      });
    }
  });
}

it("isolate-limit: a message that takes long to read closes the channel", async () => {
  const { send, closedBy } = face({ limits: { decoding: 1 } });
  // V8 hashes only the lowest 64 bits of a bigint. For other engines these are just many values.
  const members = Array.from({ length: 40_000 }, (_, at) => {
    const digits = `${(at + 1).toString(16)}${"0".repeat(16)}`;
    return concat([Uint8Array.of(0x06, digits.length), new TextEncoder().encode(digits)]);
  });
  await send(hello, call(0x0e, varint(members.length), concat(members)));
  assertStringIncludes(closedBy()!.message, "takes more than 1 ms to read");
});

describe("after the first violation", () => {
  it("nothing more is taken", async () => {
    const handled: unknown[] = [];
    const { send } = face({ methods: [(args) => void handled.push(args)] });
    await send(hello, call(0x81), frame(3, 0, 0x80), call(0x82));
    await send(call(0x83));
    assertEquals(handled, [1]);
  });

  it("handlers at work are told, and their answers go nowhere", async () => {
    let signal: AbortSignal | undefined;
    const { promise, resolve } = Promise.withResolvers();
    const { channel, send, closedBy } = face({
      methods: [(_, work) => {
        signal = work.signal;
        return promise;
      }],
    });
    await send(hello, call(0x80));
    const before = channel.writes.length;
    await send(frame(12));
    assertEquals(signal?.reason, closedBy());
    let reads = 0;
    resolve({
      get late() {
        return ++reads;
      },
    });
    await pass();
    assertEquals([channel.writes.length, reads], [before, 0]);
  });
});

describe("answers", () => {
  it("to a call that was answered are a violation", async () => {
    const { peer, send, closedBy } = face();
    await send(hello);
    const result = peer.call(0, null);
    await send(frame(3, 0, ...text("first")));
    assertEquals(await result, "first");
    await send(frame(3, 0, ...text("again")));
    assertStringIncludes(closedBy()!.message, "An answer is for call 0, which waits for none");
  });

  it("to a call that was not sent yet are a violation", async () => {
    const { peer, send, closedBy } = face();
    await send(frame(0, 1, 1, varint(2 ** 20), 1));
    const calls = [peer.call(0, 1), peer.call(0, 2)].map(rejection);
    await send(frame(3, 1, 0x80));
    assertEquals(closedBy()?.code, "isolate-protocol");
    await Promise.all(calls);
  });

  it("to a call that was given up are dropped, once", async () => {
    const { peer, send, closedBy } = face();
    await send(hello);
    const controller = new AbortController();
    const result = rejection(peer.call(0, null, { signal: controller.signal }));
    await pass();
    controller.abort(new Error("enough"));
    assertEquals((await result).message, "enough");
    assertEquals(peer.pending, 0);
    await send(frame(3, 0, 0x80));
    assertEquals(closedBy(), undefined);
    await send(frame(3, 0, 0x80));
    assertEquals(closedBy()?.code, "isolate-protocol");
  });
});

describe("streams", () => {
  it("may not go beyond their credit", async () => {
    const { peer, send, closedBy } = face({ limits: { streamItems: 2 } });
    await send(hello);
    const result = peer.call(0, null);
    await send(frame(3, 0, 0x15, 0));
    const items = (await result as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    const first = items.next();
    await send(frame(7, 0, 0x81));
    assertEquals(await first, { done: false, value: 1 });
    await send(frame(7, 0, 0x82), frame(7, 0, 0x83));
    assertEquals(closedBy(), undefined);
    await send(frame(7, 0, 0x84));
    assertStringIncludes(closedBy()!.message, "Stream 0 has no credit for an item");
  });

  it("may not send bytes without end either", async () => {
    const { peer, send, closedBy } = face({ limits: { streamBytes: 100 } });
    await send(hello);
    const result = peer.call(0, null);
    await send(frame(3, 0, 0x15, 0));
    void (await result as AsyncIterable<unknown>)[Symbol.asyncIterator]().next().catch(() => {});
    // The first is read at once.
    await send(...Array.from({ length: 3 }, () => frame(7, 0, 0x08, varint(90), "x".repeat(90))));
    assertEquals(closedBy(), undefined);
    await send(frame(7, 0, 0x80));
    assertEquals(closedBy()?.code, "isolate-protocol");
  });

  it("may not fill the memory of this side together", async () => {
    const limits = { bytesAtWork: 20_000, messageBytes: 17_000, streams: 2, streamBytes: 1000 };
    const { peer, send, closedBy } = face({ limits });
    await send(hello);
    const result = peer.call(0, null);
    await send(frame(3, 0, 0x0b, 2, 0x15, 0, 0x15, 1));
    for (const stream of await result as AsyncIterable<unknown>[]) {
      void stream[Symbol.asyncIterator]().next();
    }
    const large = (id: number) => frame(7, id, 0x08, varint(12_000), "x".repeat(12_000));
    // The first item of each is read at once.
    await send(frame(7, 0, 0x80), frame(7, 1, 0x80), large(0));
    assertEquals(closedBy(), undefined);
    await send(large(1));
    assertEquals(closedBy()?.code, "isolate-limit");
  });

  it("that were left give no items any more, although some are on their way", async () => {
    const { peer, send, closedBy } = face();
    await send(hello);
    const result = peer.call(0, null);
    await send(frame(3, 0, 0x15, 0));
    const items = (await result as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    void items.next();
    await items.return!();
    await send(frame(7, 0, 0x81), frame(7, 0, 0x82));
    assertEquals(await items.next(), { done: true, value: undefined });
    await send(frame(8, 0));
    assertEquals(closedBy(), undefined);
  });

  it("end once", async () => {
    for (const second of [frame(8, 0), frame(9, 0, 0x80), frame(7, 0, 0x80)]) {
      const { peer, send, closedBy } = face();
      await send(hello);
      const result = peer.call(0, null);
      await send(frame(3, 0, 0x15, 0));
      void (await result as AsyncIterable<unknown>)[Symbol.asyncIterator]().next();
      await send(frame(7, 0, 0x81), frame(7, 0, 0x82), frame(8, 0));
      assertEquals(closedBy(), undefined);
      await send(second);
      assertEquals(closedBy()?.code, "isolate-protocol");
    }
  });

  it("take no more credit than fits", async () => {
    const { send, closedBy } = face({ methods: [async function* () {}] });
    await send(hello, call(0x80));
    const most = varint(2 ** 31);
    await send(frame(6, 0, most, most), frame(6, 0, most, most));
    assertEquals(closedBy()?.code, "isolate-protocol");
  });
});

describe("calls", () => {
  it("beyond the number that is worked on close the channel", async () => {
    const { send, closedBy } = face({ limits: { callsAtWork: 3 }, methods: [() => new Promise(() => {})] });
    await send(hello, ...[0, 1, 2].map((id) => frame(1, id, 0, 0, 0x80)));
    assertEquals(closedBy(), undefined);
    await send(frame(1, 3, 0, 0, 0x80));
    assertEquals(closedBy()?.code, "isolate-limit");
  });

  it("count as long as their answer waits for room", async () => {
    const limits = { callsAtWork: 3, queuedBytes: 1 };
    const { channel, send, closedBy } = face({ limits, methods: [() => "answer"] });
    channel.fill();
    await send(hello, ...[0, 1, 2].map((id) => frame(1, id, 0, 0, 0x80)));
    assertEquals(closedBy(), undefined);
    await send(frame(1, 3, 0, 0, 0x80));
    assertEquals(closedBy()?.code, "isolate-limit");
  });

  it("beyond the bytes that are worked on close the channel", async () => {
    const limits = { bytesAtWork: 20_000, messageBytes: 17_000, streams: 1, streamBytes: 1000 };
    const { send, closedBy } = face({ limits, methods: [() => new Promise(() => {})] });
    const large = (id: number) => frame(1, id, 0, 0, 0x08, varint(12_000), "x".repeat(12_000));
    await send(hello, large(0));
    assertEquals(closedBy(), undefined);
    await send(large(1));
    assertEquals(closedBy()?.code, "isolate-limit");
  });

  it("with many small values close the channel before they fill the memory", async () => {
    const limits = { messageBytes: 16_384, bytesAtWork: 20_000, streams: 1, streamBytes: 1000 };
    const { send, closedBy } = face({ limits, methods: [() => new Promise(() => {})] });
    const objects = new Array(200).fill([0x0c, 0x17]).flat();
    await send(hello, frame(1, 0, 0, 0, 0x0b, varint(200), ...objects));
    assertEquals(closedBy(), undefined);
    await send(frame(1, 1, 0, 0, 0x0b, varint(200), ...objects));
    assertEquals(closedBy()?.code, "isolate-limit");
  });
});

describe("prototypes", () => {
  it("are those of this side, whatever names come", async () => {
    const received: Record<string, unknown>[] = [];
    const { send } = face({ methods: [(args) => void received.push(args as Record<string, unknown>)] });
    const polluting = [0x0c, ...text("polluted"), 0x03, 0x17];
    await send(hello, call(0x0c, ...text("__proto__"), ...polluting, ...text("constructor"), ...polluting, 0x17));
    assertEquals(Object.keys(received[0]!), ["__proto__", "constructor"]);
    assertEquals(Object.getPrototypeOf(received[0]), Object.prototype);
    assertEquals(received[0]!["polluted"], undefined);
    assertEquals(({} as { polluted?: unknown }).polluted, undefined);
  });

  it("that are frozen change nothing", async () => {
    // What a host does that hardens its realm; here only one name of it.
    const { toString } = Object.prototype;
    Object.defineProperty(Object.prototype, "toString", { writable: false });
    try {
      const received: Record<string, unknown>[] = [];
      const { send } = face({ methods: [(args) => void received.push(args as Record<string, unknown>)] });
      await send(hello, call(0x0c, ...text("toString"), 0x81, 0x17));
      assertEquals(received[0]!["toString"], 1);
    } finally {
      Object.defineProperty(Object.prototype, "toString", { writable: true });
      assertEquals(Object.prototype.toString, toString);
    }
  });

  it("make no promise of an object that has a `then`", async () => {
    const { peer, send } = face();
    await send(hello);
    const result = peer.call(0, null);
    await send(frame(3, 0, 0x0c, ...text("then"), 0x05, float(1), 0x17));
    assertEquals(await result, { then: 1 });
  });
});
