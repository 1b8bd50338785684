import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  createHooks,
  type Dispatcher,
  type DispatcherOptions,
  type GeneratorWrapper,
  hook,
  type HookSpec,
  type MiddlewareWrapper,
  PlugmapError,
} from "../../src/hooks/mod.ts";

type Args = Readonly<Record<string, unknown>>;
type Spec = HookSpec<Args, unknown, "collect", false, false, false>;

/** A dispatcher with one hook of these options, and what it reports. */
function set(options: object, more: DispatcherOptions = {}): [Dispatcher<{ step: Spec }>, PlugmapError[]] {
  const reports: PlugmapError[] = [];
  const onDiagnostic = (diagnostic: PlugmapError) => reports.push(diagnostic);
  return [
    createHooks({ step: hook<Args, unknown>({ order: "fifo", ...options }) }, { onDiagnostic, ...more }),
    reports,
  ];
}

const seeing = (seen: unknown[]) => (args: object) => void seen.push({ ...args });

describe("defaults", () => {
  test("fill in what a call leaves out, and nothing else", () => {
    const [hooks] = set({ defaults: { a: 1, b: null } });
    const seen: unknown[] = [];
    hooks.register("p", { step: seeing(seen) });
    hooks.call.step({});
    hooks.call.step({ a: 2, c: 3 });
    hooks.call.step({ a: undefined });
    assertEquals(seen, [{ a: 1, b: null }, { a: 2, b: null, c: 3 }, { a: undefined, b: null }]);
  });

  test("leave the object of the caller alone", () => {
    const [hooks] = set({ defaults: { a: 1 } });
    const args = Object.freeze({ b: 2 });
    hooks.call.step(args);
    assertEquals(args, { b: 2 });
  });

  test("can be of any name, and do not become the prototype", () => {
    const [hooks] = set({ defaults: JSON.parse('{ "__proto__": { "injected": 1 }, "constructor": 2 }') });
    let seen: Args = {};
    hooks.register("p", { step: (args) => void (seen = args) });
    hooks.call.step({});
    assertEquals([Object.keys(seen), seen.injected, seen.constructor], [["__proto__", "constructor"], undefined, 2]);
  });

  test("do for the threaded value of a pipeline", () => {
    const spec = hook<{ text: string }, string>({ mode: "pipeline", value: "text", defaults: { text: "-" } });
    const hooks = createHooks({ step: spec });
    hooks.register("p", { step: ({ text }) => `${text}!` });
    assertEquals([hooks.call.step({} as { text: string }), hooks.call.step({ text: "x" })], ["-!", "x!"]);
  });

  test("do for subset, detailed, callExtra and historic calls", () => {
    const [hooks] = set({ defaults: { a: 1 } });
    hooks.register("p", { step: ({ a }) => a });
    assertEquals(hooks.call.step.subset(["x"])({}), [1]);
    assertEquals(hooks.call.step.detailed({})[0]!.result, 1);
    assertEquals(hooks.call.step.callExtra([({ a }) => a], {}), [1, 1]);
    const historic = createHooks({ step: hook<Args, unknown>({ historic: true, defaults: { a: 1 } }) });
    historic.call.step.callHistoric({});
    const seen: unknown[] = [];
    historic.register("late", { step: seeing(seen) });
    assertEquals(seen, [{ a: 1 }]);
  });
});

