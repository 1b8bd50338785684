import { describe, test } from "node:test";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type CallEvent,
  type CallOutcome,
  createHooks,
  type Dispatcher,
  hook,
  type HookSpec,
  type ImplEvent,
  PlugmapError,
} from "../../src/hooks/mod.ts";

type Args = { readonly at: number };
type Spec = HookSpec<Args, unknown, "collect", false, false, false>;

function set(more: object = {}): [Dispatcher<{ step: Spec }>, PlugmapError[]] {
  const reports: PlugmapError[] = [];
  const onDiagnostic = (diagnostic: PlugmapError) => reports.push(diagnostic);
  return [createHooks({ step: hook<Args, unknown>({ order: "fifo", ...more }) }, { onDiagnostic }), reports];
}

const throwing = (): never => {
  throw new Error("boom");
};
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe("monitor", () => {
  test("tells of a call before and after, with the same event", () => {
    const [hooks] = set();
    hooks.register("a", { step: ({ at }) => at + 1 });
    hooks.register("w", { step: { wrapper: (next) => next() } });
    const events: [CallEvent, CallOutcome?][] = [];
    hooks.monitor({ before: (event) => events.push([event]), after: (...given) => events.push(given) });
    hooks.call.step({ at: 1 });
    assertEquals(events.length, 2);
    assertStrictEquals(events[0]![0], events[1]![0]);
    assertEquals(events[0]![0], { hook: "step", args: { at: 1 }, plugins: ["w", "a"] });
    assertEquals(events[1]![1], { result: [2] });
  });

  test("tells of what wrappers made of the result, and of errors", () => {
    const [hooks] = set();
    const outcomes: CallOutcome[] = [];
    hooks.monitor({ after: (_, outcome) => outcomes.push(outcome) });
    const wrapper = hooks.register("w", { step: { wrapper: () => ["replaced"] } });
    hooks.call.step({ at: 1 });
    wrapper.unregister();
    hooks.register("faulty", { step: throwing });
    const error = assertThrows(() => hooks.call.step({ at: 1 }), PlugmapError);
    assertEquals(outcomes, [{ result: ["replaced"] }, { error }]);
  });

  test("tells of async calls when they have settled, and of streams when they are at their end", async () => {
    const [hooks] = set({ async: true });
    const outcomes: CallOutcome[] = [];
    hooks.register("a", { step: () => Promise.resolve("a") });
    hooks.monitor({ after: (_, outcome) => outcomes.push(outcome) });
    const running = hooks.call.step({ at: 1 });
    assertEquals(outcomes, []);
    await running;
    hooks.register("faulty", { step: () => Promise.reject(new Error("boom")) });
    const error = await assertRejects(async () => await hooks.call.step({ at: 1 }), PlugmapError);
    assertEquals(outcomes, [{ result: ["a"] }, { error }]);

    const streams = createHooks({ step: hook<Args, number>({ mode: "stream", concurrency: 1, order: "fifo" }) });
    const ended: boolean[] = [];
    streams.monitor({ after: (_, outcome) => ended.push(!("error" in outcome)) });
    for (const number of [1, 2]) streams.register(`p${number}`, { step: () => number });
    for await (const _ of streams.call.step({ at: 1 })) assertEquals(ended, []);
    for await (const _ of streams.call.step({ at: 1 })) break;
    streams.register("faulty", { step: throwing });
    await assertRejects(() => Array.fromAsync(streams.call.step({ at: 1 })), PlugmapError);
    assertEquals(ended, [true, true, false]);
  });

  test("runs around calls and implementations, the one attached last outermost", () => {
    const [hooks] = set();
    const trace: string[] = [];
    const traced = (name: string) => ({
      around: (_: CallEvent, run: () => unknown) => (trace.push(`${name} call`), run()),
      aroundImpl({ plugin }: ImplEvent, run: () => unknown) {
        trace.push(`${name} enters ${plugin}`);
        const result = run();
        trace.push(`${name} leaves ${plugin} with ${result}`);
        return result;
      },
    });
    hooks.register("p", { step: ({ at }) => at });
    hooks.register("w", { step: { wrapper: (next) => (trace.push("w"), next()) } });
    hooks.monitor(traced("inner"));
    hooks.monitor(traced("outer"));
    assertEquals(hooks.call.step({ at: 7 }), [7]);
    assertEquals(trace, [
      ...["outer call", "inner call", "w", "outer enters p", "inner enters p"],
      ...["inner leaves p with 7", "outer leaves p with 7"],
    ]);
  });

  test("cannot change a call, whatever it returns and however often it runs what is inside", () => {
    const meddling = [() => "other", (_: unknown, run: () => unknown) => (run(), run(), "other"), () => undefined];
    for (const around of meddling) {
      for (const monitor of [{ around }, { aroundImpl: around }]) {
        const [hooks] = set();
        let ran = 0;
        hooks.register("p", { step: () => ++ran });
        hooks.monitor(monitor);
        assertEquals(hooks.call.step({ at: 1 }), [1]);
      }
    }
  });

  test("that fails is reported and breaks no call", async () => {
    const monitors = [{ before: throwing }, { after: throwing }, { around: throwing }, { aroundImpl: throwing }];
    for (const async of [false, true]) {
      for (const monitor of monitors) {
        const [hooks, reports] = set({ async });
        let ran = 0;
        hooks.register("p", { step: () => ++ran });
        hooks.monitor(monitor);
        assertEquals(await hooks.call.step({ at: 1 }), [1]);
        assertEquals(reports.map(({ code, hook }) => [code, hook]), [["hook-monitor-failed", "step"]]);
        assertEquals((reports[0]!.cause as Error).message, "boom");
      }
    }
  });

  test("that fails after what is inside has run is reported as well", () => {
    const [hooks, reports] = set();
    hooks.register("p", { step: () => "p" });
    hooks.monitor({ around: (_, run) => (run(), throwing()), aroundImpl: (_, run) => (run(), throwing()) });
    assertEquals([hooks.call.step({ at: 1 }), reports.length], [["p"], 2]);
  });

  test("that is async and rejects is reported, and ends no process", async () => {
    const rejecting = () => Promise.reject(new Error("boom"));
    const monitors = [{ before: rejecting }, { after: rejecting }, { around: rejecting }, { aroundImpl: rejecting }];
    for (const async of [false, true]) {
      for (const monitor of monitors) {
        const [hooks, reports] = set({ async });
        hooks.register("p", { step: () => "p" });
        hooks.monitor(monitor as object);
        assertEquals(await hooks.call.step({ at: 1 }), ["p"]);
        await settle();
        assertEquals(reports.map(({ code }) => code), ["hook-monitor-failed"], Object.keys(monitor)[0]);
      }
    }
  });

  test("that only passes an error on has not failed, async or not", async () => {
    const waiting = async (_: unknown, run: () => unknown) => await run();
    const passing = (_: unknown, run: () => unknown) => run();
    for (const async of [false, true]) {
      for (const around of async ? [waiting, passing] : [passing]) {
        for (const monitor of [{ around }, { aroundImpl: around }]) {
          const [hooks, reports] = set({ async });
          hooks.register("faulty", { step: throwing });
          hooks.monitor(monitor);
          const error = await assertRejects(async () => await hooks.call.step({ at: 1 }), PlugmapError);
          await settle();
          assertEquals([error.plugin, reports], ["faulty", []]);
        }
      }
    }
  });

  test("sees errors only, not what carries them inside the dispatcher", async () => {
    const [hooks] = set({ async: true, timeLimit: 1 });
    const seen: unknown[] = [];
    hooks.monitor({
      async aroundImpl(_, run) {
        await (run() as Promise<unknown>).catch((error) => seen.push(error));
      },
    });
    hooks.register("stuck", { step: () => new Promise(() => {}) });
    await assertRejects(async () => await hooks.call.step({ at: 1 }), PlugmapError);
    assert(seen[0] instanceof PlugmapError);
    assertEquals((seen[0] as PlugmapError).code, "hook-timeout");
  });

  test("can be stopped in any order, and once", () => {
    for (const order of [[0, 1, 2], [1, 0, 2], [2, 0, 1]]) {
      const [hooks] = set();
      const seen: number[] = [];
      const attached = [0, 1, 2].map((number) => hooks.monitor({ before: () => void seen.push(number) }));
      for (const [count, index] of order.entries()) {
        hooks.call.step({ at: 1 });
        assertEquals(seen.splice(0).toSorted(), order.slice(count).toSorted());
        assertEquals([attached[index]!.stop(), attached[index]!.stop()], [true, false]);
      }
      hooks.call.step({ at: 1 });
      assertEquals(seen, []);
    }
  });

  test("can be attached twice, and each is stopped for itself", () => {
    const [hooks] = set();
    let count = 0;
    const monitor = { before: () => void count++ };
    const [first] = [hooks.monitor(monitor), hooks.monitor(monitor)];
    hooks.call.step({ at: 1 });
    first.stop();
    hooks.call.step({ at: 1 });
    assertEquals(count, 3);
  });

  test("ends with the block that declared it with using", () => {
    const [hooks] = set();
    let count = 0;
    {
      using _monitoring = hooks.monitor({ before: () => void count++ });
      hooks.call.step({ at: 1 });
    }
    hooks.call.step({ at: 1 });
    assertEquals(count, 1);
  });

  test("attached or stopped during a call is for the next one", () => {
    const [hooks] = set();
    const seen: string[] = [];
    const early = hooks.monitor({ after: () => void seen.push("early") });
    hooks.register("p", {
      step() {
        if (early.stop()) hooks.monitor({ before: () => void seen.push("late"), after: () => void seen.push("late") });
      },
    });
    hooks.call.step({ at: 1 });
    assertEquals(seen, ["early"]);
    hooks.call.step({ at: 1 });
    assertEquals(seen, ["early", "late", "late"]);
  });

  test("sees detailed, extra, subset and historic calls, and replays", () => {
    const hooks = createHooks({ step: hook<Args, string>(), opened: hook<Args, string>({ historic: true }) });
    const seen: unknown[] = [];
    hooks.monitor({ before: ({ hook, plugins }) => seen.push([hook, ...plugins]) });
    hooks.register("p", { step: () => "p", opened: () => "p" });
    const { step, opened } = hooks.call;
    step.detailed({ at: 1 });
    step.callExtra([() => "x"], { at: 1 });
    step.subset(["p"])({ at: 1 });
    opened.callHistoric({ at: 1 });
    hooks.register("late", { opened: () => "late" });
    assertEquals(seen, [["step", "p"], ["step", "(extra)", "p"], ["step"], ["opened", "p"], ["opened", "late"]]);
  });

  test("cannot change who takes part by what it is shown", async () => {
    for (const mode of ["collect", "stream"] as const) {
      const hooks = createHooks({ step: hook<Args, string>({ mode } as { mode: "stream" }) }, { onDiagnostic() {} });
      hooks.register("p", { step: () => "p" });
      const plugins: (readonly string[])[] = [];
      hooks.monitor({ before: (event) => plugins.push([...event.plugins]) });
      hooks.monitor({ before: ({ plugins }) => void ((plugins as string[]).length = 0) });
      for (let time = 0; time < 2; time++) {
        assertEquals(await Array.fromAsync(hooks.call.step({ at: 1 })), ["p"]);
      }
      assertEquals(plugins, [["p"], ["p"]], mode);
    }
  });
});
