import { PlugmapError } from "../errors.ts";
import { isArguments, notArguments } from "./arguments.ts";
import { compile } from "./compile.ts";
import type { CallScope } from "./decorate.ts";
import { abortedCall, directCall, notHistoric, raise } from "./failure.ts";
import { callHistoric } from "./historic.ts";
import type { OnResult } from "./history.ts";
import { type HookState, Subset } from "./hook_state.ts";
import { isPlainObject } from "./options.ts";
import { type Call, type CallParts, generatedCalls, plainCall, type Target } from "./plain_call.ts";
import { readExtras } from "./read_impls.ts";
import type { AnyHookCall, Attributed, CallOptions } from "./types.ts";

/** Makes the functions that call hooks. */
export function createCalls(states: readonly HookState[], codeGeneration: boolean): readonly AnyHookCall[] {
  const parts = states.map((state) => partsOf(state, new Set()));
  const generated = codeGeneration && parts.length > 0 ? generatedCalls(parts) : undefined;
  return parts.map((part, index) => withMethods(generated?.[index] ?? plainCall(part), part));
}

/** Makes the function that calls a hook by way of a name, or a subset of it. */
export function createCall(state: HookState, without: ReadonlySet<string> = new Set()): AnyHookCall {
  const parts = partsOf(state, without);
  return withMethods(plainCall(parts), parts);
}

/** What a call function is made of, and what hangs on it. */
interface Parts extends CallParts {
  readonly methods: { readonly [Name in keyof AnyHookCall]: AnyHookCall[Name] };
}

function withMethods(call: Call, { methods }: Parts): AnyHookCall {
  return Object.freeze(Object.assign(call, methods));
}

function partsOf(state: HookState, without: ReadonlySet<string>): Parts {
  const target: Target = without.size === 0 ? state : new Subset(state, without);
  const refuse = (error: PlugmapError) => raise(error, state.spec);
  const isHistoric = () => state.spec.historic !== undefined;

  /** A call that is not plain compiles a function of its own. */
  function special(extras: readonly unknown[], args: unknown, options: unknown, scope: CallScope = {}): unknown {
    if (isHistoric()) return refuse(directCall(state.name));
    try {
      const signal = readOptions(options, state.name);
      if (!isArguments(args)) throw notArguments(state.name, args);
      if (signal?.aborted) throw abortedCall(state.name, signal);
      const source = state.source(readExtras(extras, state), without);
      return compile(source, state.ground, { ...scope, signal })(args);
    } catch (error) {
      return refuse(error as PlugmapError);
    }
  }

  function detailed(args: object, options?: CallOptions): unknown {
    const { mode, async } = state.spec;
    // One for each implementation in the order of starting, whichever is done first.
    const started: { attributed?: Attributed<unknown> }[] = [];
    let first: Attributed<unknown> | undefined;
    const record = (plugin: string) => {
      const slot: { attributed?: Attributed<unknown> } = {};
      const start = performance.now();
      started.push(slot);
      return (result: unknown): unknown => {
        const attributed = { plugin, result, duration: performance.now() - start };
        first ??= attributed;
        slot.attributed = attributed;
        // A stream hands results out before it is at its end.
        return mode === "stream" ? attributed : result;
      };
    };
    const answer = () =>
      mode === "first" || mode === "race" ? first : started.flatMap(({ attributed }) => attributed ?? []);
    const ran = special([], args, options, { record });
    if (mode === "stream") return ran;
    return async ? (ran as Promise<unknown>).then(answer) : answer();
  }

  function historic(args: object, onResult?: OnResult, options?: CallOptions): unknown {
    if (!isHistoric()) return refuse(notHistoric(state.name));
    try {
      const signal = readOptions(options, state.name);
      if (!isArguments(args)) throw notArguments(state.name, args);
      if (signal?.aborted) throw abortedCall(state.name, signal);
      return callHistoric(state, without, args, onResult, signal);
    } catch (error) {
      return refuse(error as PlugmapError);
    }
  }

  const methods = {
    detailed,
    callExtra: (extras: readonly unknown[], args: object, options?: CallOptions) => special(extras, args, options),
    subset: (names: readonly string[]) => createCall(state, new Set([...without, ...readNames(names, state.name)])),
    callHistoric: historic,
    history: () => state.history.list(),
    clearHistory: () => state.history.clear(),
  };
  return { target, special: (args, options) => special([], args, options), methods };
}

/** @throws {PlugmapError} `hook-arguments` for what is no list of names. */
function readNames(given: unknown, hook: string): readonly string[] {
  if (Array.isArray(given) && given.every((name) => typeof name === "string")) return given;
  throw new PlugmapError("hook-arguments", "A subset is made without something that is no list of names", {
    hook,
    mend: "Give it a list of names of plugins.",
  });
}

/** @throws {PlugmapError} `hook-arguments` for a second argument that is no options, such as one meant for the hook. */
function readOptions(options: unknown, hook: string): AbortSignal | undefined {
  if (options === undefined) return undefined;
  const { signal, ...others } = isPlainObject(options) ? options as CallOptions : { options };
  if (Object.keys(others).length === 0 && (signal === undefined || signal instanceof AbortSignal)) return signal;
  throw new PlugmapError("hook-arguments", 'The second argument of the call is not an object with a "signal"', {
    hook,
    step: "call",
    mend: "Call it with one object of named arguments, and if need be with one of options.",
  });
}
