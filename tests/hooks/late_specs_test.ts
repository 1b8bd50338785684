import { describe, test } from "node:test";
import { assertEquals, assertNotEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { type AnyHookSpec, createHooks, type Dispatcher, hook, PlugmapError } from "../../src/hooks/mod.ts";

interface Args {
  readonly at: number;
}

/** Registers implementations of hooks that no type knows of yet. */
function register(hooks: Dispatcher<Record<never, never>>, name: string, impls: Record<string, unknown>): void {
  hooks.register(name, impls as Record<string, never>);
}

const late = (specs: Record<never, never> = {}) => createHooks(specs, { lateSpecs: true });

describe("a hook that nobody has declared", () => {
  test("is an error at registration unless lateSpecs says otherwise", () => {
    const hooks = createHooks({});
    const error = assertThrows(() => register(hooks, "a", { who: () => "a" }), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook], ["hook-unknown", "a", "who"]);
    register(late(), "a", { who: () => "a" });
  });

  test("can be called by name, and lists results as hooks do by default", () => {
    const hooks = late();
    register(hooks, "a", { who: { run: () => "a", tryFirst: true } });
    register(hooks, "b", { who: () => null });
    register(hooks, "c", { who: ({ at }: Args) => `c${at}` });
    assertEquals(hooks.caller("who")({ at: 1 }), ["a", "c1"]);
    assertEquals(hooks.implementations("who"), ["a", "c", "b"]);
  });

  test("is unknown before the first implementation and after the last", () => {
    const hooks = late();
    const codes = () => [
      assertThrows(() => hooks.caller("who"), PlugmapError).code,
      assertThrows(() => hooks.implementations("who"), PlugmapError).code,
    ];
    assertEquals(codes(), ["hook-unknown", "hook-unknown"]);
    const pristine = hooks.inspect();
    register(hooks, "a", { who: () => "a" });
    assertNotEquals(hooks.inspect(), pristine);
    hooks.unregister("a");
    assertEquals(codes(), ["hook-unknown", "hook-unknown"]);
    assertEquals(hooks.inspect(), pristine);
  });

  test("leaves no trace of a registration that failed", () => {
    const hooks = late({ who: hook<Args, string>() });
    register(hooks, "a", { who: { run: () => "a", before: ["b"] } });
    const before = hooks.inspect();
    const loop = { ghost: () => "b", who: { run: () => "b", before: ["a"] } };
    assertEquals(assertThrows(() => register(hooks, "b", loop), PlugmapError).code, "hook-order-loop");
    assertEquals(hooks.inspect(), before);
  });

  test("gives a coded error for an async implementation, as any sync hook", () => {
    const hooks = late();
    register(hooks, "a", { who: async () => await Promise.resolve("a") });
    const error = assertThrows(() => hooks.caller("who")({ at: 0 }), PlugmapError);
    assertEquals([error.code, error.plugin], ["hook-async", "a"]);
  });

  test("gives a coded error for an async wrapper, and lets nothing reject behind it", async () => {
    const hooks = late();
    register(hooks, "faulty", {
      who() {
        throw new Error("boom");
      },
    });
    register(hooks, "around", {
      who: {
        wrapper: true,
        async *run() {
          await Promise.resolve();
          yield;
        },
      },
    });
    const error = assertThrows(() => hooks.caller("who")({ at: 0 }), PlugmapError);
    assertEquals([error.code, error.plugin], ["hook-async", "around"]);
    // An unhandled rejection would fail the test here.
    await new Promise((resolve) => setTimeout(resolve));
  });
});

