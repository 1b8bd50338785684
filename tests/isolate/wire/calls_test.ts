import { describe, it } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { PlugmapError } from "../../../src/errors.ts";
import { type IncomingCall, Peer } from "../../../src/isolate/wire/mod.ts";
import { concat, MemoryChannel } from "./memory_channel.ts";
import { connect, pass, rejection } from "./peers.ts";

const never = () => new Promise(() => {});

describe("a call", () => {
  it("answers what the method returns, at once or later", async () => {
    using pair = connect({}, { methods: [(args) => args, async (args) => [await args], () => {}] });
    assertEquals(await Promise.all([0, 1, 2].map((method) => pair.host.call(method, "in"))), ["in", ["in"], undefined]);
  });

  it("goes both ways at the same time", async () => {
    using pair = connect(
      { methods: [(args) => `host ${args}`] },
      { methods: [async (args) => `child of ${await pair.child.call(0, args)}`] },
    );
    assertEquals(await pair.host.call(0, "x"), "child of host x");
  });

  it("rejects with what the method throws, or what it rejects with", async () => {
    using pair = connect({}, {
      methods: [
        () => {
          throw new RangeError("Too far");
        },
        () => Promise.reject("a text"),
        () => Promise.reject(undefined),
      ],
    });
    const error = await rejection(pair.host.call(0, null));
    assertInstanceOf(error, RangeError);
    assertEquals(error.message, "Too far");
    assertEquals(await rejection(pair.host.call(1, null)), "a text" as unknown as Error);
    assertEquals(await rejection(pair.host.call(2, null)), undefined as unknown as Error);
  });

  it("can be answered after those that were made later", async () => {
    const first = Promise.withResolvers();
    using pair = connect({}, { methods: [() => first.promise, () => "second"] });
    const order: unknown[] = [];
    const calls = [0, 1].map((method) => pair.host.call(method, null).then((value) => order.push(value)));
    await calls[1];
    first.resolve("first");
    await calls[0];
    assertEquals(order, ["second", "first"]);
  });

  it("is sent before the other side has said hello if it is the only one", async () => {
    const channel = new MemoryChannel();
    channel.other = new MemoryChannel();
    const peer = new Peer({ channel, methods: [] });
    const results = ["first", "second"].map((text) => rejection(peer.call(0, text)));
    await pass(2);
    const sent = new TextDecoder().decode(concat(channel.chunks));
    assert(sent.includes("first") && !sent.includes("second"));
    peer.close();
    for (const result of results) assertEquals((await result).code, "isolate-crashed");
  });
});

describe("calls of one tick", () => {
  it("go out in one write, and so do their answers", async () => {
    using pair = connect();
    await pair.host.call(0, "warm");
    const writes = [pair.hostChannel.writes.length, pair.childChannel.writes.length];
    await Promise.all(Array.from({ length: 100 }, (_, index) => pair.host.call(0, { index })));
    assertEquals([pair.hostChannel.writes.length, pair.childChannel.writes.length], writes.map((count) => count + 1));
    assertEquals(pair.hostChannel.writes.at(-1), 1);
  });

  it("keep their order with large byte arrays between them", async () => {
    const order: unknown[] = [];
    using pair = connect({}, { methods: [(args) => void order.push(args instanceof Uint8Array ? args[0] : args)] });
    const large = new Uint8Array(100_000).fill(2);
    await Promise.all([1, large, 3].map((args) => pair.host.call(0, args)));
    assertEquals(order, [1, 2, 3]);
  });

  it("wait while the channel is full, and go out in order", async () => {
    const order: unknown[] = [];
    using pair = connect({}, { methods: [(args) => void order.push(args instanceof Uint8Array ? args[0] : args)] });
    await pair.host.call(0, 0);
    pair.hostChannel.fill();
    const calls = [pair.host.call(0, 1)];
    await pass();
    const writes = pair.hostChannel.writes.length;
    const large = new Uint8Array(100_000).fill(2);
    calls.push(pair.host.call(0, large), pair.host.call(0, 3));
    // They wait, so they are as they were when the call was made.
    large.fill(9);
    await pass(2);
    assertEquals(pair.hostChannel.writes.length, writes);
    pair.hostChannel.drain();
    await Promise.all(calls);
    assertEquals(order, [0, 1, 2, 3]);
  });
});

