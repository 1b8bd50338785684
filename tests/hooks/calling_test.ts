import { describe, test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { createHooks, hook, PlugmapError } from "../../src/hooks/mod.ts";

describe("collect", () => {
  test("gives the results in the order of running", () => {
    const hooks = createHooks({ greeting: hook<{ name: string }, string>() });
    hooks.register("english", { greeting: ({ name }) => `Hello, ${name}` });
    hooks.register("french", { greeting: ({ name }) => `Bonjour, ${name}` });
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["Bonjour, Ada", "Hello, Ada"]);
  });

  test("gives an empty list of its own to each call without results", () => {
    const hooks = createHooks({ greeting: hook<{ name: string }, string>() });
    const none = hooks.call.greeting({ name: "Ada" });
    none.push("mine");
    assertEquals(hooks.call.greeting({ name: "Ada" }), []);
  });

  test("drops undefined and null, and no other falsy value", () => {
    const hooks = createHooks({ value: hook<{ at: number }, unknown>({ order: "fifo" }) });
    const values = [undefined, 0, null, "", false, NaN];
    values.forEach((value, index) => hooks.register(`p${index}`, { value: () => value }));
    assertEquals(hooks.call.value({ at: 0 }), [0, "", false, NaN]);
  });

  test("keeps undefined and null with keepNull", () => {
    const hooks = createHooks({ value: hook<{ at: number }, unknown>({ order: "fifo", keepNull: true }) });
    hooks.register("null", { value: () => null });
    hooks.register("undefined", { value: () => undefined });
    assertEquals(hooks.call.value({ at: 0 }), [null, undefined]);
  });

  test("gives what a generator function returns as a plain result", () => {
    const hooks = createHooks({ numbers: hook<{ upTo: number }, Iterable<number>>() });
    hooks.register("lazy", {
      *numbers({ upTo }) {
        for (let number = 1; number <= upTo; number++) yield number;
      },
    });
    assertEquals(hooks.call.numbers({ upTo: 3 }).map((numbers) => [...numbers]), [[1, 2, 3]]);
  });
});

describe("first", () => {
  test("gives the first result and runs nothing after it", () => {
    const hooks = createHooks({ find: hook<{ id: number }, string>({ mode: "first", order: "fifo" }) });
    const ran: string[] = [];
    hooks.register("nothing", { find: () => void ran.push("nothing") });
    hooks.register("empty", { find: () => (ran.push("empty"), "") });
    hooks.register("late", { find: () => (ran.push("late"), "late") });
    assertEquals(hooks.call.find({ id: 1 }), "");
    assertEquals(ran, ["nothing", "empty"]);
  });

  test("gives undefined when there is no result", () => {
    const hooks = createHooks({ find: hook<{ id: number }, string>({ mode: "first" }) });
    assertStrictEquals(hooks.call.find({ id: 1 }), undefined);
    hooks.register("null", { find: () => null });
    assertStrictEquals(hooks.call.find({ id: 1 }), undefined);
  });

  test("stops at null with keepNull", () => {
    const hooks = createHooks({
      find: hook<{ id: number }, string | null>({ mode: "first", keepNull: true, order: "fifo" }),
    });
    hooks.register("null", { find: () => null });
    hooks.register("late", { find: () => "late" });
    assertStrictEquals(hooks.call.find({ id: 1 }), null);
  });
});

