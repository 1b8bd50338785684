import type { HookOrder, HookSpec } from "./spec.ts";

/** The names of those arguments that have exactly the type of the result, so that a pipeline can thread them. */
export type ThreadableName<Args, Result> = {
  [Name in keyof Args & string]-?: [Args[Name], Result] extends [Result, Args[Name]] ? Name : never;
}[keyof Args & string];

/** Options of a spec in any mode. */
export interface OrderOption {
  /** Which end of the registration order runs first; `lifo` unless given. */
  readonly order?: HookOrder;
}

/** Options of a spec that lists all results. */
export interface CollectOptions extends OrderOption {
  /** The default. */
  readonly mode?: "collect";
}

/** Options of a spec that stops at the first result. */
export interface FirstOptions extends OrderOption {
  /** Has to be given. */
  readonly mode: "first";
}

/** Options of a spec that threads a value. */
export interface PipelineOptions<Args, Result> extends OrderOption {
  /** Has to be given. */
  readonly mode: "pipeline";
  /** Name of the argument that is threaded: each implementation gets the current value and returns the next. */
  readonly value: ThreadableName<Args, Result>;
}

/** Option of a sync hook. */
export interface SyncOption {
  /** The default: a call answers at once, and an implementation must not return a promise. */
  readonly async?: false;
}

/** Option of an async hook. */
export interface AsyncOption {
  /** A call awaits its implementations, one after the other, and answers with a promise. */
  readonly async: true;
}

/** Option of a hook for which `undefined` and `null` mean "no result". */
export interface DropNullOption {
  /** The default. */
  readonly keepNull?: false;
}

/** Option of a hook for which `undefined` and `null` are results like any other. */
export interface KeepNullOption {
  /** Has to be given. */
  readonly keepNull: true;
}

/**
 * The signatures of {@linkcode hook}. There is one for each combination because TypeScript infers no option once
 * arguments and result are given explicitly.
 */
export interface DeclareHook {
  <Args extends object, Result>(
    options?: CollectOptions & SyncOption & DropNullOption,
  ): HookSpec<Args, Result, "collect", false, false>;
  <Args extends object, Result>(
    options: CollectOptions & SyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "collect", false, true>;
  <Args extends object, Result>(
    options: CollectOptions & AsyncOption & DropNullOption,
  ): HookSpec<Args, Result, "collect", true, false>;
  <Args extends object, Result>(
    options: CollectOptions & AsyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "collect", true, true>;
  <Args extends object, Result>(
    options: FirstOptions & SyncOption & DropNullOption,
  ): HookSpec<Args, Result, "first", false, false>;
  <Args extends object, Result>(
    options: FirstOptions & SyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "first", false, true>;
  <Args extends object, Result>(
    options: FirstOptions & AsyncOption & DropNullOption,
  ): HookSpec<Args, Result, "first", true, false>;
  <Args extends object, Result>(
    options: FirstOptions & AsyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "first", true, true>;
  <Args extends object, Result>(
    options: PipelineOptions<Args, Result> & SyncOption & DropNullOption,
  ): HookSpec<Args, Result, "pipeline", false, false>;
  <Args extends object, Result>(
    options: PipelineOptions<Args, Result> & SyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "pipeline", false, true>;
  <Args extends object, Result>(
    options: PipelineOptions<Args, Result> & AsyncOption & DropNullOption,
  ): HookSpec<Args, Result, "pipeline", true, false>;
  <Args extends object, Result>(
    options: PipelineOptions<Args, Result> & AsyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "pipeline", true, true>;
}
