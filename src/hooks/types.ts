import type { Outcome } from "./outcome.ts";
import type { AnyHookSpec, HistoryOptions, HookSpec, HookSpecs } from "./spec.ts";

/** The named arguments of a hook. */
export type HookArgs<Spec extends AnyHookSpec> = Spec extends HookSpec<infer Args, unknown> ? Args : never;

/** The result that a spec declares. */
export type DeclaredResult<Spec extends AnyHookSpec> = Spec extends HookSpec<never, infer Result> ? Result : never;

/** What counts as a result: not `undefined` and `null`, unless the spec keeps them. */
export type HookResult<Spec extends AnyHookSpec> = Spec["keepNull"] extends true ? DeclaredResult<Spec>
  : Exclude<DeclaredResult<Spec>, undefined | null | void>;

/** What an implementation may return: a result, or nothing if that is not one. */
export type ImplReturn<Spec extends AnyHookSpec> =
  | DeclaredResult<Spec>
  | (Spec["keepNull"] extends true ? never : undefined | null | void);

/** A value, or for async hooks a promise of one. */
export type Awaitable<Spec extends AnyHookSpec, Value> =
  | Value
  | (Spec["async"] extends true ? PromiseLike<Value> : never);

/**
 * What an implementation gets beside the arguments where somebody may lose interest in its result: from calls with a
 * signal, under a time limit, and in the modes `parallel`, `race` and `stream`.
 */
export interface ImplContext {
  /** Aborted when nobody waits for the result any more. */
  readonly signal: AbortSignal;
}

/**
 * The function that implements a hook. It takes what it needs out of one object of named arguments. That object is the
 * call's and the other implementations' as well, so it must not change it, and takes what it needs before it waits for
 * anything. It is called without a `this`.
 */
export type ImplFunction<Spec extends AnyHookSpec> = (
  this: void,
  args: Readonly<HookArgs<Spec>>,
  context?: ImplContext,
) => Awaitable<Spec, ImplReturn<Spec>>;

/** Where an implementation stands, and what it is bound to. */
export interface ImplPlace {
  /** The arguments that it takes. They must be among those that the spec declares, and a call that lacks one fails. */
  readonly args?: readonly string[];
  /** Runs before all that do not say so. */
  readonly tryFirst?: boolean;
  /** Runs after all that do not say so. */
  readonly tryLast?: boolean;
  /** Of those that say the same about first and last, the one with the higher number runs earlier; 0 unless given. */
  readonly priority?: number;
  /** Runs before the implementations of these plugins, whatever else is said. */
  readonly before?: readonly string[];
  /** Runs after the implementations of these plugins, whatever else is said. */
  readonly after?: readonly string[];
  /** Says that it is no mistake if nobody declares the hook. */
  readonly optional?: boolean;
  /** The hook that it implements, if that is not the name it is registered under. */
  readonly target?: string;
}

/** An implementation with a say in when it runs. */
export interface ImplOptions<Spec extends AnyHookSpec> extends ImplPlace {
  /** The implementation. */
  readonly run: ImplFunction<Spec>;
  /** Not a wrapper. */
  readonly wrapper?: false;
}

/** A wrapper that is a generator: what is before its one `yield` runs before the rest of the call, what follows, after. */
export interface GeneratorWrapper<Spec extends AnyHookSpec> extends ImplPlace {
  /** `yield` gives the result or throws the error of what is inside; what is returned takes its place. */
  readonly run: (
    this: void,
    args: Readonly<HookArgs<Spec>>,
    context?: ImplContext,
  ) =>
    | Generator<void, CallValue<Spec>, CallValue<Spec>>
    | (Spec["async"] extends true ? AsyncGenerator<void, CallValue<Spec>, CallValue<Spec>> : never);
  /** Says that it is one. */
  readonly wrapper: true;
}

/** A wrapper as pluggy had them before version 1.2: a generator that gets an {@linkcode Outcome}. */
export interface OutcomeWrapper<Spec extends AnyHookSpec> extends ImplPlace {
  /** `yield` gives the outcome of what is inside, which can be changed; what is returned is ignored. */
  readonly run: (
    this: void,
    args: Readonly<HookArgs<Spec>>,
    context?: ImplContext,
  ) =>
    | Generator<void, unknown, Outcome<CallValue<Spec>>>
    | (Spec["async"] extends true ? AsyncGenerator<void, unknown, Outcome<CallValue<Spec>>> : never);
  /** Says that it is one. */
  readonly wrapper: "outcome";
}

