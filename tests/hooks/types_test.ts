import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { definePlugin, type Plugin, type PluginContext } from "../../plugin.ts";
import { type Attributed, createHooks, defineHooks, hook, type Impls, PlugmapError } from "../../src/hooks/mod.ts";

/** Compiles only if the value has exactly the expected type. */
function expectType<Expected>(): <Actual>(
  value: Actual,
  ...exact: Same<Expected, Actual> extends true ? [] : [never]
) => void {
  return () => {};
}

type Same<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends (<T>() => T extends Right ? 1 : 2) ? true : false;

const specs = defineHooks({
  greeting: hook<{ name: string }, string>(),
  lookup: hook<{ id: number }, { title: string } | null>({ mode: "first" }),
  render: hook<{ text: string; path: string }, string>({ mode: "pipeline", value: "text" }),
  fetched: hook<{ url: string }, Uint8Array>({ async: true }),
  found: hook<{ url: string }, string>({ async: true, mode: "first" }),
  shaped: hook<{ value: number }, number>({ async: true, mode: "pipeline", value: "value" }),
  kept: hook<{ name: string }, string | null>({ keepNull: true }),
  saved: hook<{ path: string }, void>(),
});

test("a call has the type that its mode says", async () => {
  const { call } = createHooks(specs);
  expectType<string[]>()(call.greeting({ name: "x" }));
  expectType<{ title: string } | undefined>()(call.lookup({ id: 1 }));
  expectType<string>()(call.render({ text: "x", path: "y" }));
  expectType<Promise<Uint8Array[]>>()(call.fetched({ url: "x" }));
  expectType<Promise<string | undefined>>()(call.found({ url: "x" }));
  expectType<Promise<number>>()(call.shaped({ value: 1 }));
  expectType<(string | null)[]>()(call.kept({ name: "x" }));

  expectType<Attributed<string>[]>()(call.greeting.detailed({ name: "x" }));
  expectType<Attributed<{ title: string }> | undefined>()(call.lookup.detailed({ id: 1 }));
  expectType<Promise<Attributed<number>[]>>()(call.shaped.detailed({ value: 1 }));

  assertEquals(await call.shaped({ value: 1 }), 1);
});

test("a call with other arguments does not compile", () => {
  const { call } = createHooks(specs);
  // @ts-expect-error: another type of argument
  assertEquals(call.greeting({ name: 1 }), []);
  // @ts-expect-error: an argument too few
  assertEquals(call.greeting({}), []);
  // @ts-expect-error: an argument too many
  assertEquals(call.greeting({ name: "x", age: 1 }), []);
  // @ts-expect-error: no arguments
  assertThrows(() => call.greeting(), PlugmapError);
  // @ts-expect-error: no such hook
  assertEquals(call.greting, undefined);
});

test("a spec that contradicts itself does not compile", () => {
  // @ts-expect-error: a pipeline without a value
  assertThrows(() => hook<{ text: string }, string>({ mode: "pipeline" }), PlugmapError);
  // @ts-expect-error: the value is of another type than the result
  hook<{ text: string; line: number }, string>({ mode: "pipeline", value: "line" });
  // @ts-expect-error: a value without a pipeline
  assertThrows(() => hook<{ text: string }, string>({ value: "text" }), PlugmapError);
  // @ts-expect-error: no such mode
  assertThrows(() => hook<{ text: string }, string>({ mode: "last" }), PlugmapError);
  // @ts-expect-error: arguments that are no object
  hook<string, string>();
});

test("implementations are inferred from the specs", () => {
  const impls: Impls<typeof specs> = {
    greeting({ name }) {
      expectType<string>()(name);
      return name;
    },
    lookup: ({ id }) => id > 0 ? { title: String(id) } : undefined,
    render: { run: ({ text, path }) => `${text} ${path}`, tryLast: true },
    fetched: async ({ url }) => await Promise.resolve(new Uint8Array(url.length)),
    found: ({ url }) => url,
    kept: () => null,
    saved({ path }) {
      expectType<string>()(path);
    },
  };
  assertEquals(Object.keys(impls).length, 7);
});

test("implementations that do not fit do not compile", () => {
  const hooks = createHooks(specs);
  const refused = (register: () => unknown) => assertThrows(register, PlugmapError);
  // @ts-expect-error: another type of result
  hooks.register("number", { greeting: () => 1 });
  // @ts-expect-error: an argument that the hook has not
  hooks.register("age", { greeting: ({ age }) => age });
  // @ts-expect-error: nothing where null is kept and so nothing is a result
  hooks.register("nothing", { kept: () => {} });
  // @ts-expect-error: a changed argument
  hooks.register("change", { greeting: (args) => args.name = "y" });
  // @ts-expect-error: a promise from a sync hook
  refused(() => hooks.register("async", { greeting: async () => await Promise.resolve("x") }));
  // @ts-expect-error: a promise from a sync hook without a result
  refused(() => hooks.register("async", { saved: async () => await Promise.resolve() }));
  // @ts-expect-error: no such hook
  refused(() => hooks.register("misspelt", { greting: () => "x" }));
  // @ts-expect-error: no such option
  refused(() => hooks.register("option", { greeting: { run: () => "x", first: true } }));
  hooks.register("this", {
    greeting() {
      // @ts-expect-error: there is no this
      return this?.name ?? "x";
    },
  });
});

test("definePlugin infers hooks and context", () => {
  const plugin = definePlugin<typeof specs, { root: string }>({
    setup(context) {
      expectType<PluginContext<{ root: string }>>()(context);
      expectType<string>()(context.host.root);
    },
    hooks: {
      greeting({ name }) {
        expectType<string>()(name);
        return name;
      },
    },
  });
  expectType<Plugin<typeof specs, { root: string }>>()(plugin);
  const anyPlugin: Plugin = plugin;
  assertEquals(anyPlugin, plugin);
});

test("definePlugin refuses what does not fit", () => {
  // @ts-expect-error: another type of result
  definePlugin<typeof specs>({ hooks: { greeting: () => 1 } });
  // @ts-expect-error: no such member
  definePlugin<typeof specs>({ hook: {} });
  const untyped = definePlugin({ hooks: { greeting: ({ name }: { name: string }) => name } });
  assertEquals(Object.keys(untyped.hooks ?? {}), ["greeting"]);
});