describe("too many calls", () => {
  it("for the queue reject with isolate-limit, and the channel goes on", async () => {
    using pair = connect({ limits: { pendingCalls: 2 } }, { methods: [never, (args) => args] });
    const waiting = [pair.host.call(0, 1), pair.host.call(0, 2)].map(rejection);
    assertEquals((await rejection(pair.host.call(0, 3))).code, "isolate-limit");
    assertEquals(pair.host.pending, 2);
    pair.host.close();
    await Promise.all(waiting);
  });

  it("for the channel reject with isolate-limit until it has drained", async () => {
    using pair = connect({ limits: { queuedBytes: 1000 } });
    await pair.host.call(0, "warm");
    pair.hostChannel.fill();
    const first = pair.host.call(0, "x".repeat(2000));
    await pass();
    assertEquals((await rejection(pair.host.call(0, 1))).code, "isolate-limit");
    pair.hostChannel.drain();
    assertEquals(await first, "x".repeat(2000));
    assertEquals(await pair.host.call(0, 1), 1);
  });

  it("for the other side wait here, and none is lost", async () => {
    let atWork = 0;
    let most = 0;
    using pair = connect({}, {
      // One of them is left for an urgent call.
      limits: { callsAtWork: 4 },
      methods: [async (args) => {
        most = Math.max(most, ++atWork);
        await pass();
        atWork--;
        return args;
      }],
    });
    const numbers = Array.from({ length: 150 }, (_, index) => index);
    const args = numbers.map((number) =>
      number % 10 === 0 ? new Uint8Array(70_000).fill(number) : `${number}`.repeat(900)
    );
    assertEquals(await Promise.all(args.map((args) => pair.host.call(0, args))), args);
    assertEquals(most, 3);
  });

  it("do not keep an urgent one back", async () => {
    const held = Promise.withResolvers<string>();
    using pair = connect({ limits: { pendingCalls: 6 } }, {
      limits: { callsAtWork: 3 },
      methods: [() => held.promise, () => "alive"],
    });
    assertEquals(await pair.host.call(1, null), "alive");
    const calls = Promise.all(Array.from({ length: 6 }, () => pair.host.call(0, null)));
    assertEquals((await rejection(pair.host.call(1, null))).code, "isolate-limit");
    assertEquals(await pair.host.call(1, null, { urgent: true }), "alive");
    assertEquals(await pair.host.call(1, null, { urgent: true }), "alive");
    held.resolve("held");
    assertEquals(await calls, Array(6).fill("held"));
  });

  it("for the memory of the other side wait as well", async () => {
    const limits = { bytesAtWork: 20_000, messageBytes: 17_000, streams: 1, streamBytes: 1000 };
    using pair = connect({}, { limits, methods: [async (args) => (await pass(), args)] });
    const texts = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(8000));
    assertEquals(await Promise.all(texts.map((text) => pair.host.call(0, text))), texts);
  });
});

describe("a signal", () => {
  it("rejects the call with its reason, and is aborted on the other side", async () => {
    let work: IncomingCall | undefined;
    using pair = connect({}, {
      methods: [(_, call) => {
        work = call;
        return never();
      }],
    });
    const controller = new AbortController();
    const result = rejection(pair.host.call(0, null, { signal: controller.signal }));
    await pass(3);
    assertEquals([work!.signal.aborted, work!.timeLeft], [false, undefined]);
    const reason = new Error("Not needed");
    controller.abort(reason);
    assertStrictEquals(await result, reason);
    await pass(2);
    assertEquals(work!.signal.aborted, true);
  });

  it("is aborted as well for a handler that looks at it late", async () => {
    let work: IncomingCall | undefined;
    using pair = connect({}, { methods: [(_, call) => (work = call, never())] });
    const controller = new AbortController();
    const result = rejection(pair.host.call(0, null, { signal: controller.signal }));
    await pass(3);
    controller.abort();
    await result;
    await pass(2);
    assertEquals(work!.signal.aborted, true);
  });

  it("that is aborted already sends nothing", async () => {
    const handled: unknown[] = [];
    using pair = connect({}, { methods: [(args) => void handled.push(args)] });
    const reason = new Error("Before");
    assertStrictEquals(await rejection(pair.host.call(0, 1, { signal: AbortSignal.abort(reason) })), reason);
    await pass(3);
    assertEquals(handled, []);
  });

  it("takes a call back that waits for its turn", async () => {
    const handled: unknown[] = [];
    const { promise, resolve } = Promise.withResolvers();
    using pair = connect({}, {
      limits: { callsAtWork: 1 },
      methods: [(args) => {
        handled.push(args);
        return promise;
      }],
    });
    const first = pair.host.call(0, "first");
    const controller = new AbortController();
    const second = rejection(pair.host.call(0, "second", { signal: controller.signal }));
    const third = pair.host.call(0, "third");
    await pass(3);
    controller.abort();
    await second;
    resolve("done");
    assertEquals(await Promise.all([first, third]), ["done", "done"]);
    assertEquals(handled, ["first", "third"]);
  });

  it("that takes calls back leaves room for others", async () => {
    const limits = { streams: 1, queuedBytes: 5000 };
    const { promise, resolve } = Promise.withResolvers();
    using pair = connect({ limits }, { limits: { callsAtWork: 1 }, methods: [() => promise] });
    const first = pair.host.call(0, "first");
    for (let round = 0; round < 5; round++) {
      const controller = new AbortController();
      const stream = (async function* () {})();
      const call = rejection(pair.host.call(0, ["x".repeat(4000), stream], { signal: controller.signal }));
      await pass();
      controller.abort("back");
      assertEquals(await call, "back" as unknown as Error);
    }
    const last = pair.host.call(0, "last");
    resolve("done");
    assertEquals(await Promise.all([first, last]), ["done", "done"]);
  });

  it("has no listeners left when the call is over", async () => {
    using pair = connect();
    let listeners = 0;
    const { signal } = new AbortController();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
    await pair.host.call(0, 1, { signal });
    await rejection(pair.host.call(0, () => {}, { signal }));
    assertEquals(listeners, 0);
  });
});

