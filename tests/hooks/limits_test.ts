import { describe, test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  createHooks,
  type Dispatcher,
  hook,
  type HookMode,
  type HookSpec,
  type ImplContext,
  PlugmapError,
} from "../../src/hooks/mod.ts";
import { runProgram } from "../support/child.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

type Spec = HookSpec<{ at: unknown }, unknown, "collect", true, false, false>;

const modes: readonly HookMode[] = ["collect", "first", "pipeline", "parallel", "race", "stream"];
const never = () => new Promise<never>(() => {});
/** Lets everything happen that can; an unhandled rejection fails the test that is running. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

function asyncHooks(more: object = {}, reports: PlugmapError[] = []): Dispatcher<{ step: Spec }> {
  const value = (more as { mode?: HookMode }).mode === "pipeline" ? { value: "at" } : {};
  const options = { async: true, order: "fifo", ...value, ...more } as unknown as { async: true };
  return createHooks({ step: hook<{ at: unknown }, unknown>(options) }, {
    onDiagnostic: (diagnostic) => reports.push(diagnostic),
  });
}

/** Calls, and goes through a stream to its end. */
async function call(hooks: Dispatcher<{ step: Spec }>, signal?: AbortSignal): Promise<unknown> {
  const answer: unknown = await hooks.call.step({ at: 0 }, signal && { signal });
  const isStream = typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer;
  return isStream ? await Array.fromAsync(answer as AsyncIterable<unknown>) : answer;
}

