import { describe, test } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import * as v from "valibot";
import * as z from "zod";
import {
  createHooks,
  type Dispatcher,
  hook,
  type HookMode,
  type HookSpec,
  PlugmapError,
  type StandardSchema,
} from "../../src/hooks/mod.ts";

type Args = Readonly<Record<string, unknown>>;
type Spec = HookSpec<Args, unknown, "collect", false, false, false>;
type AsyncSpec = HookSpec<Args, unknown, "collect", true, false, false>;
type Schemas = { readonly args?: unknown; readonly result?: unknown };

function sync(schema: Schemas, more: object = {}): Dispatcher<{ step: Spec }> {
  return createHooks({ step: hook<Args, unknown>({ schema, order: "fifo", ...more } as object) });
}

function async(schema: Schemas, more: object = {}): Dispatcher<{ step: AsyncSpec }> {
  const options = { schema, async: true, order: "fifo", ...more } as { async: true };
  return createHooks({ step: hook<Args, unknown>(options) }, { onDiagnostic() {} });
}

/** The same schemas, as different libraries write them. */
const libraries = {
  zod: {
    args: z.object({ name: z.string(), list: z.array(z.number()).optional() }),
    trimmed: z.object({ name: z.string().transform((name) => name.trim()) }),
    positive: z.number().positive(),
    rounded: z.number().transform(Math.round),
    awaited: z.object({ name: z.string().refine(async (name) => await Promise.resolve(name !== "bad"), "is bad") }),
    later: z.number().transform(async (number) => await Promise.resolve(number + 1)),
  },
  valibot: {
    args: v.object({ name: v.string(), list: v.optional(v.array(v.number())) }),
    trimmed: v.object({ name: v.pipe(v.string(), v.trim()) }),
    positive: v.pipe(v.number(), v.minValue(1)),
    rounded: v.pipe(v.number(), v.transform(Math.round)),
    awaited: v.objectAsync({
      name: v.pipeAsync(v.string(), v.checkAsync(async (name) => await Promise.resolve(name !== "bad"), "is bad")),
    }),
    later: v.pipeAsync(v.number(), v.transformAsync(async (number) => await Promise.resolve(number + 1))),
  },
};

/** A schema of nobody's, which says what it is told to. */
const saying = (validate: (value: unknown) => unknown): StandardSchema =>
  ({ "~standard": { version: 1, vendor: "test", validate } }) as StandardSchema;

for (const [library, schemas] of Object.entries(libraries)) {
  describe(`schemas of ${library}`, () => {
    test("let right arguments pass and refuse others, telling where", () => {
      const hooks = sync({ args: schemas.args });
      let ran = 0;
      hooks.register("p", { step: () => ++ran });
      assertEquals(hooks.call.step({ name: "Ada" }), [1]);
      const error = assertThrows(() => hooks.call.step({ name: 1, list: [0, "x"] }), PlugmapError);
      assertEquals([error.code, error.hook, error.plugin, error.step], ["hook-schema", "step", undefined, "call"]);
      assertStringIncludes(error.problem, "he arguments");
      assertStringIncludes(error.problem, 'at "name"');
      assertStringIncludes(error.problem, 'at "list.1"');
      assertEquals(ran, 1);
    });

    test("put what they make of arguments in their place", () => {
      const hooks = sync({ args: schemas.trimmed });
      hooks.register("p", { step: (args) => ({ ...args }) });
      assertEquals(hooks.call.step({ name: "  Ada ", unknown: 1 }), [{ name: "Ada" }]);
    });

    test("look at each result, and name the plugin", () => {
      const hooks = sync({ result: schemas.positive });
      hooks.register("fine", { step: () => 1 });
      hooks.register("nothing", { step: () => undefined });
      assertEquals(hooks.call.step({}), [1]);
      hooks.register("faulty", { step: () => -1 });
      const error = assertThrows(() => hooks.call.step({}), PlugmapError);
      assertEquals([error.code, error.plugin, error.hook], ["hook-schema", "faulty", "step"]);
      assertStringIncludes(error.problem, "he result");
    });

    test("put what they make of a result in its place, in every mode", async () => {
      const modes: readonly HookMode[] = ["collect", "first", "pipeline", "parallel", "race", "stream"];
      for (const mode of modes) {
        const more = mode === "pipeline" ? { mode, value: "at" } : { mode };
        const hooks = async({ result: schemas.rounded }, more);
        hooks.register("p", { step: () => Promise.resolve(1.6) });
        const answer: unknown = await hooks.call.step({ at: 0 });
        const given = mode === "stream" ? await Array.fromAsync(answer as AsyncIterable<unknown>) : answer;
        assertEquals([given].flat(), [2], mode);
      }
      const hooks = sync({ result: schemas.rounded }, { mode: "pipeline", value: "at" });
      hooks.register("p", { step: ({ at }) => at as number + 0.6 });
      hooks.register("q", { step: ({ at }) => at as number * 10 });
      assertEquals(hooks.call.step({ at: 1 }) as unknown, 20);
    });

    test("can be async for async hooks", async () => {
      const hooks = async({ args: schemas.awaited, result: schemas.later });
      hooks.register("p", { step: ({ name }) => Promise.resolve((name as string).length) });
      assertEquals(await hooks.call.step({ name: "Ada" }), [4]);
      const error = await assertRejects(() => hooks.call.step({ name: "bad" }), PlugmapError);
      assertEquals(error.code, "hook-schema");
      assertStringIncludes(error.problem, 'at "name" "is bad"');
      const wrong = await assertRejects(() => hooks.call.step({ name: 1 }), PlugmapError);
      assertEquals(wrong.code, "hook-schema");
    });

    test("cannot be async for sync hooks", () => {
      const error = assertThrows(() => sync({ args: schemas.awaited }).call.step({ name: "Ada" }), PlugmapError);
      assertEquals([error.code, error.hook], ["hook-async", "step"]);
      const hooks = sync({ result: schemas.later });
      hooks.register("p", { step: () => 1 });
      assertEquals(assertThrows(() => hooks.call.step({}), PlugmapError).code, "hook-async");
    });

    test("see defaults, and make streams fail when they are asked for their first result", async () => {
      const hooks = sync({ args: schemas.args }, { defaults: { name: "Ada" } });
      hooks.register("p", { step: ({ name }) => name });
      assertEquals(hooks.call.step({}), ["Ada"]);
      const streams = createHooks({ step: hook<Args, unknown>({ mode: "stream", schema: { args: schemas.args } }) });
      const error = await assertRejects(() => Array.fromAsync(streams.call.step({ name: 1 })), PlugmapError);
      assertEquals(error.code, "hook-schema");
    });

    test("give failures that the spec can isolate or collect", async () => {
      const isolating = async({ result: schemas.positive }, { errors: "isolate" });
      const collecting = async({ result: schemas.positive }, { errors: "collect" });
      for (const hooks of [isolating, collecting]) {
        hooks.register("faulty", { step: () => -1 });
        hooks.register("fine", { step: () => 1 });
      }
      assertEquals(await isolating.call.step({}), [1]);
      const error = await assertRejects(() => collecting.call.step({}), PlugmapError);
      const failures = (error.cause as AggregateError).errors as PlugmapError[];
      assertEquals(failures.map(({ code, plugin }) => [code, plugin]), [["hook-schema", "faulty"]]);
    });
  });
}

