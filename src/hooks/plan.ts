import type { CallContext } from "./call_context.ts";
import type { AnyHookSpec } from "./spec.ts";

/** The named arguments of a call. */
export type Arguments = Readonly<Record<string, unknown>>;

/** What runs with the arguments of a call: an implementation, or all of a hook. Without a `this`, so that none gets hold of the list it is in. */
export type Run = (this: void, args: Arguments, context?: CallContext) => unknown;

/**
 * The inside of a call, decided beforehand: a snapshot that is replaced as a whole when implementations come or go, so
 * that a call keeps the one it started with.
 *
 * Its lists are never changed nor handed out. They are not frozen because reading a frozen array takes a loop of ten
 * implementations 1.5 (V8) to 3 times (JavaScriptCore) as long.
 */
export interface Plan {
  /** Name of the hook. */
  readonly hook: string;
  readonly spec: AnyHookSpec;
  /** Implementations in the order of running. */
  readonly runs: readonly Run[];
  /** Names of their plugins, at the same places. */
  readonly plugins: readonly string[];
}

/** Runs a plan. */
export type Loop = (plan: Plan, args: Arguments) => unknown;
