import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { createHooks, type Dispatcher, hook, type HookSpec, type Impl, PlugmapError } from "../../src/hooks/mod.ts";

interface Args {
  readonly at: number;
}
type Find = { find: HookSpec<Args, string, "first", true, false, false> };
type FindImpl = Impl<Find["find"]>;
type Next = () => Promise<string | undefined>;

const turn = () => new Promise((resolve) => setTimeout(resolve));

/** A hook with what is inside it, and wrappers around it, the outermost first. */
function find(inside: FindImpl, ...wrappers: readonly FindImpl[]): Dispatcher<Find> {
  const hooks = createHooks({ find: hook<Args, string>({ mode: "first", async: true, order: "fifo" }) });
  wrappers.forEach((wrapper, index) => hooks.register(`wrapper ${index}`, { find: wrapper }));
  hooks.register("inside", { find: inside });
  return hooks;
}

const slow = async () => (await turn(), "x");
const failing = async () => {
  await turn();
  throw new Error("boom");
};

/** The same wrapper as an async generator, as a sync one, and as middleware. */
function forms(
  react: (inner: Next) => Promise<string | undefined>,
  sync: () => Generator<void, string | undefined, string | undefined>,
): FindImpl[] {
  const run = async function* (): AsyncGenerator<void, string | undefined, string | undefined> {
    let came: { readonly result: string | undefined } | { readonly error: unknown };
    try {
      came = { result: yield };
    } catch (error) {
      came = { error };
    }
    return await react(() => "error" in came ? Promise.reject(came.error) : Promise.resolve(came.result));
  };
  return [{ wrapper: true, run }, { wrapper: true, run: sync }, { wrapper: (next) => react(next) }];
}

describe("a wrapper of an async hook", () => {
  test("replaces the result", async () => {
    const wrappers = forms(async (inner) => `(${await inner()})`, function* () {
      return `(${yield})`;
    });
    for (const wrapper of wrappers) assertEquals(await find(slow, wrapper).call.find({ at: 0 }), "(x)");
  });

  test("replaces the result with undefined", async () => {
    const wrappers = forms(async (inner) => (await inner(), undefined), function* () {
      yield;
      return undefined;
    });
    for (const wrapper of wrappers) assertStrictEquals(await find(slow, wrapper).call.find({ at: 0 }), undefined);
  });

  test("swallows an error", async () => {
    const problem = (error: unknown) => `saved from ${(error as PlugmapError).plugin}`;
    const wrappers = forms((inner) => inner().catch(problem), function* () {
      try {
        return yield;
      } catch (error) {
        return problem(error);
      }
    });
    for (const wrapper of wrappers) {
      assertEquals(await find(failing, wrapper).call.find({ at: 0 }), "saved from inside");
    }
  });

  test("replaces an error, and is named then", async () => {
    const other = (error: unknown): never => {
      throw new Error("other", { cause: error });
    };
    const wrappers = forms((inner) => inner().catch(other), function* () {
      try {
        return yield;
      } catch (error) {
        return other(error);
      }
    });
    for (const wrapper of wrappers) {
      const error = await assertRejects(() => find(failing, wrapper).call.find({ at: 0 }), PlugmapError);
      assertEquals([error.code, error.plugin, error.problem], ["hook-failed", "wrapper 0", "other"]);
      assertEquals(((error.cause as Error).cause as PlugmapError).plugin, "inside");
    }
  });

  test("passes an error on as it is", async () => {
    const wrappers = forms((inner) => inner(), function* () {
      return yield;
    });
    for (const wrapper of wrappers) {
      const error = await assertRejects(() => find(failing, wrapper, wrapper).call.find({ at: 0 }), PlugmapError);
      assertEquals([error.plugin, error.problem], ["inside", "boom"]);
    }
  });

  test("is waited for, before its yield and after it", async () => {
    const trace: string[] = [];
    const step = async (name: string) => {
      await turn();
      trace.push(name);
    };
    const wrapper = (name: string): FindImpl => ({
      wrapper: true,
      async *run() {
        await step(`${name} before`);
        const result = yield;
        await step(`${name} after`);
        return result;
      },
    });
    const hooks = find(async () => (await step("inside"), "x"), wrapper("outer"), wrapper("inner"));
    const running = hooks.call.find({ at: 0 });
    trace.push("called");
    await running;
    trace.push("answered");
    assertEquals(trace, [
      "called",
      "outer before",
      "inner before",
      "inside",
      "inner after",
      "outer after",
      "answered",
    ]);
  });

  test("that throws before its yield keeps what is inside from running, and tells those outside", async () => {
    let ran = false;
    const hooks = find(() => (ran = true, "x"), { wrapper: (next) => next().catch(({ plugin }) => `saw ${plugin}`) }, {
      wrapper: true,
      // deno-lint-ignore require-yield
      async *run() {
        await turn();
        throw new Error("too early");
      },
    });
    assertEquals(await hooks.call.find({ at: 0 }), "saw wrapper 1");
    assertEquals(ran, false);
  });

  test("rejects also when middleware throws at once", async () => {
    const hooks = find(slow, {
      wrapper() {
        throw new Error("at once");
      },
    });
    const error = await assertRejects(() => hooks.call.find({ at: 0 }), PlugmapError);
    assertEquals([error.plugin, error.problem], ["wrapper 0", "at once"]);
  });

  test("runs once for each of the calls that overlap", async () => {
    const hooks = createHooks({ find: hook<Args, string>({ mode: "first", async: true }) });
    hooks.register("inside", { find: async ({ at }) => (await turn(), String(at)) });
    hooks.register("around", {
      find: {
        wrapper: true,
        async *run({ at }) {
          await turn();
          return `${at}:${yield}`;
        },
      },
    });
    assertEquals(await Promise.all([1, 2].map((at) => hooks.call.find({ at }))), ["1:1", "2:2"]);
  });

  test("tries again by calling next twice", async () => {
    let calls = 0;
    const hooks = find(() => ++calls === 1 ? failing() : slow(), { wrapper: (next) => next().catch(() => next()) });
    assertEquals(await hooks.call.find({ at: 0 }), "x");
    assertEquals(calls, 2);
  });
});

