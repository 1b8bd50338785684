import { describe, test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { createHooks, hook, type ImplPlace, PlugmapError } from "../../src/hooks/mod.ts";

type Place = Omit<ImplPlace, "target">;

function ordering() {
  const hooks = createHooks({
    who: hook<{ at: number }, string>({ order: "fifo" }),
    other: hook<{ at: number }, string>({ order: "fifo" }),
  });
  const add = (name: string, place: Place = {}) => {
    const run = () => name;
    return hooks.register(name, { other: run, who: { run, ...place } as { run: typeof run } });
  };
  const loop = (name: string, place: Place) => {
    const error = assertThrows(() => add(name, place), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook], ["hook-order-loop", name, "who"]);
    assertEquals(error.mend, 'Take one name out of a "before" or "after".');
    return error.problem;
  };
  return { hooks, add, loop };
}

describe("a loop of before and after", () => {
  test("of two plugins names both", () => {
    const { add, loop } = ordering();
    add("a", { before: ["b"] });
    assertEquals(loop("b", { before: ["a"] }), 'Plugins want to run before each other: "b", then "a", then "b"');
  });

  test("is found from each of the four ways to say it", () => {
    for (const first of [{ before: ["b"] }, { after: ["b"] }]) {
      for (const second of [{ before: ["a"] }, { after: ["a"] }]) {
        const { hooks, add } = ordering();
        add("a", first);
        const agree = "before" in first !== "before" in second;
        if (agree) add("b", second);
        else assertThrows(() => add("b", second), PlugmapError);
        assertEquals(hooks.has("b"), agree);
      }
    }
  });

  test("names the plugins along it in the order in which they would run, and nobody else", () => {
    const { add, loop } = ordering();
    add("aside", { before: ["a"] });
    add("a", { before: ["b", "dead end"] });
    add("dead end");
    add("c", { after: ["b"] });
    assertEquals(
      loop("b", { after: ["c"] }),
      'Plugins want to run before each other: "b", then "c", then "b"',
    );
    add("b");
    assertEquals(
      loop("d", { after: ["c"], before: ["a"] }),
      'Plugins want to run before each other: "d", then "a", then "b", then "c", then "d"',
    );
  });

  test("leaves everything as it was, and the plugin can come without it", () => {
    const { hooks, add, loop } = ordering();
    add("a", { before: ["b"] });
    const before = hooks.inspect();
    loop("b", { before: ["a"] });
    assertEquals(hooks.inspect(), before);
    assertEquals([hooks.plugins(), hooks.hooksOf("b")], [["a"], undefined]);
    assertEquals(hooks.call.other({ at: 0 }), ["a"]);
    add("b");
    assertEquals(hooks.call.who({ at: 0 }), ["a", "b"]);
  });

  test("is gone when a plugin of it is", () => {
    const { hooks, add, loop } = ordering();
    add("a", { before: ["b"] });
    add("b", { before: ["c"] });
    loop("c", { before: ["a"] });
    hooks.unregister("b");
    add("c", { before: ["a"] });
    assertEquals(hooks.call.who({ at: 0 }), ["c", "a"]);
    loop("b", { after: ["a"], before: ["c"] });
  });

  test("that a replacement would close keeps the old plugin", () => {
    const { hooks, add } = ordering();
    add("a");
    add("b", { before: ["a"] });
    const replace = () => hooks.register("a", { who: { run: () => "new", before: ["b"] } }, { replace: true });
    assertEquals(assertThrows(replace, PlugmapError).code, "hook-order-loop");
    assertEquals([hooks.call.who({ at: 0 }), hooks.call.other({ at: 0 })], [["b", "a"], ["a", "b"]]);
    assertEquals(hooks.hooksOf("a"), ["other", "who"]);
  });

  test("is none where the plugins order different hooks, or a wrapper and the rest", () => {
    const { hooks } = ordering();
    const run = () => "x";
    const wrapper = (next: () => string[]) => next();
    hooks.register("a", {
      who: { run, before: ["b"] } as { run: () => string },
      other: { run, after: ["b"] } as never,
    });
    hooks.register("b", { other: run, who: { wrapper, before: ["a"] } as never });
    assertEquals([hooks.implementations("who"), hooks.implementations("other")], [["b", "a"], ["b", "a"]]);
  });

  test("is found among the implementations that one plugin brings", () => {
    const { hooks, add } = ordering();
    add("a", { before: ["b"] });
    const bring = () =>
      hooks.register("b", {
        one: { target: "who", run: () => "one", after: ["a"] },
        two: { target: "who", run: () => "two", before: ["a"] },
      });
    assertEquals(assertThrows(bring, PlugmapError).code, "hook-order-loop");
    assertEquals(hooks.call.who({ at: 0 }), ["a"]);
  });

  test("tells names apart that objects have members of, and quotes what is not printable", () => {
    const { add, loop } = ordering();
    add("__proto__", { before: ["a\u202eb"] });
    assertEquals(
      loop("a\u202eb", { before: ["__proto__"] }),
      'Plugins want to run before each other: "a\\u{202e}b", then "__proto__", then "a\\u{202e}b"',
    );
  });
});
