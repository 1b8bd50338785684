import { test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { after, baseOrder, hasLoop, pairs, type Step, unconstrained, type World } from "./ordering_model.ts";
import {
  orders,
  plugins,
  type RandomHooks,
  randomHooks,
  seen,
  steps,
  take,
  unconstrainedPlugins,
} from "./random_steps.ts";

const someSteps = fc.array(steps(plugins), { maxLength: 20 });

/** Takes the steps in the dispatcher and in the model. */
function takeAll(hooks: RandomHooks, taken: readonly Step[]): World {
  let world: World = { plugins: [], blocked: [] };
  for (const step of taken) {
    take(hooks, step);
    world = after(world, step);
  }
  return world;
}

/** Names in the order in which one call runs them. */
function ranIn(hooks: RandomHooks): string[] {
  const trace: string[] = [];
  hooks.call.who({ trace });
  return trace;
}

test("plugins without before and after run by kind, band, priority and registration", () => {
  fc.assert(fc.property(orders, fc.array(steps(unconstrainedPlugins), { maxLength: 20 }), (order, taken) => {
    const hooks = randomHooks(order);
    const world = takeAll(hooks, taken);
    assertEquals(ranIn(hooks), baseOrder(world.plugins, order).map(({ name }) => name));
  }));
});

test("every before and after holds among those that are registered", () => {
  fc.assert(fc.property(orders, someSteps, (order, taken) => {
    const hooks = randomHooks(order);
    const world = takeAll(hooks, taken);
    const ran = ranIn(hooks);
    assertEquals([...ran].sort(), world.plugins.map(({ name }) => name).sort());
    for (const [earlier, later] of pairs(world.plugins)) {
      assertEquals(ran.indexOf(earlier.name) < ran.indexOf(later.name), true, `${earlier.name} before ${later.name}`);
    }
  }));
});

test("plugins that nobody constrains keep their order among themselves", () => {
  fc.assert(fc.property(orders, someSteps, (order, taken) => {
    const hooks = randomHooks(order);
    const { plugins } = takeAll(hooks, taken);
    const base = baseOrder(plugins, order).map(({ name }) => name);
    assertEquals(unconstrained(ranIn(hooks), plugins), unconstrained(base, plugins));
  }));
});

test("before and after that hold already change nothing", () => {
  fc.assert(fc.property(orders, someSteps, (order, taken) => {
    const hooks = randomHooks(order);
    const { plugins } = takeAll(hooks, taken);
    const base = baseOrder(plugins, order);
    fc.pre(pairs(plugins).every(([earlier, later]) => base.indexOf(earlier) < base.indexOf(later)));
    assertEquals(ranIn(hooks), base.map(({ name }) => name));
  }));
});

test("wrappers run around everything else, whatever is said", () => {
  fc.assert(fc.property(orders, someSteps, (order, taken) => {
    const hooks = randomHooks(order);
    const { plugins } = takeAll(hooks, taken);
    const wrappers = new Set(plugins.filter(({ wrapper }) => wrapper).map(({ name }) => name));
    const ran = ranIn(hooks);
    assertEquals(ran.slice(0, wrappers.size).every((name) => wrappers.has(name)), true);
  }));
});

test("a step is refused when the model says so, and changes nothing that can be seen then", () => {
  fc.assert(fc.property(orders, someSteps, (order, taken) => {
    const hooks = randomHooks(order);
    let world: World = { plugins: [], blocked: [] };
    for (const step of taken) {
      const before = seen(hooks);
      const next = after(world, step);
      const done = take(hooks, step);
      assertEquals(done, next !== world);
      if (!done) assertEquals(seen(hooks), before);
      world = next;
      assertEquals(hooks.plugins(), world.plugins.map(({ name }) => name));
    }
  }));
});

test("a loop is refused, however it comes about, and a plugin that closes none is not", () => {
  const constrained = fc.array(plugins.map((plugin) => ({ ...plugin, wrapper: false })), { maxLength: 8 });
  fc.assert(fc.property(orders, constrained, (order, wanted) => {
    const hooks = randomHooks(order);
    let world: World = { plugins: [], blocked: [] };
    for (const plugin of wanted) {
      if (hooks.has(plugin.name)) continue;
      const step: Step = { does: "register", plugin, faulty: false };
      assertEquals(take(hooks, step), !hasLoop([...world.plugins, plugin]));
      world = after(world, step);
    }
  }));
});

test("what comes and goes leaves no trace", () => {
  fc.assert(fc.property(orders, someSteps, plugins, (order, taken, plugin) => {
    const hooks = randomHooks(order);
    takeAll(hooks, taken);
    fc.pre(!hooks.has(plugin.name) && !hooks.isBlocked(plugin.name));
    const before = seen(hooks);
    fc.pre(take(hooks, { does: "register", plugin, faulty: false }));
    hooks.unregister(plugin.name);
    assertEquals(seen(hooks), before);
  }));
});

test("the order depends on who is registered, and not on how it came to that", () => {
  fc.assert(fc.property(orders, someSteps, (order, taken) => {
    const hooks = randomHooks(order);
    const { plugins } = takeAll(hooks, taken);
    const fresh = randomHooks(order);
    for (const plugin of plugins) assertEquals(take(fresh, { does: "register", plugin, faulty: false }), true);
    assertEquals(ranIn(hooks), ranIn(fresh));
  }));
});
