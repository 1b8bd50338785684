import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { createHooks, hook, type HookOrder, PlugmapError } from "../../src/hooks/mod.ts";

const bands = { n: {}, f: { tryFirst: true }, l: { tryLast: true } } as const;

/** Registers plugins in the given order, each in the band that its first letter says, and tells the order of running. */
function orderOf(plugins: string, order: HookOrder): string {
  const hooks = createHooks({ who: hook<{ at: number }, string>({ order }) });
  for (const name of plugins.split(" ")) {
    hooks.register(name, { who: { run: () => name, ...bands[name[0] as keyof typeof bands] } });
  }
  const ran = hooks.call.who({ at: 0 }).join(" ");
  assertEquals(hooks.implementations("who").join(" "), ran);
  return ran;
}

test("lifo runs the newest first, but of those that want to be last the newest last", () => {
  assertEquals(orderOf("n1 l1 f1 n2 l2 f2", "lifo"), "f2 f1 n2 n1 l1 l2");
  assertEquals(orderOf("f1 f2 n1 n2 l1 l2", "lifo"), "f2 f1 n2 n1 l1 l2");
  assertEquals(orderOf("l1 l2 n1 n2 f1 f2", "lifo"), "f2 f1 n2 n1 l1 l2");
});

test("fifo runs the oldest first in every band", () => {
  assertEquals(orderOf("n1 l1 f1 n2 l2 f2", "fifo"), "f1 f2 n1 n2 l1 l2");
});

test("lifo is the default", () => {
  const hooks = createHooks({ who: hook<{ at: number }, string>() });
  hooks.register("a", { who: () => "a" });
  hooks.register("b", { who: () => "b" });
  assertEquals(hooks.call.who({ at: 0 }), ["b", "a"]);
});

test("tryFirst and tryLast that are false or undefined say nothing", () => {
  const hooks = createHooks({ who: hook<{ at: number }, string>() });
  hooks.register("a", { who: { run: () => "a", tryFirst: false, tryLast: false } });
  hooks.register("b", { who: { run: () => "b", tryLast: undefined } });
  hooks.register("c", { who: () => "c" });
  assertEquals(hooks.implementations("who"), ["c", "b", "a"]);
});

test("a pipeline runs in the same order", () => {
  const hooks = createHooks({ text: hook<{ text: string }, string>({ mode: "pipeline", value: "text" }) });
  hooks.register("last", { text: { run: ({ text }) => `${text} last`, tryLast: true } });
  hooks.register("old", { text: ({ text }) => `${text} old` });
  hooks.register("new", { text: ({ text }) => `${text} new` });
  hooks.register("first", { text: { run: ({ text }) => `${text} first`, tryFirst: true } });
  assertEquals(hooks.call.text({ text: "run:" }), "run: first new old last");
});

test("registering again after unregistering counts from the new registration", () => {
  const hooks = createHooks({ who: hook<{ at: number }, string>() });
  for (const name of ["a", "b", "c"]) hooks.register(name, { who: () => name });
  hooks.unregister("a");
  hooks.register("a", { who: () => "a" });
  assertEquals(hooks.implementations("who"), ["a", "c", "b"]);
});

test("implementations are listed as a copy", () => {
  const hooks = createHooks({ who: hook<{ at: number }, string>() });
  hooks.register("a", { who: () => "a" });
  (hooks.implementations("who") as string[]).push("b");
  assertEquals(hooks.implementations("who"), ["a"]);
});

test("implementations of a hook that nobody declared are an error that names the declared ones", () => {
  const hooks = createHooks({ who: hook<{ at: number }, string>() });
  const error = assertThrows(() => hooks.implementations("whom" as "who"), PlugmapError);
  assertEquals([error.code, error.hook, error.mend], ["hook-unknown", "whom", 'The declared hooks are "who".']);
});