describe("pipeline", () => {
  const render = hook<{ text: string; path: string }, string>({ mode: "pipeline", value: "text", order: "fifo" });

  test("threads the value and leaves the other arguments alone", () => {
    const hooks = createHooks({ render });
    hooks.register("loud", { render: ({ text, path }) => `${path}:${text.toUpperCase()}` });
    hooks.register("mark", { render: ({ text, path }) => `${text}!${path}` });
    assertEquals(hooks.call.render({ text: "hey", path: "/a" }), "/a:HEY!/a");
  });

  test("passes the value on when an implementation gives no result", () => {
    const hooks = createHooks({ render });
    hooks.register("mark", { render: ({ text }) => `${text}!` });
    hooks.register("nothing", { render: () => {} });
    hooks.register("null", { render: () => null });
    hooks.register("more", { render: ({ text }) => `${text}?` });
    assertEquals(hooks.call.render({ text: "hey", path: "/a" }), "hey!?");
  });

  test("gives the value back when nothing implements it", () => {
    assertEquals(createHooks({ render }).call.render({ text: "hey", path: "/a" }), "hey");
  });

  test("threads null with keepNull", () => {
    const hooks = createHooks({
      pick: hook<{ item: string | null }, string | null>({
        mode: "pipeline",
        value: "item",
        keepNull: true,
        order: "fifo",
      }),
    });
    hooks.register("drop", { pick: () => null });
    hooks.register("see", { pick: ({ item }) => item === null ? null : "seen" });
    assertStrictEquals(hooks.call.pick({ item: "x" }), null);
  });

  test("threads the value that was returned, whatever is written into the arguments", () => {
    const hooks = createHooks({ render });
    const write = (args: { readonly text: string }) => void ((args as { text: string }).text = "changed in place");
    hooks.register("mark", { render: ({ text }) => `${text}!` });
    hooks.register("write", { render: write });
    assertEquals(hooks.call.render({ text: "hey", path: "/a" }), "hey!");
  });

  test("can be called again by an implementation, with the arguments that it got", () => {
    for (const codeGeneration of [true, false]) {
      const hooks = createHooks({ render }, { codeGeneration });
      let depth = 0;
      hooks.register("mark", { render: ({ text }) => `${text}!` });
      hooks.register("again", {
        render(args) {
          if (depth > 0) return `(${args.text})`;
          depth++;
          const inner = hooks.call.render(args);
          depth--;
          return `${args.text} ${inner}`;
        },
      });
      hooks.register("end", { render: ({ text }) => `${text}.` });
      // Often enough to be compiled.
      for (let time = 0; time < 20; time++) {
        const args = { text: "hey", path: "/a" };
        assertEquals(hooks.call.render(args), "hey! (hey!!)..");
        assertEquals(args, { text: "hey", path: "/a" });
      }
    }
  });

  test("gives the caller its arguments back when an implementation throws", () => {
    for (const codeGeneration of [true, false]) {
      const hooks = createHooks({ render }, { codeGeneration });
      hooks.register("mark", { render: ({ text }) => `${text}!` });
      hooks.register("faulty", {
        render: () => {
          throw new Error("boom");
        },
      });
      for (let time = 0; time < 20; time++) {
        const args = { text: "hey", path: "/a" };
        assertThrows(() => hooks.call.render(args), PlugmapError);
        assertEquals(args, { text: "hey", path: "/a" });
      }
    }
  });

  test("leaves the arguments of the caller alone", () => {
    const hooks = createHooks({ render });
    hooks.register("mark", { render: ({ text }) => `${text}!` });
    const args = Object.freeze({ text: "hey", path: "/a" });
    hooks.call.render(args);
    assertEquals(args.text, "hey");
  });
});

describe("arguments of a call", () => {
  const hooks = createHooks({
    greeting: hook<{ name: string }, string>(),
    render: hook<{ text: string }, string>({ mode: "pipeline", value: "text" }),
  });
  const greeting = hooks.call.greeting as (...args: unknown[]) => unknown;

  test("are one object", () => {
    for (const args of [[], [null], [undefined], ["Ada"], [1], [["Ada"]], [() => {}], [{ name: "Ada" }, 1]]) {
      const error = assertThrows(() => greeting(...args), PlugmapError);
      assertEquals([error.code, error.hook, error.plugin], ["hook-arguments", "greeting", undefined]);
    }
  });

  test("are as good without a prototype", () => {
    assertEquals(greeting(Object.create(null)), []);
  });

  test("include the value that a pipeline threads as their own", () => {
    const render = hooks.call.render as (args: object) => unknown;
    for (const args of [{}, Object.create({ text: "inherited" })]) {
      assertEquals(assertThrows(() => render(args), PlugmapError).code, "hook-arguments");
    }
    assertStrictEquals(render({ text: undefined }), undefined);
  });

  test("are checked the same way for a detailed call", () => {
    const detailed = hooks.call.greeting.detailed as (...args: unknown[]) => unknown;
    assertEquals(assertThrows(() => detailed("Ada"), PlugmapError).code, "hook-arguments");
    assertEquals(assertThrows(() => detailed({ name: "Ada" }, 1), PlugmapError).code, "hook-arguments");
  });
});

test("implementations are called without a this", () => {
  const hooks = createHooks({ self: hook<{ at: number }, unknown>({ order: "fifo", keepNull: true }) });
  hooks.register("method", {
    self(this: unknown) {
      return this;
    },
  });
  hooks.register("option", {
    self: {
      run(this: unknown) {
        return this;
      },
    },
  });
  assertEquals(hooks.call.self({ at: 0 }), [undefined, undefined]);
});

test("the table of calls and its calls are frozen", () => {
  const { call } = createHooks({ greeting: hook<{ name: string }, string>() });
  assertThrows(() => Object.assign(call, { other: () => {} }), TypeError);
  assertThrows(() => Object.assign(call.greeting, { detailed: () => [] }), TypeError);
});
