import { describe, test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { createHooks, type Dispatcher, hook, type HookSpec, PlugmapError } from "../../src/hooks/mod.ts";

type Args = { readonly at: number; readonly list?: number[] };
type Spec = HookSpec<Args, unknown, "collect", false, false, true>;

function historic(more: object = {}): Dispatcher<{ opened: Spec }> {
  return createHooks({ opened: hook<Args, unknown>({ historic: true, order: "fifo", ...more }) });
}

const throwing = (): never => {
  throw new Error("boom");
};

describe("a historic call", () => {
  test("runs who is there and gives nothing", () => {
    const hooks = historic();
    const seen: number[] = [];
    hooks.register("a", { opened: ({ at }) => seen.push(at) });
    assertStrictEquals(hooks.call.opened.callHistoric({ at: 1 }) as undefined, undefined);
    assertEquals(seen, [1]);
  });

  test("is replayed in order to each plugin that comes later, once", () => {
    const hooks = historic();
    const seen: string[] = [];
    for (const at of [1, 2, 3]) hooks.call.opened.callHistoric({ at });
    hooks.register("a", { opened: ({ at }) => void seen.push(`a${at}`) });
    hooks.register("b", { opened: ({ at }) => void seen.push(`b${at}`) });
    hooks.call.opened.callHistoric({ at: 4 });
    assertEquals(seen, ["a1", "a2", "a3", "b1", "b2", "b3", "a4", "b4"]);
  });

  test("tells its callback each result and its plugin, at once and later", () => {
    const hooks = historic();
    const told: unknown[] = [];
    const values = [undefined, null, 0, "", false];
    values.forEach((value, index) => hooks.register(`p${index}`, { opened: () => value }));
    hooks.call.opened.callHistoric({ at: 1 }, (...given) => void told.push(given));
    assertEquals(told, [[0, "p2"], ["", "p3"], [false, "p4"]]);
    hooks.register("late", { opened: ({ at }) => at });
    assertEquals(told.at(-1), [1, "late"]);
    hooks.register("nothing", { opened: () => undefined });
    assertEquals(told.length, 4);
  });

  test("tells undefined and null as well with keepNull", () => {
    const hooks = historic({ keepNull: true });
    const told: unknown[] = [];
    hooks.call.opened.callHistoric({ at: 1 }, (...given) => void told.push(given));
    hooks.register("a", { opened: () => null });
    hooks.register("b", { opened: () => undefined });
    assertEquals(told, [[null, "a"], [undefined, "b"]]);
  });

  test("records its arguments as they were", () => {
    const hooks = historic();
    const args = { at: 1 };
    hooks.call.opened.callHistoric(args);
    args.at = 2;
    const seen: unknown[] = [];
    hooks.register("late", { opened: ({ at }) => seen.push(at) });
    assertEquals(seen, [1]);
    assertEquals(hooks.call.opened.history(), [{ at: 1 }]);
  });

  test("shows a history that nobody can change", () => {
    const hooks = historic();
    hooks.call.opened.callHistoric({ at: 1 });
    (hooks.call.opened.history() as unknown[]).length = 0;
    assertThrows(() => Object.assign(hooks.call.opened.history()[0]!, { at: 2 }), TypeError);
    assertEquals(hooks.call.opened.history(), [{ at: 1 }]);
  });

  test("that fails is not recorded", () => {
    const hooks = historic();
    const faulty = hooks.register("faulty", { opened: throwing });
    const error = assertThrows(() => hooks.call.opened.callHistoric({ at: 1 }), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook], ["hook-failed", "faulty", "opened"]);
    assertEquals(hooks.call.opened.history(), []);
    faulty.unregister();
    hooks.call.opened.callHistoric({ at: 2 });
    assertEquals(hooks.call.opened.history(), [{ at: 2 }]);
  });

  test("whose callback fails is not recorded", () => {
    const hooks = historic();
    const cause = new Error("callback");
    hooks.register("a", { opened: () => "a" });
    const error = assertThrows(() =>
      hooks.call.opened.callHistoric({ at: 1 }, () => {
        throw cause;
      }), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook], ["hook-failed", "a", "opened"]);
    assertStrictEquals(error.cause, cause);
    assertEquals(hooks.call.opened.history(), []);
  });

  test("that isolates failures is recorded, and one that collects them is not", () => {
    for (const errors of ["isolate", "collect"] as const) {
      const spec = hook<Args, string>({ historic: true, errors, order: "fifo" });
      const hooks = createHooks({ opened: spec }, { onDiagnostic() {} });
      const told: string[] = [];
      hooks.register("faulty", { opened: throwing });
      hooks.register("fine", { opened: () => "fine" });
      const call = () => hooks.call.opened.callHistoric({ at: 1 }, (_, plugin) => void told.push(plugin));
      if (errors === "isolate") call();
      else assertThrows(call, PlugmapError);
      assertEquals(hooks.call.opened.history().length, errors === "isolate" ? 1 : 0);
      assertEquals(told, errors === "isolate" ? ["fine"] : []);
    }
  });

  test("is refused on other hooks, and other calls on historic ones", () => {
    const hooks = createHooks({ opened: hook<Args, string>({ historic: true }), plain: hook<Args, string>() });
    const opened = hooks.caller("opened");
    const calls = [
      () => opened({ at: 1 }),
      () => opened.detailed({ at: 1 }),
      () => opened.callExtra([() => "x"], { at: 1 }),
      () => opened.subset(["x"])({ at: 1 }),
      () => hooks.caller("plain").callHistoric({ at: 1 }),
    ];
    for (const call of calls) assertEquals(assertThrows(call, PlugmapError).code, "hook-historic");
    assertEquals([opened.history(), hooks.caller("plain").history()], [[], []]);
  });

  test("needs an object of arguments", () => {
    const { callHistoric } = historic().call.opened as unknown as { callHistoric: (args: unknown) => void };
    for (const args of [undefined, null, 1, "x", [1]]) {
      assertEquals(assertThrows(() => callHistoric(args), PlugmapError).code, "hook-arguments");
    }
  });
});

