import { describe, test } from "node:test";
import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Attributed, createHooks, hook, PlugmapError } from "../../src/hooks/mod.ts";

/** Checks the durations, which differ from call to call, and leaves them out. */
function withoutDuration<Result>({ plugin, result, duration }: Attributed<Result>): object {
  assertEquals(duration >= 0 && duration < 60_000, true);
  return { plugin, result };
}

describe("detailed", () => {
  test("tells the plugin of each result that a plain call gives", () => {
    const hooks = createHooks({ greeting: hook<{ name: string }, string>() });
    hooks.register("english", { greeting: ({ name }) => `Hello, ${name}` });
    hooks.register("silent", { greeting: () => {} });
    hooks.register("french", { greeting: ({ name }) => `Bonjour, ${name}` });
    assertEquals(hooks.call.greeting.detailed({ name: "Ada" }).map(withoutDuration), [
      { plugin: "french", result: "Bonjour, Ada" },
      { plugin: "english", result: "Hello, Ada" },
    ]);
  });

  test("tells the plugin of the first result", () => {
    const hooks = createHooks({ find: hook<{ id: number }, string>({ mode: "first", order: "fifo" }) });
    assertStrictEquals(hooks.call.find.detailed({ id: 1 }), undefined);
    hooks.register("silent", { find: () => {} });
    hooks.register("found", { find: () => "it" });
    hooks.register("late", { find: () => "late" });
    assertEquals(withoutDuration(hooks.call.find.detailed({ id: 1 })!), { plugin: "found", result: "it" });
  });

  test("tells the steps of a pipeline", () => {
    const hooks = createHooks({
      text: hook<{ text: string }, string>({ mode: "pipeline", value: "text", order: "fifo" }),
    });
    hooks.register("a", { text: ({ text }) => `${text}a` });
    hooks.register("silent", { text: () => {} });
    hooks.register("b", { text: ({ text }) => `${text}b` });
    assertEquals(hooks.call.text.detailed({ text: "" }).map(withoutDuration), [
      { plugin: "a", result: "a" },
      { plugin: "b", result: "ab" },
    ]);
  });

  test("tells null results with keepNull", () => {
    const hooks = createHooks({
      all: hook<{ at: number }, null>({ keepNull: true }),
      first: hook<{ at: number }, null>({ keepNull: true, mode: "first" }),
    });
    hooks.register("null", { all: () => null, first: () => null });
    assertEquals(hooks.call.all.detailed({ at: 0 }).map(withoutDuration), [{ plugin: "null", result: null }]);
    assertEquals(withoutDuration(hooks.call.first.detailed({ at: 0 })!), { plugin: "null", result: null });
  });

  test("awaits the results of an async hook", async () => {
    const hooks = createHooks({
      all: hook<{ at: number }, string>({ async: true, order: "fifo" }),
      first: hook<{ at: number }, string>({ async: true, mode: "first" }),
      text: hook<{ text: string }, string>({ async: true, mode: "pipeline", value: "text" }),
    });
    hooks.register("a", {
      all: async () => await Promise.resolve("a"),
      first: async () => await Promise.resolve("a"),
      text: async ({ text }) => await Promise.resolve(`${text}a`),
    });
    hooks.register("b", { all: () => "b" });
    assertEquals((await hooks.call.all.detailed({ at: 0 })).map(withoutDuration), [
      { plugin: "a", result: "a" },
      { plugin: "b", result: "b" },
    ]);
    assertEquals(withoutDuration((await hooks.call.first.detailed({ at: 0 }))!), { plugin: "a", result: "a" });
    assertEquals((await hooks.call.text.detailed({ text: "-" })).map(withoutDuration), [{ plugin: "a", result: "-a" }]);
  });

  test("names the plugin that threw", () => {
    const hooks = createHooks({ step: hook<{ at: number }, string>({ order: "fifo" }) });
    hooks.register("fine", { step: () => "fine" });
    hooks.register("faulty", {
      step() {
        throw new Error("boom");
      },
    });
    assertEquals(assertThrows(() => hooks.call.step.detailed({ at: 0 }), PlugmapError).plugin, "faulty");
  });
});