describe("the signal of a call", () => {
  test("ends it at once in every mode, naming the plugin that was running", async () => {
    for (const mode of modes) {
      const hooks = asyncHooks({ mode });
      const controller = new AbortController();
      const started = Promise.withResolvers<ImplContext>();
      hooks.register("stuck", { step: (_, context) => (started.resolve(context!), never()) });
      const running = call(hooks, controller.signal);
      const { signal } = await started.promise;
      assertEquals(signal.aborted, false, mode);
      const reason = new RangeError("changed my mind");
      controller.abort(reason);
      const error = await assertRejects(() => running, PlugmapError);
      assertEquals([error.code, error.plugin, error.hook], ["hook-aborted", "stuck", "step"], mode);
      assertStrictEquals(error.cause, reason, mode);
      assertEquals(signal.aborted, true, mode);
    }
  });

  test("lets nothing start when it is aborted already", async () => {
    for (const mode of modes) {
      const hooks = asyncHooks({ mode });
      const nobody = await assertRejects(() => call(hooks, AbortSignal.abort("why")), PlugmapError);
      assertEquals([nobody.code, nobody.hook, nobody.cause], ["hook-aborted", "step", "why"], mode);
      let ran = false;
      hooks.register("late", { step: () => ran = true });
      hooks.register("wrapping", { step: { wrapper: (next) => (ran = true, next()) } });
      const error = await assertRejects(() => call(hooks, AbortSignal.abort("why")), PlugmapError);
      assertEquals([error.code, error.cause, ran], ["hook-aborted", "why", false], mode);
    }
  });

  test("lets no further implementation start, sync hooks included", async () => {
    for (const mode of ["collect", "first", "pipeline"] as const) {
      for (const async of [false, true]) {
        const hooks = asyncHooks({ mode, async });
        const controller = new AbortController();
        const ran: string[] = [];
        hooks.register("one", { step: () => void (ran.push("one"), controller.abort()) });
        hooks.register("two", { step: () => ran.push("two") });
        const error = await assertRejects(() => call(hooks, controller.signal), PlugmapError);
        assertEquals([error.code, ran], ["hook-aborted", ["one"]], `${mode} ${async}`);
      }
    }
  });

  test("is for one call", async () => {
    const hooks = asyncHooks();
    hooks.register("fine", { step: () => "fine" });
    await assertRejects(() => call(hooks, AbortSignal.abort()), PlugmapError);
    assertEquals(await call(hooks), ["fine"]);
    assertEquals(await call(hooks, new AbortController().signal), ["fine"]);
  });

  test("can be given to detailed, callExtra and a subset", async () => {
    const { step } = asyncHooks().call;
    const options = { signal: AbortSignal.abort() };
    const calls = [
      () => step.callExtra([() => "extra"], { at: 0 }, options),
      () => step.callExtra([() => "extra"], { at: 0 }, { signal: undefined }),
      () => step.subset(["x"]).callExtra([() => "extra"], { at: 0 }, options),
    ];
    assertEquals((await assertRejects(calls[0]!, PlugmapError)).code, "hook-aborted");
    assertEquals(await calls[1]!(), ["extra"]);
    assertEquals((await assertRejects(calls[2]!, PlugmapError)).code, "hook-aborted");
    assertEquals((await assertRejects(() => step.detailed({ at: 0 }, options), PlugmapError)).code, "hook-aborted");
  });

  test("aborted after the call does not reach the implementation", async () => {
    const hooks = asyncHooks();
    const controller = new AbortController();
    let signal: AbortSignal | undefined;
    hooks.register("quick", { step: (_, context) => (signal = context!.signal, "quick") });
    assertEquals(await call(hooks, controller.signal), ["quick"]);
    controller.abort();
    assertEquals(signal!.aborted, false);
  });

  test("that an implementation aborts itself before it throws leaves no rejection unhandled", async () => {
    const hooks = asyncHooks();
    const controller = new AbortController();
    hooks.register("both", {
      step() {
        controller.abort();
        throw new Error("boom");
      },
    });
    assertEquals((await assertRejects(() => call(hooks, controller.signal), PlugmapError)).plugin, "both");
    await settle();
  });

  test("ends the call whatever happens to single failures", async () => {
    for (const errors of ["collect", "isolate"]) {
      for (const mode of modes) {
        const reports: PlugmapError[] = [];
        const hooks = asyncHooks({ errors, mode }, reports);
        const controller = new AbortController();
        hooks.register("stuck", { step: () => (queueMicrotask(() => controller.abort()), never()) });
        const error = await assertRejects(() => call(hooks, controller.signal), PlugmapError);
        assertEquals([error.code, reports], ["hook-aborted", []], `${errors} ${mode}`);
      }
    }
  });

  test("ends the call while a wrapper is waiting", async () => {
    const hooks = asyncHooks();
    const controller = new AbortController();
    hooks.register("stuck", { step: { wrapper: () => (queueMicrotask(() => controller.abort()), never()) } });
    const waiting = new Promise((resolve) => setTimeout(resolve, 200, "still waiting"));
    const ended = call(hooks, controller.signal).catch(({ code }: PlugmapError) => code);
    assertEquals(await Promise.race([ended, waiting]), "hook-aborted");
  });

  test("is there for wrappers as well", async () => {
    const hooks = asyncHooks();
    const { signal } = new AbortController();
    let seen: AbortSignal | undefined;
    hooks.register("w", { step: { wrapper: (next, _, context) => (seen = context!.signal, next()) } });
    await call(hooks, signal);
    assertEquals(seen!.aborted, false);
  });

  test("has to be one, and the only option", async () => {
    const sync = createHooks({ step: hook<{ at: number }, string>() }).call.step as (...given: unknown[]) => unknown;
    const { step } = asyncHooks().call;
    for (const options of [null, 1, "x", [], { signal: 1 }, { signal: {} }, { sginal: undefined }, { timeLimit: 1 }]) {
      assertEquals(assertThrows(() => sync({ at: 0 }, options), PlugmapError).code, "hook-arguments");
      const error = await assertRejects(() => step({ at: 0 }, options as { signal: AbortSignal }), PlugmapError);
      assertEquals(error.code, "hook-arguments");
    }
  });
});