describe("a history", () => {
  test("keeps the newest calls up to a limit", () => {
    const hooks = historic({ historic: { limit: 2 } });
    for (const at of [1, 2, 3]) hooks.call.opened.callHistoric({ at });
    assertEquals(hooks.call.opened.history(), [{ at: 2 }, { at: 3 }]);
    const seen: number[] = [];
    hooks.register("late", { opened: ({ at }) => seen.push(at) });
    assertEquals(seen, [2, 3]);
  });

  test("loses nothing to a call that fails", () => {
    const hooks = historic({ historic: { limit: 2 } });
    for (const at of [1, 2]) hooks.call.opened.callHistoric({ at });
    const faulty = hooks.register("faulty", { opened: ({ at }) => at === 3 ? throwing() : undefined });
    assertThrows(() => hooks.call.opened.callHistoric({ at: 3 }), PlugmapError);
    assertEquals(hooks.call.opened.history(), [{ at: 1 }, { at: 2 }]);
    faulty.unregister();
    hooks.call.opened.callHistoric({ at: 4 });
    assertEquals(hooks.call.opened.history(), [{ at: 2 }, { at: 4 }]);
  });

  test("can be cleared", () => {
    const hooks = historic();
    hooks.call.opened.callHistoric({ at: 1 });
    hooks.call.opened.clearHistory();
    assertEquals(hooks.call.opened.history(), []);
    const seen: number[] = [];
    hooks.register("late", { opened: ({ at }) => seen.push(at) });
    hooks.call.opened.callHistoric({ at: 2 });
    assertEquals(seen, [2]);
  });

  test("that is cleared during a replay ends it", () => {
    const hooks = historic();
    for (const at of [1, 2, 3]) hooks.call.opened.callHistoric({ at });
    const seen: number[] = [];
    hooks.register("clearing", { opened: ({ at }) => (seen.push(at), hooks.call.opened.clearHistory()) });
    assertEquals(seen, [1]);
  });

  test("refuses a limit that is none", () => {
    for (const limit of [0, -1, NaN, "1"]) {
      const error = assertThrows(() => hook({ historic: { limit: limit as number } }), PlugmapError);
      assertEquals(error.code, "hook-spec-invalid");
    }
  });
});

