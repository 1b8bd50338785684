import { describe, test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { createHooks, defineHooks, hook, type Impls, PlugmapError } from "../../src/hooks/mod.ts";

const specs = defineHooks({
  step: hook<{ at: number }, string>({ args: ["at"] }),
  opened: hook<{ at: number }, string>({ historic: { limit: 2 } }),
});

describe("inspect", () => {
  test("tells of each hook: spec, implementations in the order of running, history", () => {
    const hooks = createHooks(specs);
    hooks.register("plain", { step: () => "plain", opened: () => "opened" });
    hooks.register("early", {
      step: { run: () => "early", tryFirst: true, priority: 3, args: ["at"], optional: true },
    });
    hooks.register("around", { step: { wrapper: (next) => next(), tryLast: true, before: ["x"], after: ["y"] } });
    hooks.register("generator", {
      step: {
        wrapper: true,
        *run() {
          return yield;
        },
      },
    });
    hooks.register("old", {
      step: {
        wrapper: "outcome",
        *run() {
          yield;
        },
      },
    });
    hooks.call.opened.callHistoric({ at: 1 });
    const [step, opened] = hooks.inspect();
    const none = { band: "normal" as const, priority: 0, before: [], after: [], args: undefined, optional: false };
    assertEquals(step, {
      name: "step",
      spec: specs.step,
      history: [],
      impls: [
        { ...none, plugin: "old", kind: "outcome" },
        { ...none, plugin: "generator", kind: "generator" },
        { ...none, plugin: "around", kind: "middleware", band: "tryLast", before: ["x"], after: ["y"] },
        { ...none, plugin: "early", kind: "plain", band: "tryFirst", priority: 3, args: ["at"], optional: true },
        { ...none, plugin: "plain", kind: "plain" },
      ],
    });
    assertEquals([opened!.name, opened!.history, opened!.impls.map(({ plugin }) => plugin)], [
      "opened",
      [{ at: 1 }],
      ["plain"],
    ]);
  });

  test("gives data of its own, which nobody can change a dispatcher by", () => {
    const hooks = createHooks(specs);
    hooks.register("p", { step: { run: () => "p", before: ["q"] } });
    for (const { impls, history } of hooks.inspect()) {
      try {
        (impls[0]?.before as string[] | undefined)?.push("r");
        (impls as unknown[]).length = 0;
        (history as unknown[]).length = 0;
      } catch (error) {
        assertEquals((error as Error).name, "TypeError");
      }
    }
    assertEquals(hooks.inspect()[0]!.impls.map(({ plugin, before }) => [plugin, before]), [["p", ["q"]]]);
    assertEquals(hooks.call.step({ at: 1 }), ["p"]);
  });

  test("tells of hooks that nobody has declared, while somebody implements them", () => {
    const hooks = createHooks(defineHooks({}), { lateSpecs: true });
    const registration = hooks.register("p", { later: () => "x" } as unknown as Impls<Record<string, never>>);
    assertEquals(hooks.inspect().map(({ name, spec, impls }) => [name, spec, impls.length]), [["later", undefined, 1]]);
    registration.unregister();
    assertEquals(hooks.inspect(), []);
  });

  test("is empty where there is nothing", () => {
    assertEquals(createHooks({}).inspect(), []);
  });
});

describe("implementations, plugins and hooksOf", () => {
  test("tell who implements what, in the order of running", () => {
    const hooks = createHooks(specs);
    hooks.register("a", { step: () => "a" });
    hooks.register("b", { step: { run: () => "b", tryLast: true }, opened: () => "b" });
    hooks.register("w", { step: { wrapper: (next) => next() } });
    assertEquals(hooks.implementations("step"), ["w", "a", "b"]);
    assertEquals(hooks.plugins(), ["a", "b", "w"]);
    assertEquals([hooks.hooksOf("b"), hooks.hooksOf("w")], [["step", "opened"], ["step"]]);
    assertStrictEquals(hooks.hooksOf("nobody"), undefined);
    assertEquals([hooks.has("a"), hooks.has("nobody"), hooks.has("toString")], [true, false, false]);
  });

  test("name a plugin once for each implementation, and a hook once for each plugin", () => {
    const hooks = createHooks(specs);
    hooks.register("twice", { one: { run: () => "1", target: "step" }, two: { run: () => "2", target: "step" } });
    assertEquals(hooks.implementations("step"), ["twice", "twice"]);
    assertEquals(hooks.hooksOf("twice"), ["step"]);
    hooks.register("idle", {});
    assertEquals(hooks.hooksOf("idle"), []);
  });

  test("give lists of their own", () => {
    const hooks = createHooks(specs);
    hooks.register("a", { step: () => "a" });
    for (const list of [hooks.implementations("step"), hooks.plugins(), hooks.hooksOf("a")!]) {
      (list as string[]).length = 0;
    }
    assertEquals([hooks.implementations("step"), hooks.plugins(), hooks.hooksOf("a")], [["a"], ["a"], ["step"]]);
    assertEquals(hooks.call.step({ at: 1 }), ["a"]);
  });

  test("of an unknown hook are an error that tells the known ones", () => {
    const error = assertThrows(() => createHooks(specs).implementations("stepp"), PlugmapError);
    assertEquals([error.code, error.mend], ["hook-unknown", 'The declared hooks are "step", "opened".']);
  });
});
