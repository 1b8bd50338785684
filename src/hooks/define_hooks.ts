import type { DeclareHook } from "./hook_options.ts";
import { type Choice, isPlainObject, ownEntries, readOptions } from "./options.ts";
import { gathered, type Problem } from "./problems.ts";
import type { AnyHookSpec, HookSpecs } from "./spec.ts";

/**
 * Declares a hook: the arguments it is called with and the result its implementations give.
 *
 * Modes `collect` and `first`, and the default order, are those of pluggy; `pipeline` is pluginkit's.
 *
 * @param options `mode`, `async`, `order`, `keepNull`, and for a pipeline `value`, the name of the threaded argument.
 * @returns A frozen spec for {@linkcode defineHooks}.
 * @throws {PlugmapError} `hook-spec-invalid` for unknown or contradictory options.
 *
 * @example Declare one hook of each mode
 * ```ts
 * import { hook } from "@plugmap/plugmap/hooks";
 * import { assertEquals } from "@std/assert";
 *
 * const routes = hook<{ app: string }, string>();
 * const find = hook<{ id: number }, string>({ mode: "first", async: true });
 * const render = hook<{ text: string; path: string }, string>({ mode: "pipeline", value: "text" });
 *
 * assertEquals([routes.mode, find.async, render.value], ["collect", true, "text"]);
 * ```
 */
export const hook: DeclareHook = ((options: unknown = {}) => {
  const problems: Problem[] = [];
  const spec = readSpec(options, undefined, problems);
  if (problems.length > 0) throw gathered(problems, "hook-spec-invalid");
  return spec;
}) as DeclareHook;

/**
 * Makes a table of hook specs: checked, frozen and without a prototype, so that every name is an ordinary name.
 *
 * @param specs Specs by hook name, each made by {@linkcode hook}.
 * @returns A frozen copy.
 * @throws {PlugmapError} `hook-spec-invalid` with everything that is wrong with the table.
 *
 * @example Declare the hooks of a host
 * ```ts
 * import { defineHooks, hook } from "@plugmap/plugmap/hooks";
 * import { assertEquals } from "@std/assert";
 *
 * const hooks = defineHooks({ greeting: hook<{ name: string }, string>() });
 *
 * assertEquals(Object.keys(hooks), ["greeting"]);
 * assertEquals(Object.isFrozen(hooks), true);
 * ```
 */
export function defineHooks<const Specs extends HookSpecs>(specs: Specs): Specs {
  const problems: Problem[] = [];
  const table: Record<string, AnyHookSpec> = Object.create(null);
  if (isPlainObject(specs)) {
    const refuse = (name: string, text: string) => problems.push(specProblem(name, `The spec ${text}`));
    for (const [name, spec] of ownEntries(specs, refuse)) table[name] = readSpec(spec, name, problems);
  } else {
    problems.push(specProblem(undefined, "The table of hook specs is not a plain object"));
  }
  if (problems.length > 0) throw gathered(problems, "hook-spec-invalid");
  return Object.freeze(table) as Specs;
}

const choices: ReadonlyMap<string, Choice> = new Map<string, Choice>([
  ["mode", ["collect", "first", "pipeline"]],
  ["async", [true, false]],
  ["order", ["lifo", "fifo"]],
  ["keepNull", [true, false]],
  ["value", "string"],
]);
const defaults: AnyHookSpec = { mode: "collect", async: false, order: "lifo", keepNull: false, value: undefined };

/** Reads options, or a spec again: both look the same, so a spec from another copy of this module is as good as ours. */
function readSpec(options: unknown, name: string | undefined, problems: Problem[]): AnyHookSpec {
  if (!isPlainObject(options)) {
    problems.push(specProblem(name, "The spec is not a plain object of options"));
    return defaults;
  }
  const found: string[] = [];
  const spec: AnyHookSpec = { ...defaults, ...readOptions(options, choices, (text) => found.push(text)) };
  // What options say together means nothing while one of them alone is wrong.
  if (found.length === 0) found.push(...contradictions(spec));
  for (const text of found) problems.push(specProblem(name, text));
  return Object.freeze(spec);
}

function contradictions({ mode, value }: AnyHookSpec): string[] {
  if (mode === "pipeline") return value === undefined ? ['Option "value" does not name the argument to thread'] : [];
  return value === undefined ? [] : [`Option "value" is for mode pipeline, and the mode is ${mode}`];
}

function specProblem(hook: string | undefined, text: string): Problem {
  return { code: "hook-spec-invalid", hook, text };
}
