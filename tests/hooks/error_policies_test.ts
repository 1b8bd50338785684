import { describe, test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import {
  createHooks,
  type ErrorPolicy,
  hook,
  type HookMode,
  type HookSpec,
  type ImplFunction,
  PlugmapError,
} from "../../src/hooks/mod.ts";

/** As the types of a mode that is only known at run time: any call of it can be awaited. */
type Spec = HookSpec<{ at: unknown }, unknown, "collect", true, false, false>;
type Run = ImplFunction<Spec>;

interface Variant {
  readonly mode: HookMode;
  readonly async: boolean;
}

const variants: readonly Variant[] = [
  { mode: "collect", async: false },
  { mode: "first", async: false },
  { mode: "pipeline", async: false },
  { mode: "collect", async: true },
  { mode: "first", async: true },
  { mode: "pipeline", async: true },
  { mode: "parallel", async: true },
  { mode: "race", async: true },
  { mode: "stream", async: true },
];
const lists: ReadonlySet<HookMode> = new Set(["collect", "parallel", "stream"]);
const single: ReadonlySet<HookMode> = new Set(["first", "race"]);

const boom = new Error("boom");
const bang = new RangeError("bang");

function failing({ async }: Variant, error: unknown): Run {
  const throwing = () => {
    throw error;
  };
  return async ? () => Promise.reject(error) : throwing;
}

/** A dispatcher with one hook, what it reports, and a call that gives a list for modes that give several results. */
function set(variant: Variant, errors: ErrorPolicy, impls: Readonly<Record<string, Run>>, more: object = {}) {
  const { mode, async } = variant;
  const value = mode === "pipeline" ? { value: "at" } : {};
  const reports: PlugmapError[] = [];
  const options = { mode, async, errors, order: "fifo", ...value, ...more } as unknown as { async: true };
  const hooks = createHooks({ step: hook<{ at: unknown }, unknown>(options) }, {
    onDiagnostic: (diagnostic) => reports.push(diagnostic),
  });
  for (const [name, step] of Object.entries(impls)) hooks.register(name, { step });
  const call = async (): Promise<unknown> => {
    const answer: unknown = await hooks.call.step({ at: "start" });
    return mode === "stream" ? await Array.fromAsync(answer as AsyncIterable<unknown>) : answer;
  };
  return { hooks, reports, call };
}

const title = ({ mode, async }: Variant) => `${async ? "async" : "sync"} ${mode}`;

for (const variant of variants) {
  const { mode } = variant;

  describe(`errors in ${title(variant)}`, () => {
    test("stop: the first failure ends the call", async () => {
      for (const policy of ["stop", undefined]) {
        const { call, reports } = set(variant, policy as "stop", {
          faulty: failing(variant, boom),
          nothing: () => null,
        });
        const error = await assertRejects(call, PlugmapError);
        assertEquals([error.code, error.plugin, error.hook], ["hook-failed", "faulty", "step"]);
        assertStrictEquals(error.cause, boom);
        assertEquals(reports, []);
      }
    });

    test("collect: all run, and the error names each plugin that failed", async () => {
      const ran: string[] = [];
      const { call, reports } = set(variant, "collect", {
        one: failing(variant, boom),
        nothing: () => void ran.push("nothing"),
        two: failing(variant, bang),
        last: () => void ran.push("last"),
      });
      const error = await assertRejects(call, PlugmapError);
      assertEquals(ran, ["nothing", "last"]);
      assertEquals([error.code, error.hook, error.plugin, error.step], ["hook-failed", "step", undefined, "call"]);
      assertEquals(error.problem, '2 implementations failed: plugin "one": boom; plugin "two": bang');
      assertInstanceOf(error.cause, AggregateError);
      const failures = error.cause.errors as PlugmapError[];
      assertEquals(failures.map(({ code, plugin, hook }) => [code, plugin, hook]), [
        ["hook-failed", "one", "step"],
        ["hook-failed", "two", "step"],
      ]);
      assertEquals(failures.map(({ cause }) => cause), [boom, bang]);
      assertEquals(reports, []);
    });

    test("collect: a call without failures gives its results", async () => {
      const { call } = set(variant, "collect", { fine: () => "fine" });
      assertEquals(await call(), lists.has(mode) ? ["fine"] : "fine");
      assertEquals(await call(), lists.has(mode) ? ["fine"] : "fine");
    });

    test("collect: one call's failures are not the next one's", async () => {
      let fail = true;
      const { call } = set(variant, "collect", { moody: (args) => fail ? failing(variant, boom)(args) : "fine" });
      for (let time = 0; time < 2; time++) {
        const error = await assertRejects(call, PlugmapError);
        assertEquals((error.cause as AggregateError).errors.length, 1);
      }
      fail = false;
      assertEquals(await call(), lists.has(mode) ? ["fine"] : "fine");
    });

    test("isolate: failures are reported, and the others go on", async () => {
      const { call, reports } = set(variant, "isolate", {
        one: failing(variant, boom),
        fine: () => "fine",
        two: failing(variant, bang),
      });
      assertEquals(await call(), lists.has(mode) ? ["fine"] : "fine");
      const expected = mode === "first" ? ["one"] : ["one", "two"];
      // The losers of a race may fail after it has been won.
      await new Promise((resolve) => setTimeout(resolve));
      assertEquals(reports.map(({ code, plugin, hook }) => [code, plugin, hook]), [
        ...expected.map((plugin) => ["hook-failed", plugin, "step"]),
      ]);
      assertStrictEquals(reports[0]!.cause, boom);
    });

    test("isolate: where all fail there is no result", async () => {
      const { call, reports } = set(variant, "isolate", { one: failing(variant, boom), two: failing(variant, bang) });
      const none = lists.has(mode) ? [] : mode === "pipeline" ? "start" : undefined;
      assertEquals(await call(), none);
      assertEquals(reports.map(({ plugin }) => plugin), ["one", "two"]);
    });

    test("collect and isolate: a failure is no result with keepNull either", async () => {
      const impls = { one: failing(variant, boom), fine: () => null };
      const isolated = set(variant, "isolate", impls, { keepNull: true });
      assertEquals(await isolated.call(), lists.has(mode) ? [null] : null);
      const collected = set(variant, "collect", impls, { keepNull: true });
      if (single.has(mode)) assertEquals(await collected.call(), null);
      else await assertRejects(collected.call, PlugmapError);
    });

    test("collect and isolate: detailed gives what did not fail, or the error", async () => {
      const impls = { one: failing(variant, boom), fine: () => "fine" };
      const detailed = async (errors: ErrorPolicy) => {
        const answer: unknown = await set(variant, errors, impls).hooks.call.step.detailed({ at: "start" });
        if (mode === "stream") return await Array.fromAsync(answer as AsyncIterable<{ plugin: string }>);
        return single.has(mode) ? [answer as { plugin: string }] : answer as { plugin: string }[];
      };
      assertEquals((await detailed("isolate")).map(({ plugin }) => plugin), ["fine"]);
      if (single.has(mode)) assertEquals((await detailed("collect")).map(({ plugin }) => plugin), ["fine"]);
      else await assertRejects(() => detailed("collect"), PlugmapError);
    });
  });
}

describe("errors: collect", () => {
  test("reports what failed where one result was asked for and there is one", async () => {
    for (const variant of variants.filter(({ mode }) => single.has(mode))) {
      const { call, reports } = set(variant, "collect", { one: failing(variant, boom), fine: () => "fine" });
      assertEquals(await call(), "fine");
      assertEquals(reports.map(({ plugin }) => plugin), ["one"]);
    }
  });

  test("takes undefined for the one result with keepNull", async () => {
    for (const variant of variants.filter(({ mode }) => single.has(mode))) {
      const impls = { one: failing(variant, boom), fine: () => undefined };
      const { call, reports } = set(variant, "collect", impls, { keepNull: true });
      assertStrictEquals(await call(), undefined);
      assertEquals(reports.map(({ plugin }) => plugin), ["one"]);
    }
  });

  test("shows the one error to wrappers, which can swallow it", async () => {
    for (const async of [false, true]) {
      const variant: Variant = { mode: "collect", async };
      const { hooks, call } = set(variant, "collect", { one: failing(variant, boom), two: failing(variant, bang) });
      let seen: unknown;
      const swallow = (error: unknown) => (seen = error, ["swallowed"]);
      const asyncWrapper = async (next: () => unknown) => {
        try {
          return await next();
        } catch (error) {
          return swallow(error);
        }
      };
      const syncWrapper = (next: () => unknown) => {
        try {
          return next();
        } catch (error) {
          return swallow(error);
        }
      };
      hooks.register("careful", {
        step: { wrapper: (async ? asyncWrapper : syncWrapper) as () => Promise<unknown[]> },
      });
      assertEquals(await call(), ["swallowed"]);
      assertEquals((seen as PlugmapError).code, "hook-failed");
      assertEquals(((seen as PlugmapError).cause as AggregateError).errors.length, 2);
    }
  });

  test("says what a failure was in more than a message", async () => {
    const { call } = set({ mode: "collect", async: false }, "collect", {
      promising: () => Promise.resolve(1),
      'p\n"': failing({ mode: "collect", async: false }, "bo\u202eom"),
    });
    const error = await assertRejects(call, PlugmapError);
    const failures = (error.cause as AggregateError).errors as PlugmapError[];
    assertEquals(failures.map(({ code }) => code), ["hook-async", "hook-failed"]);
    assert(!/[\n\u202e]/.test(error.message), error.message);
  });

  test("gives the results of a stream before its error", async () => {
    const variant: Variant = { mode: "stream", async: true };
    const { hooks } = set(variant, "collect", { one: failing(variant, boom), fine: () => "fine", last: () => "last" });
    const seen: unknown[] = [];
    const error = await assertRejects(async () => {
      const stream = hooks.call.step({ at: 0 }) as unknown as AsyncIterable<unknown>;
      for await (const result of stream) seen.push(result);
    }, PlugmapError);
    assertEquals([seen, (error.cause as AggregateError).errors.length], [["fine", "last"], 1]);
  });
});

describe("errors: isolate", () => {
  test("a listener that throws breaks no call", async () => {
    for (const async of [false, true]) {
      const options = { errors: "isolate", async, order: "fifo" } as { async: true };
      const hooks = createHooks({ step: hook<{ at: number }, unknown>(options) }, {
        onDiagnostic() {
          throw new Error("listener");
        },
      });
      hooks.register("faulty", { step: failing({ mode: "collect", async }, boom) });
      hooks.register("fine", { step: () => "fine" });
      assertEquals(await hooks.call.step({ at: 0 }), ["fine"]);
    }
  });

  test("is about implementations: what a wrapper throws ends the call", async () => {
    const { hooks, call, reports } = set({ mode: "collect", async: true }, "isolate", { fine: () => "fine" });
    hooks.register("wrapping", { step: { wrapper: () => Promise.reject(boom) } });
    const error = await assertRejects(call, PlugmapError);
    assertEquals([error.plugin, reports.length], ["wrapping", 0]);
  });

  test("reports an implementation of a sync hook that gives a promise", async () => {
    const variant: Variant = { mode: "collect", async: false };
    const { call, reports } = set(variant, "isolate", { promising: () => Promise.reject(boom), fine: () => "fine" });
    assertEquals(await call(), ["fine"]);
    assertEquals(reports.map(({ code, plugin }) => [code, plugin]), [["hook-async", "promising"]]);
    // An unhandled rejection would fail the test here.
    await new Promise((resolve) => setTimeout(resolve));
  });
});
