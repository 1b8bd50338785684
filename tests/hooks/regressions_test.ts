/**
 * What other plugin systems got wrong, one test for each: pluggy 1.6 and pluginkit 0.4, as found by running them.
 *
 * @module
 */

import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { createHooks, hook, PlugmapError } from "../../src/hooks/mod.ts";

interface Args {
  readonly at: number;
}

const throwing = (message: string) => () => {
  throw new Error(message);
};

describe("unlike in pluggy", () => {
  test("a registration that fails leaves neither the plugin nor its earlier hooks", () => {
    const hooks = createHooks({
      early: hook<Args, string>(),
      past: hook<Args, string>({ historic: true }),
      late: hook<Args, string>(),
    });
    hooks.call.past.callHistoric({ at: 0 });
    const before = hooks.inspect();
    const fine = () => "x";
    const failing = [
      { early: fine, late: 1 as never },
      { early: fine, past: throwing("replay"), late: fine },
      { early: fine, late: { run: fine, tryFirst: true, tryLast: true } },
    ];
    for (const impls of failing) {
      assertThrows(() => hooks.register("a", impls), PlugmapError);
      assertEquals([hooks.inspect(), hooks.has("a"), hooks.hooksOf("a")], [before, false, undefined]);
      assertEquals([hooks.call.early({ at: 0 }), hooks.call.late({ at: 0 })], [[], []]);
    }
    hooks.register("a", { early: fine });
    assertEquals(hooks.call.early({ at: 0 }), ["x"]);
  });

  test("a second yield in an inner wrapper does not keep outer ones from their teardown", () => {
    const hooks = createHooks({ list: hook<Args, string>({ order: "fifo" }) });
    let tornDown = false;
    hooks.register("outer", {
      list: {
        wrapper: true,
        *run() {
          try {
            return yield;
          } finally {
            tornDown = true;
          }
        },
      },
    });
    hooks.register("inner", {
      list: {
        wrapper: true,
        *run() {
          yield;
          yield;
          return [];
        },
      },
    });
    const error = assertThrows(() => hooks.call.list({ at: 0 }), PlugmapError);
    assertEquals([error.code, error.plugin, tornDown], ["hook-wrapper", "inner", true]);
  });

  test("tryFirst with tryLast has no place that depends on the order of registration: it is refused", () => {
    for (const position of [0, 1, 2]) {
      const hooks = createHooks({ who: hook<Args, string>() });
      for (let index = 0; index < position; index++) hooks.register(`n${index}`, { who: () => `n${index}` });
      const both = () => hooks.register("both", { who: { run: () => "both", tryFirst: true, tryLast: true } });
      assertEquals(assertThrows(both, PlugmapError).code, "hook-impl-invalid");
      assertEquals(hooks.implementations("who").length, position);
    }
  });

  test("a subset leaves out implementations that are bound by target, also when they come later", () => {
    const hooks = createHooks({ who: hook<Args, string>(), other: hook<Args, string>() });
    const subset = hooks.call.who.subset(["a"]);
    hooks.register("a", { anything: { target: "who", run: () => "a" } });
    hooks.register("b", { who: () => "b" });
    assertEquals([hooks.call.who({ at: 0 }), subset({ at: 0 })], [["b", "a"], ["b"]]);
  });

  test("a historic call that fails is not replayed", () => {
    const hooks = createHooks({ past: hook<Args, number>({ historic: true }) });
    using _faulty = hooks.register("faulty", { past: throwing("boom") });
    assertThrows(() => hooks.call.past.callHistoric({ at: 1 }), PlugmapError);
    assertEquals(hooks.call.past.history(), []);
    const replayed: number[] = [];
    hooks.register("late", { past: ({ at }) => replayed.push(at) });
    assertEquals(replayed, []);
  });

  test("the arguments of a historic call are those that it was made with", () => {
    const hooks = createHooks({ past: hook<{ at: number; more?: number }, number>({ historic: true }) });
    const args: { at: number; more?: number } = { at: 1 };
    hooks.call.past.callHistoric(args);
    args.at = 2;
    args.more = 3;
    const replayed: unknown[] = [];
    hooks.register("late", { past: (given) => replayed.push({ ...given }) });
    assertEquals(replayed, [{ at: 1 }]);
  });

  test("history can be bounded and cleared", () => {
    const hooks = createHooks({ past: hook<Args, number>({ historic: { limit: 2 } }) });
    for (const at of [1, 2, 3]) hooks.call.past.callHistoric({ at });
    assertEquals(hooks.call.past.history(), [{ at: 2 }, { at: 3 }]);
    hooks.call.past.clearHistory();
    const replayed: number[] = [];
    hooks.register("late", { past: ({ at }) => replayed.push(at) });
    assertEquals([hooks.call.past.history(), replayed], [[], []]);
  });

  test("monitors can be stopped in any order", () => {
    const hooks = createHooks({ who: hook<Args, string>() });
    const seen: string[] = [];
    const [a, b, c] = ["a", "b", "c"].map((name) => hooks.monitor({ before: () => void seen.push(name) }));
    const call = () => {
      seen.length = 0;
      hooks.call.who({ at: 0 });
      return [...seen].sort().join("");
    };
    assertEquals(call(), "abc");
    assertEquals([a!.stop(), call()], [true, "bc"]);
    assertEquals([c!.stop(), call()], [true, "b"]);
    assertEquals([a!.stop(), b!.stop(), call()], [false, true, ""]);
  });

  test("a monitor that throws breaks no call", () => {
    const diagnostics: PlugmapError[] = [];
    const hooks = createHooks({ who: hook<Args, string>() }, { onDiagnostic: (told) => void diagnostics.push(told) });
    hooks.register("a", { who: () => "a" });
    const faulty = { before: throwing("1"), after: throwing("2"), around: throwing("3"), aroundImpl: throwing("4") };
    hooks.monitor(faulty);
    assertEquals(hooks.call.who({ at: 0 }), ["a"]);
    assertEquals(diagnostics.map(({ code }) => code), Array(4).fill("hook-monitor-failed"));
  });

  test("registering evaluates no property of a plugin", () => {
    const hooks = createHooks({ who: hook<Args, string>() });
    let evaluated = 0;
    const plugin = {
      get who() {
        evaluated++;
        return () => "x";
      },
    };
    assertEquals(assertThrows(() => hooks.register("a", plugin), PlugmapError).code, "hook-impl-invalid");
    const hidden = Object.defineProperty({ who: () => "x" }, "secret", { get: () => evaluated++, enumerable: false });
    hooks.register("a", hidden);
    assertEquals([evaluated, hooks.call.who({ at: 0 })], [0, ["x"]]);
  });

  test("plugins that are equal, or even the same object, are two under two names", () => {
    const hooks = createHooks({ who: hook<Args, string>() });
    const impls = { who: () => "x" };
    const one = hooks.register("one", impls);
    hooks.register("two", impls);
    assertEquals(hooks.call.who({ at: 0 }), ["x", "x"]);
    one.unregister();
    assertEquals(hooks.implementations("who"), ["two"]);
  });
});

