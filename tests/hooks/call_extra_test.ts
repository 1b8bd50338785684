import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { createHooks, type Dispatcher, hook, type HookSpec, PlugmapError } from "../../src/hooks/mod.ts";

type Args = { readonly at?: number; readonly more?: string };
type Spec = HookSpec<Args, string, "collect", false, false, false>;

function set(more: object = {}): Dispatcher<{ step: Spec }> {
  return createHooks({ step: hook<Args, string>({ ...more }) });
}

const extras = [() => "e1", { run: () => "e2" }];

describe("callExtra", () => {
  test("runs extra implementations in that call only", () => {
    const hooks = set();
    hooks.register("a", { step: () => "a" });
    assertEquals(hooks.call.step.callExtra(extras, {}), ["e2", "e1", "a"]);
    assertEquals(hooks.call.step({}), ["a"]);
    assertEquals(hooks.implementations("step"), ["a"]);
    assertEquals(hooks.plugins(), ["a"]);
  });

  test("runs them as if they had been registered last, in either order", () => {
    const expected = {
      lifo: ["tf2", "tf1", "e2", "e1", "n2", "n1", "tl1", "tl2"],
      fifo: ["tf1", "tf2", "n1", "n2", "e1", "e2", "tl1", "tl2"],
    };
    for (const order of ["lifo", "fifo"] as const) {
      const hooks = set({ order });
      for (const number of [1, 2]) {
        hooks.register(`n${number}`, { step: () => `n${number}` });
        hooks.register(`tl${number}`, { step: { run: () => `tl${number}`, tryLast: true } });
        hooks.register(`tf${number}`, { step: { run: () => `tf${number}`, tryFirst: true } });
      }
      assertEquals(hooks.call.step.callExtra(extras, {}), expected[order]);
    }
  });

  test("has wrappers around them", () => {
    const hooks = set();
    hooks.register("w", {
      step: {
        wrapper: true,
        *run() {
          const results = yield;
          return results.map((result) => `<${result}>`);
        },
      },
    });
    assertEquals(hooks.call.step.callExtra(extras, {}), ["<e2>", "<e1>"]);
  });

  test("follows the mode of the hook", async () => {
    const options = { first: { mode: "first" }, pipeline: { mode: "pipeline", value: "more" } };
    assertEquals(set(options.first).call.step.callExtra(extras, {}) as unknown, "e2");
    const pipe = set(options.pipeline).call.step;
    const mark = (text: string) => ({ more }: Args) => `${more}${text}`;
    assertEquals(pipe.callExtra([mark("1"), mark("2")], { more: "-" }) as unknown, "-21");
    const hooks = createHooks({ step: hook<Args, string>({ mode: "parallel" }) });
    hooks.register("a", { step: () => Promise.resolve("a") });
    assertEquals(await hooks.call.step.callExtra([async () => await Promise.resolve("e")], {}), ["e", "a"]);
    const streams = createHooks({ step: hook<Args, string>({ mode: "stream", concurrency: 1 }) });
    assertEquals(await Array.fromAsync(streams.call.step.callExtra(extras, {})), ["e2", "e1"]);
  });

  test("without extras is the plain call", () => {
    const hooks = set();
    hooks.register("a", { step: () => "a" });
    assertEquals(hooks.call.step.callExtra([], {}), ["a"]);
  });

  test("names a failing one by what it is", async () => {
    const boom = new Error("boom");
    const throwing = () => {
      throw boom;
    };
    const error = assertThrows(() => set().call.step.callExtra([throwing], {}), PlugmapError);
    assertEquals([error.code, error.hook, error.plugin], ["hook-failed", "step", "(extra)"]);
    assertStrictEquals(error.cause, boom);
    const hooks = createHooks({ step: hook<Args, string>({ async: true }) });
    const rejecting = () => hooks.call.step.callExtra([throwing], {});
    assertEquals((await assertRejects(rejecting, PlugmapError)).plugin, "(extra)");
  });

  test("can run extras of their own inside of one another", () => {
    const hooks = set();
    hooks.register("a", { step: () => "a" });
    const inner = () => hooks.call.step.callExtra([() => "inner"], {}).join("+");
    assertEquals(hooks.call.step.callExtra([inner], {}), ["inner+a", "a"]);
  });

  test("refuses what is no implementation, naming the hook", async () => {
    const wrong = [
      1,
      "x",
      null,
      undefined,
      {},
      { run: 1 },
      { run: () => "x", tryFirst: true, tryLast: true },
      new Map(),
    ];
    for (const extra of wrong) {
      const error = assertThrows(() => set().call.step.callExtra([extra as () => string], {}), PlugmapError);
      assertEquals([error.code, error.hook], ["hook-impl-invalid", "step"]);
      const hooks = createHooks({ step: hook<Args, string>({ async: true }) });
      const rejected = await assertRejects(() => hooks.call.step.callExtra([extra as () => string], {}), PlugmapError);
      assertEquals(rejected.code, "hook-impl-invalid");
    }
    const error = assertThrows(() => set().call.step.callExtra([async () => await "x"] as never, {}), PlugmapError);
    assertEquals(error.code, "hook-impl-invalid");
  });

  test("refuses what is no list of implementations", () => {
    for (const wrong of [undefined, null, 1, {}, () => "x"]) {
      const call = () => set().call.step.callExtra(wrong as unknown as [], {});
      assertEquals(assertThrows(call, PlugmapError).code, "hook-impl-invalid");
    }
  });

  test("lets extras take what only this call has, unless the spec is strict", () => {
    const extra = { run: ({ more }: Args) => more!, args: ["more"] };
    assertEquals(set({ args: ["at"] }).call.step.callExtra([extra], { at: 1, more: "more" }), ["more"]);
    const missing = assertThrows(() => set({ args: ["at"] }).call.step.callExtra([extra], { at: 1 }), PlugmapError);
    assertEquals([missing.code, missing.plugin], ["hook-argument-missing", "(extra)"]);
    const strict = set({ args: ["at"], strict: true }).call.step;
    assertEquals(assertThrows(() => strict.callExtra([extra], { at: 1 }), PlugmapError).code, "hook-impl-invalid");
  });

  test("works on a subset", () => {
    const hooks = set();
    for (const name of ["a", "b"]) hooks.register(name, { step: () => name });
    assertEquals(hooks.call.step.subset(["b"]).callExtra(extras, {}), ["e2", "e1", "a"]);
  });

  test("is not in the way of a plugin that has the same name", () => {
    const hooks = set();
    hooks.register("(extra)", { step: () => "plugin" });
    assertEquals(hooks.call.step.subset(["(extra)"]).callExtra(extras, {}), ["e2", "e1"]);
  });
});
