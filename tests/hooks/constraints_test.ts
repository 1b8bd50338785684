import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createHooks, hook, type HookOrder, type ImplPlace, PlugmapError } from "../../src/hooks/mod.ts";

interface Args {
  readonly at: number;
}
type Place = Omit<ImplPlace, "target">;

/** A hook, and what registers plugins with it that give their own name. */
function ordering(order: HookOrder = "fifo") {
  const hooks = createHooks({ who: hook<Args, string>({ order }) });
  return {
    hooks,
    add: (name: string, place: Place = {}) => hooks.register(name, { who: { run: () => name, ...place } }),
    wrap: (name: string, place: Place = {}) => hooks.register(name, { who: { wrapper: (next) => next(), ...place } }),
    order: () => {
      const ran = hooks.call.who({ at: 0 }).join(" ");
      assertEquals(hooks.implementations("who").join(" "), ran);
      return ran;
    },
  };
}

/** The order in which plugins run that say this, registered in the order of the table. */
function orderOf(places: Readonly<Record<string, Place>>, order?: HookOrder): string {
  const { add, order: told } = ordering(order);
  for (const [name, place] of Object.entries(places)) add(name, place);
  return told();
}

describe("priority", () => {
  test("puts the higher number first, whatever the order of registration", () => {
    const places = { a: {}, b: { priority: -1 }, c: { priority: 2.5 }, d: { priority: 2 } };
    assertEquals(orderOf(places, "lifo"), "c d a b");
    assertEquals(orderOf(places, "fifo"), "c d a b");
  });

  test("leaves those with the same number in the order of registration, and 0 is the same as none", () => {
    const places = { a: { priority: 1 }, b: {}, c: { priority: 1 }, d: { priority: 0 }, e: { priority: -0 } };
    assertEquals(orderOf(places, "lifo"), "c a e d b");
    assertEquals(orderOf(places, "fifo"), "a c b d e");
  });

  test("counts inside a band only", () => {
    const places = {
      last: { tryLast: true, priority: 9 },
      later: { tryLast: true },
      normal: { priority: -9 },
      first: { tryFirst: true, priority: -9 },
      earlier: { tryFirst: true },
    };
    assertEquals(orderOf(places, "lifo"), "earlier first normal last later");
    assertEquals(orderOf(places, "fifo"), "earlier first normal last later");
  });

  test("that is not a finite number is refused", () => {
    for (const priority of [NaN, Infinity, "1", null]) {
      const error = assertThrows(() => ordering().add("a", { priority: priority as number }), PlugmapError);
      assertEquals([error.code, error.plugin, error.hook], ["hook-impl-invalid", "a", "who"]);
      assertStringIncludes(error.problem, 'Option "priority" is not a finite number');
    }
  });
});

test("tryFirst with tryLast is refused, alone and for a wrapper, and changes nothing", () => {
  const { hooks, add, wrap, order } = ordering();
  add("a");
  for (const register of [add, wrap]) {
    const error = assertThrows(() => register("both", { tryFirst: true, tryLast: true }), PlugmapError);
    assertEquals([error.code, error.plugin], ["hook-impl-invalid", "both"]);
    assertStringIncludes(error.problem, 'Options "tryFirst" and "tryLast" contradict each other');
  }
  assertEquals([order(), hooks.has("both")], ["a", false]);
});

test("implementations of one plugin run in the order of the plugin's table, or the other way round", () => {
  const run = (order: HookOrder) => {
    const { hooks } = ordering(order);
    hooks.register("a", {
      one: { target: "who", run: () => "one" },
      two: { target: "who", run: () => "two" },
      three: { target: "who", run: () => "three", tryLast: true },
      four: { target: "who", run: () => "four", tryLast: true },
    });
    return hooks.call.who({ at: 0 }).join(" ");
  };
  assertEquals(run("fifo"), "one two three four");
  assertEquals(run("lifo"), "two one three four");
});

