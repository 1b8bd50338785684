/**
 * What a hook does with the results of its implementations: `collect` lists them, `first` stops at the first one,
 * `pipeline` threads a value through all of them.
 */
export type HookMode = "collect" | "first" | "pipeline";

/** Whether the implementation registered last (`lifo`, as in pluggy) or first (`fifo`, as in pluginkit) runs first. */
export type HookOrder = "lifo" | "fifo";

/** A declared hook, as {@linkcode hook} makes it: frozen data, and a signature that exists in types only. */
export interface HookSpec<
  Args,
  Result,
  Mode extends HookMode = HookMode,
  Async extends boolean = boolean,
  KeepNull extends boolean = boolean,
> {
  /** What a call does with the results. */
  readonly mode: Mode;
  /** Whether a call awaits its implementations, one after the other, and answers with a promise. */
  readonly async: Async;
  /** Which end of the registration order runs first. */
  readonly order: HookOrder;
  /** Whether `undefined` and `null` are results like any other. */
  readonly keepNull: KeepNull;
  /** Name of the argument that a pipeline threads; `undefined` in other modes. */
  readonly value: string | undefined;
  /** Carries the types of arguments and result; no spec has it at run time. */
  readonly signature?: (args: Args) => Result;
}

/** A spec of whatever arguments, result and options. */
export type AnyHookSpec = HookSpec<never, unknown>;

/** A table of specs by hook name. */
export type HookSpecs = Readonly<Record<string, AnyHookSpec>>;
