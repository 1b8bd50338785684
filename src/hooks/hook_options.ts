import type { ErrorPolicy, HistoryOptions, HookOrder, HookSchemas, HookSpec } from "./spec.ts";

/** The names of those arguments that have exactly the type of the result, so that a pipeline can thread them. */
export type ThreadableName<Args, Result> = {
  [Name in keyof Args & string]-?: [Args[Name], Result] extends [Result, Args[Name]] ? Name : never;
}[keyof Args & string];

/** Options of a spec in any mode. */
export interface CommonOptions {
  /** Which end of the registration order runs first; `lifo` unless given. */
  readonly order?: HookOrder;
  /**
   * The names of the arguments. Implementations may then declare which of them they take, and a call without one of
   * them is reported, as pluggy does.
   */
  readonly args?: readonly string[];
  /** Values for arguments that a call leaves out. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Makes a missing or an unknown argument an error, as pluginkit does. Needs `args`. */
  readonly strict?: boolean;
  /** Says why the hook should no longer be implemented; reported for each plugin that does. */
  readonly deprecated?: string;
  /** The same for single arguments, reported for implementations that declare them in their own `args`. */
  readonly deprecatedArgs?: Readonly<Record<string, string>>;
  /** What arguments and results are validated by, and what takes their place. */
  readonly schema?: HookSchemas;
  /** What the failure of an implementation means; `stop` unless given. */
  readonly errors?: ErrorPolicy;
}

/** Options of a spec that lists all results. */
export interface CollectOptions extends CommonOptions {
  /** The default. */
  readonly mode?: "collect";
  /** Not historic, the default. */
  readonly historic?: false;
}

/** Options of a spec whose calls are recorded and replayed to plugins that are registered later. */
export interface HistoricOptions extends CommonOptions {
  /** Other modes cannot be historic. */
  readonly mode?: "collect";
  /** Keeps all calls, or the newest ones up to a limit. */
  readonly historic: true | HistoryOptions;
}

/** Options of a spec that stops at the first result. */
export interface FirstOptions extends CommonOptions {
  /** Has to be given. */
  readonly mode: "first";
}

/** Options of a spec that threads a value. */
export interface PipelineOptions<Args, Result> extends CommonOptions {
  /** Has to be given. */
  readonly mode: "pipeline";
  /** Name of the argument that is threaded: each implementation gets the current value and returns the next. */
  readonly value: ThreadableName<Args, Result>;
}

/** Options of a spec that runs all implementations at once and lists the results in order. */
export interface ParallelOptions extends CommonOptions {
  /** Has to be given. */
  readonly mode: "parallel";
}

/** Options of a spec that takes the result that comes first. */
export interface RaceOptions extends CommonOptions {
  /** Has to be given. */
  readonly mode: "race";
}

/** Options of a spec that hands results out as they come. */
export interface StreamOptions extends CommonOptions {
  /** Has to be given. */
  readonly mode: "stream";
  /** How many implementations run at the same time: all unless given; with 1, the next one starts when it is asked for. */
  readonly concurrency?: number;
}

/** Option of a sync hook. */
export interface SyncOption {
  /** The default: a call answers at once, and an implementation must not return a promise. */
  readonly async?: false;
}

/** Options of an async hook. */
export interface AsyncOption {
  /** A call waits for its implementations, one after the other, and answers with a promise. */
  readonly async: true;
  /** Milliseconds that each implementation may take. */
  readonly timeLimit?: number;
}

/** Options of a hook that is async by its mode. */
export interface AsyncByModeOption {
  /** Goes without saying. */
  readonly async?: true;
  /** Milliseconds that each implementation may take. */
  readonly timeLimit?: number;
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
  ): HookSpec<Args, Result, "collect", false, false, false>;
  <Args extends object, Result>(
    options: CollectOptions & SyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "collect", false, true, false>;
  <Args extends object, Result>(
    options: CollectOptions & AsyncOption & DropNullOption,
  ): HookSpec<Args, Result, "collect", true, false, false>;
  <Args extends object, Result>(
    options: CollectOptions & AsyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "collect", true, true, false>;
  <Args extends object, Result>(
    options: HistoricOptions & SyncOption & DropNullOption,
  ): HookSpec<Args, Result, "collect", false, false, true>;
  <Args extends object, Result>(
    options: HistoricOptions & SyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "collect", false, true, true>;
  <Args extends object, Result>(
    options: HistoricOptions & AsyncOption & DropNullOption,
  ): HookSpec<Args, Result, "collect", true, false, true>;
  <Args extends object, Result>(
    options: HistoricOptions & AsyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "collect", true, true, true>;
  <Args extends object, Result>(
    options: FirstOptions & SyncOption & DropNullOption,
  ): HookSpec<Args, Result, "first", false, false, false>;
  <Args extends object, Result>(
    options: FirstOptions & SyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "first", false, true, false>;
  <Args extends object, Result>(
    options: FirstOptions & AsyncOption & DropNullOption,
  ): HookSpec<Args, Result, "first", true, false, false>;
  <Args extends object, Result>(
    options: FirstOptions & AsyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "first", true, true, false>;
  <Args extends object, Result>(
    options: PipelineOptions<Args, Result> & SyncOption & DropNullOption,
  ): HookSpec<Args, Result, "pipeline", false, false, false>;
  <Args extends object, Result>(
    options: PipelineOptions<Args, Result> & SyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "pipeline", false, true, false>;
  <Args extends object, Result>(
    options: PipelineOptions<Args, Result> & AsyncOption & DropNullOption,
  ): HookSpec<Args, Result, "pipeline", true, false, false>;
  <Args extends object, Result>(
    options: PipelineOptions<Args, Result> & AsyncOption & KeepNullOption,
  ): HookSpec<Args, Result, "pipeline", true, true, false>;
  <Args extends object, Result>(
    options: ParallelOptions & AsyncByModeOption & DropNullOption,
  ): HookSpec<Args, Result, "parallel", true, false, false>;
  <Args extends object, Result>(
    options: ParallelOptions & AsyncByModeOption & KeepNullOption,
  ): HookSpec<Args, Result, "parallel", true, true, false>;
  <Args extends object, Result>(
    options: RaceOptions & AsyncByModeOption & DropNullOption,
  ): HookSpec<Args, Result, "race", true, false, false>;
  <Args extends object, Result>(
    options: RaceOptions & AsyncByModeOption & KeepNullOption,
  ): HookSpec<Args, Result, "race", true, true, false>;
  <Args extends object, Result>(
    options: StreamOptions & AsyncByModeOption & DropNullOption,
  ): HookSpec<Args, Result, "stream", true, false, false>;
  <Args extends object, Result>(
    options: StreamOptions & AsyncByModeOption & KeepNullOption,
  ): HookSpec<Args, Result, "stream", true, true, false>;
}
