/**
 * The loops that run implementations one after the other, and nothing else: what can be decided before a call, the plan
 * has decided. Each has one `try` around it, and the index at which that was left tells whose implementation threw.
 *
 * @module
 */

import { requireValue } from "./arguments.ts";
import { isThenable, planFailure, subjectAt, unexpectedPromise } from "./failure.ts";
import type { Arguments, Loop, Plan } from "./plan.ts";

/** What a stand-in for an implementation returns that has no result, where `undefined` and `null` would be one. */
export const nothing: unique symbol = Symbol("nothing");

/** Whether what an implementation returned is a result. */
export function isResult(returned: unknown, keepNull: boolean): boolean {
  return keepNull ? returned !== nothing : returned !== undefined && returned !== null;
}

/** Whether arguments have to be looked at more closely: asking an object itself takes V8 longer than a whole call. */
export function mayLack(args: Arguments, name: string): boolean {
  return args[name] === undefined || Object.getPrototypeOf(args) !== Object.prototype || name in Object.prototype;
}

/** The loops of the sync modes. */
export const syncLoops: Readonly<Record<"collect" | "first" | "pipeline", Loop>> = { collect, first, pipeline };

/** The loops of the modes that await one implementation after the other. */
export const asyncLoops: Readonly<Record<"collect" | "first" | "pipeline", Loop>> = {
  collect: collectAsync,
  first: firstAsync,
  pipeline: pipelineAsync,
};

function collect(plan: Plan, args: Arguments): unknown[] {
  const { runs, spec: { keepNull } } = plan;
  // A list made with its first result is half the work for the many hooks that have one implementation.
  let results: unknown[] | undefined;
  let index = 0;
  try {
    for (; index < runs.length; index++) {
      const run = runs[index]!;
      const returned = run(args);
      if (!isResult(returned, keepNull)) continue;
      if (isThenable(returned)) throw unexpectedPromise(subjectAt(plan, index), returned);
      if (results === undefined) results = [returned];
      else results.push(returned);
    }
  } catch (thrown) {
    throw planFailure(plan, index, thrown);
  }
  return results ?? [];
}

function first(plan: Plan, args: Arguments): unknown {
  const { runs, spec: { keepNull } } = plan;
  let index = 0;
  try {
    for (; index < runs.length; index++) {
      const run = runs[index]!;
      const returned = run(args);
      if (!isResult(returned, keepNull)) continue;
      if (isThenable(returned)) throw unexpectedPromise(subjectAt(plan, index), returned);
      return returned;
    }
  } catch (thrown) {
    throw planFailure(plan, index, thrown);
  }
  return undefined;
}

/**
 * Threads the value through the object of arguments that the caller gave, which has its own value again at the end: a
 * copy would take as long as ten implementations.
 */
function pipeline(plan: Plan, args: Arguments): unknown {
  const { runs, spec: { keepNull } } = plan;
  const name = plan.spec.value!;
  if (mayLack(args, name)) requireValue(plan.hook, name, args);
  const given = args[name];
  const threaded = lend(args, name, given);
  let value = given;
  let index = 0;
  try {
    for (; index < runs.length; index++) {
      const run = runs[index]!;
      const returned = run(threaded);
      if (!isResult(returned, keepNull)) continue;
      if (isThenable(returned)) throw unexpectedPromise(subjectAt(plan, index), returned);
      value = threaded[name] = returned;
    }
  } catch (thrown) {
    throw planFailure(plan, index, thrown);
  } finally {
    threaded[name] = given;
  }
  return value;
}

/** An object that a pipeline can write its value into: that of the caller, or a copy if it is frozen. */
export function lend(args: Arguments, name: string, given: unknown): Record<string, unknown> {
  const threaded = args as Record<string, unknown>;
  try {
    threaded[name] = given;
    return threaded;
  } catch {
    return { ...args };
  }
}

async function collectAsync(plan: Plan, args: Arguments): Promise<unknown[]> {
  const { runs, spec: { keepNull } } = plan;
  const results: unknown[] = [];
  let index = 0;
  try {
    for (; index < runs.length; index++) {
      const run = runs[index]!;
      const returned = await run(args);
      if (isResult(returned, keepNull)) results.push(returned);
    }
  } catch (thrown) {
    throw planFailure(plan, index, thrown);
  }
  return results;
}

async function firstAsync(plan: Plan, args: Arguments): Promise<unknown> {
  const { runs, spec: { keepNull } } = plan;
  let index = 0;
  try {
    for (; index < runs.length; index++) {
      const run = runs[index]!;
      const returned = await run(args);
      if (isResult(returned, keepNull)) return returned;
    }
  } catch (thrown) {
    throw planFailure(plan, index, thrown);
  }
  return undefined;
}

/** Threads through a copy: the caller goes on while this waits. */
async function pipelineAsync(plan: Plan, args: Arguments): Promise<unknown> {
  const { runs, spec: { keepNull } } = plan;
  const name = plan.spec.value!;
  if (mayLack(args, name)) requireValue(plan.hook, name, args);
  const threaded: Record<string, unknown> = { ...args };
  let value = threaded[name];
  let index = 0;
  try {
    for (; index < runs.length; index++) {
      const run = runs[index]!;
      const returned = await run(threaded);
      if (isResult(returned, keepNull)) value = threaded[name] = returned;
    }
  } catch (thrown) {
    throw planFailure(plan, index, thrown);
  }
  return value;
}