/** A wrapper that calls what is inside, as middleware does. */
export interface MiddlewareWrapper<Spec extends AnyHookSpec> extends ImplPlace {
  /**
   * `next` runs what is inside, with other arguments if some are given, and can be called as often as one likes: not at
   * all to answer without it, twice to try again.
   */
  readonly wrapper: (
    this: void,
    next: (args?: HookArgs<Spec>) => CallAnswer<Spec>,
    args: Readonly<HookArgs<Spec>>,
    context?: ImplContext,
  ) => Awaitable<Spec, CallValue<Spec>>;
}

/** What a plugin registers for one hook. */
export type Impl<Spec extends AnyHookSpec> =
  | ImplFunction<Spec>
  | ImplOptions<Spec>
  | GeneratorWrapper<Spec>
  | OutcomeWrapper<Spec>
  | MiddlewareWrapper<Spec>;

/**
 * What a plugin registers: implementations by hook name.
 *
 * @example Type a table of implementations by the host's hooks
 * ```ts
 * import { createHooks, defineHooks, hook, type Impls } from "@plugmap/plugmap/hooks";
 * import { assertEquals } from "@std/assert";
 *
 * const specs = defineHooks({ greeting: hook<{ name: string }, string>() });
 * const polite: Impls<typeof specs> = { greeting: ({ name }) => `Good day, ${name}` };
 *
 * const hooks = createHooks(specs);
 * hooks.register("polite", polite);
 * assertEquals(hooks.call.greeting({ name: "Ada" }), ["Good day, Ada"]);
 * ```
 */
export type Impls<Specs extends HookSpecs> = {
  readonly [Name in keyof Specs]?: Impl<Specs[Name]>;
};

/** What a plugin registers under names of its own: each implementation says which hook it is for. */
export type TargetedImpls<Specs extends HookSpecs> = {
  readonly [name: string]: {
    [Name in keyof Specs]: Exclude<Impl<Specs[Name]>, ImplFunction<Specs[Name]>> & { readonly target: Name };
  }[keyof Specs];
};

/** A result, the plugin that gave it, and how long it took. */
export interface Attributed<Result> {
  /** Name of the plugin. */
  readonly plugin: string;
  /** What its implementation gave. */
  readonly result: Result;
  /** Milliseconds from the start of the implementation to its result. */
  readonly duration: number;
}

/** What the mode of a hook makes of the results of its implementations. */
export type CallValue<Spec extends AnyHookSpec> = Spec["mode"] extends "collect" | "parallel" ? HookResult<Spec>[]
  : Spec["mode"] extends "first" | "race" ? HookResult<Spec> | undefined
  : Spec["mode"] extends "stream" ? AsyncIterable<HookResult<Spec>>
  : DeclaredResult<Spec>;

/** A value, as a promise if the hook is async. */
export type Settled<Spec extends AnyHookSpec, Value> = Spec["async"] extends true ? Promise<Value> : Value;

/** What is inside a wrapper answers like this. */
export type CallAnswer<Spec extends AnyHookSpec> = Settled<Spec, CallValue<Spec>>;

/** What a call gives: the same, but for a stream, which is not waited for. */
export type CallResult<Spec extends AnyHookSpec> = Spec["mode"] extends "stream" ? CallValue<Spec> : CallAnswer<Spec>;

/**
 * What a detailed call gives: the same results, each with its plugin and duration. Those of a pipeline are its steps,
 * one for each implementation that gave a next value.
 */
export type DetailedResult<Spec extends AnyHookSpec> = Spec["mode"] extends "stream"
  ? AsyncIterable<Attributed<HookResult<Spec>>>
  : Settled<
    Spec,
    Spec["mode"] extends "first" | "race" ? Attributed<HookResult<Spec>> | undefined : Attributed<HookResult<Spec>>[]
  >;

/** What a single call can be given beside its arguments. */
export interface CallOptions {
  /** Ends the call: no further implementation is started, and none that is running is waited for. */
  readonly signal?: AbortSignal | undefined;
}

/** An implementation that takes part in one call only. */
export type ExtraImpl<Spec extends AnyHookSpec> = ImplFunction<Spec> | Pick<ImplOptions<Spec>, "run" | "args">;

