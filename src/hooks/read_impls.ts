import { messageOf, PlugmapError, quote } from "../errors.ts";
import type { Band, HookState, RegisteredImpl } from "./hook_state.ts";
import { type Choice, isPlainObject, ownEntries, readOptions } from "./options.ts";
import type { Run } from "./plan.ts";
import { gathered, type Problem } from "./problems.ts";

/**
 * Reads what a plugin wants to register. No code of the plugin runs, and nothing is registered yet.
 *
 * @param plugin Name of the plugin.
 * @param impls Its implementations by hook name.
 * @param hooks The declared hooks.
 * @returns The implementations, ready to be added to their hooks.
 * @throws {PlugmapError} `hook-unknown` if all that is wrong is that hooks are unknown, else `hook-impl-invalid`.
 */
export function readImpls(
  plugin: string,
  impls: unknown,
  hooks: ReadonlyMap<string, HookState>,
): readonly RegisteredImpl[] {
  const problems: Problem[] = [];
  const read = attemptRead(plugin, () => readTable(plugin, impls, hooks, problems));
  if (problems.length > 0) throw gathered(problems, "hook-impl-invalid", plugin);
  return read;
}

/** A proxy is an object whose every look runs code, and that code can throw. */
function attemptRead<Value>(plugin: string, read: () => Value): Value {
  try {
    return read();
  } catch (thrown) {
    throw new PlugmapError("hook-impl-invalid", `The implementations could not be read: ${messageOf(thrown)}`, {
      plugin,
      step: "register",
      cause: thrown,
    });
  }
}

function readTable(
  plugin: string,
  impls: unknown,
  hooks: ReadonlyMap<string, HookState>,
  problems: Problem[],
): RegisteredImpl[] {
  const refuse = (hook: string | undefined, text: string) => problems.push({ code: "hook-impl-invalid", hook, text });
  if (!isPlainObject(impls)) {
    refuse(undefined, "The implementations are not a plain object");
    return [];
  }
  const read: RegisteredImpl[] = [];
  for (const [name, impl] of ownEntries(impls, (name, text) => refuse(name, `The implementation ${text}`))) {
    const hook = hooks.get(name);
    if (hook === undefined) {
      problems.push(unknownHook(name, hooks));
      continue;
    }
    const found: string[] = [];
    const placed = readImpl(impl, hook.spec.async, found);
    for (const text of found) refuse(name, text);
    if (placed !== undefined) read.push({ hook, plugin, ...placed });
  }
  return read;
}

/** Says which hooks there are, because the name is most likely misspelt. */
export function unknownHook(hook: string, hooks: ReadonlyMap<string, HookState>): Problem {
  const declared = [...hooks.keys()].map(quote).join(", ");
  const mend = declared === "" ? "No hook is declared." : `The declared hooks are ${declared}.`;
  return { code: "hook-unknown", hook, text: "No spec declares the hook", mend };
}

/** The options of an implementation, once {@linkcode readOptions} has checked them against {@linkcode choices}. */
interface Options {
  readonly run?: Run;
  readonly tryFirst?: boolean;
  readonly tryLast?: boolean;
}

const choices: ReadonlyMap<string, Choice> = new Map<string, Choice>([
  ["run", "function"],
  ["tryFirst", [true, false]],
  ["tryLast", [true, false]],
]);

const AsyncFunction = (async () => {}).constructor as FunctionConstructor;

function readImpl(impl: unknown, async: boolean, found: string[]): { run: Run; band: Band } | undefined {
  const { run, tryFirst, tryLast } = readForm(impl, found);
  if (run === undefined && found.length === 0) found.push('Option "run" is missing');
  if (tryFirst && tryLast) found.push('Options "tryFirst" and "tryLast" contradict each other');
  // The call would find out as well, but this is when the plugin's author is looking.
  if (!async && run instanceof AsyncFunction) {
    found.push("The implementation is an async function, but the hook is sync");
  }
  return run && { run, band: tryFirst ? "tryFirst" : tryLast ? "tryLast" : "normal" };
}

function readForm(impl: unknown, found: string[]): Options {
  if (typeof impl === "function") return { run: impl as Run };
  if (isPlainObject(impl)) return readOptions(impl, choices, (text) => found.push(text));
  found.push('The implementation is neither a function nor an object with one as option "run"');
  return {};
}
