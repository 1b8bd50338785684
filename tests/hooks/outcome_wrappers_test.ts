import { describe, test } from "node:test";
import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { createHooks, type Dispatcher, hook, type HookSpec, Outcome, PlugmapError } from "../../src/hooks/mod.ts";

interface Args {
  readonly at: number;
}
type Find = { find: HookSpec<Args, string, "first", false, false, false> };
type Found = Outcome<string | undefined>;

/** A hook whose one implementation answers or throws, and a wrapper of the old style around it. */
function around(react: (outcome: Found) => unknown, thrown?: unknown): {
  readonly hooks: Dispatcher<Find>;
  readonly diagnostics: readonly PlugmapError[];
} {
  const diagnostics: PlugmapError[] = [];
  const hooks = createHooks({ find: hook<Args, string>({ mode: "first" }) }, {
    onDiagnostic: (diagnostic) => void diagnostics.push(diagnostic),
  });
  hooks.register("inside", {
    find() {
      if (thrown !== undefined) throw thrown;
      return "x";
    },
  });
  hooks.register("around", {
    find: {
      wrapper: "outcome",
      *run() {
        return react(yield);
      },
    },
  });
  return { hooks, diagnostics };
}

describe("an outcome wrapper", () => {
  test("gets the outcome, and what it returns is ignored", () => {
    let seen: unknown[] = [];
    const { hooks } = around((outcome) => {
      assertInstanceOf(outcome, Outcome);
      seen = [outcome.get(), outcome.error];
      return "ignored";
    });
    assertEquals(hooks.call.find({ at: 0 }), "x");
    assertEquals(seen, ["x", undefined]);
  });

  test("forces another result, also undefined", () => {
    for (const value of ["y", undefined]) {
      assertStrictEquals(around((outcome) => outcome.force(value)).hooks.call.find({ at: 0 }), value);
    }
  });

  test("forces a result in place of an error", () => {
    const thrown = new Error("boom");
    let seen: unknown;
    const { hooks } = around((outcome) => {
      seen = outcome.error;
      outcome.force("saved");
      assertStrictEquals(outcome.error, undefined);
      assertEquals(outcome.get(), "saved");
    }, thrown);
    assertEquals(hooks.call.find({ at: 0 }), "saved");
    assertEquals([(seen as PlugmapError).plugin, (seen as PlugmapError).cause], ["inside", thrown]);
  });

  test("forces an error in place of a result, which is then its own", () => {
    const forced = new Error("forced");
    const { hooks, diagnostics } = around((outcome) => {
      outcome.forceError(forced);
      assertStrictEquals(assertThrows(() => outcome.get()), forced);
    });
    const error = assertThrows(() => hooks.call.find({ at: 0 }), PlugmapError);
    assertEquals([error.code, error.plugin, error.cause], ["hook-failed", "around", forced]);
    assertEquals(diagnostics, []);
  });

  test("lets the error through that it does not touch, or that get throws", () => {
    for (const react of [() => {}, (outcome: Found) => outcome.get()]) {
      const { hooks, diagnostics } = around(react, new Error("boom"));
      const error = assertThrows(() => hooks.call.find({ at: 0 }), PlugmapError);
      assertEquals([error.plugin, error.problem], ["inside", "boom"]);
      assertEquals(diagnostics, []);
    }
  });

  test("that throws after its yield is reported, and the error goes on outward", () => {
    const thrown = new Error("late");
    const { hooks, diagnostics } = around(() => {
      throw thrown;
    });
    const error = assertThrows(() => hooks.call.find({ at: 0 }), PlugmapError);
    assertEquals([error.code, error.plugin, error.cause], ["hook-failed", "around", thrown]);
    assertEquals(diagnostics.map(({ code, plugin, hook, cause }) => [code, plugin, hook, cause]), [
      ["hook-teardown-failed", "around", "find", thrown],
    ]);
  });

  test("and one of the new style work together in either nesting", () => {
    const oldStyle = {
      wrapper: "outcome" as const,
      *run(): Generator<void, void, Found> {
        const outcome = yield;
        outcome.force(`old(${outcome.error === undefined ? outcome.get() : "error"})`);
      },
    };
    const newStyle = {
      wrapper: true as const,
      *run(): Generator<void, string | undefined, string | undefined> {
        return `new(${yield})`;
      },
    };
    for (
      const [outer, inner, expected] of [[oldStyle, newStyle, "old(error)"], [newStyle, oldStyle, "new(old(error))"]]
    ) {
      const hooks = createHooks({ find: hook<Args, string>({ mode: "first", order: "fifo" }) });
      hooks.register("outer", { find: outer as typeof oldStyle });
      hooks.register("inner", { find: inner as typeof oldStyle });
      hooks.register("faulty", {
        find() {
          throw new Error("boom");
        },
      });
      assertEquals(hooks.call.find({ at: 0 }), expected as string);
    }
  });

  test("of an async hook does the same, as a generator of either kind", async () => {
    const thrown = new Error("boom");
    const sync = function* (): Generator<void, void, Found> {
      (yield).force("saved");
    };
    const async = async function* (): AsyncGenerator<void, void, Found> {
      const outcome = yield;
      await Promise.resolve();
      outcome.force(`saved from ${(outcome.error as PlugmapError).problem}`);
    };
    const results: unknown[] = [];
    for (const run of [sync, async]) {
      const hooks = createHooks({ find: hook<Args, string>({ mode: "first", async: true }) });
      hooks.register("faulty", { find: () => Promise.reject(thrown) });
      hooks.register("around", { find: { wrapper: "outcome", run } });
      results.push(await hooks.call.find({ at: 0 }));
    }
    assertEquals(results, ["saved", "saved from boom"]);
  });
});
