/**
 * Wrappers of sync hooks. Each makes one function out of another: what is outside calls what is inside. Each kind has
 * its function to itself, because with the parts that they share in another one a call would take two for each wrapper.
 *
 * @module
 */

import type { PlugmapError } from "../errors.ts";
import { isArguments, notArguments } from "./arguments.ts";
import { isAbout, isThenable, teardownFailure, unexpectedPromise, verdict, wrapperFailureOf } from "./failure.ts";
import { type RegisteredImpl, tagOf } from "./impl.ts";
import { Outcome } from "./outcome.ts";
import type { Arguments, Run } from "./plan.ts";

/** Gets what is worth telling and ends nothing. */
export type Report = (diagnostic: PlugmapError) => void;

type SyncGenerator = Generator<unknown, unknown, unknown>;

/** Puts a wrapper around the inside of a sync hook. */
export function wrapSync(impl: RegisteredImpl, inner: Run, report: Report): Run {
  if (impl.kind === "middleware") return middleware(impl, inner);
  return impl.kind === "generator" ? generator(impl, inner) : outcome(impl, inner, report);
}

function middleware(impl: RegisteredImpl, inner: Run): Run {
  const run = impl.run as (this: void, next: (args?: Arguments) => unknown, args: Arguments) => unknown;
  return (args) => {
    try {
      const answer = run((given) => inner(given === undefined ? args : requireArguments(impl, given)), args);
      if (isThenable(answer)) throw unexpectedPromise(impl, answer);
      return answer;
    } catch (thrown) {
      throw wrapperFailureOf(impl, thrown);
    }
  };
}

function generator(impl: RegisteredImpl, inner: Run): Run {
  const run = starter(impl);
  return (args) => {
    try {
      const wrapper = run(args);
      if (wrapper.next().done) throw neverYields(impl);
      let result: unknown;
      try {
        result = inner(args);
      } catch (thrown) {
        return finish(impl, wrapper, wrapper.throw(thrown));
      }
      return finish(impl, wrapper, wrapper.next(result));
    } catch (thrown) {
      throw wrapperFailureOf(impl, thrown);
    }
  };
}

function outcome(impl: RegisteredImpl, inner: Run, report: Report): Run {
  const run = starter(impl);
  return (args) => {
    try {
      const wrapper = run(args);
      if (wrapper.next().done) throw neverYields(impl);
      const came = attempt(() => inner(args));
      const { error } = came;
      let last: IteratorResult<unknown>;
      try {
        last = wrapper.next(came);
      } catch (thrown) {
        if (thrown !== error && !isAbout(thrown, impl)) report(teardownFailure(impl, thrown));
        throw thrown;
      }
      finish(impl, wrapper, last);
      const result = came.get();
      if (isThenable(result)) throw unexpectedPromise(impl, result);
      return result;
    } catch (thrown) {
      throw wrapperFailureOf(impl, thrown);
    }
  };
}

/** Starts a generator. Only hooks that nobody has declared can have wrappers that were not looked at when registered. */
function starter(impl: RegisteredImpl): (this: void, args: Arguments) => SyncGenerator {
  const run = impl.run as (this: void, args: Arguments) => SyncGenerator;
  if (tagOf(impl.run) === "GeneratorFunction") return run;
  return (args) => {
    const wrapper = requireGenerator(impl, run(args));
    if (Symbol.asyncIterator in wrapper) throw unexpectedPromise(impl, undefined);
    return wrapper;
  };
}

/** @throws {PlugmapError} `hook-wrapper` for what is no generator. */
export function requireGenerator<Value extends { next?: unknown } | undefined>(
  impl: RegisteredImpl,
  wrapper: Value,
): Value {
  if (typeof wrapper?.next === "function") return wrapper;
  throw verdict("hook-wrapper", "The wrapper is no generator function", impl, { mend });
}

/** @throws What {@linkcode notArguments} makes, for what a wrapper hands on instead of the arguments. */
export function requireArguments(impl: RegisteredImpl, given: unknown): Arguments {
  if (isArguments(given)) return given;
  throw notArguments(impl.hook, given);
}

/** What comes of a function. */
function attempt(inner: () => unknown): Outcome {
  try {
    return new Outcome(false, inner());
  } catch (thrown) {
    return new Outcome(true, thrown);
  }
}

function finish(impl: RegisteredImpl, wrapper: SyncGenerator, { done, value }: IteratorResult<unknown>): unknown {
  if (!done) {
    wrapper.return(undefined);
    throw yieldsTwice(impl);
  }
  if (isThenable(value)) throw unexpectedPromise(impl, value);
  return value;
}

/** The error for a generator that ended without a yield. */
export function neverYields(impl: RegisteredImpl): PlugmapError {
  return verdict("hook-wrapper", "The wrapper did not yield", impl, { mend });
}

/** The error for a generator that did not end after its yield. */
export function yieldsTwice(impl: RegisteredImpl): PlugmapError {
  return verdict("hook-wrapper", "The wrapper yielded a second time", impl, { mend });
}

const mend = "A wrapper yields exactly once.";
