import { describe, test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { createHooks, hook, type ImplContext, PlugmapError } from "../../src/hooks/mod.ts";

const spec = hook<{ at: number }, unknown>({ mode: "parallel", order: "fifo" });

describe("parallel", () => {
  test("starts all implementations before it waits for one", async () => {
    const hooks = createHooks({ work: spec });
    const gate = Promise.withResolvers<void>();
    const started: string[] = [];
    for (const name of ["a", "b", "c"]) {
      hooks.register(name, { work: async () => (started.push(name), await gate.promise, name) });
    }
    const running = hooks.call.work({ at: 0 });
    assertEquals(started, ["a", "b", "c"]);
    gate.resolve();
    assertEquals(await running, ["a", "b", "c"]);
  });

  test("lists results in the order of the implementations, not of their coming", async () => {
    const hooks = createHooks({ work: spec });
    const slow = Promise.withResolvers<string>();
    hooks.register("slow", { work: () => slow.promise });
    hooks.register("quick", { work: () => (queueMicrotask(() => slow.resolve("slow")), "quick") });
    assertEquals(await hooks.call.work({ at: 0 }), ["slow", "quick"]);
  });

  test("runs the plugin registered last first unless the spec says fifo", async () => {
    const hooks = createHooks({ work: hook<{ at: number }, string>({ mode: "parallel" }) });
    hooks.register("a", { work: () => "a" });
    hooks.register("b", { work: () => Promise.resolve("b") });
    assertEquals(await hooks.call.work({ at: 0 }), ["b", "a"]);
  });

  test("drops undefined and null, and keeps them with keepNull", async () => {
    const values = [undefined, 0, null, "", false];
    for (const keepNull of [false, true] as const) {
      const options = { mode: "parallel", order: "fifo", keepNull } as { mode: "parallel" };
      const hooks = createHooks({ work: hook<{ at: number }, unknown>(options) });
      values.forEach((value, index) => hooks.register(`p${index}`, { work: () => value }));
      assertEquals(await hooks.call.work({ at: 0 }), keepNull ? values : [0, "", false]);
    }
  });

  test("gives an empty list when nothing implements it", async () => {
    assertEquals(await createHooks({ work: spec }).call.work({ at: 0 }), []);
  });

  test("takes thenables that are no promises", async () => {
    const hooks = createHooks({ work: spec });
    let looked = 0;
    const thenable = {
      get then() {
        looked++;
        return (resolve: (value: string) => void) => resolve("thenable");
      },
    };
    hooks.register("a", { work: () => thenable });
    assertEquals(await hooks.call.work({ at: 0 }), ["thenable"]);
    assert(looked > 0);
  });

  test("fails with the first failure in time, naming its plugin", async () => {
    const hooks = createHooks({ work: spec });
    const never = new Promise(() => {});
    const boom = new Error("boom");
    hooks.register("waiting", { work: () => never });
    hooks.register("faulty", { work: () => Promise.reject(boom) });
    hooks.register("fine", { work: () => "fine" });
    const error = await assertRejects(() => hooks.call.work({ at: 0 }), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook, error.step], ["hook-failed", "faulty", "work", "call"]);
    assertStrictEquals(error.cause, boom);
  });

  test("names the right plugin when several fail, with the same reason as well", async () => {
    for (const reasons of [["one", "two"], ["same", "same"], [undefined, undefined]]) {
      const hooks = createHooks({ work: spec });
      const later = Promise.withResolvers<never>();
      hooks.register("fine", { work: () => "fine" });
      hooks.register("later", { work: () => later.promise });
      hooks.register("sooner", { work: () => Promise.reject(reasons[0]) });
      const error = await assertRejects(() => hooks.call.work({ at: 0 }), PlugmapError);
      assertEquals([error.plugin, error.cause], ["sooner", reasons[0]]);
      later.reject(reasons[1]);
    }
  });

  test("rejects, and never throws, when an implementation throws at once", async () => {
    const hooks = createHooks({ work: spec });
    hooks.register("rejecting", { work: () => Promise.reject(new Error("nobody handles me")) });
    hooks.register("throwing", {
      work() {
        throw new Error("boom");
      },
    });
    const running = hooks.call.work({ at: 0 });
    const error = await assertRejects(() => running, PlugmapError);
    assertEquals(error.plugin, "throwing");
    // An unhandled rejection would fail the test here.
    await new Promise((resolve) => setTimeout(resolve));
  });

  test("tells the others that nobody waits any more once one has failed", async () => {
    const hooks = createHooks({ work: spec });
    const signals: AbortSignal[] = [];
    const late = Promise.withResolvers<never>();
    hooks.register("waiting", { work: (_, context?: ImplContext) => (signals.push(context!.signal), late.promise) });
    hooks.register("faulty", { work: () => Promise.reject(new Error("boom")) });
    const running = hooks.call.work({ at: 0 });
    assertEquals(signals.map(({ aborted }) => aborted), [false]);
    const error = await assertRejects(() => running, PlugmapError);
    assertEquals(signals.map(({ aborted }) => aborted), [true]);
    assertStrictEquals(signals[0]!.reason, error);
    late.reject(new Error("too late for anybody to care"));
    await new Promise((resolve) => setTimeout(resolve));
  });

  test("aborts nothing when all is well", async () => {
    const hooks = createHooks({ work: spec });
    let signal: AbortSignal | undefined;
    hooks.register("a", { work: (_, context) => (signal = context!.signal, "a") });
    await hooks.call.work({ at: 0 });
    assertEquals(signal!.aborted, false);
  });

  test("keeps the implementations it started with", async () => {
    const hooks = createHooks({ work: spec });
    hooks.register("a", { work: () => (hooks.unregister("b"), hooks.register("c", { work: () => "c" }), "a") });
    hooks.register("b", { work: () => "b" });
    assertEquals(await hooks.call.work({ at: 0 }), ["a", "b"]);
    hooks.unregister("a");
    assertEquals(await hooks.call.work({ at: 0 }), ["c"]);
  });

  test("lets wrappers replace the list and swallow a failure", async () => {
    const hooks = createHooks({ work: hook<{ at: number }, string>({ mode: "parallel", order: "fifo" }) });
    hooks.register("doubling", {
      work: {
        wrapper: true,
        async *run() {
          const results = yield;
          return [...results, ...results];
        },
      },
    });
    hooks.register("careful", {
      work: {
        wrapper: async (next) => {
          try {
            return await next();
          } catch (error) {
            return [(error as PlugmapError).plugin!];
          }
        },
      },
    });
    hooks.register("a", { work: () => "a" });
    assertEquals(await hooks.call.work({ at: 0 }), ["a", "a"]);
    hooks.register("faulty", { work: () => Promise.reject(new Error("boom")) });
    assertEquals(await hooks.call.work({ at: 0 }), ["faulty", "faulty"]);
  });

  test("detailed lists the same results in the same order, with plugins", async () => {
    const hooks = createHooks({ work: spec });
    const slow = Promise.withResolvers<string>();
    hooks.register("slow", { work: () => slow.promise });
    hooks.register("nothing", { work: () => undefined });
    hooks.register("quick", { work: () => (setTimeout(() => slow.resolve("slowly")), "quickly") });
    const detailed = await hooks.call.work.detailed({ at: 0 });
    assertEquals(detailed.map(({ plugin, result }) => [plugin, result]), [["slow", "slowly"], ["quick", "quickly"]]);
    for (const { duration } of detailed) assert(duration >= 0 && Number.isFinite(duration));
  });
});
