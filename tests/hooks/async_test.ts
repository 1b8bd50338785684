import { describe, test } from "node:test";
import { assertEquals, assertInstanceOf, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { createHooks, hook, PlugmapError } from "../../src/hooks/mod.ts";

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
};

describe("an async hook", () => {
  test("runs its implementations one after the other", async () => {
    const hooks = createHooks({ step: hook<{ at: number }, string>({ async: true, order: "fifo" }) });
    const trace: string[] = [];
    for (const [name, count] of [["slow", 9], ["quick", 1]] as const) {
      hooks.register(name, {
        async step() {
          trace.push(`${name} starts`);
          await turns(count);
          trace.push(`${name} ends`);
          return name;
        },
      });
    }
    assertEquals(await hooks.call.step({ at: 0 }), ["slow", "quick"]);
    assertEquals(trace, ["slow starts", "slow ends", "quick starts", "quick ends"]);
  });

  test("takes sync and async implementations and any thenable", async () => {
    const hooks = createHooks({ value: hook<{ at: number }, number>({ async: true, order: "fifo" }) });
    hooks.register("sync", { value: () => 1 });
    hooks.register("async", { value: async () => await Promise.resolve(2) });
    hooks.register("thenable", { value: () => ({ then: (resolve: (value: number) => void) => resolve(3) }) as never });
    hooks.register("nothing", { value: async () => await turns(1) });
    assertEquals(await hooks.call.value({ at: 0 }), [1, 2, 3]);
  });

  test("stops at the first result in mode first", async () => {
    const hooks = createHooks({ find: hook<{ at: number }, string>({ async: true, mode: "first", order: "fifo" }) });
    const ran: string[] = [];
    hooks.register("nothing", { find: async () => (await turns(1), ran.push("nothing"), null) });
    hooks.register("found", { find: async () => (await turns(1), ran.push("found"), "found") });
    hooks.register("late", { find: () => (ran.push("late"), "late") });
    assertEquals(await hooks.call.find({ at: 0 }), "found");
    assertEquals(ran, ["nothing", "found"]);
  });

  test("gives undefined in mode first when there is no result", async () => {
    const hooks = createHooks({ find: hook<{ at: number }, string>({ async: true, mode: "first" }) });
    assertStrictEquals(await hooks.call.find({ at: 0 }), undefined);
  });

  test("threads a value in mode pipeline", async () => {
    const hooks = createHooks({
      text: hook<{ text: string; by: string }, string>({ async: true, mode: "pipeline", value: "text", order: "fifo" }),
    });
    hooks.register("a", { text: async ({ text, by }) => (await turns(2), `${text}${by}a`) });
    hooks.register("nothing", { text: () => turns(1) });
    hooks.register("b", { text: ({ text }) => `${text}b` });
    assertEquals(await hooks.call.text({ text: "", by: "-" }), "-ab");
  });

  test("keeps null with keepNull in every mode", async () => {
    const hooks = createHooks({
      all: hook<{ at: number }, null>({ async: true, keepNull: true }),
      first: hook<{ at: number }, null>({ async: true, keepNull: true, mode: "first" }),
      piped: hook<{ at: number | null }, number | null>({
        async: true,
        keepNull: true,
        mode: "pipeline",
        value: "at",
      }),
    });
    hooks.register("null", { all: () => null, first: () => null, piped: () => null });
    assertEquals(await hooks.call.all({ at: 0 }), [null]);
    assertStrictEquals(await hooks.call.first({ at: 0 }), null);
    assertStrictEquals(await hooks.call.piped({ at: 0 }), null);
  });

  test("keeps the implementations it started with while it waits", async () => {
    const hooks = createHooks({ who: hook<{ at: number }, string>({ async: true, order: "fifo" }) });
    hooks.register("a", { who: async () => (await turns(5), "a") });
    hooks.register("b", { who: () => "b" });
    const running = hooks.call.who({ at: 0 });
    hooks.unregister("b");
    hooks.register("c", { who: () => "c" });
    assertEquals(await running, ["a", "b"]);
    assertEquals(await hooks.call.who({ at: 0 }), ["a", "c"]);
  });

  test("rejects, naming the plugin, when an implementation throws or rejects", async () => {
    const thrown = new Error("boom");
    const throwing = () => {
      throw thrown;
    };
    for (const options of [{}, { mode: "first" }, { mode: "pipeline", value: "at" }]) {
      for (const impl of [throwing, () => Promise.reject(thrown)]) {
        const hooks = createHooks({
          step: hook<{ at: number }, number>({ async: true, ...options } as { async: true }),
        });
        hooks.register("fine", { step: { run: () => {}, tryFirst: true } });
        hooks.register("faulty", { step: impl });
        const error = await assertRejects(() => hooks.call.step({ at: 0 }), PlugmapError);
        assertEquals([error.code, error.plugin, error.hook], ["hook-failed", "faulty", "step"]);
        assertStrictEquals(error.cause, thrown);
      }
    }
  });

  test("rejects when its arguments are not one object", async () => {
    const hooks = createHooks({ step: hook<{ at: number }, string>({ async: true }) });
    const error = await assertRejects(() => (hooks.call.step as (args: unknown) => Promise<unknown>)(1), PlugmapError);
    assertEquals(error.code, "hook-arguments");
  });
});