describe("a wrapper of an async hook that does not yield exactly once", () => {
  const violations: FindImpl[] = [
    // deno-lint-ignore require-yield
    async function* () {
      await turn();
      return "x";
    },
    async function* () {
      yield;
      yield;
      return "x";
    },
    function* (): Generator<void, string | undefined, string | undefined> {
      yield;
      yield;
      return "x";
    },
  ].map((run) => ({ wrapper: true, run }));

  test("is an error that names it, and all other wrappers still unwind", async () => {
    for (const violation of violations) {
      const trace: string[] = [];
      const watching = (name: string): FindImpl => ({
        wrapper: true,
        async *run() {
          try {
            return yield;
          } finally {
            await turn();
            trace.push(name);
          }
        },
      });
      const hooks = find(slow, watching("outer"), watching("inner"), violation);
      const error = await assertRejects(() => hooks.call.find({ at: 0 }), PlugmapError);
      assertEquals([error.code, error.plugin, error.hook], ["hook-wrapper", "wrapper 2", "find"]);
      assertEquals(trace, ["inner", "outer"]);
    }
  });

  test("is closed, so that its finally blocks run before the call ends", async () => {
    let closed = false;
    const hooks = find(slow, {
      wrapper: true,
      async *run() {
        try {
          yield;
          yield;
          return "x";
        } finally {
          await turn();
          closed = true;
        }
      },
    });
    await assertRejects(() => hooks.call.find({ at: 0 }), PlugmapError);
    assertEquals(closed, true);
  });
});

describe("wrappers around the other async modes", () => {
  test("collect and parallel: they get and replace the list", async () => {
    for (const options of [{ async: true }, { mode: "parallel" }] as const) {
      const hooks = createHooks({ list: hook<Args, string>({ order: "fifo", ...options as { async: true } }) });
      hooks.register("around", {
        list: {
          wrapper: true,
          async *run() {
            return [...yield, "added"];
          },
        },
      });
      hooks.register("a", { list: slow });
      hooks.register("b", { list: () => "b" });
      assertEquals(await hooks.call.list({ at: 0 }), ["x", "b", "added"]);
    }
  });

  test("pipeline: they thread another value into it and out of it", async () => {
    const hooks = createHooks({
      text: hook<{ text: string }, string>({ mode: "pipeline", value: "text", async: true }),
    });
    hooks.register("inside", { text: async ({ text }) => (await turn(), `${text}x`) });
    hooks.register("around", { text: { wrapper: async (next, { text }) => `${await next({ text: `${text}!` })}?` } });
    assertEquals(await hooks.call.text({ text: "a" }), "a!x?");
  });

  test("race: they replace the result and swallow the failure", async () => {
    const hooks = createHooks({ find: hook<Args, string>({ mode: "race" }) });
    hooks.register("around", { find: { wrapper: (next) => next().catch(() => "saved") } });
    hooks.register("failing", { find: failing });
    assertEquals(await hooks.call.find({ at: 0 }), "saved");
  });

  test("stream: they replace the results while these come", async () => {
    const hooks = createHooks({ items: hook<Args, string>({ mode: "stream", concurrency: 1, order: "fifo" }) });
    const trace: string[] = [];
    hooks.register("around", {
      items: {
        wrapper: true,
        async *run() {
          const inner = yield;
          await turn();
          return (async function* () {
            for await (const item of inner) yield `(${item})`;
          })();
        },
      },
    });
    hooks.register("a", { items: () => (trace.push("a runs"), "a") });
    hooks.register("b", { items: () => (trace.push("b runs"), "b") });
    for await (const item of hooks.call.items({ at: 0 })) trace.push(item);
    assertEquals(trace, ["a runs", "(a)", "b runs", "(b)"]);
  });
});