describe("registering for a historic hook", () => {
  test("is taken back as a whole when a replay throws", () => {
    const hooks = createHooks({
      opened: hook<Args, number>({ historic: true, order: "fifo" }),
      plain: hook<Args, string>({ order: "fifo" }),
    });
    for (const at of [1, 2, 3]) hooks.call.opened.callHistoric({ at });
    const error = assertThrows(() =>
      hooks.register("late", {
        plain: () => "plain",
        opened: ({ at }) => at === 2 ? throwing() : at,
      }), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook], ["hook-failed", "late", "opened"]);
    assertEquals([hooks.plugins(), hooks.implementations("opened"), hooks.call.plain({ at: 0 })], [[], [], []]);
    assertEquals(hooks.call.opened.history().length, 3);
    const seen: number[] = [];
    hooks.register("late", { opened: ({ at }) => seen.push(at) });
    assertEquals(seen, [1, 2, 3]);
  });

  test("is taken back when the callback of a replayed call throws", () => {
    const hooks = historic();
    hooks.call.opened.callHistoric({ at: 1 }, throwing);
    const error = assertThrows(() => hooks.register("late", { opened: () => "x" }), PlugmapError);
    assertEquals([error.code, error.plugin, hooks.has("late")], ["hook-failed", "late", false]);
  });

  test("in place of another plugin leaves that one when a replay throws", () => {
    const hooks = historic();
    hooks.register("a", { opened: () => "old" });
    hooks.register("b", { opened: () => "b" });
    hooks.call.opened.callHistoric({ at: 1 });
    assertThrows(() => hooks.register("a", { opened: throwing }, { replace: true }), PlugmapError);
    assertEquals([hooks.plugins(), hooks.implementations("opened")], [["a", "b"], ["a", "b"]]);
    const told: unknown[] = [];
    hooks.call.opened.callHistoric({ at: 2 }, (result) => void told.push(result));
    assertEquals(told, ["old", "b"]);
  });

  test("from inside a call replays that call as well, and runs it no second time", () => {
    const hooks = historic();
    const seen: string[] = [];
    hooks.call.opened.callHistoric({ at: 1 });
    hooks.register("outer", {
      opened({ at }) {
        seen.push(`outer${at}`);
        if (at === 2) hooks.register("inner", { opened: (args) => void seen.push(`inner${args.at}`) });
      },
    });
    hooks.call.opened.callHistoric({ at: 2 });
    hooks.call.opened.callHistoric({ at: 3 });
    assertEquals(seen, ["outer1", "outer2", "inner1", "inner2", "outer3", "inner3"]);
  });

  test("misses no call that it makes itself while history is replayed to it", () => {
    const hooks = historic();
    hooks.call.opened.callHistoric({ at: 1 });
    const seen: number[] = [];
    hooks.register("calling", {
      opened({ at }) {
        seen.push(at);
        if (at === 1) hooks.call.opened.callHistoric({ at: 2 });
      },
    });
    assertEquals(seen, [1, 2]);
    assertEquals(hooks.call.opened.history(), [{ at: 1 }, { at: 2 }]);
  });

  test("takes no wrapper", () => {
    const wrapper = { wrapper: (next: () => unknown) => next() };
    const register = () => historic().register("w", { opened: wrapper } as unknown as Record<string, never>);
    assertEquals(assertThrows(register, PlugmapError).code, "hook-impl-invalid");
  });
});

test("a subset of a historic hook leaves plugins out and shares its history", () => {
  const hooks = historic();
  const seen: string[] = [];
  hooks.register("a", { opened: ({ at }) => void seen.push(`a${at}`) });
  hooks.register("b", { opened: ({ at }) => void seen.push(`b${at}`) });
  const subset = hooks.call.opened.subset(["a"]);
  subset.callHistoric({ at: 1 });
  hooks.call.opened.callHistoric({ at: 2 });
  assertEquals(seen, ["b1", "a2", "b2"]);
  assertEquals(hooks.call.opened.history(), [{ at: 1 }, { at: 2 }]);
  assertEquals(subset.history(), [{ at: 1 }, { at: 2 }]);
  hooks.register("late", { opened: ({ at }) => void seen.push(`late${at}`) });
  assertEquals(seen.slice(3), ["late1", "late2"]);
  subset.clearHistory();
  assertEquals(hooks.call.opened.history(), []);
});
