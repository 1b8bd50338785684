import { isArguments } from "./arguments.ts";
import { evaluate } from "./generated.ts";
import type { Run } from "./plan.ts";
import type { CallOptions } from "./types.ts";

/** The function that calls a hook. */
export type Call = (args: object, options?: CallOptions) => unknown;

/** What a plain call runs. */
export interface Target {
  readonly entry: Run;
  readonly fast: Run | undefined;
}

/** What a call function is made of. */
export interface CallParts {
  readonly target: Target;
  /** Takes the calls that are not plain. */
  readonly special: Call;
}

/** Makes a call function. */
export function plainCall({ target, special }: CallParts): Call {
  return (args, options) => {
    if (options !== undefined || !isArguments(args)) return special(args, options);
    const { fast } = target;
    return fast === undefined ? target.entry(args) : fast(args);
  };
}

/**
 * Makes the same functions from text, one for each hook, for the reason that loops are written out for: what the engine
 * learns about such a function is then about that hook. One text for all of them takes a fraction of the time of many.
 *
 * @returns `undefined` where code must not be generated.
 */
export function generatedCalls(parts: readonly CallParts[]): readonly Call[] | undefined {
  // Terse, because engines read it before the first call.
  const calls = parts.map((_, index) =>
    `function call(args,options){if(options!==undefined||typeof args!="object"||args===null||isArray(args))` +
    `return special${index}(args,options);const{fast}=target${index};` +
    `return fast===undefined?target${index}.entry(args):fast(args)}`
  );
  const scope: Record<string, unknown> = { isArray: Array.isArray };
  for (const [index, { target, special }] of parts.entries()) {
    scope[`target${index}`] = target;
    scope[`special${index}`] = special;
  }
  return evaluate(`return [${calls.join(",")}];`, scope) as readonly Call[] | undefined;
}