describe("addSpecs", () => {
  test("declares hooks for implementations that were waiting, and for a caller that was there before", () => {
    const hooks = late();
    register(hooks, "a", { find: ({ at }: Args) => `a${at}` });
    const caller = hooks.caller("find");
    assertEquals(caller({ at: 1 }), ["a1"]);
    const more = hooks.addSpecs({ find: hook<Args, string>({ mode: "first" }) });
    assertEquals(more.call.find({ at: 2 }), "a2");
    assertEquals(caller({ at: 3 }), "a3");
  });

  test("works without lateSpecs, and gives the same dispatcher with more hooks", () => {
    const hooks = createHooks({ one: hook<Args, number>() });
    const more = hooks.addSpecs({ two: hook<Args, number>() });
    more.register("a", { one: () => 1, two: () => 2 });
    assertEquals([more.call.one({ at: 0 }), more.call.two({ at: 0 })], [[1], [2]]);
    assertEquals([hooks.call.one({ at: 0 }), hooks.caller("two")({ at: 0 })], [[1], [2]]);
    hooks.unregister("a");
    assertEquals(more.plugins(), []);
    assertEquals(more.inspect().map(({ name }) => name), ["one", "two"]);
  });

  test("takes names of objects' own members", () => {
    const hooks = late();
    register(hooks, "a", { ["__proto__"]: () => 1, constructor: () => 2 });
    const specs = { ["__proto__"]: hook<Args, number>(), constructor: hook<Args, number>() };
    const { call } = hooks.addSpecs(specs);
    assertEquals([call["__proto__"]({ at: 0 }), call.constructor({ at: 0 })], [[1], [2]]);
  });

  test("lets waiting implementations take the arguments and the mode of an async hook", async () => {
    const hooks = late();
    register(hooks, "a", { find: async ({ at }: Args) => await Promise.resolve(at) });
    register(hooks, "around", {
      find: {
        wrapper: true,
        async *run() {
          const result: number = yield;
          return await Promise.resolve(result + 1);
        },
      },
    });
    const more = hooks.addSpecs({ find: hook<Args, number>({ mode: "first", async: true }) });
    assertEquals(await more.call.find({ at: 1 }), 2);
  });

  test("tells of a deprecated hook that plugins implement already", () => {
    const told: (string | undefined)[][] = [];
    const hooks = createHooks({}, {
      lateSpecs: true,
      onDiagnostic: ({ code, plugin, hook }) => void told.push([code, plugin, hook]),
    });
    register(hooks, "a", { old: () => 1 });
    hooks.addSpecs({ old: hook<Args, number>({ deprecated: "use new" }) });
    assertEquals(told, [["hook-deprecated", "a", "old"]]);
  });

  const misfits: Readonly<Record<string, { impl: unknown; spec: AnyHookSpec; text: string }>> = {
    "an async function for a sync hook": {
      impl: async () => await Promise.resolve(1),
      spec: hook(),
      text: "The implementation is an async function, but the hook is sync",
    },
    "an argument that the spec does not declare": {
      impl: { run: () => 1, args: ["z"] },
      spec: hook({ args: ["at"] }),
      text: 'The spec does not declare "z"',
    },
    "a wrapper of a historic hook": {
      impl: { wrapper: () => 1 },
      spec: hook({ historic: true }),
      text: "A historic hook takes no wrapper",
    },
  };
  for (const [what, { impl, spec, text }] of Object.entries(misfits)) {
    test(`declares nothing when a waiting implementation does not fit: ${what}`, () => {
      const hooks = late({ one: hook<Args, number>() });
      register(hooks, "a", { two: impl });
      register(hooks, "b", { three: () => 3 });
      const before = hooks.inspect();
      const error = assertThrows(() => hooks.addSpecs({ three: hook<Args, number>(), two: spec, four: hook() }));
      assertEquals([(error as PlugmapError).code, (error as PlugmapError).hook], ["hook-impl-invalid", "two"]);
      assertStringIncludes((error as PlugmapError).problem, text);
      assertStringIncludes((error as PlugmapError).problem, 'plugin "a" implements it');
      assertEquals(hooks.inspect(), before);
      assertThrows(() => hooks.caller("four"), PlugmapError);
      hooks.unregister("a");
      hooks.addSpecs({ two: spec });
    });
  }

  test("declares nothing when a name is taken, and keeps the hook that has it", () => {
    const hooks = createHooks({ one: hook<Args, number>({ mode: "first" }) });
    hooks.register("a", { one: () => 1 });
    const error = assertThrows(() => hooks.addSpecs({ two: hook(), one: hook<Args, number>() }), PlugmapError);
    assertEquals([error.code, error.hook], ["hook-duplicate", "one"]);
    assertEquals([hooks.call.one({ at: 0 }), hooks.inspect().length], [1, 1]);
    hooks.addSpecs({ two: hook() });
  });

  test("declares nothing when a spec is none", () => {
    const hooks = late();
    for (const two of [undefined, 1, { mode: "last" }]) {
      const error = assertThrows(() => hooks.addSpecs({ one: hook(), two } as never), PlugmapError);
      assertEquals([error.code, hooks.inspect()], ["hook-spec-invalid", []]);
    }
  });

  test("while a hook runs leaves that call as it is", () => {
    const hooks = late();
    register(hooks, "second", { who: () => "second" });
    register(hooks, "first", {
      who() {
        hooks.addSpecs({ who: hook<Args, string>({ mode: "first" }) });
        return "first";
      },
    });
    const caller = hooks.caller("who");
    assertEquals(caller({ at: 0 }), ["first", "second"]);
    hooks.unregister("first");
    assertEquals(caller({ at: 0 }), "second");
  });
});