describe("a schema", () => {
  test("of zod that quotes hostile names is quoted itself", () => {
    const hooks = sync({ args: z.strictObject({}) });
    const error = assertThrows(() => hooks.call.step({ '\u001b[31m"); evil(\u202e\n': 1 }), PlugmapError);
    assertEquals(error.code, "hook-schema");
    assert(/^[ -~]*$/.test(error.message), error.message);
    assertStringIncludes(error.message, "\\u{1b}[31m");
  });

  test("that says hostile things has them quoted, paths as well", () => {
    const path = ['a"b', { key: "\u001b[2J" }, Symbol("s\n"), 0];
    const hooks = sync({ args: saying(() => ({ issues: [{ message: "line\nbreak\u202e", path }] })) });
    const error = assertThrows(() => hooks.call.step({}), PlugmapError);
    assertStringIncludes(error.problem, 'at "a\\"b.\\u{1b}[2J.Symbol(s\\u{a}).0" "line\\u{a}break\\u{202e}"');
    assert(!error.problem.includes("arguments breaks"), error.problem);
  });

  test("that makes no object of arguments is refused", () => {
    for (const value of [undefined, null, 1, "x", [1]]) {
      const hooks = sync({ args: saying(() => ({ value })) });
      assertEquals(assertThrows(() => hooks.call.step({}), PlugmapError).code, "hook-schema");
    }
  });

  test("that throws gives a coded error that names the hook", async () => {
    const cause = new Error("boom");
    const throwing = saying(() => {
      throw cause;
    });
    const rejecting = saying(() => Promise.reject(cause));
    const seen: unknown[] = [];
    const note = (error: unknown) => seen.push([error instanceof PlugmapError && error.hook, (error as Error).cause]);
    try {
      sync({ args: throwing }).call.step({});
    } catch (error) {
      note(error);
    }
    for (const args of [throwing, rejecting]) await async({ args }).call.step({}).catch(note);
    assertEquals(seen, [["step", cause], ["step", cause], ["step", cause]]);
  });

  test("that throws at a result names plugin and hook", async () => {
    const cause = new Error("boom");
    const hooks = async({ result: saying(() => Promise.reject(cause)) });
    hooks.register("p", { step: () => 1 });
    const error = await assertRejects(() => hooks.call.step({}), PlugmapError);
    assertEquals([error.plugin, error.hook, error.cause], ["p", "step", cause]);
  });

  test("that is async and rejects does a sync hook no harm", async () => {
    const hooks = sync({ args: saying(() => Promise.reject(new Error("nobody handles me"))) });
    assertEquals(assertThrows(() => hooks.call.step({}), PlugmapError).code, "hook-async");
    // An unhandled rejection would fail the test here.
    await new Promise((resolve) => setTimeout(resolve));
  });

  test("is one, or the spec is refused", () => {
    const standard = { version: 1, vendor: "x" };
    const wrong = [1, {}, { "~standard": 1 }, { "~standard": standard }, { "~standard": { ...standard, validate: 1 } }];
    for (const schema of wrong) {
      assertEquals(assertThrows(() => sync({ args: schema }), PlugmapError).code, "hook-spec-invalid");
      assertEquals(assertThrows(() => sync({ result: schema }), PlugmapError).code, "hook-spec-invalid");
    }
    assertThrows(() => sync({ other: libraries.zod.args } as object), PlugmapError, '"other"');
  });

  test("may be a function, as some libraries make them", () => {
    const schema = Object.assign(() => {}, saying((value) => ({ value: { ...value as object, seen: true } })));
    const hooks = sync({ args: schema });
    hooks.register("p", { step: ({ seen }) => seen });
    assertEquals(hooks.call.step({}), [true]);
  });
});
