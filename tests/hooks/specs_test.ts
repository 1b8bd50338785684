import { describe, test } from "node:test";
import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type AnyHookSpec, createHooks, defineHooks, hook, type HookSpecs, PlugmapError } from "../../src/hooks/mod.ts";

const declare = hook as (options?: unknown) => unknown;
const define = (specs: unknown) => defineHooks(specs as HookSpecs);

describe("hook", () => {
  test("has pluggy's defaults", () => {
    assertEquals(hook<{ name: string }, string>(), {
      mode: "collect",
      async: false,
      order: "lifo",
      keepNull: false,
      value: undefined,
      historic: undefined,
      args: undefined,
      defaults: undefined,
      strict: false,
      deprecated: undefined,
      deprecatedArgs: undefined,
      schema: undefined,
      errors: "stop",
      timeLimit: undefined,
      concurrency: Number.POSITIVE_INFINITY,
    });
  });

  test("takes options that are undefined as not given", () => {
    assertEquals(
      declare({ mode: undefined, async: undefined, order: undefined, keepNull: undefined, value: undefined }),
      hook<{ name: string }, string>(),
    );
  });

  test("gives a frozen spec", () => {
    assertEquals(Object.isFrozen(hook<{ name: string }, string>()), true);
  });

  test("refuses unknown options and values", () => {
    const wrong = [
      null,
      1,
      "first",
      [],
      { modes: "first" },
      { mode: "last" },
      { mode: null },
      { async: 1 },
      { order: "random" },
      { keepNull: "no" },
      { mode: "pipeline", value: 1 },
      Object.create({ mode: "first" }),
    ];
    for (const options of wrong) {
      assertEquals(assertThrows(() => declare(options), PlugmapError).code, "hook-spec-invalid");
    }
  });

  test("refuses a pipeline without a value, and a value without a pipeline", () => {
    for (const options of [{ mode: "pipeline" }, { value: "text" }, { mode: "first", value: "text" }]) {
      assertStringIncludes(assertThrows(() => declare(options), PlugmapError).problem, '"value"');
    }
  });

  test("tells all wrong options in one error", () => {
    const { problem } = assertThrows(() => declare({ mode: "last", order: "random" }), PlugmapError);
    assertStringIncludes(problem, '"mode" is not collect or first or pipeline');
    assertStringIncludes(problem, '"order" is not lifo or fifo');
  });
});

describe("defineHooks", () => {
  test("gives a frozen table without a prototype", () => {
    const specs = defineHooks({ greeting: hook<{ name: string }, string>() });
    assertStrictEquals(Object.getPrototypeOf(specs), null);
    assertEquals(Object.isFrozen(specs), true);
  });

  test("keeps what it read when the given table changes afterwards", () => {
    const given: Record<string, AnyHookSpec> = { greeting: hook() };
    const specs = defineHooks(given);
    given.greeting = hook({ mode: "first" });
    assertEquals(specs.greeting?.mode, "collect");
  });

  test("takes a table that it made, and specs from another copy of this module", () => {
    const specs = defineHooks({ greeting: hook<{ name: string }, string>({ mode: "first" }) });
    assertEquals(defineHooks(specs), specs);
    const foreign = { greeting: { mode: "first", async: false, order: "lifo", keepNull: false, value: undefined } };
    assertEquals(define(foreign), specs);
  });

  test("names the hook whose spec is wrong", () => {
    for (const spec of [undefined, null, 1, () => {}, { mode: "last" }, { mode: "pipeline" }]) {
      const error = assertThrows(() => define({ fine: hook(), broken: spec }), PlugmapError);
      assertEquals([error.code, error.hook], ["hook-spec-invalid", "broken"]);
    }
  });

  test("tells everything that is wrong in one error", () => {
    const { problem } = assertThrows(() => define({ a: 1, b: { mode: "last" } }), PlugmapError);
    assertStringIncludes(problem, 'Hook "a": ');
    assertStringIncludes(problem, 'Hook "b": ');
  });

  test("refuses a table that inherits specs, so that none is dropped in silence", () => {
    const base = defineHooks({ greeting: hook<{ name: string }, string>() });
    for (const specs of [undefined, null, 1, [], new Map(), { __proto__: base }, { __proto__: hook() }]) {
      assertEquals(assertThrows(() => define(specs), PlugmapError).code, "hook-spec-invalid");
    }
  });

  test("runs no getter", () => {
    let ran = false;
    const specs = {
      get greeting() {
        ran = true;
        return hook();
      },
    };
    assertThrows(() => define(specs), PlugmapError);
    assertEquals(ran, false);
  });
});

test("createHooks checks a table that defineHooks has not seen", () => {
  const error = assertThrows(() => createHooks({ broken: 1 } as unknown as HookSpecs), PlugmapError);
  assertEquals([error.code, error.hook], ["hook-spec-invalid", "broken"]);
});
