import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createHooks, hook, type Outcome, PlugmapError } from "../../src/hooks/mod.ts";

interface Args {
  readonly at: number;
}
type Wrapper = (this: void, args: Args) => Generator<void, string[], string[]>;

const listening = () => {
  const diagnostics: PlugmapError[] = [];
  const onDiagnostic = (diagnostic: PlugmapError) => void diagnostics.push(diagnostic);
  return { diagnostics, hooks: createHooks({ list: hook<Args, string>({ order: "fifo" }) }, { onDiagnostic }) };
};

/** A wrapper that notes whether it got to its end, and what it saw. */
function watching(trace: string[], name: string): { readonly wrapper: true; readonly run: Wrapper } {
  return {
    wrapper: true,
    *run() {
      try {
        return yield;
      } catch (error) {
        trace.push(`${name} saw ${(error as PlugmapError).code}`);
        throw error;
      } finally {
        trace.push(`${name} ended`);
      }
    },
  };
}

const violations: Readonly<Record<string, Wrapper>> = {
  // deno-lint-ignore require-yield
  *"did not yield"() {
    return ["never yields"];
  },
  *"yielded a second time"() {
    yield;
    yield;
    return ["yields twice"];
  },
};

describe("a wrapper that does not yield exactly once", () => {
  for (const [text, run] of Object.entries(violations)) {
    for (const wrapper of [true, "outcome"] as const) {
      test(`is an error that names it, and the wrappers around it unwind: it ${text} as wrapper ${wrapper}`, () => {
        const { hooks } = listening();
        const trace: string[] = [];
        hooks.register("outermost", { list: watching(trace, "outermost") });
        hooks.register("outer", { list: watching(trace, "outer") });
        hooks.register("faulty", { list: { wrapper, run } as never });
        hooks.register("plain", { list: () => "x" });
        const error = assertThrows(() => hooks.call.list({ at: 0 }), PlugmapError);
        assertEquals([error.code, error.plugin, error.hook], ["hook-wrapper", "faulty", "list"]);
        assertStringIncludes(error.message, `The wrapper ${text}. A wrapper yields exactly once.`);
        assertEquals(trace, [
          "outer saw hook-wrapper",
          "outer ended",
          "outermost saw hook-wrapper",
          "outermost ended",
        ]);
      });
    }
  }

  test("lets the wrappers inside it unwind as well", () => {
    const { hooks } = listening();
    const trace: string[] = [];
    hooks.register("faulty", { list: { wrapper: true, run: violations["yielded a second time"]! } });
    hooks.register("inner", { list: watching(trace, "inner") });
    assertThrows(() => hooks.call.list({ at: 0 }), PlugmapError);
    assertEquals(trace, ["inner ended"]);
  });

  test("is closed, so that its finally blocks run", () => {
    const { hooks } = listening();
    let closed = false;
    hooks.register("faulty", {
      list: {
        wrapper: true,
        *run() {
          try {
            yield;
            yield;
            return [];
          } finally {
            closed = true;
          }
        },
      },
    });
    assertThrows(() => hooks.call.list({ at: 0 }), PlugmapError);
    assertEquals(closed, true);
  });

  test("is an error also when its second yield answers an error from inside", () => {
    const { hooks } = listening();
    hooks.register("faulty", {
      list: {
        wrapper: true,
        *run() {
          try {
            return yield;
          } catch {
            yield;
            return [];
          }
        },
      },
    });
    hooks.register("plain", {
      list() {
        throw new Error("boom");
      },
    });
    assertEquals(assertThrows(() => hooks.call.list({ at: 0 }), PlugmapError).code, "hook-wrapper");
  });

  test("can be answered for by a wrapper around it", () => {
    const { hooks } = listening();
    hooks.register("outer", {
      list: {
        wrapper(next) {
          try {
            return next();
          } catch (error) {
            return [(error as PlugmapError).code];
          }
        },
      },
    });
    hooks.register("faulty", { list: { wrapper: true, run: violations["did not yield"]! } });
    assertEquals(hooks.call.list({ at: 0 }), ["hook-wrapper"]);
  });

  test("is reported once, as an error and not as a failed teardown, in the old style too", () => {
    const { hooks, diagnostics } = listening();
    hooks.register("faulty", {
      list: {
        wrapper: "outcome",
        *run(): Generator<void, void, Outcome<string[]>> {
          yield;
          yield;
        },
      },
    });
    assertEquals(assertThrows(() => hooks.call.list({ at: 0 }), PlugmapError).code, "hook-wrapper");
    assertEquals(diagnostics.map(({ message }) => message), []);
  });
});

