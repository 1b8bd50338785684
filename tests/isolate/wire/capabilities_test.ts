import { describe, it } from "node:test";
import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { capability } from "../../../src/isolate/wire/mod.ts";
import { connect, face, frame, hello, pass, rejection } from "./peers.ts";

type Services = Record<string, (...args: unknown[]) => Promise<unknown>>;

describe("a capability", () => {
  it("arrives as an async function that runs where it is from", async () => {
    const log: unknown[] = [];
    const services = {
      add: capability((...numbers) => (numbers as number[]).reduce((sum, number) => sum + number, 0)),
      deep: [{ log: capability((line) => void log.push(line)) }],
      fail: capability(() => {
        throw new TypeError("Refused");
      }),
    };
    using pair = connect({}, {
      methods: [async (args) => {
        const { add, deep, fail } = args as Services & { deep: Services[] };
        await deep[0]!["log"]!({ line: 1 });
        const refused = await rejection(fail!());
        return [await add!(1, 2, 3), await add!(), refused];
      }],
    });
    const [sum, zero, refused] = await pair.host.call(0, services) as unknown[];
    assertEquals([sum, zero, log], [6, 0, [{ line: 1 }]]);
    assertInstanceOf(refused, TypeError);
  });

  it("is one function where it is twice in a message", async () => {
    const twice = capability(() => 1);
    using pair = connect({}, {
      methods: [(args) => {
        const [first, second] = args as unknown[];
        return first === second;
      }],
    });
    assertEquals(await pair.host.call(0, [twice, twice]), true);
  });

  it("can be kept and called later", async () => {
    let kept: Services["call"] | undefined;
    using pair = connect({}, { methods: [(args) => void (kept = args as Services["call"])] });
    await pair.host.call(0, capability((name) => `Hello, ${name}`));
    assertEquals(await kept!("Ada"), "Hello, Ada");
  });

  it("that is released cannot be called any more", async () => {
    let calls = 0;
    const counted = capability(() => ++calls);
    using pair = connect({}, {
      methods: [(args) => void (kept = args as Services["call"]), (args) => args instanceof Function],
    });
    let kept: Services["call"] | undefined;
    await pair.host.call(0, counted);
    assertEquals(await kept!(), 1);
    counted.release();
    const error = await rejection(kept!());
    assertEquals([error.name, error.code, calls], ["PlugmapError", "permission-denied", 1]);
    // It can still be sent, as something that cannot be called.
    await pair.host.call(0, counted);
    assertEquals((await rejection(kept!())).code, "permission-denied");
    assertEquals(calls, 1);
  });

  it("that is released while its call is on the way is not run", async () => {
    let calls = 0;
    const released = capability(() => ++calls);
    using pair = connect({}, {
      methods: [(args) => {
        const result = rejection((args as Services["call"])!());
        released.release();
        return result;
      }],
    });
    const error = await pair.host.call(0, released) as { code: unknown };
    assertEquals([error.code, calls], ["permission-denied", 0]);
  });

  it("is of one channel: another one's numbers reach nothing of it", async () => {
    let calls = 0;
    const first = face();
    const second = face();
    await Promise.all([first.send(hello), second.send(hello)]);
    const results = [rejection(first.peer.call(0, capability(() => ++calls)))];
    await second.send(frame(2, 0, 0, 0, 0x0b, 0));
    assertEquals(second.closedBy()?.code, "isolate-protocol");
    await first.send(frame(2, 0, 0, 0, 0x0b, 0));
    assertEquals([first.closedBy(), calls], [undefined, 1]);
    await first.send(frame(2, 1, 1, 0, 0x0b, 0));
    assertEquals(first.closedBy()?.code, "isolate-protocol");
    await Promise.all(results);
  });

  it("is not given away by a call that could not be sent", async () => {
    let calls = 0;
    const { peer, send, closedBy } = face();
    await send(hello);
    await rejection(peer.call(0, [capability(() => ++calls), Symbol("no")]));
    await send(frame(2, 0, 0, 0, 0x0b, 0));
    assertEquals([calls, closedBy()?.code], [0, "isolate-protocol"]);
  });

  it("from the side that may send none closes the channel", async () => {
    using pair = connect();
    const result = rejection(pair.child.call(0, capability(() => 1)));
    await pass(5);
    assertEquals(pair.closedBy()?.code, "isolate-protocol");
    await result;
  });

  it("rejects when the channel has ended", async () => {
    let kept: Services["call"] | undefined;
    using pair = connect({}, { methods: [(args) => void (kept = args as Services["call"])] });
    await pair.host.call(0, capability(() => 1));
    pair.childChannel.end();
    assertEquals((await rejection(kept!())).code, "isolate-crashed");
  });

  it("passes the receiver nothing of the host but what its function returns", async () => {
    const secret = { token: "secret" };
    const holder = {
      secret,
      ask: capability(function (this: unknown) {
        return this === undefined;
      }),
    };
    using pair = connect({}, { methods: [(args) => (args as Services)["ask"]!()] });
    assertStrictEquals(await pair.host.call(0, { ask: holder.ask }), true);
  });
});
