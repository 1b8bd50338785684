/**
 * A model of registration and order that is as simple as can be, for property tests to compare the dispatcher with: a
 * list of plugins, sorted and searched from scratch whenever it is asked.
 *
 * @module
 */

/** What one plugin says about its one implementation of the hook. */
export interface Placed {
  readonly name: string;
  readonly wrapper: boolean;
  readonly band: "tryFirst" | "normal" | "tryLast";
  readonly priority: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** The order by band, priority and registration alone; `plugins` is in order of registration. */
export function baseOrder(plugins: readonly Placed[], order: "lifo" | "fifo"): Placed[] {
  const result: Placed[] = [];
  for (const wrapper of [true, false]) {
    for (const band of ["tryFirst", "normal", "tryLast"]) {
      const group = plugins.filter((plugin) => plugin.wrapper === wrapper && plugin.band === band);
      if (order === "lifo" && band !== "tryLast") group.reverse();
      // Sorting is stable, so those with the same priority stay as they are.
      result.push(...group.sort((left, right) => right.priority - left.priority));
    }
  }
  return result;
}

/** All pairs of which the first has to run before the second, because one of them says so. */
export function pairs(plugins: readonly Placed[]): [earlier: Placed, later: Placed][] {
  return plugins.flatMap((one) =>
    plugins
      .filter((other) => other.wrapper === one.wrapper)
      .filter((other) => one.before.includes(other.name) || other.after.includes(one.name))
      .map((other): [Placed, Placed] => [one, other])
  );
}

/** Whether no order can hold all pairs: taking out whoever waits for nobody comes to a stop before all are out. */
export function hasLoop(plugins: readonly Placed[]): boolean {
  const left = new Set(plugins);
  for (;;) {
    const waits = new Set(pairs([...left]).map(([, later]) => later));
    const free = [...left].find((plugin) => !waits.has(plugin));
    if (free === undefined) return left.size > 0;
    left.delete(free);
  }
}

/** Those of a list of names that no pair is about. */
export function unconstrained(names: readonly string[], plugins: readonly Placed[]): string[] {
  const constrained = new Set(pairs(plugins).flat().map(({ name }) => name));
  return names.filter((name) => !constrained.has(name));
}

/** Something that is done to a dispatcher, or attempted. */
export type Step =
  | {
    readonly does: "register" | "replace";
    readonly plugin: Placed;
    /** Whether there is something about the plugin that makes registering it fail. */
    readonly faulty: boolean;
  }
  | { readonly does: "unregister" | "block" | "unblock"; readonly name: string };

/** Which plugins are registered, and which names are blocked. */
export interface World {
  readonly plugins: readonly Placed[];
  readonly blocked: readonly string[];
}

/** The world after a step; the same one if the step has to be refused. */
export function after(world: World, step: Step): World {
  const { plugins, blocked } = world;
  if ("name" in step) {
    const others = blocked.filter((name) => name !== step.name);
    if (step.does === "unblock") return { plugins, blocked: others };
    const left = plugins.filter(({ name }) => name !== step.name);
    return { plugins: left, blocked: step.does === "block" ? [...others, step.name] : blocked };
  }
  const { plugin } = step;
  if (blocked.includes(plugin.name)) return { plugins, blocked };
  const place = plugins.findIndex(({ name }) => name === plugin.name);
  const next = place === -1 ? [...plugins, plugin] : plugins.with(place, plugin);
  const refused = step.faulty || (place !== -1 && step.does === "register") || hasLoop(next);
  return refused ? world : { plugins: next, blocked };
}
