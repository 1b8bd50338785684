/**
 * The modes that start all implementations at once.
 *
 * @module
 */

import { CallContext } from "./call_context.ts";
import { isThenable, planFailure } from "./failure.ts";
import { isResult, nothing } from "./loops.ts";
import type { Arguments, Plan } from "./plan.ts";

/**
 * Lists the results in the order of the implementations. The first failure ends it.
 *
 * Which implementation failed is looked up afterwards: a handler of its own for each promise would make every call pay
 * for the failure of a few.
 */
export function parallel(plan: Plan, args: Arguments): Promise<unknown[]> {
  const { runs, spec: { keepNull } } = plan;
  const context = new CallContext();
  const pending: unknown[] = new Array(runs.length);
  let started = 0;
  const fail = (index: number, thrown: unknown): never => {
    const error = planFailure(plan, index, thrown);
    context.end(error);
    throw error;
  };
  try {
    for (; started < runs.length; started++) {
      const run = runs[started]!;
      const returned = run(args, context);
      // Promise.all would look for `then` once, and the search for the culprit a second time.
      pending[started] = returned instanceof Promise || !isThenable(returned) ? returned : Promise.resolve(returned);
    }
  } catch (thrown) {
    for (const promise of pending) Promise.resolve(promise).catch(() => {});
    return new Promise(() => fail(started, thrown));
  }
  if (pending.length > 1) {
    return Promise.all(pending).then(
      (results) => withoutNothing(results, keepNull),
      async (reason) => fail(await culprit(pending, reason), reason),
    );
  }
  // Promise.all takes longer than everything else here.
  return pending.length === 0 ? Promise.resolve([]) : Promise.resolve(pending[0]).then(
    (result) => isResult(result, keepNull) ? [result] : [],
    (reason) => fail(0, reason),
  );
}

function withoutNothing(results: unknown[], keepNull: boolean): unknown[] {
  for (let index = 0; index < results.length; index++) {
    if (!isResult(results[index], keepNull)) return results.filter((result) => isResult(result, keepNull));
  }
  return results;
}

/** The index of the first promise that is rejected with a reason. */
async function culprit(pending: readonly unknown[], reason: unknown): Promise<number> {
  const open = Promise.resolve(nothing);
  for (const [index, promise] of pending.entries()) {
    const found = await Promise.race([promise, open]).then(() => false, (rejected) => Object.is(rejected, reason));
    if (found) return index;
  }
  return 0;
}

/** Gives the result that comes first; `undefined` if none does. A failure before that ends it. */
export function race(plan: Plan, args: Arguments): Promise<unknown> {
  const { runs, spec: { keepNull } } = plan;
  const context = new CallContext();
  return new Promise((resolve, reject) => {
    let waiting = runs.length;
    // What one plugin gives is no business of the others, who only learn that they can stop.
    const done = (settle: (value: unknown) => void, value: unknown) => {
      settle(value);
      context.end();
    };
    if (waiting === 0) return resolve(undefined);
    for (let index = 0; index < runs.length; index++) {
      const run = runs[index]!;
      const started = new Promise((start) => start(run(args, context)));
      started.then((returned) => {
        waiting--;
        if (isResult(returned, keepNull)) done(resolve, returned);
        else if (waiting === 0) resolve(undefined);
      }, (thrown) => done(reject, planFailure(plan, index, thrown)));
    }
  });
}

/** Hands results out as they come. Ends the rest when it is left early. */
export async function* stream(plan: Plan, args: Arguments): AsyncGenerator<unknown, void, undefined> {
  const { runs, spec: { keepNull, concurrency } } = plan;
  const context = new CallContext();
  const settled: { readonly index: number; readonly returned?: unknown; readonly thrown?: { readonly is: unknown } }[] =
    [];
  let wake = () => {};
  let started = 0;
  let running = 0;
  const start = (index: number) => {
    running++;
    const run = runs[index]!;
    new Promise((begin) => begin(run(args, context))).then(
      (returned) => settled.push({ index, returned }),
      (thrown) => settled.push({ index, thrown: { is: thrown } }),
    ).then(() => wake());
  };
  try {
    while (started < runs.length || running > 0) {
      while (started < runs.length && running < concurrency) start(started++);
      // One that has been handed out already may still wake.
      while (settled.length === 0) await new Promise<void>((resolve) => wake = resolve);
      const next = settled.shift()!;
      running--;
      if (next.thrown !== undefined) throw planFailure(plan, next.index, next.thrown.is);
      if (isResult(next.returned, keepNull)) yield next.returned;
    }
  } finally {
    context.end();
  }
}
