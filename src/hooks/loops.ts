/**
 * The loops that run implementations, and nothing else: what can be decided before a call, the plan has decided. Each
 * has one `try` around it, and the index at which that was left tells whose implementation threw.
 *
 * @module
 */

import { messageOf, PlugmapError } from "../errors.ts";
import type { Arguments, Loop, Plan } from "./plan.ts";
import type { HookMode } from "./spec.ts";

/** The loop for each mode, sync and async. */
export const loops: Readonly<Record<HookMode, { readonly sync: Loop; readonly async: Loop }>> = {
  collect: { sync: collect, async: collectAsync },
  first: { sync: first, async: firstAsync },
  pipeline: { sync: pipeline, async: pipelineAsync },
};

/** Whether what an implementation returned is a result. */
export function isResult(returned: unknown, keepNull: boolean): boolean {
  return keepNull || (returned !== undefined && returned !== null);
}

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
      if (isThenable(returned)) throw ignorePromise(returned);
      if (results === undefined) results = [returned];
      else results.push(returned);
    }
  } catch (thrown) {
    throw callError(plan, index, thrown);
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
      if (isThenable(returned)) throw ignorePromise(returned);
      return returned;
    }
  } catch (thrown) {
    throw callError(plan, index, thrown);
  }
  return undefined;
}

function pipeline(plan: Plan, args: Arguments): unknown {
  const { runs, spec: { keepNull } } = plan;
  const name = plan.spec.value!;
  let value = args[name];
  let index = 0;
  try {
    for (; index < runs.length; index++) {
      const run = runs[index]!;
      const returned = run({ ...args, [name]: value });
      if (!isResult(returned, keepNull)) continue;
      if (isThenable(returned)) throw ignorePromise(returned);
      value = returned;
    }
  } catch (thrown) {
    throw callError(plan, index, thrown);
  }
  return value;
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
    throw callError(plan, index, thrown);
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
    throw callError(plan, index, thrown);
  }
  return undefined;
}

async function pipelineAsync(plan: Plan, args: Arguments): Promise<unknown> {
  const { runs, spec: { keepNull } } = plan;
  const name = plan.spec.value!;
  let value = args[name];
  let index = 0;
  try {
    for (; index < runs.length; index++) {
      const run = runs[index]!;
      const returned = await run({ ...args, [name]: value });
      if (isResult(returned, keepNull)) value = returned;
    }
  } catch (thrown) {
    throw callError(plan, index, thrown);
  }
  return value;
}

function isThenable(value: unknown): boolean {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return typeof (value as { then?: unknown }).then === "function";
}

/** Leaves the loop of a sync hook. A symbol, because comparing looks into nothing that an implementation threw. */
const unexpectedPromise = Symbol("unexpected promise");

function ignorePromise(promise: unknown): symbol {
  // Nobody else will look at it, and a rejection that nobody handles ends the process.
  if (promise instanceof Promise) promise.catch(() => {});
  return unexpectedPromise;
}

function callError({ hook, plugins }: Plan, index: number, thrown: unknown): PlugmapError {
  const context = { plugin: plugins[index], hook, step: "call" } as const;
  if (thrown !== unexpectedPromise) {
    return new PlugmapError("hook-failed", messageOf(thrown), { ...context, cause: thrown });
  }
  return new PlugmapError("hook-async", "The implementation returned a promise, but the hook is sync", {
    ...context,
    mend: "Return the result itself, or declare the hook with async: true.",
  });
}
