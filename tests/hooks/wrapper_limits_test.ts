import { describe, test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { createHooks, hook, type Impl, PlugmapError } from "../../src/hooks/mod.ts";

const spec = hook<{ at: number }, string>({ async: true });
const never = () => new Promise<never>(() => {});

/** Wrappers that pass everything on, and wait for something before and after. */
const kinds: Readonly<
  Record<string, (before: () => Promise<unknown>, after: () => Promise<unknown>) => Impl<typeof spec>>
> = {
  generator: (before, after) => ({
    wrapper: true,
    async *run() {
      await before();
      const results = yield;
      await after();
      return results;
    },
  }),
  outcome: (before, after) => ({
    wrapper: "outcome",
    async *run() {
      await before();
      yield;
      await after();
    },
  }),
  middleware: (before, after) => ({
    async wrapper(next) {
      await before();
      const results = await next();
      await after();
      return results;
    },
  }),
};

describe("a time limit", () => {
  for (const [kind, make] of Object.entries(kinds)) {
    test(`ends a wrapper (${kind}) that never settles, before or after what is inside`, async () => {
      for (const wrapper of [make(never, async () => {}), make(async () => {}, never)]) {
        const reports: PlugmapError[] = [];
        const hooks = createHooks({ step: spec }, { onDiagnostic: (report) => reports.push(report) });
        hooks.register("fine", { step: () => "fine" });
        hooks.register("stuck", { step: wrapper }, { timeLimit: 5 });
        const error = await assertRejects(() => hooks.call.step({ at: 0 }), PlugmapError);
        assertEquals([error.code, error.plugin, error.hook], ["hook-timeout", "stuck", "step"]);
        assertEquals(reports, []);
      }
    });

    test(`of a wrapper (${kind}) does not count the time of what is inside`, async () => {
      const hooks = createHooks({ step: spec });
      hooks.register("slow", { step: () => new Promise((resolve) => setTimeout(resolve, 600, "slow")) });
      hooks.register("quick", { step: make(async () => {}, async () => {}) }, { timeLimit: 300 });
      assertEquals(await hooks.call.step({ at: 0 }), ["slow"]);
    });
  }

  test("that one wrapper exceeds is an error that another one can mend", async () => {
    const hooks = createHooks({ step: spec });
    hooks.register("stuck", { step: kinds.generator!(never, never) }, { timeLimit: 5 });
    hooks.register("mending", {
      step: {
        wrapper: true,
        async *run() {
          try {
            return yield;
          } catch (error) {
            return [(error as PlugmapError).code];
          }
        },
      },
    });
    assertEquals(await hooks.call.step({ at: 0 }), ["hook-timeout"]);
  });
});

describe("the signal of a call", () => {
  for (const [kind, make] of Object.entries(kinds)) {
    test(`ends a wrapper (${kind}) that never settles, and names its plugin`, async () => {
      const hooks = createHooks({ step: spec });
      hooks.register("fine", { step: () => "fine" });
      hooks.register("stuck", { step: make(never, never) });
      const controller = new AbortController();
      const call = hooks.call.step({ at: 0 }, { signal: controller.signal });
      controller.abort();
      const error = await assertRejects(() => call, PlugmapError);
      assertEquals([error.code, error.plugin], ["hook-aborted", "stuck"]);
    });
  }
});
