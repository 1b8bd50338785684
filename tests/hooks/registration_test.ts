import { describe, test } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createHooks, defineHooks, type Dispatcher, hook, type Impls, PlugmapError } from "../../src/hooks/mod.ts";

const specs = defineHooks({
  greeting: hook<{ name: string }, string>({ order: "fifo" }),
  farewell: hook<{ name: string }, string>({ order: "fifo" }),
});
type Specs = typeof specs;

function refusal(impls: unknown, hooks: Dispatcher<Specs> = createHooks(specs)): PlugmapError {
  const error = assertThrows(() => hooks.register("bad", impls as Impls<Specs>), PlugmapError);
  assertEquals([error.plugin, error.step], ["bad", "register"]);
  return error;
}

describe("register", () => {
  test("takes functions and objects with run", () => {
    const hooks = createHooks(specs);
    hooks.register("both", { greeting: () => "Hello", farewell: { run: () => "Bye" } });
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["Hello"]);
    assertEquals(hooks.call.farewell({ name: "Ada" }), ["Bye"]);
  });

  test("takes the namespace of a module", async () => {
    const source = "export function greeting() { return 'Hello'; }";
    const namespace = await import(`data:text/javascript;base64,${btoa(source)}`);
    const hooks = createHooks(specs);
    hooks.register("namespace", namespace);
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["Hello"]);
  });

  test("takes a plugin without implementations", () => {
    const hooks = createHooks(specs);
    hooks.register("idle", {});
    assertEquals(hooks.plugins(), ["idle"]);
  });

  test("leaves nothing behind when an implementation does not fit", () => {
    const hooks = createHooks(specs);
    hooks.register("good", { greeting: () => "Hello" });
    refusal({ greeting: () => "half", farewell: 1 }, hooks);
    assertEquals(hooks.plugins(), ["good"]);
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["Hello"]);
    hooks.register("bad", { greeting: () => "now right" });
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["Hello", "now right"]);
  });

  test("tells everything that is wrong in one error", () => {
    const error = refusal({
      welcome: () => "x",
      greeting: { run: "x", tryFirst: 1, first: true },
      farewell: { run: () => "x", tryFirst: true, tryLast: true },
    });
    assertEquals(error.code, "hook-impl-invalid");
    for (
      const part of [
        'Hook "greeting": Option "run" is not a function',
        'Hook "greeting": Option "tryFirst" is not true or false',
        'Hook "greeting": Option "first" is unknown',
        'Hook "farewell": Options "tryFirst" and "tryLast" contradict each other',
        'Hook "welcome": No spec declares the hook',
      ]
    ) assertStringIncludes(error.problem, part);
  });

  test("names the hook when one is wrong", () => {
    for (const impl of [undefined, null, 1, "x", [], new Map(), {}, { run: undefined }, { run: {} }]) {
      const error = refusal({ greeting: impl });
      assertEquals([error.code, error.hook], ["hook-impl-invalid", "greeting"]);
    }
  });

  test("gives hook-unknown when unknown hooks are all that is wrong", () => {
    const one = refusal({ greting: () => "x" });
    assertEquals([one.code, one.hook], ["hook-unknown", "greting"]);
    assertEquals(one.mend, 'The declared hooks are "greeting", "farewell".');
    assertEquals(refusal({ greting: () => "x", farwell: () => "x" }).code, "hook-unknown");
  });

  test("refuses an async function for a sync hook, bound or not", () => {
    const greet = async () => await Promise.resolve("x");
    for (const impl of [greet, greet.bind(undefined), { run: greet }]) {
      assertStringIncludes(refusal({ greeting: impl }).problem, "async function");
    }
  });

  test("refuses what is not a plain object, so that nothing inherited is dropped in silence", () => {
    class Greeter {
      greeting() {
        return "x";
      }
    }
    class Bare extends (null as unknown as ObjectConstructor) {
      greeting() {
        return "x";
      }
    }
    for (
      const impls of [
        undefined,
        null,
        1,
        "x",
        [],
        () => {},
        new Greeter(),
        Object.create(Bare.prototype),
        Object.create({ greeting: () => "x" }),
      ]
    ) {
      assertEquals(refusal(impls).code, "hook-impl-invalid");
    }
  });

  test("runs no getter", () => {
    let ran = false;
    const getter = {
      get greeting() {
        ran = true;
        return () => "x";
      },
    };
    const option = {
      get run() {
        ran = true;
        return () => "x";
      },
    };
    assertStringIncludes(refusal(getter).problem, "getter");
    assertStringIncludes(refusal({ greeting: option }).problem, "getter");
    assertEquals(ran, false);
  });

  test("ignores properties that are not enumerable", () => {
    const hooks = createHooks(specs);
    const impls = Object.defineProperty({ farewell: () => "Bye" }, "greeting", { value: 1, enumerable: false });
    hooks.register("hidden", impls);
    assertEquals(hooks.implementations("greeting"), []);
    assertEquals(hooks.implementations("farewell"), ["hidden"]);
  });

  test("turns what a proxy throws into an error of its own", () => {
    const thrown = new Error("no keys today");
    const impls = new Proxy({}, {
      ownKeys() {
        throw thrown;
      },
    });
    const error = refusal(impls);
    assertEquals([error.code, error.cause], ["hook-impl-invalid", thrown]);
  });

  test("keeps what it read when the plugin changes its objects afterwards", () => {
    const hooks = createHooks(specs);
    const option = { run: () => "as registered" };
    const impls = { greeting: option };
    hooks.register("shifty", impls);
    option.run = () => "changed";
    impls.greeting = { run: () => "replaced" };
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["as registered"]);
  });

  test("refuses a name that is taken, and keeps the plugin that has it", () => {
    const hooks = createHooks(specs);
    hooks.register("bad", { greeting: () => "the first" });
    assertEquals(refusal({ greeting: () => "the second" }, hooks).code, "plugin-duplicate");
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["the first"]);
  });

  test("refuses a name that is taken while the implementations are read", () => {
    const hooks = createHooks(specs);
    const impls = new Proxy({ greeting: () => "outer" }, {
      ownKeys(target) {
        if (hooks.plugins().length === 0) hooks.register("bad", { greeting: () => "inner" });
        return Reflect.ownKeys(target);
      },
    });
    assertEquals(refusal(impls, hooks).code, "plugin-duplicate");
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["inner"]);
  });

  test("refuses a name that is not a string", () => {
    const register = createHooks(specs).register as (name: unknown, impls: unknown) => unknown;
    assertEquals(assertThrows(() => register(1, {}), PlugmapError).code, "hook-impl-invalid");
  });
});