describe("before and after", () => {
  test("put an implementation next to the one it names, and leave the others where they are", () => {
    assertEquals(orderOf({ a: {}, b: {}, c: {}, d: { before: ["b"] } }), "a d b c");
    assertEquals(orderOf({ a: { after: ["c"] }, b: {}, c: {}, d: {} }), "b c a d");
  });

  test("change nothing where the order is right already", () => {
    assertEquals(orderOf({ a: { before: ["c"] }, b: {}, c: {}, d: { after: ["a"] } }), "a b c d");
  });

  test("hold for all of the plugins that are named", () => {
    assertEquals(orderOf({ a: {}, b: {}, c: { before: ["b", "a"] } }), "c a b");
    assertEquals(orderOf({ a: { after: ["b", "c"] }, b: {}, c: {}, d: {} }), "b c a d");
  });

  test("may say the same twice, from both sides", () => {
    assertEquals(orderOf({ a: { after: ["b"] }, b: { before: ["a"] } }), "b a");
  });

  test("hold across bands and priorities, in both orders", () => {
    const places = {
      first: { tryFirst: true, priority: 9, after: ["last"] },
      normal: {},
      last: { tryLast: true, priority: -9 },
    };
    assertEquals(orderOf(places, "lifo"), "normal last first");
    assertEquals(orderOf(places, "fifo"), "normal last first");
    assertEquals(orderOf({ first: { tryFirst: true }, last: { tryLast: true, before: ["first"] } }), "last first");
  });

  test("hold along a chain, whichever way it is registered", () => {
    assertEquals(orderOf({ a: {}, b: { before: ["a"] }, c: { before: ["b"] }, d: { before: ["c"] } }), "d c b a");
    assertEquals(orderOf({ a: { after: ["b"] }, b: { after: ["c"] }, c: {} }), "c b a");
  });

  test("wait for plugins that are not registered, and hold once they are", () => {
    const { add, order, hooks } = ordering();
    add("a", { after: ["late"] });
    add("b");
    assertEquals(order(), "a b");
    add("late");
    assertEquals(order(), "b late a");
    hooks.unregister("late");
    assertEquals(order(), "a b");
  });

  test("end with the plugin that said so", () => {
    const { add, order, hooks } = ordering();
    add("a");
    add("b", { before: ["a"] });
    assertEquals(order(), "b a");
    hooks.unregister("b");
    add("b");
    assertEquals(order(), "a b");
  });

  test("mean all implementations that the named plugin has of the hook", () => {
    const { hooks, add } = ordering();
    hooks.register("twice", {
      one: { target: "who", run: () => "one" },
      two: { target: "who", run: () => "two", tryLast: true },
    });
    add("early", { before: ["twice"] });
    add("late", { after: ["twice"] });
    assertEquals(hooks.call.who({ at: 0 }), ["early", "one", "two", "late"]);
  });

  test("order wrappers among themselves, and never against the rest", () => {
    const { hooks, add, wrap } = ordering();
    wrap("w1");
    wrap("w2", { before: ["w1", "plain"] });
    add("plain", { before: ["w2"] });
    wrap("w3", { after: ["plain"] });
    assertEquals(hooks.implementations("who"), ["w2", "w1", "w3", "plain"]);
  });

  test("take the names of objects' own members for ordinary names", () => {
    assertEquals(
      orderOf({ constructor: {}, toString: {}, ["__proto__"]: { before: ["constructor"] } }),
      "__proto__ constructor toString",
    );
    assertEquals(orderOf({ a: { after: ["constructor", "__proto__"] }, b: {} }), "a b");
  });

  test("hold for extras of one call as for anything else, which come in at their own place", () => {
    const { hooks, add } = ordering();
    add("a", { after: ["b"] });
    add("b", { tryLast: true });
    assertEquals(hooks.call.who.callExtra([() => "extra"], { at: 0 }), ["extra", "b", "a"]);
  });

  test("hold in a subset for those that are left", () => {
    const { hooks, add } = ordering();
    add("a", { after: ["b"] });
    add("b", { after: ["c"] });
    add("c");
    assertEquals(hooks.call.who.subset(["b"])({ at: 0 }), ["c", "a"]);
  });

  test("are kept as they were read, whatever becomes of the lists", () => {
    const { hooks, add, order } = ordering();
    const before = ["nobody"];
    add("a");
    add("b", { before });
    before.push("a");
    assertEquals(order(), "a b");
    const report = hooks.inspect()[0]!.impls.find(({ plugin }) => plugin === "b")!;
    try {
      (report.before as string[]).push("a");
    } catch {
      // A frozen list is as good as a copy.
    }
    add("c");
    assertEquals(order(), "a b c");
  });

  test("that are no lists of names, or name the plugin itself, are refused", () => {
    for (const names of ["b", [1], ["b", "b"], null]) {
      for (const option of ["before", "after"]) {
        const error = assertThrows(() => ordering().add("a", { [option]: names }), PlugmapError);
        assertEquals([error.code, error.plugin], ["hook-impl-invalid", "a"]);
        assertStringIncludes(error.problem, `Option "${option}" is not a list of names`);
      }
    }
    const error = assertThrows(() => ordering().add("a", { after: ["a"] }), PlugmapError);
    assertEquals([error.code, error.problem], ["hook-impl-invalid", "It cannot run before or after itself"]);
  });
});