describe("a sync hook", () => {
  test("answers at once", () => {
    const hooks = createHooks({ greeting: hook<{ name: string }, string>() });
    hooks.register("english", { greeting: ({ name }) => `Hello, ${name}` });
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["Hello, Ada"]);
  });

  test("refuses a promise or another thenable as a result, naming the plugin", () => {
    for (const options of [{}, { mode: "first" }, { mode: "pipeline", value: "at" }]) {
      for (const result of [Promise.resolve(1), { then() {} }, Object.assign(() => {}, { then() {} })]) {
        const hooks = createHooks({ step: hook<{ at: number }, unknown>(options as { mode?: "collect" }) });
        hooks.register("fine", { step: { run: () => {}, tryFirst: true } });
        hooks.register("promising", { step: () => result });
        for (const call of [hooks.call.step, hooks.call.step.detailed]) {
          const error = assertThrows(() => call({ at: 0 }), PlugmapError);
          assertEquals([error.code, error.plugin, error.hook], ["hook-async", "promising", "step"]);
        }
      }
    }
  });

  test("runs nothing after the implementation that returned a promise", () => {
    const hooks = createHooks({ step: hook<{ at: number }, unknown>({ order: "fifo" }) });
    let ran = false;
    hooks.register("promising", { step: () => Promise.resolve(1) });
    hooks.register("next", { step: () => ran = true });
    assertThrows(() => hooks.call.step({ at: 0 }), PlugmapError);
    assertEquals(ran, false);
  });

  test("lets a promise that rejects do no harm", async () => {
    const hooks = createHooks({ step: hook<{ at: number }, unknown>() });
    hooks.register("promising", { step: () => Promise.reject(new Error("nobody handles me")) });
    assertEquals(assertThrows(() => hooks.call.step({ at: 0 }), PlugmapError).code, "hook-async");
    // An unhandled rejection would fail the test here.
    await new Promise((resolve) => setTimeout(resolve));
  });

  test("takes an object whose then is not a function", () => {
    const hooks = createHooks({ step: hook<{ at: number }, object>() });
    hooks.register("data", { step: () => ({ then: "later" }) });
    assertEquals(hooks.call.step({ at: 0 }), [{ then: "later" }]);
  });

  test("takes promises as arguments and hands a threaded one back", () => {
    const hooks = createHooks({
      step: hook<{ work: Promise<number> }, Promise<number>>({ mode: "pipeline", value: "work" }),
    });
    const work = Promise.resolve(1);
    assertInstanceOf(hooks.call.step({ work }), Promise);
    assertEquals(hooks.call.step.detailed({ work }), []);
  });
});