describe("unregister", () => {
  test("takes all implementations of the plugin out, and says whether there were any", () => {
    const hooks = createHooks(specs);
    hooks.register("a", { greeting: () => "a", farewell: () => "a" });
    hooks.register("b", { greeting: () => "b" });
    assertEquals(hooks.unregister("a"), true);
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["b"]);
    assertEquals(hooks.call.farewell({ name: "Ada" }), []);
    assertEquals(hooks.plugins(), ["b"]);
    assertEquals(hooks.unregister("a"), false);
  });
});

describe("registration", () => {
  test("has the name, and unregisters once", () => {
    const hooks = createHooks(specs);
    const registration = hooks.register("a", { greeting: () => "a" });
    assertEquals(registration.name, "a");
    assertEquals(registration.unregister(), true);
    assertEquals(registration.unregister(), false);
    assertEquals(hooks.plugins(), []);
  });

  test("leaves a later plugin of the same name alone", () => {
    const hooks = createHooks(specs);
    const old = hooks.register("a", { greeting: () => "old" });
    hooks.unregister("a");
    hooks.register("a", { greeting: () => "new" });
    assertEquals(old.unregister(), false);
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["new"]);
  });

  test("ends with the block that uses it, however that is left", () => {
    const hooks = createHooks(specs);
    assertThrows(() => {
      using _registration = hooks.register("a", { greeting: () => "a" });
      assertEquals(hooks.call.greeting({ name: "Ada" }), ["a"]);
      throw new Error("left");
    });
    assertEquals(hooks.call.greeting({ name: "Ada" }), []);
  });
});

describe("a running call", () => {
  test("keeps the implementations it started with when some are added", () => {
    const hooks = createHooks(specs);
    hooks.register("adding", {
      greeting() {
        if (!hooks.plugins().includes("added")) hooks.register("added", { greeting: () => "added" });
        return "adding";
      },
    });
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["adding"]);
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["adding", "added"]);
  });

  test("keeps the implementations it started with when some are taken out", () => {
    const hooks = createHooks(specs);
    hooks.register("removing", {
      greeting() {
        hooks.unregister("removing");
        hooks.unregister("removed");
        return "removing";
      },
    });
    hooks.register("removed", { greeting: () => "removed" });
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["removing", "removed"]);
    assertEquals(hooks.call.greeting({ name: "Ada" }), []);
  });
});
