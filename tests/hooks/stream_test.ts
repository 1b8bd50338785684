import { describe, test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  createHooks,
  type Dispatcher,
  hook,
  type HookSpec,
  type ImplContext,
  PlugmapError,
} from "../../src/hooks/mod.ts";

type Spec = HookSpec<{ at: number }, unknown, "stream", true, false, false>;

function streaming(options: { concurrency?: number; order?: "lifo" | "fifo" } = {}): Dispatcher<{ find: Spec }> {
  return createHooks({ find: hook<{ at: number }, unknown>({ mode: "stream", order: "fifo", ...options }) });
}

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
};

async function all<Value>(stream: AsyncIterable<Value>): Promise<Value[]> {
  return await Array.fromAsync(stream);
}

describe("stream", () => {
  test("hands results out as they come", async () => {
    const hooks = streaming();
    const slow = Promise.withResolvers<string>();
    hooks.register("slow", { find: () => slow.promise });
    hooks.register("quick", { find: () => "quick" });
    const seen: unknown[] = [];
    for await (const result of hooks.call.find({ at: 0 })) {
      seen.push(result);
      slow.resolve("slow");
    }
    assertEquals(seen, ["quick", "slow"]);
  });

  test("can be iterated at once, without being awaited", async () => {
    const hooks = streaming();
    hooks.register("a", { find: () => "a" });
    const stream = hooks.call.find({ at: 0 });
    assertEquals(typeof stream[Symbol.asyncIterator], "function");
    assertEquals(await all(stream), ["a"]);
  });

  test("ends at once when nothing implements it", async () => {
    assertEquals(await all(streaming().call.find({ at: 0 })), []);
  });

  test("leaves out undefined and null, and keeps them with keepNull", async () => {
    for (const keepNull of [false, true]) {
      const options = { mode: "stream", order: "fifo", keepNull } as { mode: "stream" };
      const hooks = createHooks({ find: hook<{ at: number }, unknown>(options) });
      const values = [undefined, 0, null, ""];
      values.forEach((value, index) => hooks.register(`p${index}`, { find: () => value }));
      assertEquals(await all(hooks.call.find({ at: 0 })), keepNull ? values : [0, ""]);
    }
  });

  test("gives every result exactly once, however close they come and whoever has none", async () => {
    for (const concurrency of [1, 2, 3, Infinity]) {
      for (let seed = 0; seed < 256; seed++) {
        const hooks = streaming({ concurrency });
        const delays = [seed & 3, (seed >> 2) & 3, (seed >> 4) & 3, 9];
        const expected: string[] = [];
        delays.forEach((delay, index) => {
          const result = index === 3 || (seed >> (5 + index)) & 1 ? `p${index}` : undefined;
          if (result !== undefined) expected.push(result);
          hooks.register(`p${index}`, { find: async () => (await turns(delay), result) });
        });
        assertEquals((await all(hooks.call.find({ at: 0 }))).sort(), expected);
      }
    }
  });

  test("runs no more than concurrency implementations at the same time", async () => {
    for (const concurrency of [1, 2, 3]) {
      const hooks = streaming({ concurrency });
      let running = 0;
      let most = 0;
      for (let index = 0; index < 7; index++) {
        const find = async () => {
          most = Math.max(most, ++running);
          await turns(5 + index % 3);
          running--;
          return index;
        };
        hooks.register(`p${index}`, { find });
      }
      assertEquals((await all(hooks.call.find({ at: 0 }))).length, 7);
      assertEquals(most, concurrency);
    }
  });

  test("with concurrency 1 starts the next one only when it is asked for", async () => {
    const hooks = streaming({ concurrency: 1 });
    const started: string[] = [];
    for (const name of ["a", "b", "c"]) hooks.register(name, { find: () => (started.push(name), name) });
    const iterator = hooks.call.find({ at: 0 })[Symbol.asyncIterator]();
    assertEquals((await iterator.next()).value, "a");
    await turns(20);
    assertEquals(started, ["a"]);
    assertEquals((await iterator.next()).value, "b");
    await iterator.return?.();
    await turns(20);
    assertEquals(started, ["a", "b"]);
  });

  test("with concurrency 1 keeps the order of the implementations", async () => {
    const hooks = streaming({ concurrency: 1, order: "lifo" });
    for (const [name, delay] of [["a", 0], ["b", 5], ["c", 9]] as const) {
      hooks.register(name, { find: async () => (await turns(delay), name) });
    }
    assertEquals(await all(hooks.call.find({ at: 0 })), ["c", "b", "a"]);
  });

  test("aborts the others when it is left early, and lets them fail unheard", async () => {
    const hooks = streaming();
    const late = Promise.withResolvers<never>();
    let signal: AbortSignal | undefined;
    hooks.register("waiting", { find: (_, context?: ImplContext) => (signal = context!.signal, late.promise) });
    hooks.register("quick", { find: () => "quick" });
    for await (const result of hooks.call.find({ at: 0 })) {
      assertEquals([result, signal!.aborted], ["quick", false]);
      break;
    }
    assertEquals(signal!.aborted, true);
    late.reject(new Error("nobody handles me"));
    // An unhandled rejection would fail the test here.
    await new Promise((resolve) => setTimeout(resolve));
  });

  test("aborts the others when its reader throws", async () => {
    const hooks = streaming();
    let signal: AbortSignal | undefined;
    hooks.register("waiting", { find: (_, context) => (signal = context!.signal, new Promise(() => {})) });
    hooks.register("quick", { find: () => "quick" });
    await assertRejects(async () => {
      for await (const _ of hooks.call.find({ at: 0 })) throw new RangeError("reader");
    }, RangeError);
    assertEquals(signal!.aborted, true);
  });

  test("throws a failure, naming the plugin, after the results that came before it", async () => {
    const boom = new Error("boom");
    const hooks = streaming({ concurrency: 1 });
    const started: string[] = [];
    hooks.register("fine", { find: () => "fine" });
    hooks.register("faulty", { find: () => Promise.reject(boom) });
    hooks.register("next", { find: () => started.push("next") });
    const seen: unknown[] = [];
    const error = await assertRejects(async () => {
      for await (const result of hooks.call.find({ at: 0 })) seen.push(result);
    }, PlugmapError);
    assertEquals([error.code, error.plugin, error.hook], ["hook-failed", "faulty", "find"]);
    assertStrictEquals(error.cause, boom);
    assertEquals([seen, started], [["fine"], []]);
  });

  test("throws when an implementation throws at once, and aborts the others", async () => {
    const hooks = streaming();
    let signal: AbortSignal | undefined;
    hooks.register("waiting", { find: (_, context) => (signal = context!.signal, new Promise(() => {})) });
    hooks.register("faulty", {
      find() {
        throw new Error("boom");
      },
    });
    const error = await assertRejects(() => all(hooks.call.find({ at: 0 })), PlugmapError);
    assertEquals([error.plugin, signal!.aborted], ["faulty", true]);
  });

  test("keeps the implementations it started with", async () => {
    const hooks = streaming({ concurrency: 1 });
    hooks.register("a", { find: () => "a" });
    hooks.register("b", { find: () => "b" });
    const seen: unknown[] = [];
    for await (const result of hooks.call.find({ at: 0 })) {
      seen.push(result);
      hooks.unregister("b");
      if (!hooks.has("c")) hooks.register("c", { find: () => "c" });
    }
    assertEquals(seen, ["a", "b"]);
    assertEquals(await all(hooks.call.find({ at: 0 })), ["a", "c"]);
  });

  test("lets wrappers replace the stream", async () => {
    const hooks = streaming();
    hooks.register("a", { find: () => 1 });
    hooks.register("b", { find: () => 2 });
    hooks.register("framed", {
      find: {
        wrapper: true,
        async *run() {
          const inside = yield;
          return (async function* () {
            yield "start";
            yield* inside;
            yield "end";
          })();
        },
      },
    });
    hooks.register("twice", {
      find: {
        wrapper: async (next) => {
          const inside = await next();
          return (async function* () {
            for await (const result of inside) yield (result as number) * 2;
          })();
        },
      },
    });
    assertEquals(await all(hooks.call.find({ at: 0 })), ["start", 2, 4, "end"]);
  });

  test("ends what is inside a wrapper when it is left early", async () => {
    const hooks = streaming({ concurrency: 1 });
    const started: string[] = [];
    for (const name of ["a", "b"]) hooks.register(name, { find: () => (started.push(name), name) });
    hooks.register("passing", { find: { wrapper: (next) => next() } });
    for await (const result of hooks.call.find({ at: 0 })) {
      assertEquals(result, "a");
      break;
    }
    await turns(20);
    assertEquals(started, ["a"]);
  });

  test("detailed gives each result with its plugin, as they come", async () => {
    const hooks = streaming();
    const slow = Promise.withResolvers<string>();
    hooks.register("slow", { find: () => slow.promise });
    hooks.register("nothing", { find: () => null });
    hooks.register("quick", { find: () => "quickly" });
    const seen: unknown[] = [];
    for await (const { plugin, result, duration } of hooks.call.find.detailed({ at: 0 })) {
      assert(duration >= 0);
      seen.push([plugin, result]);
      slow.resolve("slowly");
    }
    assertEquals(seen, [["quick", "quickly"], ["slow", "slowly"]]);
  });
});
