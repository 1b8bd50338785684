import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { createHooks, defineHooks, hook, type Impls, PlugmapError } from "../../src/hooks/mod.ts";

const hostile = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "call",
  "then",
  "length",
  "",
  "a/b~c",
  "é\n",
];

/** An object with own properties of these names, whatever they are. */
function table<Value>(value: (name: string) => Value): Record<string, Value> {
  return Object.fromEntries(hostile.map((name) => [name, value(name)]));
}

test("hooks can have any name", () => {
  const hooks = createHooks(defineHooks(table(() => hook<{ at: number }, string>())));
  hooks.register("all", table((name) => () => name));
  assertEquals(Object.keys(hooks.call), hostile);
  for (const name of hostile) {
    assertEquals(hooks.call[name]!({ at: 0 }), [name]);
    assertEquals(hooks.implementations(name), ["all"]);
  }
});

test("hooks have no names but those declared", () => {
  const specs = defineHooks({ greeting: hook<{ name: string }, string>() });
  const hooks = createHooks(specs);
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    assertStrictEquals((specs as Record<string, unknown>)[name], undefined);
    assertStrictEquals((hooks.call as Record<string, unknown>)[name], undefined);
    const impls = Object.fromEntries([[name, () => "x"]]) as Impls<typeof specs>;
    assertEquals(assertThrows(() => hooks.register("p", impls), PlugmapError).code, "hook-unknown");
    assertEquals(assertThrows(() => hooks.implementations(name as "greeting"), PlugmapError).code, "hook-unknown");
  }
});

test("plugins can have any name", () => {
  const hooks = createHooks({ who: hook<{ at: number }, string>({ order: "fifo" }) });
  for (const name of hostile) {
    assertEquals(hooks.unregister(name), false);
    hooks.register(name, { who: () => name });
  }
  assertEquals(hooks.plugins(), hostile);
  assertEquals(hooks.call.who.detailed({ at: 0 }).map(({ plugin }) => plugin), hostile);
  for (const name of hostile) assertEquals(hooks.unregister(name), true);
});

test("arguments can have any name, threaded or not", () => {
  for (const value of hostile) {
    const spec = hook<Record<string, string>, string>({ mode: "pipeline", value });
    const hooks = createHooks({ pipe: spec });
    hooks.register("b", { pipe: (args) => `${args[value]}b` });
    hooks.register("a", { pipe: (args) => `${args[value]}a` });
    assertEquals(hooks.call.pipe(table((name) => name)), `${value}ab`);
    const error = assertThrows(() => hooks.call.pipe({}), PlugmapError);
    assertEquals(error.code, "hook-arguments");
  }
});

test("a pipeline hands __proto__ on as data", () => {
  const hooks = createHooks({ pipe: hook<{ text: string }, string>({ mode: "pipeline", value: "text" }) });
  let seen: object = {};
  hooks.register("see", { pipe: (args) => void (seen = args) });
  hooks.call.pipe(JSON.parse('{ "text": "x", "__proto__": { "injected": true } }'));
  assertEquals(Object.hasOwn(seen, "__proto__"), true);
  assertStrictEquals((seen as { injected?: boolean }).injected, undefined);
});

test("symbols are refused as names", () => {
  const impls = { [Symbol("greeting")]: () => "x" };
  const hooks = createHooks({ greeting: hook<{ name: string }, string>() });
  assertEquals(assertThrows(() => hooks.register("p", impls), PlugmapError).code, "hook-impl-invalid");
});
