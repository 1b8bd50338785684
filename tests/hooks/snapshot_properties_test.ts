import { test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type AnyHookSpec, createHooks, hook, PlugmapError } from "../../src/hooks/mod.ts";
import type { Step } from "./ordering_model.ts";
import { orders, plugins, randomHooks, steps, take } from "./random_steps.ts";

const someSteps = fc.array(steps(plugins), { maxLength: 10 });
// More calls than it takes to have a hook compiled from text.
const calls = fc.constantFrom(0, 1, 300);

test("a running call keeps the implementations it started with, whatever is done from inside", () => {
  fc.assert(
    fc.property(orders, someSteps, someSteps, calls, fc.boolean(), (order, before, inside, warm, atFirst) => {
      const hooks = randomHooks(order);
      for (const step of before) take(hooks, step);
      let pending: readonly Step[] = [];
      const run = ({ trace }: { trace: string[] }) => {
        trace.push("doing");
        for (const step of pending) take(hooks, step);
      };
      hooks.register(
        "doing",
        { who: { run, tryFirst: atFirst, tryLast: !atFirst } as { run: typeof run } },
      );
      const ran = () => {
        const trace: string[] = [];
        hooks.call.who({ trace });
        return trace;
      };
      for (let call = 0; call < warm; call++) ran();
      const planned = hooks.implementations("who");
      pending = inside;
      assertEquals(ran(), planned);
      pending = [];
      assertEquals(ran(), hooks.implementations("who"));
    }),
  );
});

test("an async call keeps the implementations it started with, whatever is done while it waits", async () => {
  await fc.assert(
    fc.asyncProperty(orders, fc.array(fc.nat(5)), fc.array(fc.nat(5)), async (order, before, meanwhile) => {
      const hooks = createHooks({ who: hook<{ at: number }, string>({ order, async: true }) });
      const toggle = (number: number) => {
        const name = `plugin ${number}`;
        if (!hooks.unregister(name)) hooks.register(name, { who: async () => await Promise.resolve(name) });
      };
      before.forEach(toggle);
      const planned = hooks.implementations("who");
      const running = hooks.call.who({ at: 0 });
      for (const number of meanwhile) {
        toggle(number);
        await Promise.resolve();
      }
      assertEquals(await running, planned);
      assertEquals(await hooks.call.who({ at: 0 }), hooks.implementations("who"));
    }),
  );
});

test("addSpecs declares all hooks of a table, or none", () => {
  const name = fc.constantFrom("one", "two", "three", "constructor", "__proto__");
  const kind = fc.constantFrom("sync", "async", "historic", "broken");
  const waiting = fc.array(fc.record({ name, kind: fc.constantFrom("function", "async function", "wrapper") }));
  const tables = fc.array(fc.uniqueArray(fc.record({ name, kind }), { selector: (entry) => entry.name }));
  const specs: Readonly<Record<string, AnyHookSpec>> = {
    sync: hook(),
    async: hook({ async: true }),
    historic: hook({ historic: true }),
    broken: { mode: "none" } as never,
  };
  const impls: Readonly<Record<string, unknown>> = {
    "function": () => 1,
    "async function": async () => await Promise.resolve(1),
    "wrapper": { wrapper: () => 1 },
  };
  const fits = (impl: string, spec: string) =>
    !(impl === "async function" && spec !== "async") && !(impl === "wrapper" && spec === "historic");
  fc.assert(fc.property(waiting, tables, (registered, wanted) => {
    const hooks = createHooks({}, { lateSpecs: true });
    registered.forEach(({ name, kind }, index) => {
      hooks.register(`plugin ${index}`, {
        alias: { target: name as never, run: undefined as never, ...place(impls[kind]) },
      });
    });
    const declared = new Set<string>();
    for (const table of wanted) {
      const before = hooks.inspect();
      const refused = table.some((entry) =>
        entry.kind === "broken" || declared.has(entry.name) ||
        registered.some(({ name, kind }) => name === entry.name && !fits(kind, entry.kind))
      );
      assertEquals(attempt(() => hooks.addSpecs(tableOf(table, specs))), !refused);
      if (refused) assertEquals(hooks.inspect(), before);
      else for (const { name } of table) declared.add(name);
      const known = hooks.inspect().filter(({ spec }) => spec !== undefined).map(({ name }) => name);
      assertEquals(known.sort(), [...declared].sort());
    }
  }));
});

function place(impl: unknown): object {
  return typeof impl === "function" ? { run: impl } : impl as object;
}

function tableOf(
  entries: readonly { readonly name: string; readonly kind: string }[],
  specs: Readonly<Record<string, AnyHookSpec>>,
): Record<string, AnyHookSpec> {
  return Object.fromEntries(entries.map(({ name, kind }) => [name, specs[kind]!]));
}

function attempt(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof PlugmapError) return false;
    throw error;
  }
}
