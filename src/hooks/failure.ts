/**
 * How what an implementation throws becomes the error that the caller sees.
 *
 * @module
 */

import { type ErrorCode, messageOf, PlugmapError, quote } from "../errors.ts";
import type { Plan } from "./plan.ts";
import type { AnyHookSpec } from "./spec.ts";

/** Whom a failure is about. An implementation is one. */
export interface Subject {
  readonly plugin: string;
  readonly hook: string;
}

/** The errors that say already whom they are about. */
const attributed = new WeakSet<PlugmapError>();

/** The error for what was thrown while an implementation ran. */
export function failureOf(subject: Subject, thrown: unknown): PlugmapError {
  if (isAbout(thrown, subject)) return thrown;
  return verdict("hook-failed", messageOf(thrown), subject, { cause: thrown });
}

/** An error about an implementation that is not one thrown by it. */
export function verdict(
  code: ErrorCode,
  problem: string,
  { plugin, hook }: Subject,
  more: { mend?: string; cause?: unknown } = {},
): PlugmapError {
  return attribute(new PlugmapError(code, problem, { plugin, hook, step: "call", ...more }));
}

/** Lets an error pass through loops and wrappers as what it is. */
export function attribute(error: PlugmapError): PlugmapError {
  attributed.add(error);
  return error;
}

/** The same for a wrapper: what came from inside keeps the name of the plugin that it came from. */
export function wrapperFailureOf(subject: Subject, thrown: unknown): PlugmapError {
  if (isAttributed(thrown) && thrown.hook === subject.hook) return thrown;
  return failureOf(subject, thrown);
}

/** The error for a call whose failures were collected: it names all, and has them as the errors of its cause. */
export function failuresOf(hook: string, failures: readonly PlugmapError[]): PlugmapError {
  const texts = failures.map(({ plugin, problem }) => `plugin ${quote(plugin!)}: ${problem}`);
  const count = failures.length === 1 ? "1 implementation" : `${failures.length} implementations`;
  const error = new PlugmapError("hook-failed", `${count} failed: ${texts.join("; ")}`, {
    hook,
    step: "call",
    cause: new AggregateError(failures, `${count} of hook ${quote(hook)} failed`),
  });
  return attribute(error);
}

/** What is reported when an old-style wrapper throws after its yield, which in pluggy is a warning as well. */
export function teardownFailure(subject: Subject, thrown: unknown): PlugmapError {
  const { plugin, hook } = subject;
  const context = { plugin, hook, step: "call", cause: thrown } as const;
  return new PlugmapError("hook-teardown-failed", `The wrapper threw after its yield: ${messageOf(thrown)}`, context);
}

/** Whether an error was made here about that implementation, such as that it did not settle in time. */
export function isAbout(thrown: unknown, { plugin, hook }: Subject): thrown is PlugmapError {
  return isAttributed(thrown) && thrown.hook === hook && thrown.plugin === plugin;
}

function isAttributed(thrown: unknown): thrown is PlugmapError {
  // Looking a value up runs none of its code, as `instanceof` might.
  return typeof thrown === "object" && thrown !== null && attributed.has(thrown as PlugmapError);
}

/** The error for what left a loop at an index. */
export function planFailure(plan: Plan, index: number, thrown: unknown): PlugmapError {
  return failureOf(subjectAt(plan, index), thrown);
}

/** Whom the implementation at an index belongs to. */
export function subjectAt({ hook, plugins }: Plan, index: number): Subject {
  return { hook, plugin: plugins[index]! };
}

/** Whether a value can be waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return typeof (value as { then?: unknown }).then === "function";
}

/** The error for a promise out of an implementation of a sync hook. */
export function unexpectedPromise(subject: Subject, promise: unknown): PlugmapError {
  // Nobody else will look at it, and a rejection that nobody handles ends the process.
  if (promise instanceof Promise) promise.catch(() => {});
  return verdict("hook-async", "The implementation returned a promise, but the hook is sync", subject, {
    mend: "Return the result itself, or declare the hook with async: true.",
  });
}

/** Throws, or rejects where the caller awaits. */
export function raise(error: PlugmapError, { async, mode }: AnyHookSpec): Promise<never> {
  if (async && mode !== "stream") return Promise.reject(error);
  throw error;
}

/** The error for a call whose signal was aborted before it began. */
export function abortedCall(hook: string, { reason }: AbortSignal): PlugmapError {
  return new PlugmapError("hook-aborted", "The call was aborted before it began", {
    hook,
    step: "call",
    cause: reason,
  });
}

/** The error for calling a historic hook like any other. */
export function directCall(hook: string): PlugmapError {
  const mend = 'Call it with "callHistoric", which records the call.';
  return new PlugmapError("hook-historic", "The hook is historic", { hook, step: "call", mend });
}

/** The error for calling any other hook like a historic one. */
export function notHistoric(hook: string): PlugmapError {
  const mend = 'Call the hook itself, or declare it with "historic: true".';
  return new PlugmapError("hook-historic", "The hook is not historic", { hook, step: "call", mend });
}