describe("args of a spec", () => {
  test("report what a call leaves out, and let the call go on", () => {
    const [hooks, reports] = set({ args: ["a", "b", "c"], defaults: { c: 1 } });
    hooks.register("p", { step: ({ a }) => a });
    assertEquals(hooks.call.step({ a: 1, b: undefined }), [1]);
    assertEquals(reports, []);
    assertEquals(hooks.call.step({ a: 1 }), [1]);
    assertEquals(hooks.call.step({}), []);
    assertEquals(reports.map(({ code, hook, plugin }) => [code, hook, plugin]), [
      ["hook-argument-missing", "step", undefined],
      ["hook-argument-missing", "step", undefined],
    ]);
    assertEquals(reports.map(({ problem }) => problem), [
      'The call lacks argument "b", which the spec declares',
      'The call lacks arguments "a", "b", which the spec declares',
    ]);
  });

  test("let unknown arguments pass", () => {
    const [hooks, reports] = set({ args: ["a"] });
    hooks.register("p", { step: ({ other }) => other });
    assertEquals([hooks.call.step({ a: 1, other: 2 }), reports], [[2], []]);
  });

  test("are looked for on the object itself", () => {
    const [hooks, reports] = set({ args: ["a", "toString"] });
    hooks.call.step(Object.create({ a: 1 }));
    assertStringIncludes(reports[0]!.problem, '"a", "toString"');
  });

  test("include the threaded value, the defaults and the deprecated ones", () => {
    const wrong = [
      { mode: "pipeline", value: "a", args: ["b"] },
      { args: ["a"], defaults: { b: 1 } },
      { args: ["a"], deprecatedArgs: { b: "gone" } },
      { deprecatedArgs: { b: "gone" } },
      { strict: true },
      { args: ["a", "a"] },
      { args: "a" },
    ];
    for (const options of wrong) {
      assertEquals(assertThrows(() => hook<Args, unknown>(options as object), PlugmapError).code, "hook-spec-invalid");
    }
  });
});

describe("strict", () => {
  test("makes a missing and an unknown argument an error, and runs nothing", () => {
    const [hooks, reports] = set({ args: ["a", "b"], strict: true, defaults: { b: 1 } });
    let ran = 0;
    hooks.register("p", { step: () => ++ran });
    assertEquals(hooks.call.step({ a: 1 }), [1]);
    const missing = assertThrows(() => hooks.call.step({ b: 1 }), PlugmapError);
    assertEquals([missing.code, missing.hook], ["hook-argument-missing", "step"]);
    assertStringIncludes(missing.problem, '"a"');
    const unknown = assertThrows(() => hooks.call.step({ a: 1, c: 1, "d\n": 1 }), PlugmapError);
    assertEquals([unknown.code, unknown.hook], ["hook-argument-unknown", "step"]);
    assertStringIncludes(unknown.problem, 'arguments "c", "d\\u{a}"');
    assertEquals([ran, reports], [1, []]);
  });

  test("rejects on async hooks, and throws when a stream is asked for its first result", async () => {
    for (const mode of ["collect", "parallel", "race"] as const) {
      const options = { mode, async: true, args: ["a"], strict: true } as { async: true };
      const hooks = createHooks({ step: hook<Args, unknown>(options) });
      assertEquals((await assertRejects(() => hooks.call.step({}), PlugmapError)).code, "hook-argument-missing");
    }
    const hooks = createHooks({ step: hook<Args, unknown>({ mode: "stream", args: ["a"], strict: true }) });
    const error = await assertRejects(() => Array.fromAsync(hooks.call.step({})), PlugmapError);
    assertEquals(error.code, "hook-argument-missing");
  });

  test("goes for subset, detailed and callExtra as well", () => {
    const [hooks] = set({ args: ["a"], strict: true });
    const { step } = hooks.call;
    for (const call of [step.subset(["x"]), step.detailed, (args: Args) => step.callExtra([() => 1], args)]) {
      assertEquals(assertThrows(() => call({ a: 1, b: 2 }), PlugmapError).code, "hook-argument-unknown");
    }
  });
});

