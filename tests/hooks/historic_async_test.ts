import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createHooks, type Dispatcher, hook, type HookSpec, PlugmapError } from "../../src/hooks/mod.ts";

type Args = { readonly at: number };
type Spec = HookSpec<Args, unknown, "collect", true, false, true>;

function historic(more: object = {}): Dispatcher<{ opened: Spec; ready: Spec }> {
  const spec = hook<Args, unknown>({ async: true, historic: true, order: "fifo", ...more });
  return createHooks({ opened: spec, ready: spec }, { onDiagnostic() {} });
}

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
};

describe("an async historic call", () => {
  test("waits for its implementations and gives nothing", async () => {
    const hooks = historic();
    const seen: number[] = [];
    await hooks.registerAsync("a", { opened: async ({ at }) => (await turns(5), void seen.push(at)) });
    assertEquals(await hooks.call.opened.callHistoric({ at: 1 }) as undefined, undefined);
    assertEquals(seen, [1]);
  });

  test("is replayed in order, one call after the other, before registerAsync is done", async () => {
    const hooks = historic();
    const trace: string[] = [];
    for (const at of [1, 2]) await hooks.call.opened.callHistoric({ at });
    await hooks.registerAsync("late", {
      async opened({ at }) {
        trace.push(`${at} starts`);
        await turns(10 - 4 * at);
        trace.push(`${at} ends`);
      },
    });
    assertEquals(trace, ["1 starts", "1 ends", "2 starts", "2 ends"]);
    await hooks.call.opened.callHistoric({ at: 3 });
    assertEquals(trace.slice(4), ["3 starts", "3 ends"]);
  });

  test("tells its callback each result and its plugin, at once and later", async () => {
    const hooks = historic();
    const told: unknown[] = [];
    await hooks.registerAsync("a", { opened: () => Promise.resolve("A") });
    await hooks.registerAsync("nothing", { opened: () => Promise.resolve(null) });
    await hooks.call.opened.callHistoric({ at: 1 }, (...given) => void told.push(given));
    await hooks.registerAsync("late", { opened: ({ at }) => at });
    assertEquals(told, [["A", "a"], [1, "late"]]);
  });

  test("that fails is not recorded, nor one whose callback fails", async () => {
    const hooks = historic();
    const faulty = await hooks.registerAsync("faulty", { opened: () => Promise.reject(new Error("boom")) });
    const error = await assertRejects(async () => await hooks.call.opened.callHistoric({ at: 1 }), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook], ["hook-failed", "faulty", "opened"]);
    assertEquals(hooks.call.opened.history(), []);
    faulty.unregister();
    await hooks.registerAsync("fine", { opened: () => "fine" });
    const throwing = () => {
      throw new Error("callback");
    };
    assertEquals(
      (await assertRejects(() => hooks.call.opened.callHistoric({ at: 2 }, throwing), PlugmapError)).plugin,
      "fine",
    );
    await hooks.call.opened.callHistoric({ at: 3 });
    assertEquals(hooks.call.opened.history(), [{ at: 3 }]);
  });

  test("reports what never settles, by plugin and hook, and is not recorded", async () => {
    const hooks = historic({ timeLimit: 1 });
    await hooks.registerAsync("stuck", { opened: () => new Promise(() => {}) });
    const error = await assertRejects(() => hooks.call.opened.callHistoric({ at: 1 }), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook], ["hook-timeout", "stuck", "opened"]);
    assertEquals(hooks.call.opened.history(), []);
  });

  test("rejects, and never throws, for what is no historic call", async () => {
    const hooks = historic();
    const error = await assertRejects(async () => await hooks.caller("opened")({ at: 1 }), PlugmapError);
    assertEquals(error.code, "hook-historic");
    const wrong = () => hooks.caller("opened").callHistoric(1 as unknown as object) as Promise<void>;
    assertEquals((await assertRejects(wrong, PlugmapError)).code, "hook-arguments");
  });
});

