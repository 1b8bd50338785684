import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { createHooks, hook, type ImplContext, PlugmapError } from "../../src/hooks/mod.ts";

const spec = hook<{ at: number }, unknown>({ mode: "race", order: "fifo" });

describe("race", () => {
  test("gives the result that comes first, whatever the order", async () => {
    const hooks = createHooks({ ask: spec });
    const slow = Promise.withResolvers<string>();
    hooks.register("slow", { ask: () => slow.promise });
    hooks.register("quick", { ask: () => "quick" });
    assertEquals(await hooks.call.ask({ at: 0 }), "quick");
    slow.resolve("slow");
  });

  test("gives the one that runs earlier when two come at once", async () => {
    const hooks = createHooks({ ask: spec });
    hooks.register("a", { ask: () => "a" });
    hooks.register("b", { ask: () => "b" });
    hooks.register("c", { ask: { run: () => "c", tryFirst: true } });
    assertEquals(await hooks.call.ask({ at: 0 }), "c");
  });

  test("does not take undefined or null for a result, but does with keepNull", async () => {
    for (const keepNull of [false, true]) {
      const options = { mode: "race", order: "fifo", keepNull } as { mode: "race" };
      const hooks = createHooks({ ask: hook<{ at: number }, unknown>(options) });
      hooks.register("null", { ask: () => null });
      hooks.register("late", { ask: () => Promise.resolve().then(() => "late") });
      assertStrictEquals(await hooks.call.ask({ at: 0 }), keepNull ? null : "late");
    }
  });

  test("takes falsy results", async () => {
    for (const value of [0, "", false]) {
      const hooks = createHooks({ ask: spec });
      hooks.register("falsy", { ask: () => value });
      hooks.register("never", { ask: () => new Promise(() => {}) });
      assertStrictEquals(await hooks.call.ask({ at: 0 }), value);
    }
  });

  test("gives undefined when there are no implementations or none has a result", async () => {
    const hooks = createHooks({ ask: spec });
    assertStrictEquals(await hooks.call.ask({ at: 0 }), undefined);
    hooks.register("a", { ask: () => undefined });
    hooks.register("b", { ask: async () => await Promise.resolve(null) });
    assertStrictEquals(await hooks.call.ask({ at: 0 }), undefined);
    assertStrictEquals(await hooks.call.ask.detailed({ at: 0 }), undefined);
  });

  test("fails with a failure that comes before any result, naming the plugin", async () => {
    const boom = new Error("boom");
    const throwing = () => {
      throw boom;
    };
    for (const ask of [throwing, () => Promise.reject(boom)]) {
      const hooks = createHooks({ ask: spec });
      hooks.register("never", { ask: () => new Promise(() => {}) });
      hooks.register("faulty", { ask });
      const error = await assertRejects(() => hooks.call.ask({ at: 0 }), PlugmapError);
      assertEquals([error.code, error.plugin, error.hook], ["hook-failed", "faulty", "ask"]);
      assertStrictEquals(error.cause, boom);
    }
  });

  test("ignores failures that come after the result", async () => {
    const hooks = createHooks({ ask: spec });
    const late = Promise.withResolvers<never>();
    hooks.register("late", { ask: () => late.promise });
    hooks.register("quick", { ask: () => "quick" });
    assertEquals(await hooks.call.ask({ at: 0 }), "quick");
    late.reject(new Error("nobody handles me"));
    // An unhandled rejection would fail the test here.
    await new Promise((resolve) => setTimeout(resolve));
  });

  test("starts all, and aborts the losers when one has won", async () => {
    const hooks = createHooks({ ask: spec });
    const signals: AbortSignal[] = [];
    const winner = Promise.withResolvers<string>();
    const losing = (_: unknown, context?: ImplContext) => (signals.push(context!.signal), new Promise(() => {}));
    hooks.register("loser", { ask: losing });
    hooks.register("winner", { ask: () => winner.promise });
    hooks.register("other", { ask: losing });
    const running = hooks.call.ask({ at: 0 });
    assertEquals(signals.map(({ aborted }) => aborted), [false, false]);
    winner.resolve("won");
    assertEquals(await running, "won");
    assertEquals(signals.map(({ aborted }) => aborted), [true, true]);
  });

  test("aborts the others when one has failed", async () => {
    const hooks = createHooks({ ask: spec });
    let signal: AbortSignal | undefined;
    hooks.register("waiting", { ask: (_, context) => (signal = context!.signal, new Promise(() => {})) });
    hooks.register("faulty", { ask: () => Promise.reject(new Error("boom")) });
    await assertRejects(() => hooks.call.ask({ at: 0 }), PlugmapError);
    assertEquals(signal!.aborted, true);
  });

  test("lets wrappers replace the result, also with undefined", async () => {
    const hooks = createHooks({ ask: spec });
    hooks.register("a", { ask: () => "a" });
    const loud = hooks.register("loud", {
      ask: {
        wrapper: true,
        async *run() {
          return `${String(yield)}!`;
        },
      },
    });
    assertEquals(await hooks.call.ask({ at: 0 }), "a!");
    loud.unregister();
    hooks.register("none", { ask: { wrapper: async (next) => (await next(), undefined) } });
    assertStrictEquals(await hooks.call.ask({ at: 0 }), undefined);
  });

  test("detailed names the plugin that won", async () => {
    const hooks = createHooks({ ask: spec });
    hooks.register("nothing", { ask: () => null });
    hooks.register("slow", { ask: () => new Promise((resolve) => setTimeout(resolve, 0, "slow")) });
    hooks.register("quick", { ask: async () => await Promise.resolve("quick") });
    const won = await hooks.call.ask.detailed({ at: 0 });
    assertEquals([won?.plugin, won?.result], ["quick", "quick"]);
    assertEquals(typeof won?.duration, "number");
  });
});
