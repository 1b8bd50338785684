import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { concat } from "./memory_channel.ts";
import { connect, face, frame, hello, pass, varint } from "./peers.ts";

// Threat T17: a plugin that sends more than its host can work on.

describe("a flood of calls", () => {
  it("leaves timers their turn between slices, and loses nothing", async () => {
    const events: string[] = [];
    const { channel, send } = face({
      limits: { turn: 1, callsPerSecond: 2 ** 30 },
      methods: [() => {
        const end = performance.now() + 0.2;
        while (performance.now() < end);
        events.push("call");
      }],
    });
    await send(hello);
    const flood = concat(Array.from({ length: 200 }, (_, id) => frame(1, varint(id), 0, 0, 0x80)));
    const sent = send(flood);
    // Started by the first slice, so it is due long before the last one.
    const tick = setInterval(() => events.push("timer"), 1);
    await sent;
    while (events.filter((event) => event === "call").length < 200) await pass();
    clearInterval(tick);
    const between = events.slice(events.indexOf("call"), events.lastIndexOf("call"));
    assert(between.includes("timer"));
    // Between two slices the other side cannot send more.
    assertEquals(channel.events.slice(0, 1), ["pause"]);
    assertEquals(channel.isPaused, false);
  });

  it("is not read faster than the rate allows, and loses nothing", async () => {
    let calls = 0;
    const { channel, send, closedBy } = face({ limits: { callsPerSecond: 1000 }, methods: [() => void calls++] });
    await send(hello);
    await send(concat(Array.from({ length: 150 }, (_, id) => frame(1, varint(id), 0, 0, 0x80))));
    assertEquals(channel.events[0], "pause");
    while (calls < 150) await pass();
    assertEquals([calls, closedBy()], [150, undefined]);
    await pass(2);
    assertEquals(channel.isPaused, false);
  });

  it("of answers that were asked for is not held back", async () => {
    using pair = connect({ limits: { callsPerSecond: 10 } });
    const numbers = Array.from({ length: 500 }, (_, index) => index);
    assertEquals(await Promise.all(numbers.map((number) => pair.host.call(0, number))), numbers);
    assertEquals(pair.hostChannel.events, []);
  });

  it("that comes although reading is paused waits, in order", async () => {
    const seen: unknown[] = [];
    const { channel, send } = face({ limits: { callsPerSecond: 100 }, methods: [(args) => void seen.push(args)] });
    // What is on its way already may still come.
    channel.pause = () => channel.events.push("pause");
    const calls = Array.from({ length: 20 }, (_, id) => frame(1, id, 0, 0, 0x80 + id));
    await send(hello, ...calls.flatMap((call) => [call.subarray(0, 5), call.subarray(5)]));
    assert(seen.length < 20);
    while (seen.length < 20) await pass();
    assertEquals(seen, Array.from({ length: 20 }, (_, id) => id));
  });
});
