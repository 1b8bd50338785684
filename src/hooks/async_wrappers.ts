/**
 * Wrappers of async hooks. They do what those of sync hooks do, and wait for each step.
 *
 * @module
 */

import { teardownFailure, wrapperFailureOf } from "./failure.ts";
import type { RegisteredImpl } from "./impl.ts";
import { limited, type Limits } from "./limits.ts";
import { Outcome } from "./outcome.ts";
import type { Arguments, Run } from "./plan.ts";
import type { ImplContext } from "./types.ts";
import { neverYields, type Report, requireArguments, requireGenerator, yieldsTwice } from "./wrappers.ts";

/** A generator of either kind: `await` makes no difference between what they give. */
type AnyGenerator = AsyncGenerator<unknown, unknown, unknown> | Generator<unknown, unknown, unknown>;

type GeneratorRun = (this: void, args: Arguments, context: ImplContext | undefined) => AnyGenerator;

/** What a wrapper is made of. */
interface Parts {
  readonly impl: RegisteredImpl;
  /** What it is around. */
  readonly inner: Run;
  /** What may end it early; `undefined` if nothing may. */
  readonly limits: Limits | undefined;
  readonly report: Report;
}

/** Puts a wrapper around the inside of an async hook. */
export function wrapAsync(impl: RegisteredImpl, inner: Run, limits: Limits | undefined, report: Report): Run {
  const around = kinds[impl.kind as keyof typeof kinds]({ impl, inner, limits, report });
  return async (args) => {
    try {
      return await around(args);
    } catch (thrown) {
      throw wrapperFailureOf(impl, thrown);
    }
  };
}

const kinds = { middleware, generator, outcome };

function middleware({ impl, inner, limits }: Parts): Run {
  const run = impl.run as (
    this: void,
    next: (args?: Arguments) => Promise<unknown>,
    args: Arguments,
    context: ImplContext | undefined,
  ) => unknown;
  // Async, so that a wrapper that hands on the wrong thing gets a rejection, as with everything that goes wrong inside.
  const nextOf = (args: Arguments) => async (given?: Arguments): Promise<unknown> =>
    await inner(given === undefined ? args : requireArguments(impl, given));
  if (limits === undefined) return (args) => run(nextOf(args), args, undefined);
  return (args) =>
    limited(
      (context, pause) => {
        const next = nextOf(args);
        return run((given) => pause(() => next(given)), args, context);
      },
      limits,
      impl,
    );
}

function generator({ impl, inner, limits }: Parts): Run {
  const run = impl.run as GeneratorRun;
  const step = stepper(impl, limits);
  return async (args) => {
    const wrapper = requireGenerator(impl, run(args, contextOf(limits)));
    if ((await step(() => wrapper.next())).done) throw neverYields(impl);
    let result: unknown;
    try {
      result = await inner(args);
    } catch (thrown) {
      return await finish(impl, wrapper, await step(() => wrapper.throw(thrown)));
    }
    return await finish(impl, wrapper, await step(() => wrapper.next(result)));
  };
}

function outcome({ impl, inner, limits, report }: Parts): Run {
  const run = impl.run as GeneratorRun;
  const step = stepper(impl, limits);
  return async (args) => {
    const wrapper = requireGenerator(impl, run(args, contextOf(limits)));
    if ((await step(() => wrapper.next())).done) throw neverYields(impl);
    const came = await attempt(() => inner(args));
    const { error } = came;
    let last: IteratorResult<unknown>;
    try {
      last = await step(() => wrapper.next(came));
    } catch (thrown) {
      if (thrown !== error) report(teardownFailure(impl, thrown));
      throw thrown;
    }
    await finish(impl, wrapper, last);
    return came.get();
  };
}

type Step = IteratorResult<unknown> | Promise<IteratorResult<unknown>>;

/** Takes the steps of a generator within its limits: the time before its yield, and that after. */
function stepper(impl: RegisteredImpl, limits: Limits | undefined): (take: () => Step) => Step {
  if (limits === undefined) return (take) => take();
  return (take) => limited(take, limits, impl) as Promise<IteratorResult<unknown>>;
}

/** Generators outlive their steps, so what they get is the signal of the call. */
function contextOf(limits: Limits | undefined): ImplContext | undefined {
  const { signal } = limits ?? {};
  return signal && { signal };
}

async function attempt(inner: () => unknown): Promise<Outcome> {
  try {
    return new Outcome(false, await inner());
  } catch (thrown) {
    return new Outcome(true, thrown);
  }
}

async function finish(
  impl: RegisteredImpl,
  wrapper: AnyGenerator,
  { done, value }: IteratorResult<unknown>,
): Promise<unknown> {
  if (done) return value;
  await wrapper.return(undefined);
  throw yieldsTwice(impl);
}
