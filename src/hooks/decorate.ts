/**
 * What can stand between a call and an implementation. None of it is there unless the spec, the registration or the
 * call asks for it, so plain calls pay nothing.
 *
 * @module
 */

import { type PlugmapError, quote } from "../errors.ts";
import type { CallContext } from "./call_context.ts";
import { failureOf, isThenable, unexpectedPromise, verdict } from "./failure.ts";
import type { RegisteredImpl } from "./impl.ts";
import { aborted, limited, type Limits } from "./limits.ts";
import { isResult, nothing } from "./loops.ts";
import type { Monitors } from "./monitors.ts";
import type { Arguments, Run } from "./plan.ts";
import { accepted } from "./schema.ts";
import type { StandardResult } from "./schema.ts";
import type { AnyHookSpec } from "./spec.ts";
import { undeclaredArgs } from "./verify_impl.ts";

/** What one call asks for. */
export interface CallScope {
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined;
  /** Told when an implementation starts; what it returns gets the result, and what that returns takes its place. */
  readonly record?: ((plugin: string) => (result: unknown) => unknown) | undefined;
  /** Gets each failure, in place of ending the call with it. */
  readonly fail?: ((failure: PlugmapError) => void) | undefined;
  /** Whether the arguments lack some that the spec declares. */
  readonly incomplete?: boolean;
}

/** The function of an implementation that is part of the inside of a call, with all that is asked for around it. */
export function decorate(impl: RegisteredImpl, spec: AnyHookSpec, scope: CallScope, monitors: Monitors): Run {
  let run = impl.run as Run;
  if (needsArguments(impl, spec, scope)) run = requiring(impl, run);
  run = limiting(impl, run, spec, scope.signal);
  if (spec.schema?.result !== undefined) run = validating(impl, run, spec);
  run = monitors.aroundImpl(impl, run, spec);
  if (scope.fail !== undefined) run = guarding(impl, run, spec, scope.fail);
  if (scope.record !== undefined) run = recording(impl, run, spec, scope.record);
  return run;
}

/** Whether a call might lack an argument that an implementation declares. */
export function needsArguments(impl: RegisteredImpl, spec: AnyHookSpec, { incomplete }: CallScope): boolean {
  if (impl.args === undefined) return false;
  return spec.args === undefined || incomplete === true || undeclaredArgs(impl, spec).length > 0;
}

/** @throws {PlugmapError} `hook-argument-missing`. */
export function requireArguments(impl: RegisteredImpl, args: Arguments): void {
  for (const name of impl.args ?? []) {
    if (Object.hasOwn(args, name)) continue;
    const problem = `The call lacks argument ${quote(name)}, which the implementation takes`;
    throw verdict("hook-argument-missing", problem, impl);
  }
}

function requiring(impl: RegisteredImpl, run: Run): Run {
  return (args, context) => {
    requireArguments(impl, args);
    return run(args, context);
  };
}

function limiting(impl: RegisteredImpl, run: Run, spec: AnyHookSpec, signal: AbortSignal | undefined): Run {
  const limits = limitsOf(impl, spec, signal);
  if (limits === undefined) return run;
  if (spec.async) return (args, outer) => limited((context) => run(args, context), limits, impl, outer);
  return (args) => {
    if (signal!.aborted) throw aborted(signal!, impl);
    return run(args);
  };
}

/** What may end an implementation early; `undefined` if nothing may. */
export function limitsOf(
  impl: RegisteredImpl,
  spec: AnyHookSpec,
  signal: AbortSignal | undefined,
): Limits | undefined {
  const timeLimit = spec.async ? Math.min(spec.timeLimit ?? Infinity, impl.timeLimit ?? Infinity) : Infinity;
  return signal === undefined && timeLimit === Infinity ? undefined : { signal, timeLimit };
}

/** Lets the schema of the hook look at each result. */
function validating(impl: RegisteredImpl, run: Run, { schema, keepNull, async }: AnyHookSpec): Run {
  const validate = (value: unknown) => schema!.result!["~standard"].validate(value);
  const accept = (result: StandardResult<unknown>) =>
    accepted(result, "The result breaks", (problem) => verdict("hook-schema", problem, impl));
  if (async) {
    return async (args, context) => {
      const returned = await run(args, context);
      return isResult(returned, keepNull) ? accept(await validate(returned)) : returned;
    };
  }
  return (args) => {
    const returned = run(args);
    if (!isResult(returned, keepNull)) return returned;
    if (isThenable(returned)) throw unexpectedPromise(impl, returned);
    const result = validate(returned);
    if (isThenable(result)) throw unexpectedPromise(impl, result);
    return accept(result);
  };
}

/** Hands failures over, and has no result then. */
function guarding(
  impl: RegisteredImpl,
  run: Run,
  { async, keepNull }: AnyHookSpec,
  fail: (failure: PlugmapError) => void,
): Run {
  const hand = (thrown: unknown, context?: CallContext) => {
    const none = keepNull ? nothing : undefined;
    // Whoever was told to stop may say so by failing.
    if (context?.isEnded) return none;
    const failure = failureOf(impl, thrown);
    // That the caller has given up is no failure of the implementation.
    if (failure.code === "hook-aborted") throw failure;
    fail(failure);
    return none;
  };
  if (async) {
    return async (args, context) => {
      try {
        return await run(args, context);
      } catch (thrown) {
        return hand(thrown, context);
      }
    };
  }
  return (args) => {
    try {
      const returned = run(args);
      if (isThenable(returned)) throw unexpectedPromise(impl, returned);
      return returned;
    } catch (thrown) {
      return hand(thrown);
    }
  };
}

/** Tells who gives which result. */
function recording(
  { plugin }: RegisteredImpl,
  run: Run,
  { async, keepNull }: AnyHookSpec,
  record: (plugin: string) => (result: unknown) => unknown,
): Run {
  if (async) {
    return async (args, context) => {
      const keep = record(plugin);
      const returned = await run(args, context);
      return isResult(returned, keepNull) ? keep(returned) : returned;
    };
  }
  return (args) => {
    const keep = record(plugin);
    const returned = run(args);
    // The loop refuses promises.
    return isResult(returned, keepNull) && !isThenable(returned) ? keep(returned) : returned;
  };
}
