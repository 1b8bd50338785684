import { PlugmapError, quote } from "../errors.ts";
import { runDetailed } from "./detailed.ts";
import type { HookState } from "./hook_state.ts";
import type { Arguments } from "./plan.ts";
import type { AnyHookSpec } from "./spec.ts";
import type { HookCall } from "./types.ts";

/** Makes the function that calls a hook. */
export function createCall(hook: HookState): HookCall<AnyHookSpec> {
  function call(args: unknown): unknown {
    if (arguments.length !== 1 || !isArguments(args, hook.spec)) return refuse(hook, arguments);
    const { plan } = hook;
    return plan.loop(plan, args);
  }
  function detailed(args: unknown): unknown {
    if (arguments.length !== 1 || !isArguments(args, hook.spec)) return refuse(hook, arguments);
    return runDetailed(hook.plan, args);
  }
  return Object.freeze(Object.assign(call, { detailed })) as HookCall<AnyHookSpec>;
}

function isArguments(args: unknown, { value }: AnyHookSpec): args is Arguments {
  return typeof args === "object" && args !== null && !Array.isArray(args) &&
    (value === undefined || Object.hasOwn(args, value));
}

/** Throws, or rejects where the caller awaits. */
function refuse({ name, spec }: HookState, given: ArrayLike<unknown>): Promise<never> {
  const error = new PlugmapError("hook-arguments", argumentsProblem(given, spec), {
    hook: name,
    step: "call",
    mend: "Call it with one object of named arguments.",
  });
  if (spec.async) return Promise.reject(error);
  throw error;
}

function argumentsProblem(given: ArrayLike<unknown>, { value }: AnyHookSpec): string {
  const [args] = Array.from(given);
  if (given.length !== 1) return `The call has ${given.length} arguments`;
  if (args === null) return "The argument of the call is null";
  if (Array.isArray(args)) return "The argument of the call is an array";
  if (typeof args !== "object") return `The argument of the call is of type ${typeof args}`;
  return `The call lacks argument ${quote(value!)}, which the pipeline threads`;
}
