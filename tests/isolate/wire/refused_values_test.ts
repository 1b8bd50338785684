import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { connect, rejection } from "./peers.ts";

/** Why a value cannot be sent. */
async function refusal(args: unknown): Promise<{ code: unknown; message: string; problem: string }> {
  using pair = connect();
  const error = await rejection(pair.host.call(0, args));
  // Nothing of it has arrived, and the channel goes on.
  assertEquals(await pair.host.call(0, "next"), "next");
  return error as Error & { code: unknown; problem: string };
}

function nest(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = { value };
  return value;
}

describe("what cannot be sent rejects the call and names the place", () => {
  const values: [string, unknown, string][] = [
    ["a function", { user: { name: () => 1 } }, 'Cannot send "args.user.name", which is a function'],
    ["a symbol", [0, Symbol("s")], 'Cannot send "args[1]", which is a symbol'],
    ["a promise", { "odd name": Promise.resolve() }, 'Cannot send "args[\\"odd name\\"]", which is of class "Promise"'],
    ["a WeakMap", new Map([["key", new WeakMap()]]), 'Cannot send "args[0]", which is of class "WeakMap"'],
    ["a request", new Request("http://localhost"), 'Cannot send "args", which is of class "Request"'],
    ["a Blob", new Blob(), 'Cannot send "args", which is of class "Blob"'],
    ["a boxed number", Object(1), 'Cannot send "args", which is of class "Number"'],
    ["shared memory", new SharedArrayBuffer(1), 'Cannot send "args", which is of class "SharedArrayBuffer"'],
    ["a view on it", new Uint8Array(new SharedArrayBuffer(1)), 'Cannot send "args", which is a view on memory'],
    ["a cause", new Error("x", { cause: { f() {} } }), 'Cannot send "args.cause.f", which is a function'],
    ["a huge bigint", 1n << 1_100_000n, "which is a bigint of more than a million bits"],
    [
      "a regular expression without end",
      new RegExp("a".repeat(70_000)),
      "which is a regular expression that is too long",
    ],
  ];
  for (const [name, value, problem] of values) {
    it(name, async () => {
      const error = await refusal(value);
      assertEquals(error.code, "isolate-value");
      assertStringIncludes(error.problem, problem);
    });
  }

  it("a getter that throws, and a proxy", async () => {
    const thrower = {
      deep: {
        get broken() {
          throw new TypeError("No");
        },
      },
    };
    const error = await refusal(thrower);
    assertEquals([error.code, error.problem], ["isolate-value", 'Cannot read "args.deep.broken": No']);
    const proxy = new Proxy({}, {
      ownKeys() {
        throw new TypeError("Closed");
      },
    });
    assertEquals((await refusal([proxy])).problem, 'Cannot read "args[0]": Closed');
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    assertEquals((await refusal(revoked)).code, "isolate-value");
  });

  it("a detached buffer", async () => {
    const buffer = new ArrayBuffer(8);
    buffer.transfer();
    assertEquals((await refusal({ buffer })).code, "isolate-value");
  });
});

describe("what is over a cap rejects the call with isolate-limit", () => {
  it("depth", async () => {
    using pair = connect();
    await pair.host.call(0, nest(100));
    assertEquals((await refusal(nest(101))).code, "isolate-limit");
  });

  it("number of values", async () => {
    const limits = { values: 1000 };
    using pair = connect({ limits }, { limits });
    const { host } = pair;
    assertEquals(await host.call(0, new Array(999).fill(1)), new Array(999).fill(1));
    const tooMany = [
      new Array(1000).fill(1),
      new Array(2 ** 31),
      Object.fromEntries(Array.from({ length: 501 }, (_, index) => [index, 1])),
      Array.from({ length: 60 }, () => new Map()),
    ];
    for (const value of tooMany) assertEquals((await rejection(host.call(0, value))).code, "isolate-limit");
  });

  it("size", async () => {
    const limits = { messageBytes: 100_000 };
    using pair = connect({ limits }, { limits });
    const { host } = pair;
    const fits = "x".repeat(99_900);
    assertEquals(await host.call(0, fits), fits);
    const tooLarge = ["x".repeat(100_000), "é".repeat(50_000), new Uint8Array(100_000), [fits, fits]];
    for (const value of tooLarge) assertEquals((await rejection(host.call(0, value))).code, "isolate-limit");
    const two = new Uint8Array(66_000);
    assertEquals((await rejection(host.call(0, [two, two.slice()]))).code, "isolate-limit");
    assertEquals(await host.call(0, 1), 1);
  });
});

describe("an answer that cannot be sent", () => {
  it("becomes an error that names the place", async () => {
    using pair = connect({}, { methods: [() => ({ list: [() => 1] })] });
    const error = await rejection(pair.host.call(0, null));
    assertEquals([error.name, error.code], ["PlugmapError", "isolate-value"]);
    assertStringIncludes(error.message, 'Cannot send "result.list[0]", which is a function');
  });

  it("keeps what an error says when its cause cannot be sent", async () => {
    const broken = Object.assign(new TypeError("Broken", { cause: Symbol("why") }), { code: "E_BROKEN" });
    using pair = connect({}, { methods: [() => Promise.reject(broken)] });
    const error = await rejection(pair.host.call(0, null));
    assertEquals([error.name, error.message, error.code], ["TypeError", "Broken", "E_BROKEN"]);
  });
});