describe("unlike in pluginkit", () => {
  test("a wrapper that never yields is a coded error, and a wrapper inside or outside of it still unwinds", () => {
    const hooks = createHooks({ list: hook<Args, string>({ order: "fifo" }) });
    const trace: string[] = [];
    hooks.register("outer", {
      list: { wrapper: (next) => (trace.push("in"), tryFinally(next, () => trace.push("out"))) },
    });
    hooks.register("silent", {
      list: {
        wrapper: true,
        // deno-lint-ignore require-yield
        *run() {
          return ["never"];
        },
      },
    });
    const error = assertThrows(() => hooks.call.list({ at: 0 }), PlugmapError);
    assertEquals([error.code, error.plugin, trace], ["hook-wrapper", "silent", ["in", "out"]]);
  });

  test("a wrapper that is no generator is refused when it is registered", () => {
    const hooks = createHooks({ list: hook<Args, string>() });
    const register = () => hooks.register("a", { list: { wrapper: true, run: (() => []) as never } });
    const error = assertThrows(register, PlugmapError);
    assertEquals([error.code, hooks.has("a")], ["hook-impl-invalid", false]);
    assertStringIncludes(error.problem, "The wrapper is no generator function");
  });

  test("a wrapper of an async hook replaces results and swallows errors", async () => {
    const hooks = createHooks({ list: hook<Args, string>({ async: true }) });
    hooks.register("around", {
      list: {
        wrapper: true,
        async *run() {
          try {
            return [...yield, "added"];
          } catch {
            return ["saved"];
          }
        },
      },
    });
    assertEquals(await hooks.call.list({ at: 0 }), ["added"]);
    using _faulty = hooks.register("faulty", { list: () => Promise.reject(new Error("boom")) });
    assertEquals(await hooks.call.list({ at: 0 }), ["saved"]);
    hooks.unregister("around");
    await assertRejects(() => hooks.call.list({ at: 0 }), PlugmapError);
  });

  test("what is blocked can be unblocked", () => {
    const hooks = createHooks({ who: hook<Args, string>() });
    hooks.block("a");
    assertEquals(hooks.unblock("a"), true);
    assertEquals(hooks.register("a", { who: () => "a" }).blocked, false);
    assertEquals(hooks.call.who({ at: 0 }), ["a"]);
  });

  test("plugins of one make do not collide, because each is registered under a name of its own", () => {
    const hooks = createHooks({ who: hook<Args, string>({ order: "fifo" }) });
    const make = (greeting: string) => ({ who: () => greeting });
    hooks.register("one", make("1"));
    hooks.register("two", make("2"));
    assertEquals(hooks.call.who({ at: 0 }), ["1", "2"]);
  });
});

function tryFinally<Value>(run: () => Value, finish: () => void): Value {
  try {
    return run();
  } finally {
    finish();
  }
}
