import { describe, test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { createHooks, hook, PlugmapError } from "../../src/hooks/mod.ts";

interface Args {
  readonly at: number;
}

/** Two hooks, and plugins of these names that implement the first. */
function registered(...names: readonly string[]) {
  const hooks = createHooks({ who: hook<Args, string>({ order: "fifo" }), other: hook<Args, string>() });
  for (const name of names) hooks.register(name, { who: () => name });
  return hooks;
}

describe("block", () => {
  test("unregisters the plugin, and keeps its name from being registered", () => {
    const hooks = registered("a", "b");
    hooks.block("a");
    assertEquals([hooks.isBlocked("a"), hooks.isBlocked("b"), hooks.has("a")], [true, false, false]);
    assertEquals([hooks.call.who({ at: 0 }), hooks.plugins(), hooks.hooksOf("a")], [["b"], ["b"], undefined]);
    hooks.register("a", { who: () => "again" });
    assertEquals([hooks.call.who({ at: 0 }), hooks.plugins()], [["b"], ["b"]]);
  });

  test("refuses a name that is no string", () => {
    for (const name of [undefined, null, 5, {}]) {
      const error = assertThrows(() => registered().block(name as unknown as string), PlugmapError);
      assertEquals(error.code, "hook-impl-invalid");
    }
  });

  test("can come before the plugin, and twice", () => {
    const hooks = registered();
    hooks.block("a");
    hooks.block("a");
    hooks.register("a", { who: () => "a" });
    assertEquals([hooks.has("a"), hooks.unblock("a"), hooks.unblock("a")], [false, true, false]);
  });

  test("holds when the name is unregistered", () => {
    const hooks = registered("a");
    hooks.block("a");
    assertEquals([hooks.unregister("a"), hooks.isBlocked("a")], [false, true]);
  });

  test("makes registrations that say so, and have nothing to take back", async () => {
    const hooks = registered();
    hooks.block("a");
    const registration = hooks.register("a", { who: () => "blocked" });
    const later = await hooks.registerAsync("a", { who: () => "blocked" });
    assertEquals([registration.name, registration.blocked, later.blocked], ["a", true, true]);
    hooks.unblock("a");
    const real = hooks.register("a", { who: () => "a" });
    assertEquals([real.blocked, registration.unregister(), later.unregister()], [false, false, false]);
    assertEquals(hooks.call.who({ at: 0 }), ["a"]);
  });

  test("reads nothing of what it blocks", () => {
    const hooks = registered();
    hooks.block("a");
    const impls = new Proxy({}, {
      ownKeys() {
        throw new Error("read");
      },
    });
    assertEquals(hooks.register("a", impls).blocked, true);
  });

  test("leaves the running call as it is", () => {
    const hooks = registered();
    hooks.register("blocking", { who: () => (hooks.block("b"), "blocking") });
    hooks.register("b", { who: () => "b" });
    assertEquals(hooks.call.who({ at: 0 }), ["blocking", "b"]);
    assertEquals(hooks.call.who({ at: 0 }), ["blocking"]);
  });

  test("that comes while history is replayed keeps the plugin out", async () => {
    const hooks = createHooks({ past: hook<Args, string>({ historic: true, async: true }) });
    await hooks.call.past.callHistoric({ at: 0 });
    const registration = await hooks.registerAsync("a", { past: () => (hooks.block("a"), "x") });
    assertEquals([registration.blocked, hooks.has("a"), hooks.implementations("past")], [true, false, []]);
  });

  test("that comes while history is replayed keeps it out of sync hooks as well, and ends the replay", () => {
    const specs = { past: hook<Args, string>({ historic: true }), other: hook<Args, string>({ historic: true }) };
    const hooks = createHooks(specs);
    for (const call of [hooks.call.past, hooks.call.other]) call.callHistoric({ at: 0 });
    let replayed = false;
    const other = () => (replayed = true, "x");
    const registration = hooks.register("a", { past: () => (hooks.block("a"), "x"), other });
    assertEquals([hooks.has("a"), hooks.implementations("past"), registration.unregister()], [false, [], false]);
    assertEquals(replayed, false);
  });
});

describe("unblock", () => {
  test("lets the name be registered again, and brings nothing back by itself", () => {
    const hooks = registered("a");
    hooks.block("a");
    assertEquals([hooks.unblock("a"), hooks.isBlocked("a"), hooks.has("a")], [true, false, false]);
    hooks.register("a", { who: () => "again" });
    assertEquals(hooks.call.who({ at: 0 }), ["again"]);
  });

  test("says when there is nothing to unblock", () => {
    assertEquals(registered("a").unblock("a"), false);
  });
});

test("names of objects' own members are neither registered nor blocked unless somebody says so", () => {
  const hooks = registered();
  for (const name of ["__proto__", "constructor", "toString"]) {
    assertEquals([hooks.has(name), hooks.isBlocked(name), hooks.hooksOf(name)], [false, false, undefined]);
    hooks.block(name);
    assertEquals([hooks.isBlocked(name), hooks.unblock(name)], [true, true]);
    hooks.register(name, { who: () => name });
    assertEquals([hooks.has(name), hooks.hooksOf(name)], [true, ["who"]]);
  }
  assertEquals(hooks.call.who({ at: 0 }), ["__proto__", "constructor", "toString"]);
});

describe("hooksOf", () => {
  test("gives each hook once, nothing for a plugin without any, and undefined for one that is not there", () => {
    const hooks = registered("a");
    hooks.register("idle", {});
    hooks.register("twice", { one: { target: "who", run: () => "1" }, two: { target: "who", run: () => "2" } });
    assertEquals(["a", "idle", "twice", "nobody"].map(hooks.hooksOf), [["who"], [], ["who"], undefined]);
  });
});

describe("replace", () => {
  test("puts the new plugin at the place of the old one, with other hooks if it has others", () => {
    const hooks = registered("a", "b", "c");
    hooks.register("b", { who: () => "new b", other: () => "b" }, { replace: true });
    assertEquals(hooks.call.who({ at: 0 }), ["a", "new b", "c"]);
    assertEquals([hooks.call.other({ at: 0 }), hooks.plugins()], [["b"], ["a", "b", "c"]]);
    hooks.register("b", { other: () => "newer b" }, { replace: true });
    assertEquals([hooks.call.who({ at: 0 }), hooks.call.other({ at: 0 })], [["a", "c"], ["newer b"]]);
    hooks.unregister("b");
    assertEquals([hooks.plugins(), hooks.call.other({ at: 0 })], [["a", "c"], []]);
  });

  test("takes over what others say of the name, and nothing that the old one said", () => {
    const hooks = registered("a");
    hooks.register("b", { who: { run: () => "b", before: ["a"] } });
    hooks.register("c", { who: { run: () => "c", before: ["b"] } });
    assertEquals(hooks.call.who({ at: 0 }), ["c", "b", "a"]);
    hooks.register("b", { who: () => "new b" }, { replace: true });
    assertEquals(hooks.call.who({ at: 0 }), ["a", "c", "new b"]);
  });

  test("registers as usual when there is nothing to replace", () => {
    const hooks = registered("a");
    hooks.register("b", { who: () => "b" }, { replace: true });
    assertEquals(hooks.call.who({ at: 0 }), ["a", "b"]);
  });

  test("does nothing when the name is blocked", () => {
    const hooks = registered();
    hooks.block("a");
    assertEquals(hooks.register("a", { who: () => "a" }, { replace: true }).blocked, true);
    assertEquals(hooks.plugins(), []);
  });

  test("takes the old registration its say, and gives it to the new one", () => {
    const hooks = registered();
    const old = hooks.register("a", { who: () => "old" });
    const renewed = hooks.register("a", { who: () => "new" }, { replace: true });
    assertEquals([old.unregister(), hooks.call.who({ at: 0 })], [false, ["new"]]);
    assertEquals([renewed.unregister(), hooks.call.who({ at: 0 })], [true, []]);
  });

  test("that fails keeps the old plugin, also after a replay has begun", () => {
    const hooks = createHooks({ past: hook<Args, string>({ historic: true }), who: hook<Args, string>() });
    hooks.call.past.callHistoric({ at: 0 });
    const old = hooks.register("a", { who: () => "old", past: () => "old" });
    hooks.register("b", { who: () => "b" });
    const failing = {
      who: () => "new",
      past() {
        assertEquals(hooks.implementations("who"), ["b", "a"]);
        throw new Error("boom");
      },
    };
    for (const impls of [failing, { who: 1 as never }, { whom: () => "x" } as never]) {
      assertThrows(() => hooks.register("a", impls, { replace: true }), PlugmapError);
      assertEquals([hooks.call.who({ at: 0 }), hooks.hooksOf("a")], [["b", "old"], ["who", "past"]]);
    }
    assertEquals(old.unregister(), true);
    assertEquals([hooks.call.who({ at: 0 }), hooks.implementations("past")], [["b"], []]);
  });

  test("that fails after the plugin was unregistered on the way brings nothing back", () => {
    const hooks = createHooks({ past: hook<Args, string>({ historic: true }), who: hook<Args, string>() });
    hooks.call.past.callHistoric({ at: 0 });
    hooks.register("a", { who: () => "old" });
    const past = () => {
      hooks.unregister("a");
      throw new Error("boom");
    };
    assertThrows(() => hooks.register("a", { who: () => "new", past }, { replace: true }), PlugmapError);
    assertEquals([hooks.has("a"), hooks.call.who({ at: 0 }), hooks.implementations("past")], [false, [], []]);
  });

  test("that waits for a replay leaves the old plugin at work until then", async () => {
    const hooks = createHooks({
      past: hook<Args, string>({ historic: true, async: true }),
      who: hook<Args, string>(),
    });
    await hooks.call.past.callHistoric({ at: 0 });
    await hooks.registerAsync("a", { who: () => "old", past: () => "old" });
    let during: unknown;
    const past = async () => {
      await Promise.resolve();
      during = [hooks.call.who({ at: 0 }), hooks.has("a")];
      return "new";
    };
    await hooks.registerAsync("a", { who: () => "new", past }, { replace: true });
    assertEquals([during, hooks.call.who({ at: 0 })], [[["old"], true], ["new"]]);
  });

  test("that is no boolean is refused, as are other options", () => {
    for (const options of [{ replace: 1 }, { timeLimit: 0 }, { force: true }, 1, null]) {
      const error = assertThrows(() => registered().register("a", {}, options as object), PlugmapError);
      assertEquals([error.code, error.plugin], ["hook-impl-invalid", "a"]);
    }
  });
});