test("addSpecs and a plugin that is still arriving do not get past each other", async () => {
  const hooks = late({ past: hook<Args, string>({ historic: true, async: true }) });
  await hooks.caller("past").callHistoric({ at: 0 });
  const impls: Record<string, unknown> = {
    past: async () => await Promise.resolve("x"),
    who: { run: () => "x", args: ["misspelt"] },
  };
  const arriving = hooks.registerAsync("a", impls as Record<string, never>);
  const more = hooks.addSpecs({ who: hook<Args, string>({ args: ["at"] }) });
  const error = await assertRejects(() => arriving, PlugmapError);
  assertEquals([error.code, error.hook, hooks.has("a")], ["hook-impl-invalid", "who", false]);
  assertEquals(more.call.who({ at: 0 }), []);
});

describe("checkPending", () => {
  test("names every hook and plugin that still waits, until none does", () => {
    const hooks = late({ declared: hook<Args, number>() });
    hooks.checkPending();
    register(hooks, "a", { one: () => 1, declared: () => 1 });
    register(hooks, "b", { one: () => 1, two: () => 2 });
    const error = assertThrows(() => hooks.checkPending(), PlugmapError);
    assertEquals([error.code, error.mend], ["hook-unknown", 'The declared hooks are "declared".']);
    for (const [plugin, name] of [["a", "one"], ["b", "one"], ["b", "two"]]) {
      assertStringIncludes(
        error.problem,
        `Hook "${name}": No spec declares the hook, and plugin "${plugin}" implements it`,
      );
    }
    hooks.addSpecs({ one: hook<Args, number>() });
    assertEquals(assertThrows(() => hooks.checkPending(), PlugmapError).hook, "two");
    hooks.unregister("b");
    hooks.checkPending();
  });

  test("lets optional implementations wait, and hooks with an underscore in front", () => {
    const hooks = late();
    register(hooks, "a", { one: { run: () => 1, optional: true }, _private: () => 2 });
    hooks.checkPending();
    register(hooks, "b", { one: () => 1 });
    const error = assertThrows(() => hooks.checkPending(), PlugmapError);
    assertStringIncludes(error.problem, '"b"');
    assertEquals(error.problem.includes('"a"'), false);
  });
});

describe("optional", () => {
  test("lets a plugin implement a hook that nobody declares, without lateSpecs too", () => {
    const hooks = createHooks({ one: hook<Args, number>() });
    register(hooks, "a", { one: () => 1, two: { run: () => 2, optional: true } });
    assertEquals([hooks.call.one({ at: 0 }), hooks.hooksOf("a")], [[1], ["one", "two"]]);
    assertEquals(hooks.addSpecs({ two: hook<Args, number>() }).call.two({ at: 0 }), [2]);
  });

  test("is checked like any other where the hook is declared", () => {
    const hooks = createHooks({ one: hook<Args, number>() });
    const impls = { one: { run: async () => await Promise.resolve(1), optional: true } };
    assertEquals(assertThrows(() => register(hooks, "a", impls), PlugmapError).code, "hook-impl-invalid");
  });
});

describe("target", () => {
  const hooks = () => createHooks({ one: hook<Args, string>({ order: "fifo" }), two: hook<Args, string>() });

  test("binds an implementation to the hook it names, several of them to one hook too", () => {
    const dispatcher = hooks();
    dispatcher.register("a", {
      early: { target: "one", run: () => "early" },
      late: { target: "one", run: () => "late" },
      one: { target: "two", run: () => "misnamed" },
    });
    assertEquals(dispatcher.call.one({ at: 0 }), ["early", "late"]);
    assertEquals(dispatcher.call.two({ at: 0 }), ["misnamed"]);
    assertEquals(dispatcher.hooksOf("a"), ["one", "two"]);
    dispatcher.unregister("a");
    assertEquals([dispatcher.call.one({ at: 0 }), dispatcher.call.two({ at: 0 })], [[], []]);
  });

  test("that names no declared hook is an error about that hook, or waits for it", () => {
    const impls = { one: { target: "three", run: () => "x" } };
    const error = assertThrows(() => register(hooks(), "a", impls), PlugmapError);
    assertEquals([error.code, error.hook], ["hook-unknown", "three"]);
    const waiting = late();
    register(waiting, "a", impls);
    assertEquals(waiting.addSpecs({ three: hook<Args, string>() }).call.three({ at: 0 }), ["x"]);
  });
});