/** One hook, ready to be called. */
export interface PlainCall<Spec extends AnyHookSpec> {
  /**
   * Runs the implementations.
   *
   * @param args One object of named arguments.
   * @param options A signal that ends the call.
   * @returns What the mode of the hook says; a promise of it from an async hook.
   * @throws {PlugmapError} `hook-arguments`; `hook-failed` with plugin, hook and cause when an implementation throws;
   * `hook-async` when one of a sync hook returns a promise; `hook-wrapper` when a wrapper does not yield exactly once;
   * `hook-schema`, `hook-timeout`, `hook-aborted`.
   */
  (args: HookArgs<Spec>, options?: CallOptions): CallResult<Spec>;
  /**
   * Runs the implementations and tells which plugin gave which result, and how long it took.
   *
   * @param args One object of named arguments.
   * @param options A signal that ends the call.
   * @returns The results with their plugins, as the implementations gave them, whatever wrappers make of them.
   * @throws {PlugmapError} As the plain call.
   */
  detailed(args: HookArgs<Spec>, options?: CallOptions): DetailedResult<Spec>;
  /**
   * Runs the implementations, and with them some that take part in this call only, as if they had been registered last.
   *
   * @param extras Functions, or objects with `run` and the `args` they take.
   * @param args One object of named arguments.
   * @param options A signal that ends the call.
   * @returns As the plain call.
   * @throws {PlugmapError} `hook-impl-invalid` for what is no implementation; else as the plain call.
   */
  callExtra(extras: readonly ExtraImpl<Spec>[], args: HookArgs<Spec>, options?: CallOptions): CallResult<Spec>;
  /**
   * The same hook without some plugins. Plugins that come and go later do so here as well.
   *
   * @param without Names of plugins; unknown ones do no harm.
   * @returns The hook, callable as this one.
   */
  subset(without: readonly string[]): PlainCall<Spec>;
}

/** One historic hook, ready to be called. Calling it like any other is an error, because what is meant is not clear. */
export interface HistoricCall<Spec extends AnyHookSpec> {
  /**
   * Runs the implementations, and records the call, so that plugins that are registered later run it as well.
   *
   * @param args One object of named arguments. A copy of it is recorded, and taken back if the call fails.
   * @param onResult Called with each result and its plugin, now and whenever the call is replayed.
   * @param options A signal that ends the call; replays have none.
   * @returns Nothing; a promise of it from an async hook.
   * @throws {PlugmapError} As any call.
   */
  callHistoric(
    args: HookArgs<Spec>,
    onResult?: (this: void, result: HookResult<Spec>, plugin: string) => void,
    options?: CallOptions,
  ): Settled<Spec, void>;
  /**
   * What is recorded.
   *
   * @returns The arguments of the calls, oldest first.
   */
  history(): readonly HookArgs<Spec>[];
  /** Forgets what is recorded. */
  clearHistory(): void;
  /**
   * The same hook without some plugins, with the same history.
   *
   * @param without Names of plugins; unknown ones do no harm.
   * @returns The hook, callable as this one.
   */
  subset(without: readonly string[]): HistoricCall<Spec>;
}

/** One hook, ready to be called in the way that its spec allows. */
export type HookCall<Spec extends AnyHookSpec> = [Spec["historic"]] extends [HistoryOptions] ? HistoricCall<Spec>
  : PlainCall<Spec>;

/** A hook that is known by name only: whether it is historic, and what its arguments are, shows when it is called. */
export interface AnyHookCall {
  /** As {@linkcode PlainCall}. */
  (args: object, options?: CallOptions): unknown;
  /** As {@linkcode PlainCall.detailed}. */
  detailed(args: object, options?: CallOptions): unknown;
  /** As {@linkcode PlainCall.callExtra}. */
  callExtra(extras: readonly unknown[], args: object, options?: CallOptions): unknown;
  /** As {@linkcode PlainCall.subset}. */
  subset(without: readonly string[]): AnyHookCall;
  /** As {@linkcode HistoricCall.callHistoric}. */
  callHistoric(
    args: object,
    onResult?: (this: void, result: unknown, plugin: string) => void,
    options?: CallOptions,
  ): unknown;
  /** As {@linkcode HistoricCall.history}. */
  history(): readonly object[];
  /** As {@linkcode HistoricCall.clearHistory}. */
  clearHistory(): void;
}

/** All hooks of a table, ready to be called. */
export type HookCalls<Specs extends HookSpecs> = { readonly [Name in keyof Specs]: HookCall<Specs[Name]> };