describe("register", () => {
  const refused = (impl: unknown, options: { async?: true; historic?: true } = {}) => {
    const hooks = createHooks({ list: hook<Args, string>(options as { async: true }) });
    const error = assertThrows(() => hooks.register("bad", { list: impl as () => string }), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook, hooks.has("bad")], ["hook-impl-invalid", "bad", "list", false]);
    return error.problem;
  };

  test("refuses a wrapper that is no generator function", () => {
    for (const wrapper of [true, "outcome"]) {
      for (const run of [() => [], async () => await Promise.resolve([]), class {}]) {
        assertStringIncludes(refused({ wrapper, run }, { async: true }), "The wrapper is no generator function");
      }
    }
  });

  test("refuses an async generator around a sync hook", () => {
    const run = async function* () {
      await Promise.resolve();
      yield;
    };
    assertStringIncludes(refused({ wrapper: true, run }), "The wrapper is no generator function for a sync hook");
    assertStringIncludes(refused({ wrapper: async () => await Promise.resolve([]) }), "async function");
  });

  test("refuses a wrapper of a historic hook", () => {
    const run = violations["yielded a second time"];
    for (const impl of [{ wrapper: true, run }, { wrapper: "outcome", run }, { wrapper: () => [] }]) {
      assertStringIncludes(refused(impl, { historic: true }), "A historic hook takes no wrapper");
    }
  });

  test("refuses a wrapper of no known kind, and two functions at once", () => {
    assertStringIncludes(refused({ wrapper: "hook", run: violations["did not yield"] }), 'Option "wrapper" is not');
    assertStringIncludes(refused({ wrapper: () => [], run: () => "x" }), 'Options "run" and "wrapper" are both');
    assertStringIncludes(refused({ wrapper: true }), 'Option "run" is missing');
  });

  test("takes a generator that is not said to be a wrapper as one that gives generators", () => {
    const hooks = createHooks({ items: hook<Args, Iterable<number>>() });
    hooks.register("giving", {
      *items({ at }) {
        yield at;
        yield at + 1;
      },
    });
    assertEquals(hooks.call.items({ at: 1 }).map((items) => [...items]), [[1, 2]]);
  });

  test("takes a bound generator function as the generator function it is", () => {
    const hooks = createHooks({ list: hook<Args, string>() });
    const run: Wrapper = function* () {
      return [...yield, "bound"];
    };
    hooks.register("around", { list: { wrapper: true, run: run.bind(undefined) } });
    assertEquals(hooks.call.list({ at: 0 }), ["bound"]);
  });
});

describe("a wrapper of a sync hook", () => {
  test("that answers with a promise is an error that names it", () => {
    const promise = () => Promise.resolve(["x"]) as unknown as string[];
    const generator: Wrapper = function* () {
      yield;
      return promise();
    };
    for (const impl of [{ wrapper: promise }, { wrapper: true as const, run: generator }]) {
      const { hooks } = listening();
      hooks.register("promising", { list: impl });
      const error = assertThrows(() => hooks.call.list({ at: 0 }), PlugmapError);
      assertEquals([error.code, error.plugin], ["hook-async", "promising"]);
    }
  });

  test("that declares an argument which the call lacks is an error before anything runs", () => {
    let ran = false;
    const hooks = createHooks({ list: hook<{ at?: number }, string>() });
    hooks.register("plain", { list: () => (ran = true, "x") });
    hooks.register("around", { list: { wrapper: (next) => next(), args: ["at"] } });
    assertEquals(hooks.call.list({ at: 1 }), ["x"]);
    ran = false;
    const error = assertThrows(() => hooks.call.list({}), PlugmapError);
    assertEquals([error.code, error.plugin, ran], ["hook-argument-missing", "around", false]);
  });

  test("is not blamed for a value that the call of its pipeline lacks", () => {
    const hooks = createHooks({ text: hook<{ text: string }, string>({ mode: "pipeline", value: "text" }) });
    const call = hooks.call.text as (args: object) => unknown;
    const bare = assertThrows(() => call({}), PlugmapError);
    hooks.register("around", { text: { wrapper: (next) => next() } });
    const wrapped = assertThrows(() => call({}), PlugmapError);
    assertEquals([bare.code, bare.plugin], ["hook-arguments", undefined]);
    assertEquals([wrapped.code, wrapped.plugin], ["hook-arguments", undefined]);
  });
});