describe("an implementation that throws", () => {
  const modes = [{}, { mode: "first" }, { mode: "pipeline", value: "at" }] as { mode?: "collect" }[];

  test("stops the call with an error that names plugin and hook", () => {
    for (const options of modes) {
      const hooks = createHooks({ step: hook<{ at: number }, number>({ ...options, order: "fifo" }) });
      const thrown = new Error("boom");
      let ran = false;
      hooks.register("fine", { step: () => {} });
      hooks.register("faulty", {
        step() {
          throw thrown;
        },
      });
      hooks.register("next", { step: () => void (ran = true) });
      const error = assertThrows(() => hooks.call.step({ at: 0 }), PlugmapError);
      assertEquals([error.code, error.plugin, error.hook, error.step], ["hook-failed", "faulty", "step", "call"]);
      assertEquals(error.message, '[hook-failed] Cannot call hook "step" of plugin "faulty": boom.');
      assertStrictEquals(error.cause, thrown);
      assertEquals(ran, false);
    }
  });

  test("can throw anything", () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    for (const thrown of [undefined, null, "text", 0, Symbol("s"), Object.create(null), () => {}, revoked.proxy]) {
      const hooks = createHooks({ step: hook<{ at: number }, string>() });
      hooks.register("faulty", {
        step() {
          throw thrown;
        },
      });
      const error = assertThrows(() => hooks.call.step({ at: 0 }), PlugmapError);
      assertEquals([error.code, error.plugin], ["hook-failed", "faulty"]);
      assertStrictEquals(error.cause, thrown);
    }
  });

  test("is named even when what it throws is an error of ours about another plugin", () => {
    const hooks = createHooks({
      outer: hook<{ at: number }, string>(),
      inner: hook<{ at: number }, string>(),
    });
    hooks.register("calling", { outer: () => hooks.call.inner({ at: 0 })[0] });
    hooks.register("faulty", {
      inner() {
        throw new Error("boom");
      },
    });
    const error = assertThrows(() => hooks.call.outer({ at: 0 }), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook], ["hook-failed", "calling", "outer"]);
    const cause = error.cause as PlugmapError;
    assertEquals([cause.code, cause.plugin, cause.hook], ["hook-failed", "faulty", "inner"]);
  });

  test("that passes on hook-async of another hook gets hook-failed itself", () => {
    const hooks = createHooks({ outer: hook<{ at: number }, unknown>(), inner: hook<{ at: number }, unknown>() });
    hooks.register("calling", { outer: () => hooks.call.inner({ at: 0 })[0] });
    hooks.register("promising", { inner: () => Promise.resolve(1) });
    const error = assertThrows(() => hooks.call.outer({ at: 0 }), PlugmapError);
    assertEquals([error.code, (error.cause as PlugmapError).code], ["hook-failed", "hook-async"]);
  });

  test("leaves the hook as it was", () => {
    const hooks = createHooks({ step: hook<{ fail: boolean }, string>() });
    hooks.register("moody", {
      step({ fail }) {
        if (fail) throw new Error("boom");
        return "fine";
      },
    });
    assertThrows(() => hooks.call.step({ fail: true }), PlugmapError);
    assertEquals(hooks.call.step({ fail: false }), ["fine"]);
  });

  test("has its name quoted", () => {
    const hooks = createHooks({ step: hook<{ at: number }, string>() });
    hooks.register('p"\u001b[31m', {
      step() {
        throw new Error("bo\u202eom");
      },
    });
    const error = assertThrows(() => hooks.call.step({ at: 0 }), PlugmapError);
    assertStringIncludes(error.message, 'plugin "p\\"\\u{1b}[31m": bo\\u{202e}om.');
  });
});
