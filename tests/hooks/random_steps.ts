/**
 * Random plugins and random steps for property tests, and what carries them out.
 *
 * @module
 */

import fc from "fast-check";
import {
  createHooks,
  type Dispatcher,
  hook,
  type HookOrder,
  type HookSpec,
  PlugmapError,
} from "../../src/hooks/mod.ts";
import type { Placed, Step } from "./ordering_model.ts";

const names = ["a", "b", "c", "d", "e", "f", "constructor", "__proto__"];
const name = fc.constantFrom(...names);
const others = fc.uniqueArray(name, { maxLength: 2 });

/** Either order. */
export const orders: fc.Arbitrary<HookOrder> = fc.constantFrom("lifo", "fifo");

/** A plugin with a band and a priority. */
export const unconstrainedPlugins: fc.Arbitrary<Placed> = fc.record({
  name,
  wrapper: fc.boolean(),
  band: fc.constantFrom("tryFirst", "normal", "normal", "tryLast"),
  priority: fc.constantFrom(0, 0, 0, 1, -1),
  before: fc.constant([]),
  after: fc.constant([]),
});

/** The same with `before` and `after`. */
export const plugins: fc.Arbitrary<Placed> = fc.tuple(unconstrainedPlugins, others, others).map(
  ([plugin, before, after]) => ({
    ...plugin,
    before: before.filter((other) => other !== plugin.name),
    after: after.filter((other) => other !== plugin.name),
  }),
);

/** One step, most often a registration. */
export function steps(plugin: fc.Arbitrary<Placed>): fc.Arbitrary<Step> {
  const faulty = fc.constantFrom(false, false, false, true);
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ does: fc.constantFrom("register", "register", "replace"), plugin, faulty }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constantFrom("unregister", "block", "unblock"), name }) },
  );
}

/** The hooks that random plugins implement: `who` all of them, `past` those that are to fail. */
export type RandomHooks = Dispatcher<{
  who: HookSpec<{ readonly trace: string[] }, string, "collect", false, false, false>;
  past: HookSpec<{ readonly at: number }, string, "collect", false, false, true>;
}>;

/** A dispatcher for random plugins. */
export function randomHooks(order: HookOrder): RandomHooks {
  const hooks = createHooks({
    who: hook<{ readonly trace: string[] }, string>({ order }),
    past: hook<{ readonly at: number }, string>({ historic: true }),
  });
  hooks.call.past.callHistoric({ at: 0 });
  return hooks;
}

/** Carries a step out. Tells whether that was done; anything but a coded refusal is thrown on. */
export function take(hooks: RandomHooks, step: Step): boolean {
  if ("name" in step) {
    hooks[step.does](step.name);
    return true;
  }
  const { name, wrapper, band, ...place } = step.plugin;
  const who = {
    ...place,
    tryFirst: band === "tryFirst",
    tryLast: band === "tryLast",
    ...wrapper
      ? { wrapper: (next: () => string[], { trace }: { trace: string[] }) => (trace.push(name), next()) }
      : { run: ({ trace }: { trace: string[] }) => (trace.push(name), name) },
  };
  const past = {
    run() {
      throw new Error("boom");
    },
  };
  const impls: Record<string, object> = step.faulty ? { who, past } : { who };
  try {
    hooks.register(name, impls as Record<string, never>, { replace: step.does === "replace" });
    return true;
  } catch (error) {
    if (error instanceof PlugmapError) return false;
    throw error;
  }
}

/** Everything that a user can see of a dispatcher, but for its functions. */
export function seen(hooks: RandomHooks): unknown {
  const trace: string[] = [];
  const results = hooks.call.who({ trace });
  return structuredClone({
    trace,
    results,
    detailed: hooks.call.who.detailed({ trace: [] }).map(({ plugin, result }) => [plugin, result]),
    subset: hooks.call.who.subset(["a", "constructor"])({ trace: [] }),
    implementations: [hooks.implementations("who"), hooks.implementations("past")],
    plugins: hooks.plugins(),
    of: names.map((name) => [name, hooks.has(name), hooks.isBlocked(name), hooks.hooksOf(name)]),
    hooks: hooks.inspect(),
  });
}
