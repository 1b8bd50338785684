import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createHooks, hook, PlugmapError } from "../../src/hooks/mod.ts";

const spec = hook<{ at: number }, string>({ order: "fifo" });

function set() {
  const hooks = createHooks({ step: spec, other: spec });
  for (const name of ["a", "b", "c"]) hooks.register(name, { step: () => name });
  return hooks;
}

describe("subset", () => {
  test("leaves plugins out, and the hook itself alone", () => {
    const hooks = set();
    assertEquals(hooks.call.step.subset(["b"])({ at: 0 }), ["a", "c"]);
    assertEquals(hooks.call.step.subset(["a", "c"])({ at: 0 }), ["b"]);
    assertEquals(hooks.call.step({ at: 0 }), ["a", "b", "c"]);
  });

  test("does not mind unknown names, hostile ones included", () => {
    const hooks = set();
    assertEquals(hooks.call.step.subset([])({ at: 0 }), ["a", "b", "c"]);
    assertEquals(hooks.call.step.subset(["x", "__proto__", "constructor"])({ at: 0 }), ["a", "b", "c"]);
    hooks.register("__proto__", { step: () => "proto" });
    assertEquals(hooks.call.step.subset(["__proto__"])({ at: 0 }), ["a", "b", "c"]);
  });

  test("is live: plugins that come and go do so there as well", () => {
    const hooks = set();
    const subset = hooks.call.step.subset(["b", "later"]);
    assertEquals(subset({ at: 0 }), ["a", "c"]);
    hooks.register("d", { step: () => "d" });
    hooks.register("later", { step: () => "later" });
    assertEquals(subset({ at: 0 }), ["a", "c", "d"]);
    hooks.unregister("a");
    hooks.unregister("b");
    assertEquals(subset({ at: 0 }), ["c", "d"]);
    hooks.register("b", { step: () => "b again" });
    assertEquals(subset({ at: 0 }), ["c", "d"]);
  });

  test("takes its list as it is when it is made", () => {
    const hooks = set();
    const without = ["a"];
    const subset = hooks.call.step.subset(without);
    without.push("b");
    assertEquals(subset({ at: 0 }), ["b", "c"]);
  });

  test("leaves out implementations bound by target as well", () => {
    const hooks = set();
    hooks.register("bound", {
      anything: { run: () => "bound", target: "step" },
      more: { run: () => "more", target: "step" },
    });
    assertEquals(hooks.call.step({ at: 0 }), ["a", "b", "c", "bound", "more"]);
    assertEquals(hooks.call.step.subset(["bound"])({ at: 0 }), ["a", "b", "c"]);
  });

  test("leaves out wrappers as well", () => {
    const hooks = set();
    hooks.register("loud", { step: { wrapper: (next) => next().map((name) => name.toUpperCase()) } });
    assertEquals(hooks.call.step({ at: 0 }), ["A", "B", "C"]);
    assertEquals(hooks.call.step.subset(["loud"])({ at: 0 }), ["a", "b", "c"]);
    assertEquals(hooks.call.step.subset(["a"])({ at: 0 }), ["B", "C"]);
  });

  test("of a subset leaves out what both say", () => {
    const hooks = set();
    const outer = hooks.call.step.subset(["a"]);
    const inner = outer.subset(["b"]);
    assertEquals([inner({ at: 0 }), outer({ at: 0 })], [["c"], ["b", "c"]]);
    hooks.register("d", { step: () => "d" });
    assertEquals(inner({ at: 0 }), ["c", "d"]);
  });

  test("keeps the order, whoever is missing from it", () => {
    const hooks = createHooks({ step: spec });
    hooks.register("a", { step: { run: () => "a", after: ["b"] } });
    hooks.register("b", { step: { run: () => "b", after: ["c"] } });
    hooks.register("c", { step: { run: () => "c", tryLast: true } });
    assertEquals(hooks.call.step({ at: 0 }), ["c", "b", "a"]);
    assertEquals(hooks.call.step.subset(["b"])({ at: 0 }).toSorted(), ["a", "c"]);
  });

  test("has a detailed call", () => {
    const detailed = set().call.step.subset(["a"]).detailed({ at: 0 });
    assertEquals(detailed.map(({ plugin, result }) => [plugin, result]), [["b", "b"], ["c", "c"]]);
  });

  test("works for every mode", async () => {
    for (const mode of ["first", "pipeline", "parallel", "race", "stream"] as const) {
      const options = { mode, async: true, order: "fifo", ...(mode === "pipeline" ? { value: "at" } : {}) };
      const hooks = createHooks({ step: hook<{ at: string }, string>(options as { async: true }) });
      for (const name of ["a", "b"]) hooks.register(name, { step: () => name });
      const answer: unknown = await hooks.call.step.subset(["a"])({ at: "" });
      const given = mode === "stream" ? await Array.fromAsync(answer as AsyncIterable<unknown>) : answer;
      assertEquals([given].flat(), ["b"], mode);
    }
  });

  test("keeps what it started with while it runs", async () => {
    const hooks = createHooks({ step: hook<{ at: number }, string>({ async: true, order: "fifo" }) });
    const subset = hooks.call.step.subset(["x"]);
    hooks.register("a", { step: () => (hooks.unregister("b"), "a") });
    hooks.register("b", { step: () => "b" });
    assertEquals(await subset({ at: 0 }), ["a", "b"]);
    assertEquals(await subset({ at: 0 }), ["a"]);
  });

  test("fails as the hook does", async () => {
    const hooks = createHooks({ step: spec, later: hook<{ at: number }, string>({ async: true }) });
    const throwing = () => {
      throw new Error("boom");
    };
    hooks.register("faulty", { step: throwing, later: throwing });
    const { step, later } = hooks.call;
    const error = assertThrows(() => step.subset(["x"])({ at: 0 }), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook], ["hook-failed", "faulty", "step"]);
    assertEquals(step.subset(["faulty"])({ at: 0 }), []);
    assertEquals((await assertRejects(() => later.subset(["x"])({ at: 0 }), PlugmapError)).plugin, "faulty");
    assertEquals(await later.subset(["faulty"])({ at: 0 }), []);
  });

  test("refuses what is no list of names", () => {
    const { step } = set().call;
    assertEquals(step.subset(["a", "a"])({ at: 0 }), ["b", "c"]);
    for (const wrong of [undefined, null, "a", [1], { 0: "a" }]) {
      const error = assertThrows(() => step.subset(wrong as unknown as []), PlugmapError);
      assertEquals([error.code, error.hook], ["hook-arguments", "step"]);
    }
  });

  test("can be had by name", () => {
    assertEquals(set().caller("step").subset(["a"])({ at: 0 }), ["b", "c"]);
  });
});
