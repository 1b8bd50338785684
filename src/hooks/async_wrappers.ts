/**
 * Wrappers of async hooks. They do what those of sync hooks do, and wait for each step, and for nothing else: each
 * function that waits in between costs as much as the wrapper itself.
 *
 * @module
 */

import { isAbout, isThenable, teardownFailure, wrapperFailureOf } from "./failure.ts";
import type { RegisteredImpl } from "./impl.ts";
import { limited, type Limits } from "./limits.ts";
import { Outcome } from "./outcome.ts";
import type { Arguments, Run } from "./plan.ts";
import type { ImplContext } from "./types.ts";
import { neverYields, type Report, requireArguments, requireGenerator, yieldsTwice } from "./wrappers.ts";

/** A generator of either kind: `await` makes no difference between what they give. */
type AnyGenerator = AsyncGenerator<unknown, unknown, unknown> | Generator<unknown, unknown, unknown>;

type Step = IteratorResult<unknown> | Promise<IteratorResult<unknown>>;

/** A wrapper of an async hook, and what may end it early. */
export interface AsyncWrapper {
  readonly impl: RegisteredImpl;
  readonly limits: Limits | undefined;
}

/**
 * Puts wrappers around the inside of an async hook. What comes of it answers with a promise, whatever happens.
 *
 * @param wrappers The wrappers, outermost first.
 */
export function wrapAsync(wrappers: readonly AsyncWrapper[], inside: Run, report: Report): Run {
  let run = inside;
  for (let end = wrappers.length; end > 0;) {
    const { impl, limits } = wrappers[end - 1]!;
    let start = end - 1;
    if (impl.kind === "generator") {
      while (start > 0 && wrappers[start - 1]!.impl.kind === "generator") start--;
      run = generators(wrappers.slice(start, end), run);
    } else {
      run = impl.kind === "middleware" ? middleware(impl, run, limits) : outcome(impl, run, limits, report);
    }
    end = start;
  }
  return run;
}

type Next = (args?: Arguments) => Promise<unknown>;
type MiddlewareRun = (this: void, next: Next, args: Arguments, context?: ImplContext) => unknown;

function middleware(impl: RegisteredImpl, inner: Run, limits: Limits | undefined): Run {
  const run = impl.run as MiddlewareRun;
  const around = limits === undefined ? run : limitedMiddleware(impl, run, limits);
  const fail = (thrown: unknown): never => {
    throw wrapperFailureOf(impl, thrown);
  };
  return (args) => {
    const next: Next = (given) => {
      if (given === undefined) return inner(args) as Promise<unknown>;
      try {
        return inner(requireArguments(impl, given)) as Promise<unknown>;
      } catch (error) {
        return Promise.reject(error);
      }
    };
    try {
      const answer = around(next, args);
      return (answer instanceof Promise ? answer : Promise.resolve(answer)).then(undefined, fail);
    } catch (thrown) {
      return Promise.reject(wrapperFailureOf(impl, thrown));
    }
  };
}

function limitedMiddleware(impl: RegisteredImpl, run: MiddlewareRun, limits: Limits): MiddlewareRun {
  return (next, args) =>
    limited((context, pause) => run((given) => pause(() => next(given)), args, context), limits, impl);
}

/**
 * Generators that follow each other: all are started from the outside in and ended from the inside out by one function,
 * as if each were around the next, because a function for each would wait once more for each.
 */
function generators(wrappers: readonly AsyncWrapper[], inner: Run): Run {
  const starts = wrappers.map(({ impl, limits }) => starter(impl, limits));
  const steps = wrappers.map(({ impl, limits }) => stepsOf(impl, limits));
  return async (args) => {
    const started: AnyGenerator[] = [];
    let result: unknown;
    let failed = false;
    try {
      for (let index = 0; index < starts.length; index++) {
        const wrapper = starts[index]!(args);
        if ((await steps[index]!.next(wrapper)).done) throw neverYields(wrappers[index]!.impl);
        started.push(wrapper);
      }
      result = await inner(args);
    } catch (thrown) {
      failed = true;
      result = started.length < starts.length ? wrapperFailureOf(wrappers[started.length]!.impl, thrown) : thrown;
    }
    for (let index = started.length - 1; index >= 0; index--) {
      const { next, fail } = steps[index]!;
      try {
        const last = await (failed ? fail : next)(started[index]!, result);
        result = last.done ? last.value : await refuse(wrappers[index]!.impl, started[index]!);
        if (isThenable(result)) result = await result;
        failed = false;
      } catch (thrown) {
        failed = true;
        result = wrapperFailureOf(wrappers[index]!.impl, thrown);
      }
    }
    if (failed) throw result;
    return result;
  };
}

function outcome(impl: RegisteredImpl, inner: Run, limits: Limits | undefined, report: Report): Run {
  const start = starter(impl, limits);
  const { next } = stepsOf(impl, limits);
  return async (args) => {
    try {
      const wrapper = start(args);
      if ((await next(wrapper)).done) throw neverYields(impl);
      const came = await attempt(() => inner(args));
      const { error } = came;
      let last: IteratorResult<unknown>;
      try {
        last = await next(wrapper, came);
      } catch (thrown) {
        if (thrown !== error && !isAbout(thrown, impl)) report(teardownFailure(impl, thrown));
        throw thrown;
      }
      return last.done ? came.get() : await refuse(impl, wrapper);
    } catch (thrown) {
      throw wrapperFailureOf(impl, thrown);
    }
  };
}

/** Starts a generator. It outlives its steps, so what it gets is the signal of the call. */
function starter(impl: RegisteredImpl, limits: Limits | undefined): (args: Arguments) => AnyGenerator {
  const run = impl.run as (this: void, args: Arguments, context?: ImplContext) => AnyGenerator;
  const { signal } = limits ?? {};
  const context = signal && { signal };
  return (args) => requireGenerator(impl, run(args, context));
}

type Take = (wrapper: AnyGenerator, value?: unknown) => Step;

const next: Take = (wrapper, value) => wrapper.next(value);
const fail: Take = (wrapper, thrown) => wrapper.throw(thrown);

/** The steps of a generator, within its limits: the time before its yield, and that after. */
function stepsOf(impl: RegisteredImpl, limits: Limits | undefined): { readonly next: Take; readonly fail: Take } {
  if (limits === undefined) return { next, fail };
  const within = (take: Take): Take => (wrapper, value) =>
    limited(() => take(wrapper, value), limits, impl) as Promise<IteratorResult<unknown>>;
  return { next: within(next), fail: within(fail) };
}

async function attempt(inner: () => unknown): Promise<Outcome> {
  try {
    return new Outcome(false, await inner());
  } catch (thrown) {
    return new Outcome(true, thrown);
  }
}

async function refuse(impl: RegisteredImpl, wrapper: AnyGenerator): Promise<never> {
  await wrapper.return(undefined);
  throw yieldsTwice(impl);
}
