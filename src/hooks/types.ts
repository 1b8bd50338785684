import type { AnyHookSpec, HookSpec, HookSpecs } from "./spec.ts";

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

/**
 * The function that implements a hook. It takes what it needs out of one object of named arguments. That object is the
 * caller's and the other implementations' as well, so it must not change it; only a pipeline makes a copy for each. It
 * is called without a `this`.
 */
export type ImplFunction<Spec extends AnyHookSpec> = (
  this: void,
  args: Readonly<HookArgs<Spec>>,
) => ImplReturn<Spec> | (Spec["async"] extends true ? PromiseLike<ImplReturn<Spec>> : never);

/** An implementation with a say in when it runs. */
export interface ImplOptions<Spec extends AnyHookSpec> {
  /** The implementation. */
  readonly run: ImplFunction<Spec>;
  /** Runs before all that do not say so. */
  readonly tryFirst?: boolean;
  /** Runs after all that do not say so. */
  readonly tryLast?: boolean;
}

/** What a plugin registers for one hook. */
export type Impl<Spec extends AnyHookSpec> = ImplFunction<Spec> | ImplOptions<Spec>;

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
export type Impls<Specs extends HookSpecs> = { readonly [Name in keyof Specs]?: Impl<Specs[Name]> };

/** A result and the plugin that gave it. */
export interface Attributed<Result> {
  /** Name of the plugin. */
  readonly plugin: string;
  /** What its implementation gave. */
  readonly result: Result;
}

/** The answer of a call: a promise of it if the hook is async. */
export type CallAnswer<Spec extends AnyHookSpec, Value> = Spec["async"] extends true ? Promise<Value> : Value;

/** What a call gives: a list, the first result if there is one, or the value at the end of the pipeline. */
export type CallResult<Spec extends AnyHookSpec> = CallAnswer<
  Spec,
  Spec["mode"] extends "collect" ? HookResult<Spec>[]
    : Spec["mode"] extends "first" ? HookResult<Spec> | undefined
    : DeclaredResult<Spec>
>;

/**
 * What a detailed call gives: the same results, each with its plugin. Those of a pipeline are its steps, one for each
 * implementation that gave a next value.
 */
export type DetailedResult<Spec extends AnyHookSpec> = CallAnswer<
  Spec,
  Spec["mode"] extends "first" ? Attributed<HookResult<Spec>> | undefined : Attributed<HookResult<Spec>>[]
>;

/** One hook, ready to be called. */
export interface HookCall<Spec extends AnyHookSpec> {
  /**
   * Runs the implementations.
   *
   * @param args One object of named arguments.
   * @returns What the mode of the hook says; a promise of it from an async hook.
   * @throws {PlugmapError} `hook-arguments`; `hook-failed` with plugin, hook and cause when an implementation throws;
   * `hook-async` when one of a sync hook returns a promise.
   */
  (args: HookArgs<Spec>): CallResult<Spec>;
  /**
   * Runs the implementations and tells which plugin gave which result.
   *
   * @param args One object of named arguments.
   * @returns The results with their plugins; a promise of them from an async hook.
   * @throws {PlugmapError} As the plain call.
   */
  detailed(args: HookArgs<Spec>): DetailedResult<Spec>;
}

/** All hooks of a table, ready to be called. */
export type HookCalls<Specs extends HookSpecs> = { readonly [Name in keyof Specs]: HookCall<Specs[Name]> };
