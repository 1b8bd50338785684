import { loops } from "./loops.ts";
import type { Plan, Run } from "./plan.ts";
import type { AnyHookSpec } from "./spec.ts";

/** Where in the order of running an implementation wants to be. */
export type Band = "tryFirst" | "normal" | "tryLast";

/** An implementation that a plugin has registered, or is about to. */
export interface RegisteredImpl {
  readonly hook: HookState;
  readonly plugin: string;
  readonly run: Run;
  readonly band: Band;
}

/** One hook of a dispatcher: its spec, the implementations it has now, and the plan that runs them. */
export class HookState {
  readonly name: string;
  readonly spec: AnyHookSpec;
  // Sets keep the order of registration and forget an implementation in constant time.
  readonly #bands: Readonly<Record<Band, Set<RegisteredImpl>>> = {
    tryFirst: new Set(),
    normal: new Set(),
    tryLast: new Set(),
  };
  #plan: Plan | undefined;

  constructor(name: string, spec: AnyHookSpec) {
    this.name = name;
    this.spec = spec;
  }

  add(impl: RegisteredImpl): void {
    this.#bands[impl.band].add(impl);
    this.#plan = undefined;
  }

  remove(impl: RegisteredImpl): void {
    this.#bands[impl.band].delete(impl);
    this.#plan = undefined;
  }

  /** The plan for the present implementations; made when it is first asked for, so that many registrations cost one. */
  get plan(): Plan {
    return this.#plan ??= this.#makePlan();
  }

  #makePlan(): Plan {
    const { name: hook, spec } = this;
    const impls = this.#inOrder();
    return {
      hook,
      spec,
      runs: impls.map((impl) => impl.run),
      plugins: impls.map((impl) => impl.plugin),
      loop: loops[spec.mode][spec.async ? "async" : "sync"],
    };
  }

  #inOrder(): RegisteredImpl[] {
    const { tryFirst, normal, tryLast } = this.#bands;
    if (this.spec.order === "fifo") return [...tryFirst, ...normal, ...tryLast];
    // As in pluggy, of those that want to be last the one registered last is last: this band is not turned round.
    return [...[...tryFirst].reverse(), ...[...normal].reverse(), ...tryLast];
  }
}
