import { messageOf, PlugmapError, quote } from "../errors.ts";
import { attribute, isThenable } from "./failure.ts";
import type { Arguments } from "./plan.ts";
import { accepted, type StandardResult } from "./schema.ts";
import type { AnyHookSpec } from "./spec.ts";

/** Whether a value can be the arguments of a call: one object of named ones. */
export function isArguments(value: unknown): value is Arguments {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws {PlugmapError} `hook-arguments` unless a pipeline has a value to thread, as a property of its own. */
export function requireValue(hook: string, name: string, args: Arguments): void {
  if (Object.hasOwn(args, name)) return;
  const problem = `The call lacks argument ${quote(name)}, which the pipeline threads`;
  throw attribute(new PlugmapError("hook-arguments", problem, { hook, step: "call" }));
}

/** The error for what {@linkcode isArguments} does not accept. */
export function notArguments(hook: string, given: unknown): PlugmapError {
  const is = given === null ? "null" : Array.isArray(given) ? "an array" : `of type ${typeof given}`;
  const mend = "Call it with one object of named arguments.";
  return attribute(
    new PlugmapError("hook-arguments", `The argument of the call is ${is}`, { hook, step: "call", mend }),
  );
}

/** Arguments, and whether some that the spec declares are missing. */
export interface PreparedArguments {
  readonly args: Arguments;
  readonly incomplete: boolean;
}

/** Whether the spec says anything about arguments, so that calls have to go through {@linkcode prepareArguments}. */
export function hasArgumentRules({ args, defaults, schema }: AnyHookSpec): boolean {
  return args !== undefined || defaults !== undefined || schema?.args !== undefined;
}

/**
 * Fills in defaults, looks for missing and unknown arguments, and lets the schema have its say, in this order.
 *
 * @param report Gets `hook-argument-missing` where the spec is not strict.
 * @returns The arguments to go on with; a promise of them if the schema is async.
 * @throws {PlugmapError} `hook-argument-missing`, `hook-argument-unknown` or `hook-schema`.
 */
export function prepareArguments(
  hook: string,
  spec: AnyHookSpec,
  given: Arguments,
  report: (diagnostic: PlugmapError) => void,
): PreparedArguments | Promise<PreparedArguments> {
  const { defaults, strict, schema } = spec;
  const args = defaults === undefined ? given : { ...defaults, ...given };
  const declared = spec.args ?? [];
  const missing = declared.filter((name) => !Object.hasOwn(args, name));
  const incomplete = missing.length > 0;
  if (incomplete) {
    const error = problem("hook-argument-missing", `The call lacks ${listed(missing)}, which the spec declares`);
    if (strict) throw error;
    report(error);
  }
  if (strict) {
    const unknown = Object.keys(given).filter((name) => !declared.includes(name));
    if (unknown.length > 0) {
      throw problem("hook-argument-unknown", `The call has ${listed(unknown)}, which the spec does not declare`);
    }
  }
  if (schema?.args === undefined) return { args, incomplete };
  const result = attempt(() => schema.args!["~standard"].validate(args));
  if (!isThenable(result)) return { args: accept(result), incomplete };
  const settled = Promise.resolve(result).then((settled) => ({ args: accept(settled), incomplete }), broken);
  if (spec.async) return settled;
  settled.catch(() => {});
  throw problem("hook-async", "The schema of the arguments is async, but the hook is sync");

  function attempt<Value>(validate: () => Value): Value {
    try {
      return validate();
    } catch (thrown) {
      return broken(thrown);
    }
  }

  function broken(thrown: unknown): never {
    throw problem("hook-schema", `The schema of the arguments failed: ${messageOf(thrown)}`, thrown);
  }

  function accept(result: StandardResult<unknown>): Arguments {
    return accepted(result, "The arguments break", (text) => problem("hook-schema", text), isArguments) as Arguments;
  }

  function problem(code: PlugmapError["code"], text: string, cause?: unknown): PlugmapError {
    return new PlugmapError(code, text, { hook, step: "call", cause });
  }
}

function listed(names: readonly string[]): string {
  return `${names.length === 1 ? "argument" : "arguments"} ${names.map(quote).join(", ")}`;
}