describe("registerAsync", () => {
  test("is needed, because register cannot wait", () => {
    const hooks = historic();
    const error = assertThrows(() => hooks.register("p", { opened: () => {} }), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook, hooks.has("p")], ["hook-async", "p", "opened", false]);
  });

  test("registers everything else as register does", async () => {
    const hooks = createHooks({ greeting: hook<{ name: string }, string>() });
    const registration = await hooks.registerAsync("english", { greeting: () => "Hello" });
    assertEquals([registration.name, registration.blocked, hooks.call.greeting({ name: "" })], ["english", false, [
      "Hello",
    ]]);
    const error = await assertRejects(() => hooks.registerAsync("english", {}), PlugmapError);
    assertEquals(error.code, "plugin-duplicate");
    assertEquals([registration.unregister(), registration.unregister()], [true, false]);
  });

  test("rejects, and never throws, for what does not fit", async () => {
    const wrong = { opened: 1 } as unknown as Record<string, never>;
    const error = await assertRejects(() => historic().registerAsync("p", wrong), PlugmapError);
    assertEquals([error.code, error.plugin], ["hook-impl-invalid", "p"]);
  });

  test("leaves nothing behind when a replay rejects", async () => {
    const hooks = historic();
    for (const at of [1, 2, 3]) await hooks.call.opened.callHistoric({ at });
    const seen: number[] = [];
    const opened = async ({ at }: Args) => {
      await turns(1);
      seen.push(at);
      if (at === 2) throw new Error("boom");
    };
    const error = await assertRejects(() => hooks.registerAsync("late", { ready: () => {}, opened }), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook, seen], ["hook-failed", "late", "opened", [1, 2]]);
    assertEquals([hooks.plugins(), hooks.implementations("ready")], [[], []]);
    await hooks.registerAsync("late", {});
    assertEquals(hooks.plugins(), ["late"]);
  });

  test("takes part in no call until it is done", async () => {
    const hooks = historic();
    await hooks.call.opened.callHistoric({ at: 1 });
    const gate = Promise.withResolvers<void>();
    const registering = hooks.registerAsync("late", { opened: () => gate.promise });
    await turns(3);
    assertEquals([hooks.has("late"), hooks.plugins(), hooks.implementations("opened")], [false, [], []]);
    gate.resolve();
    await registering;
    assertEquals([hooks.has("late"), hooks.implementations("opened")], [true, ["late"]]);
  });

  test("keeps its name for itself meanwhile", async () => {
    const hooks = historic();
    await hooks.call.opened.callHistoric({ at: 1 });
    const gate = Promise.withResolvers<void>();
    const registering = hooks.registerAsync("late", { opened: () => gate.promise });
    await turns(3);
    assertEquals(assertThrows(() => hooks.register("late", {}), PlugmapError).code, "plugin-duplicate");
    assertEquals((await assertRejects(() => hooks.registerAsync("late", {}), PlugmapError)).code, "plugin-duplicate");
    gate.resolve();
    await registering;
    assertEquals(hooks.plugins(), ["late"]);
  });

  test("registers nothing when the name is blocked meanwhile", async () => {
    const hooks = historic();
    await hooks.call.opened.callHistoric({ at: 1 });
    const gate = Promise.withResolvers<void>();
    const registering = hooks.registerAsync("late", { opened: () => gate.promise });
    await turns(3);
    hooks.block("late");
    gate.resolve();
    assertEquals([(await registering).blocked, hooks.has("late")], [true, false]);
  });

  test("catches up with calls that are made meanwhile, each once and in order", async () => {
    const hooks = historic();
    await hooks.call.opened.callHistoric({ at: 1 });
    const seen: number[] = [];
    const gate = Promise.withResolvers<void>();
    const registering = hooks.registerAsync("late", {
      opened: async ({ at }) => {
        if (at === 1) await gate.promise;
        seen.push(at);
      },
    });
    await turns(3);
    await hooks.call.opened.callHistoric({ at: 2 });
    const third = hooks.call.opened.callHistoric({ at: 3 });
    gate.resolve();
    await Promise.all([registering, third]);
    await hooks.call.opened.callHistoric({ at: 4 });
    assertEquals(seen, [1, 2, 3, 4]);
  });

  test("misses no call, whenever it is made", async () => {
    for (let delay = 0; delay < 40; delay++) {
      const hooks = historic();
      await hooks.call.opened.callHistoric({ at: 1 });
      const seen: number[] = [];
      const registering = hooks.registerAsync("late", { opened: ({ at }) => void seen.push(at) });
      await turns(delay);
      await hooks.call.opened.callHistoric({ at: 2 });
      await registering;
      assertEquals(seen, [1, 2], `a call ${delay} turns after registerAsync`);
    }
  });

  test("misses no call of one hook while the history of another is replayed", async () => {
    const hooks = historic();
    for (const call of [hooks.call.opened, hooks.call.ready]) await call.callHistoric({ at: 1 });
    const seen: string[] = [];
    const gate = Promise.withResolvers<void>();
    const registering = hooks.registerAsync("late", {
      opened: ({ at }) => void seen.push(`opened${at}`),
      ready: async ({ at }) => (await gate.promise, void seen.push(`ready${at}`)),
    });
    await turns(20);
    await hooks.call.opened.callHistoric({ at: 2 });
    gate.resolve();
    await registering;
    assertEquals(seen.toSorted(), ["opened1", "opened2", "ready1"]);
  });

  test("replays a call that is still running", async () => {
    const hooks = historic();
    const gate = Promise.withResolvers<void>();
    await hooks.registerAsync("slow", { opened: () => gate.promise });
    const running = hooks.call.opened.callHistoric({ at: 1 });
    const seen: number[] = [];
    await hooks.registerAsync("late", { opened: ({ at }) => void seen.push(at) });
    gate.resolve();
    await running;
    assertEquals(seen, [1]);
  });

  test("replaces a plugin once history has been replayed", async () => {
    const hooks = historic();
    const told: unknown[] = [];
    await hooks.registerAsync("a", { opened: () => "old" });
    await hooks.registerAsync("b", { opened: () => "b" });
    await hooks.call.opened.callHistoric({ at: 1 }, (result) => void told.push(result));
    await hooks.registerAsync("a", { opened: async () => (await turns(3), "new") }, { replace: true });
    await hooks.call.opened.callHistoric({ at: 2 }, (result) => void told.push(result));
    assertEquals(told, ["old", "b", "new", "new", "b"]);
  });

  test("can be given up, and registers nothing then", async () => {
    const hooks = historic();
    await hooks.registerAsync("a", { opened: () => "old" });
    await hooks.call.opened.callHistoric({ at: 1 });
    for (const [name, replace] of [["b", false], ["a", true]] as const) {
      const controller = new AbortController();
      const { signal } = controller;
      const registering = hooks.registerAsync(name, { opened: () => new Promise<never>(() => {}) }, {
        replace,
        signal,
      });
      await turns(3);
      controller.abort();
      const error = await assertRejects(() => registering, PlugmapError);
      assertEquals([error.code, error.plugin], ["hook-aborted", name]);
      assertEquals(hooks.implementations("opened"), ["a"]);
    }
  });

  test("brings nothing that was unregistered meanwhile, neither the new nor the old", async () => {
    for (const replace of [false, true]) {
      const hooks = historic();
      if (replace) await hooks.registerAsync("a", { opened: () => "old" });
      await hooks.call.opened.callHistoric({ at: 1 });
      const gate = Promise.withResolvers<void>();
      const registering = hooks.registerAsync("a", { opened: () => gate.promise }, { replace });
      await turns(3);
      assertEquals(hooks.unregister("a"), true);
      gate.resolve();
      const registration = await registering;
      assertEquals([registration.blocked, registration.unregister()], [false, false]);
      assertEquals([hooks.has("a"), hooks.implementations("opened")], [false, []]);
    }
  });
});

test("a subset of an async historic hook leaves plugins out and shares its history", async () => {
  const hooks = historic();
  const seen: string[] = [];
  await hooks.registerAsync("a", { opened: ({ at }) => void seen.push(`a${at}`) });
  await hooks.registerAsync("b", { opened: ({ at }) => void seen.push(`b${at}`) });
  await hooks.call.opened.subset(["a"]).callHistoric({ at: 1 });
  await hooks.registerAsync("late", { opened: ({ at }) => void seen.push(`late${at}`) });
  assertEquals([seen, hooks.call.opened.history()], [["b1", "late1"], [{ at: 1 }]]);
});
