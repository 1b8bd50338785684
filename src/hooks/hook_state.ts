import { compileEntry, type Ground, type Source } from "./compile.ts";
import { Constraints } from "./constraints.ts";
import { undeclared } from "./define_hooks.ts";
import { History } from "./history.ts";
import type { RegisteredImpl } from "./impl.ts";
import { inOrder } from "./order.ts";
import type { Run } from "./plan.ts";
import type { AnyHookSpec } from "./spec.ts";

/** One hook of a dispatcher: its spec, if it has one yet, the implementations it has now, and what runs them. */
export class HookState {
  readonly name: string;
  readonly ground: Ground;
  readonly history: History = new History();
  /** Runs a plain call. It is replaced when implementations come or go; a call keeps the one it started with. */
  entry: Run;
  /**
   * Does the same faster, once it is known to be worth it. It is called at a place of its own, which then sees one
   * function only: V8 inlines what is called at a place until a second function has been called there.
   */
  fast: Run | undefined;
  /** Counts what makes compiled functions outdated. */
  version = 0;
  #spec: AnyHookSpec | undefined;
  #constraints: Constraints | undefined;
  readonly #impls = new Set<RegisteredImpl>();
  /** Compiles when it is first called, so that many registrations cost one compilation. */
  readonly #compileAndRun: Run = (args) => {
    const { version } = this;
    this.entry = compileEntry(this.source(), this.ground, (faster) => {
      if (this.version === version) this.fast = faster;
    });
    return this.entry(args);
  };

  constructor(name: string, spec: AnyHookSpec | undefined, ground: Ground) {
    this.name = name;
    this.#spec = spec;
    this.ground = ground;
    this.entry = this.#compileAndRun;
  }

  /** The spec, or what goes for hooks that nobody has declared. */
  get spec(): AnyHookSpec {
    return this.#spec ?? undeclared;
  }

  get declaredSpec(): AnyHookSpec | undefined {
    return this.#spec;
  }

  get impls(): ReadonlySet<RegisteredImpl> {
    return this.#impls;
  }

  /** Declares a hook that was only implemented so far; `undefined` takes that back. */
  declare(spec: AnyHookSpec | undefined): void {
    this.#spec = spec;
    this.invalidate();
  }

  /**
   * Adds an implementation.
   *
   * @returns The loop that it would close, as names of plugins; it is not added then.
   */
  add(impl: RegisteredImpl): readonly string[] | undefined {
    if (this.#constraints === undefined && impl.before.length + impl.after.length > 0) {
      this.#constraints = new Constraints(this.#impls);
    }
    this.#constraints?.add(impl);
    const loop = this.#constraints?.loopThrough(impl);
    if (loop !== undefined) {
      this.#constraints?.remove(impl);
      return loop;
    }
    this.#impls.add(impl);
    this.invalidate();
    return undefined;
  }

  remove(impl: RegisteredImpl): void {
    this.#constraints?.remove(impl);
    this.#impls.delete(impl);
    this.invalidate();
  }

  /** Drops what is compiled. */
  invalidate(): void {
    this.version++;
    this.entry = this.#compileAndRun;
    this.fast = undefined;
  }

  /** What there is to compile, with further implementations and without those of some plugins. */
  source(extras: readonly RegisteredImpl[] = [], without: ReadonlySet<string> = new Set()): Source {
    // Ordered before anything is left out: who is left runs in the order that all had.
    const ordered = inOrder([...this.#impls, ...extras], this.spec.order, this.#constraints);
    const impls = ordered.filter((impl) => !without.has(impl.plugin) || extras.includes(impl));
    return { hook: this.name, spec: this.spec, impls };
  }
}

/** A hook without some plugins. It has no implementations of its own, so it follows the hook in everything. */
export class Subset {
  readonly state: HookState;
  readonly without: ReadonlySet<string>;
  readonly fast: undefined = undefined;
  #compiled: { readonly version: number; readonly run: Run } | undefined;

  constructor(state: HookState, without: ReadonlySet<string>) {
    this.state = state;
    this.without = without;
  }

  get entry(): Run {
    const { version, ground } = this.state;
    if (this.#compiled?.version !== version) {
      this.#compiled = { version, run: compileEntry(this.state.source([], this.without), ground) };
    }
    return this.#compiled.run;
  }
}