describe("a time limit", () => {
  it("rejects the call with isolate-timeout, and cancels it on the other side", async () => {
    let work: IncomingCall | undefined;
    using pair = connect({}, { methods: [(_, call) => (work = call, never())] });
    const error = await rejection(pair.host.call(0, null, { timeLimit: 40 }));
    assertInstanceOf(error, PlugmapError);
    assertEquals([error.code, pair.host.pending], ["isolate-timeout", 0]);
    await pass(3);
    assertEquals([work!.signal.aborted, work!.timeLeft], [true, 40]);
  });

  it("ends each call for itself, the shorter first", async () => {
    using pair = connect({}, { methods: [never, (args) => args] });
    const order: unknown[] = [];
    const limits = [90, 30, 60];
    const calls = limits.map((timeLimit) =>
      rejection(pair.host.call(0, null, { timeLimit })).then(() => order.push(timeLimit))
    );
    assertEquals(await pair.host.call(1, "quick", { timeLimit: 10_000 }), "quick");
    await Promise.all(calls);
    assertEquals(order, [30, 60, 90]);
  });

  it("counts while a call waits for its turn", async () => {
    using pair = connect({}, { limits: { callsAtWork: 1 }, methods: [never] });
    const first = rejection(pair.host.call(0, 1));
    assertEquals((await rejection(pair.host.call(0, 2, { timeLimit: 20 }))).code, "isolate-timeout");
    pair.host.close();
    await first;
  });

  it("of zero is over in the next turn", async () => {
    using pair = connect({}, { methods: [never] });
    assertEquals((await rejection(pair.host.call(0, 1, { timeLimit: 0 }))).code, "isolate-timeout");
  });
});

describe("when the channel ends", () => {
  it("calls reject with isolate-crashed, before onClose is called, which is once", async () => {
    const events: unknown[] = [];
    using pair = connect({
      onClose: (error) => events.push(["closed", error.code, error.cause, pair.host.pending]),
    }, { methods: [never] });
    const cause = new Error("Killed");
    const calls = [1, 2].map((args) => pair.host.call(0, args).catch((error) => events.push(error.code)));
    await pass(3);
    pair.hostChannel.end(cause);
    pair.hostChannel.end(cause);
    await Promise.all(calls);
    assertEquals(events, [["closed", "isolate-crashed", cause, 0], "isolate-crashed", "isolate-crashed"]);
    assertEquals((await rejection(pair.host.call(0, 3))).code, "isolate-crashed");
  });

  it("handlers at work are told", async () => {
    let work: IncomingCall | undefined;
    using pair = connect({}, { methods: [(_, call) => (work = call, call.signal, never())] });
    const result = rejection(pair.host.call(0, 1));
    await pass(3);
    pair.childChannel.end();
    assertEquals(work!.signal.aborted, true);
    pair.host.close();
    await result;
  });
});

describe("close()", () => {
  it("sends what waits, rejects what is pending, and does not call onClose", async () => {
    const handled: unknown[] = [];
    using pair = connect({}, { methods: [(args) => void handled.push(args)] });
    await pair.host.call(0, "first");
    const error = new PlugmapError("host-closed", "The host is closed");
    const last = rejection(pair.host.call(0, "last"));
    pair.host.close(error);
    assertStrictEquals(await last, error);
    assertStrictEquals(await rejection(pair.host.call(0, "later")), error);
    await pass(3);
    assertEquals(handled, ["first", "last"]);
    assertEquals(pair.closedBy(), undefined);
  });
});

describe("a limit", () => {
  it("that is none is refused", () => {
    for (
      const limits of [{ depth: 0 }, { messageBytes: 100 }, { values: 1.5 }, { turn: -1 }, { streams: Infinity }, {
        bytesAtWork: 1000,
      }]
    ) {
      const error = assertThrows(() => new Peer({ channel: new MemoryChannel(), methods: [], limits }));
      assertEquals((error as PlugmapError).code, "option-invalid");
    }
  });
});
