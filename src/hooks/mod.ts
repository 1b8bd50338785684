/**
 * Hooks: named extension points that a host declares and plugins implement. Usable alone, without a host.
 *
 * @example A host with one hook
 * ```ts
 * import { createHooks, defineHooks, hook } from "@plugmap/plugmap/hooks";
 * import { assertEquals } from "@std/assert";
 *
 * const hooks = createHooks(defineHooks({ greeting: hook<{ name: string }, string>() }));
 * hooks.register("english", { greeting: ({ name }) => `Hello, ${name}` });
 *
 * assertEquals(hooks.call.greeting({ name: "Ada" }), ["Hello, Ada"]);
 * ```
 *
 * @module
 */

export { type ErrorCode, type errorCodes, type ErrorContext, PlugmapError, type Step } from "../errors.ts";
export { defineHooks, hook } from "./define_hooks.ts";
export { createHooks, type Dispatcher } from "./dispatcher.ts";
export type {
  AsyncOption,
  CollectOptions,
  DeclareHook,
  DropNullOption,
  FirstOptions,
  KeepNullOption,
  OrderOption,
  PipelineOptions,
  SyncOption,
  ThreadableName,
} from "./hook_options.ts";
export type { Registration } from "./registry.ts";
export type { AnyHookSpec, HookMode, HookOrder, HookSpec, HookSpecs } from "./spec.ts";
export type {
  Attributed,
  CallAnswer,
  CallResult,
  DeclaredResult,
  DetailedResult,
  HookArgs,
  HookCall,
  HookCalls,
  HookResult,
  Impl,
  ImplFunction,
  ImplOptions,
  ImplReturn,
  Impls,
} from "./types.ts";
