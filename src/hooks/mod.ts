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
export type { DispatcherOptions } from "./dispatcher_options.ts";
export type {
  AsyncByModeOption,
  AsyncOption,
  CollectOptions,
  CommonOptions,
  DeclareHook,
  DropNullOption,
  FirstOptions,
  HistoricOptions,
  KeepNullOption,
  ParallelOptions,
  PipelineOptions,
  RaceOptions,
  StreamOptions,
  SyncOption,
  ThreadableName,
} from "./hook_options.ts";
export type { Band, ImplKind } from "./impl.ts";
export type { HookReport, ImplReport } from "./inspect.ts";
export type { CallEvent, CallOutcome, ImplEvent, Monitor, Monitoring } from "./monitors.ts";
export { Outcome } from "./outcome.ts";
export type { RegisterOptions } from "./register_options.ts";
export type { Registration } from "./registry.ts";
export type { StandardIssue, StandardResult, StandardSchema } from "./schema.ts";
export type {
  AnyHookSpec,
  ErrorPolicy,
  HistoryOptions,
  HookMode,
  HookOrder,
  HookSchemas,
  HookSpec,
  HookSpecs,
} from "./spec.ts";
export type {
  AnyHookCall,
  Attributed,
  Awaitable,
  CallAnswer,
  CallOptions,
  CallResult,
  CallValue,
  DeclaredResult,
  DetailedResult,
  ExtraImpl,
  GeneratorWrapper,
  HistoricCall,
  HookArgs,
  HookCall,
  HookCalls,
  HookResult,
  Impl,
  ImplContext,
  ImplFunction,
  ImplOptions,
  ImplPlace,
  ImplReturn,
  Impls,
  MiddlewareWrapper,
  OutcomeWrapper,
  PlainCall,
  Settled,
  TargetedImpls,
} from "./types.ts";