describe("args of an implementation", () => {
  test("have to be among those of the spec", () => {
    const [hooks] = set({ args: ["a", "b"] });
    const error = assertThrows(() => hooks.register("p", { step: { run: () => 1, args: ["a", "c"] } }), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook], ["hook-impl-invalid", "p", "step"]);
    assertStringIncludes(error.problem, '"c"');
    assertStringIncludes(error.problem, '"a", "b"');
    assertEquals(hooks.plugins(), []);
    hooks.register("p", { step: { run: () => 1, args: ["b"] } });
  });

  test("have to be in the call, and the error names the plugin", () => {
    for (const options of [{}, { args: ["a", "b"] }]) {
      const [hooks] = set(options);
      const ran: string[] = [];
      hooks.register("modest", { step: () => void ran.push("modest") });
      hooks.register("needing", { step: { run: () => void ran.push("needing"), args: ["a"] } });
      hooks.call.step({ a: undefined });
      assertEquals(ran.splice(0), ["modest", "needing"]);
      const error = assertThrows(() => hooks.call.step({ b: 1 }), PlugmapError);
      assertEquals([error.code, error.plugin, error.hook], ["hook-argument-missing", "needing", "step"]);
      assertEquals(ran, ["modest"]);
    }
  });

  test("of a wrapper have to be in the call, and wrappers outside see the error", () => {
    const generator: GeneratorWrapper<Spec> = {
      wrapper: true,
      args: ["a"],
      *run() {
        return yield;
      },
    };
    const middleware: MiddlewareWrapper<Spec> = { wrapper: (next) => next(), args: ["a"] };
    for (const wrapper of [generator, middleware]) {
      const [hooks] = set({});
      let seen: unknown;
      hooks.register("outside", {
        step: {
          wrapper(next) {
            try {
              return next();
            } catch (error) {
              seen = error;
              throw error;
            }
          },
        },
      });
      hooks.register("needing", { step: wrapper });
      assertEquals(hooks.call.step({ a: 1 }), []);
      const error = assertThrows(() => hooks.call.step({}), PlugmapError);
      assertEquals([error.code, error.plugin], ["hook-argument-missing", "needing"]);
      assertStrictEquals(seen, error);
    }
  });

  test("are checked against a spec that comes late", () => {
    const [hooks] = set({}, { lateSpecs: true });
    hooks.register("p", { later: { run: () => 1, args: ["c"], target: "later" } } as unknown as Record<string, never>);
    const add = () => hooks.addSpecs({ later: hook<Args, unknown>({ args: ["a"] }) });
    const error = assertThrows(add, PlugmapError);
    assertEquals([error.code, error.hook], ["hook-impl-invalid", "later"]);
    assertStringIncludes(error.problem, '"p"');
  });
});

describe("deprecations", () => {
  test("are reported once for each plugin that implements a deprecated hook, when it is registered", () => {
    const [hooks, reports] = set({ deprecated: "Use other" });
    hooks.register("p", { step: () => 1 });
    hooks.register("q\n", { step: () => 1 });
    hooks.call.step({});
    assertEquals(reports.map(({ code, plugin, hook, step }) => [code, plugin, hook, step]), [
      ["hook-deprecated", "p", "step", "register"],
      ["hook-deprecated", "q\n", "step", "register"],
    ]);
    assertStringIncludes(reports[0]!.problem, "Use other");
  });

  test("are reported for arguments to those who say they take them", () => {
    const [hooks, reports] = set({ args: ["old", "new"], deprecatedArgs: { old: "Use new" } });
    hooks.register("silent", { step: ({ old }) => old });
    hooks.register("modern", { step: { run: () => 1, args: ["new"] } });
    assertEquals(reports, []);
    hooks.register("ancient", { step: { run: () => 1, args: ["old", "new"] } });
    assertEquals(reports.map(({ code, plugin, hook }) => [code, plugin, hook]), [[
      "hook-deprecated",
      "ancient",
      "step",
    ]]);
    assertStringIncludes(reports[0]!.problem, '"old"');
    assertStringIncludes(reports[0]!.problem, "Use new");
  });

  test("are not reported for what is not registered", () => {
    const [hooks, reports] = set({ deprecated: "Use other" });
    assertThrows(() => hooks.register("p", { step: 1 } as unknown as Record<string, never>), PlugmapError);
    hooks.block("blocked");
    hooks.register("blocked", { step: () => 1 });
    assertEquals(reports, []);
  });

  test("are reported when a spec comes late", () => {
    const [hooks, reports] = set({}, { lateSpecs: true });
    hooks.register("p", { later: () => 1 } as unknown as Record<string, never>);
    assertEquals(reports, []);
    hooks.addSpecs({ later: hook<Args, unknown>({ deprecated: "Gone soon" }) });
    assertEquals(reports.map(({ plugin, hook }) => [plugin, hook]), [["p", "later"]]);
  });

  test("go to the console as one line unless somebody listens", (context) => {
    const warn = context.mock.method(console, "warn", () => {});
    const hooks = createHooks({ step: hook<Args, unknown>({ deprecated: "Use\nother" }) });
    hooks.register("p", { step: () => 1 });
    assertEquals(warn.mock.calls.map(({ arguments: [text] }) => String(text).split("\n").length), [1]);
    assertStringIncludes(String(warn.mock.calls[0]!.arguments[0]), "[hook-deprecated]");
  });
});
