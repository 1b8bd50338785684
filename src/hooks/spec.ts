import type { StandardSchema } from "./schema.ts";

/**
 * What a hook does with its implementations and their results: `collect` lists the results, `first` stops at the first
 * one, `pipeline` threads a value through all. The other three are async by nature: `parallel` runs all at once and
 * lists the results in order, `race` takes the result that comes first, `stream` hands results out as they come.
 */
export type HookMode = "collect" | "first" | "pipeline" | "parallel" | "race" | "stream";

/** Whether the implementation registered last (`lifo`, as in pluggy) or first (`fifo`, as in pluginkit) runs first. */
export type HookOrder = "lifo" | "fifo";

/**
 * What the failure of an implementation means: `stop` ends the call, `collect` lets the others run and then fails with
 * all failures, `isolate` reports it to `onDiagnostic` and goes on without a result.
 */
export type ErrorPolicy = "stop" | "collect" | "isolate";

/** How much of the past a historic hook keeps. */
export interface HistoryOptions {
  /** How many calls are kept, the newest ones; all unless given. */
  readonly limit: number;
}

/** What the arguments of a call and the result of each implementation are validated by. */
export interface HookSchemas {
  /** For the object of arguments; what it gives is what the implementations get. */
  readonly args?: StandardSchema | undefined;
  /** For the result of each implementation; what it gives takes the place of the result. */
  readonly result?: StandardSchema | undefined;
}

/** A declared hook, as {@linkcode hook} makes it: frozen data, and a signature that exists in types only. */
export interface HookSpec<
  Args,
  Result,
  Mode extends HookMode = HookMode,
  Async extends boolean = boolean,
  KeepNull extends boolean = boolean,
  Historic extends boolean = boolean,
> {
  /** What a call does with the results. */
  readonly mode: Mode;
  /** Whether a call waits for its implementations and answers with a promise. */
  readonly async: Async;
  /** Which end of the registration order runs first. */
  readonly order: HookOrder;
  /** Whether `undefined` and `null` are results like any other. */
  readonly keepNull: KeepNull;
  /** Name of the argument that a pipeline threads; `undefined` in other modes. */
  readonly value: string | undefined;
  /** Whether calls are recorded and replayed to plugins that come later, and how many of them. */
  readonly historic: Historic extends true ? HistoryOptions : HistoryOptions | undefined;
  /** The declared names of arguments; `undefined` if any will do. */
  readonly args: readonly string[] | undefined;
  /** Values for arguments that a call leaves out. */
  readonly defaults: Readonly<Record<string, unknown>> | undefined;
  /** Whether a call that lacks a declared argument, or has one that is not declared, is an error. */
  readonly strict: boolean;
  /** What to tell whoever implements the hook, because it is going away. */
  readonly deprecated: string | undefined;
  /** The same for implementations that declare one of these arguments. */
  readonly deprecatedArgs: Readonly<Record<string, string>> | undefined;
  /** What arguments and results are validated by. */
  readonly schema: HookSchemas | undefined;
  /** What the failure of an implementation means for the call. */
  readonly errors: ErrorPolicy;
  /** Milliseconds that an implementation may take; `undefined` for as long as it likes. */
  readonly timeLimit: number | undefined;
  /** How many implementations of a stream run at the same time. */
  readonly concurrency: number;
  /** Carries the types of arguments and result; no spec has it at run time. */
  readonly signature?: (args: Args) => Result;
}

/** A spec of whatever arguments, result and options. */
export type AnyHookSpec = HookSpec<never, unknown>;

/** A table of specs by hook name. */
export type HookSpecs = Readonly<Record<string, AnyHookSpec>>;