describe("a time limit", () => {
  test("of the hook ends the wait for what never settles, in every mode", async () => {
    for (const mode of modes) {
      const hooks = asyncHooks({ mode, timeLimit: 1 });
      let signal: AbortSignal | undefined;
      hooks.register("fine", { step: () => null });
      hooks.register("stuck", { step: (_, context) => (signal = context!.signal, never()) });
      const error = await assertRejects(() => call(hooks), PlugmapError);
      assertEquals([error.code, error.plugin, error.hook, error.step], ["hook-timeout", "stuck", "step", "call"], mode);
      assertEquals(error.problem, "The implementation did not settle within 1 ms");
      assertEquals(signal!.aborted, true, mode);
    }
  });

  test("of the plugin holds for that plugin, and the smaller one counts", async () => {
    for (const [ofHook, ofPlugin] of [[undefined, 1], [1e9, 1], [1, 1e9]]) {
      const hooks = asyncHooks({ timeLimit: ofHook });
      hooks.register("stuck", { step: never }, { timeLimit: ofPlugin! });
      const error = await assertRejects(() => call(hooks), PlugmapError);
      assertEquals([error.code, error.plugin], ["hook-timeout", "stuck"]);
      assert(error.problem.endsWith(" 1 ms"), error.problem);
    }
    const hooks = asyncHooks();
    hooks.register("patient", { step: async () => (await settle(), await settle(), "done") });
    hooks.register("limited", { step: () => "quick" }, { timeLimit: 1e9 });
    assertEquals(await call(hooks), ["done", "quick"]);
  });

  test("of any size is a time limit", async () => {
    for (const timeLimit of [2 ** 31, 1e12, Number.MAX_VALUE, Infinity]) {
      const hooks = asyncHooks({ timeLimit });
      hooks.register("slow", { step: () => new Promise((resolve) => setTimeout(resolve, 5, "slow")) });
      assertEquals(await call(hooks), ["slow"]);
    }
  });

  test("makes what comes late be ignored, failures as well", async () => {
    const hooks = asyncHooks({ timeLimit: 1, errors: "isolate" });
    const [late, failing] = [Promise.withResolvers<string>(), Promise.withResolvers<never>()];
    hooks.register("late", { step: () => late.promise });
    hooks.register("failing", { step: () => failing.promise });
    hooks.register("fine", { step: () => "fine" });
    const results = await call(hooks);
    late.resolve("late");
    failing.reject(new Error("nobody handles me"));
    await settle();
    assertEquals(results, ["fine"]);
  });

  test("passed is one failure among others", async () => {
    const reports: PlugmapError[] = [];
    const hooks = asyncHooks({ timeLimit: 1, errors: "isolate" }, reports);
    hooks.register("stuck", { step: never });
    hooks.register("fine", { step: () => "fine" });
    assertEquals(await call(hooks), ["fine"]);
    assertEquals(reports.map(({ code, plugin }) => [code, plugin]), [["hook-timeout", "stuck"]]);
    const collecting = asyncHooks({ timeLimit: 1, errors: "collect" });
    collecting.register("stuck", { step: never });
    const error = await assertRejects(() => call(collecting), PlugmapError);
    assertEquals(((error.cause as AggregateError).errors as PlugmapError[]).map(({ code }) => code), ["hook-timeout"]);
  });

  test("is a positive number", () => {
    for (const timeLimit of [0, -1, NaN, "1", null]) {
      assertEquals(assertThrows(() => asyncHooks({ timeLimit }), PlugmapError).code, "hook-spec-invalid");
      const register = () => asyncHooks().register("p", {}, { timeLimit } as { timeLimit: number });
      assertEquals(assertThrows(register, PlugmapError).code, "hook-impl-invalid");
    }
    assertThrows(() => hook({ timeLimit: 1 } as object), PlugmapError, "async hooks");
  });
});

test("time limits keep no process alive once the call is over", async () => {
  using folder = createTemporaryFolder();
  const { code, stdout, stderr } = await runProgram(
    `
    import { createHooks, hook } from ${JSON.stringify(new URL("../../src/hooks/mod.ts", import.meta.url).href)};
    import process from "node:process";

    const never = () => new Promise(() => {});
    const timeLimit = 3_600_000;
    const call = async (mode, impls, use = async (answer) => await answer) => {
      const hooks = createHooks({ step: hook({ mode, async: true, timeLimit }) });
      for (const [name, step] of Object.entries(impls)) hooks.register(name, { step });
      await use(hooks.call.step({}, { signal: new AbortController().signal })).catch(() => {});
      console.log(mode);
      // Only runs if something else keeps the process alive.
      setTimeout(() => process.exit(3), 3_000).unref();
    };
    const fails = () => Promise.reject(new Error("boom"));
    await call("collect", { quick: () => 1 });
    await call("collect", { fails });
    await call("race", { never, quick: () => 1 });
    await call("parallel", { never, fails });
    await call("stream", { never, quick: () => 1 }, async (stream) => {
      for await (const _ of stream) break;
    });
    console.log("done");
    `,
    { cwd: folder.path },
  );
  assertEquals([code, stderr, stdout.trim().split(/\s+/).at(-1)], [0, "", "done"]);
});
