import { AsyncLocalStorage } from "node:async_hooks";
import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { createHooks, hook, PlugmapError } from "../../src/hooks/mod.ts";
import { traceCalls } from "../../src/tracing/mod.ts";

/** A promise, and what settles it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

describe("traceCalls", () => {
  test("writes the hook, its arguments and the result, as pluggy does", () => {
    const hooks = createHooks({ hello: hook<{ arg: number; to: string }, number>() });
    hooks.register("plugin", { hello: ({ arg }) => arg + 1 });
    hooks.register("again", { hello: ({ arg }) => arg + 100 });
    const lines: string[] = [];
    traceCalls(hooks, (line) => lines.push(line));
    assertEquals(hooks.call.hello({ arg: 3, to: "Ada" }), [103, 4]);
    assertEquals(lines, [
      "  hello [hook]",
      "      arg: 3",
      "      to: Ada",
      "  finish hello --> [103, 4] [hook]",
    ]);
  });

  test("writes a call that nobody implements", () => {
    const hooks = createHooks({ hello: hook<{ arg: number }, number>() });
    const lines: string[] = [];
    traceCalls(hooks, (line) => lines.push(line));
    hooks.call.hello({ arg: 3 });
    assertEquals(lines, ["  hello [hook]", "      arg: 3", "  finish hello --> [] [hook]"]);
  });

  test("keeps a result that is an object on the line of the result", () => {
    const hooks = createHooks({ find: hook<object, { id: number }>({ mode: "first" }) });
    hooks.register("plugin", { find: () => ({ id: 1 }) });
    const lines: string[] = [];
    traceCalls(hooks, (line) => lines.push(line));
    hooks.call.find({});
    assertEquals(lines, ["  find [hook]", "  finish find --> {id: 1} [hook]"]);
  });

  test("indents calls that are made inside of calls", () => {
    const hooks = createHooks({
      outer: hook<object, number>(),
      inner: hook<{ at: number }, number>({ mode: "first" }),
    });
    hooks.register("plugin", {
      outer: () => hooks.call.inner({ at: 1 }),
      inner: ({ at }) => at,
    });
    const lines: string[] = [];
    traceCalls(hooks, (line) => lines.push(line));
    hooks.call.outer({});
    hooks.call.inner({ at: 2 });
    assertEquals(lines, [
      "  outer [hook]",
      "    inner [hook]",
      "        at: 1",
      "    finish inner --> 1 [hook]",
      "  finish outer --> [1] [hook]",
      "  inner [hook]",
      "      at: 2",
      "  finish inner --> 2 [hook]",
    ]);
  });

  test("writes no result of a call that fails, and is at its level again afterwards", async () => {
    const fail = () => {
      throw new Error("no");
    };
    const hooks = createHooks({ bad: hook<object, void>(), late: hook<object, void>({ async: true }) });
    hooks.register("plugin", { bad: fail, late: fail });
    const lines: string[] = [];
    traceCalls(hooks, (line) => lines.push(line));
    assertThrows(() => hooks.call.bad({}), PlugmapError);
    await assertRejects(() => hooks.call.late({}), PlugmapError);
    assertThrows(() => hooks.call.bad({}), PlugmapError);
    assertEquals(lines, ["  bad [hook]", "  late [hook]", "  bad [hook]"]);
  });

  test("writes the result of an async call when it is there", async () => {
    const hooks = createHooks({ load: hook<object, string>({ async: true, mode: "first" }) });
    const { opened, open } = gate();
    hooks.register("plugin", { load: () => opened.then(() => "text") });
    const lines: string[] = [];
    traceCalls(hooks, (line) => lines.push(line));
    const call = hooks.call.load({});
    assertEquals(lines, ["  load [hook]"]);
    open();
    await call;
    assertEquals(lines, ["  load [hook]", "  finish load --> text [hook]"]);
  });

  test("writes all that a stream gave when it is at its end or left", async () => {
    const hooks = createHooks({ each: hook<object, number>({ mode: "stream", concurrency: 1, order: "fifo" }) });
    hooks.register("one", { each: () => 1 });
    hooks.register("two", { each: () => 2 });
    const lines: string[] = [];
    traceCalls(hooks, (line) => lines.push(line));
    for await (const _ of hooks.call.each({}));
    for await (const _ of hooks.call.each({})) break;
    assertEquals(lines, [
      "  each [hook]",
      "  finish each --> [1, 2] [hook]",
      "  each [hook]",
      "  finish each --> [1] [hook]",
    ]);
  });

  test("writes the calls that a historic hook replays", () => {
    const hooks = createHooks({ opened: hook<{ file: string }, string>({ historic: true }) });
    hooks.call.opened.callHistoric({ file: "a" });
    const lines: string[] = [];
    traceCalls(hooks, (line) => lines.push(line));
    hooks.register("late", { opened: ({ file }) => file });
    assertEquals(lines, ["  opened [hook]", "      file: a", '  finish opened --> ["a"] [hook]']);
  });

  test("ends with stop and with the block that declared it", () => {
    const hooks = createHooks({ hello: hook<object, void>() });
    const lines: string[] = [];
    const tracing = traceCalls(hooks, (line) => lines.push(line));
    assertStrictEquals(tracing.stop(), true);
    assertStrictEquals(tracing.stop(), false);
    hooks.call.hello({});
    {
      using _tracing = traceCalls(hooks, (line) => lines.push(line));
    }
    hooks.call.hello({});
    assertEquals(lines, []);
  });

  test("traces for several writers, which end in any order", () => {
    const hooks = createHooks({ hello: hook<object, void>() });
    const first: string[] = [];
    const second: string[] = [];
    const tracing = traceCalls(hooks, (line) => first.push(line));
    traceCalls(hooks, (line) => second.push(line));
    hooks.call.hello({});
    tracing.stop();
    hooks.call.hello({});
    const call = ["  hello [hook]", "  finish hello --> [] [hook]"];
    assertEquals(first, call);
    assertEquals(second, [...call, ...call]);
  });
});

describe("traceCalls with a writer that misbehaves", () => {
  test("tells what it throws, and calls go on", async () => {
    const diagnostics: PlugmapError[] = [];
    const hooks = createHooks(
      { hello: hook<object, number>(), late: hook<object, number>({ async: true }) },
      { onDiagnostic: (diagnostic) => diagnostics.push(diagnostic) },
    );
    hooks.register("plugin", { hello: () => 1, late: () => 2 });
    const broken = new Error("The pipe is broken");
    let throwing = true;
    const lines: string[] = [];
    traceCalls(hooks, (line) => {
      if (throwing) throw broken;
      lines.push(line);
    });
    assertEquals(hooks.call.hello({}), [1]);
    assertEquals(await hooks.call.late({}), [2]);
    assertEquals(diagnostics.map(({ code, hook, cause }) => ({ code, hook, cause })), [
      { code: "hook-monitor-failed", hook: "hello", cause: broken },
      { code: "hook-monitor-failed", hook: "hello", cause: broken },
      { code: "hook-monitor-failed", hook: "late", cause: broken },
      { code: "hook-monitor-failed", hook: "late", cause: broken },
    ]);
    throwing = false;
    hooks.call.hello({});
    assertEquals(lines, ["  hello [hook]", "  finish hello --> [1] [hook]"]);
  });

  test("does not trace the calls that it makes itself", () => {
    const hooks = createHooks({ hello: hook<object, number>(), log: hook<{ line: string }, void>() });
    const lines: string[] = [];
    hooks.register("plugin", { hello: () => 1, log: ({ line }) => void lines.push(line) });
    traceCalls(hooks, (line) => hooks.call.log({ line }));
    hooks.call.hello({});
    assertEquals(lines, ["  hello [hook]", "  finish hello --> [1] [hook]"]);
  });

  test("refuses what is no writer, no dispatcher and no storage", () => {
    const hooks = createHooks({});
    const refused = [
      () => traceCalls(hooks, undefined as never),
      () => traceCalls(hooks, "stdout" as never),
      () => traceCalls(undefined as never, () => {}),
      () => traceCalls({} as never, () => {}),
      () => traceCalls(hooks, () => {}, null as never),
      () => traceCalls(hooks, () => {}, { storage: {} as never }),
      () => traceCalls(hooks, () => {}, { store: new AsyncLocalStorage<number>() } as never),
    ];
    for (const trace of refused) assertStrictEquals(assertThrows(trace, PlugmapError).code, "option-invalid");
  });
});

describe("traceCalls of async calls that overlap", () => {
  /** Two calls that overlap, each with a call inside. */
  async function trace(storage?: AsyncLocalStorage<number>): Promise<string[]> {
    const hooks = createHooks({
      outer: hook<{ wait: Promise<void>; inner: string }, void>({ async: true, mode: "first" }),
      a: hook<object, void>({ async: true, mode: "first" }),
      b: hook<object, void>({ async: true, mode: "first" }),
    });
    hooks.register("plugin", {
      outer: async ({ wait, inner }) => {
        await wait;
        await hooks.caller(inner)({});
      },
    });
    const lines: string[] = [];
    traceCalls(hooks, (line) => lines.push(line), { storage });
    const first = gate();
    const second = gate();
    const calls = [
      hooks.call.outer({ wait: first.opened, inner: "a" }),
      hooks.call.outer({ wait: second.opened, inner: "b" }),
    ];
    first.open();
    await calls[0];
    second.open();
    await calls[1];
    return lines.filter((line) => line.endsWith(" [hook]"));
  }

  test("takes the later for a part of the earlier, and ends each at its own level", async () => {
    assertEquals(await trace(), [
      "  outer [hook]",
      "    outer [hook]",
      "      a [hook]",
      "      finish a --> undefined [hook]",
      "  finish outer --> undefined [hook]",
      "    b [hook]",
      "    finish b --> undefined [hook]",
      "    finish outer --> undefined [hook]",
    ]);
  });

  test("indents by the calls around, with a storage", async () => {
    assertEquals(await trace(new AsyncLocalStorage()), [
      "  outer [hook]",
      "  outer [hook]",
      "    a [hook]",
      "    finish a --> undefined [hook]",
      "  finish outer --> undefined [hook]",
      "    b [hook]",
      "    finish b --> undefined [hook]",
      "  finish outer --> undefined [hook]",
    ]);
  });

  test("indents what the implementations of a stream call, with a storage", async () => {
    const hooks = createHooks({
      each: hook<object, number>({ mode: "stream", concurrency: 1, order: "fifo" }),
      inner: hook<{ at: number }, void>(),
    });
    const implement = (at: number) => () => {
      hooks.call.inner({ at });
      return at;
    };
    hooks.register("one", { each: implement(1) });
    hooks.register("two", { each: implement(2) });
    const lines: string[] = [];
    traceCalls(hooks, (line) => lines.push(line), { storage: new AsyncLocalStorage<number>() });
    for await (const at of hooks.call.each({})) hooks.call.inner({ at: at * 10 });
    assertEquals(lines.filter((line) => !line.includes("finish")), [
      "  each [hook]",
      "    inner [hook]",
      "        at: 1",
      "  inner [hook]",
      "      at: 10",
      "    inner [hook]",
      "        at: 2",
      "  inner [hook]",
      "      at: 20",
    ]);
  });
});
