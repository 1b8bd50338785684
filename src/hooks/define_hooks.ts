import { quote } from "../errors.ts";
import type { DeclareHook } from "./hook_options.ts";
import { type Choice, isPlainObject, names, ownEntries, readOptions } from "./options.ts";
import { gathered, type Problem } from "./problems.ts";
import { isStandardSchema } from "./schema.ts";
import type { AnyHookSpec, HistoryOptions, HookMode, HookSpecs } from "./spec.ts";

/**
 * Declares a hook: the arguments it is called with and the result its implementations give.
 *
 * Modes `collect` and `first`, and the default order, are those of pluggy; `pipeline` is pluginkit's.
 *
 * @param options `mode`, `async`, `order` and more; for a pipeline `value`, the name of the threaded argument.
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

const table: Choice = { what: "a plain object", is: isPlainObject };
const schemaChoice: Choice = { what: "a Standard Schema", is: isStandardSchema };
const schemaChoices: ReadonlyMap<string, Choice> = new Map([["args", schemaChoice], ["result", schemaChoice]]);

const choices: ReadonlyMap<string, Choice> = new Map<string, Choice>([
  ["mode", ["collect", "first", "pipeline", "parallel", "race", "stream"]],
  ["async", [true, false]],
  ["order", ["lifo", "fifo"]],
  ["keepNull", [true, false]],
  ["value", "string"],
  ["historic", { what: "true, false or a limit", is: (value) => typeof value === "boolean" || isPlainObject(value) }],
  ["args", names],
  ["defaults", table],
  ["strict", [true, false]],
  ["deprecated", "string"],
  ["deprecatedArgs", table],
  ["schema", table],
  ["errors", ["stop", "collect", "isolate"]],
  ["timeLimit", { what: "a number of milliseconds", is: isPositive }],
  ["concurrency", { what: "a number from 1", is: (value) => isPositive(value) && value as number >= 1 }],
]);
const limitChoices: ReadonlyMap<string, Choice> = new Map([
  ["limit", { what: "a number from 1", is: (value: unknown) => isPositive(value) && value as number >= 1 }],
]);

function isPositive(value: unknown): boolean {
  return typeof value === "number" && value > 0;
}

/** What a hook is that nobody declared. */
export const undeclared: AnyHookSpec = Object.freeze({
  mode: "collect",
  async: false,
  order: "lifo",
  keepNull: false,
  value: undefined,
  historic: undefined,
  args: undefined,
  defaults: undefined,
  strict: false,
  deprecated: undefined,
  deprecatedArgs: undefined,
  schema: undefined,
  errors: "stop",
  timeLimit: undefined,
  concurrency: Number.POSITIVE_INFINITY,
});

/** Reads options, or a spec again: both look the same, so a spec from another copy of this module is as good as ours. */
function readSpec(options: unknown, name: string | undefined, problems: Problem[]): AnyHookSpec {
  if (!isPlainObject(options)) {
    problems.push(specProblem(name, "The spec is not a plain object of options"));
    return undeclared;
  }
  const found: string[] = [];
  const refuse = (text: string) => found.push(text);
  const read = readOptions(options, choices, refuse) as unknown as Partial<AnyHookSpec> & { historic?: unknown };
  const mode = read.mode ?? "collect";
  const spec: AnyHookSpec = {
    ...undeclared,
    ...read,
    async: read.async ?? alwaysAsync.has(mode),
    historic: readHistoric(read.historic, refuse),
    args: read.args && Object.freeze([...read.args]),
    defaults: read.defaults && readTable("defaults", read.defaults, refuse),
    deprecatedArgs: read.deprecatedArgs && readTable("deprecatedArgs", read.deprecatedArgs, refuse, "string"),
    schema: read.schema && Object.freeze(readOptions(read.schema, schemaChoices, refuse)),
  };
  // What options say together means nothing while one of them alone is wrong.
  if (found.length === 0) found.push(...contradictions(spec));
  for (const text of found) problems.push(specProblem(name, text));
  return Object.freeze(spec);
}

function readHistoric(historic: unknown, refuse: (text: string) => void): HistoryOptions | undefined {
  if (historic === undefined || historic === false) return undefined;
  const options = historic === true ? {} : readOptions(historic as object, limitChoices, refuse);
  return Object.freeze({ limit: Number.POSITIVE_INFINITY, ...options });
}

/** A frozen copy without a prototype. */
function readTable<Value>(
  option: string,
  given: object,
  refuse: (text: string) => void,
  type?: "string",
): Readonly<Record<string, Value>> {
  const copy: Record<string, Value> = Object.create(null);
  for (const [name, value] of ownEntries(given, (name, text) => refuse(`${quote(name)} in ${quote(option)} ${text}`))) {
    copy[name] = value as Value;
    if (type !== undefined && typeof value !== type) refuse(`${quote(name)} in ${quote(option)} is not a ${type}`);
  }
  return Object.freeze(copy);
}

const alwaysAsync: ReadonlySet<HookMode> = new Set(["parallel", "race", "stream"]);

function contradictions(spec: AnyHookSpec): string[] {
  const { mode, async, value, historic, args, strict, timeLimit, concurrency } = spec;
  const found: string[] = [];
  const say = (wrong: boolean, text: string) => wrong && found.push(text);
  say(mode === "pipeline" && value === undefined, 'Option "value" does not name the argument to thread');
  say(mode !== "pipeline" && value !== undefined, `Option "value" is for mode pipeline, and the mode is ${mode}`);
  say(alwaysAsync.has(mode) && !async, `Mode ${mode} is async, and option "async" is false`);
  say(historic !== undefined && mode !== "collect", `Only mode collect can be historic, and the mode is ${mode}`);
  say(mode !== "stream" && concurrency < Infinity, `Option "concurrency" is for mode stream, and the mode is ${mode}`);
  say(timeLimit !== undefined && !async, 'Option "timeLimit" is for async hooks');
  say(strict && args === undefined, 'Option "strict" needs "args", the names to be strict about');
  if (args === undefined) {
    say(spec.deprecatedArgs !== undefined, 'Option "deprecatedArgs" needs "args", which they are among');
    return found;
  }
  const named = [value ?? [], Object.keys(spec.defaults ?? {}), Object.keys(spec.deprecatedArgs ?? {})].flat();
  for (const name of named) say(!args.includes(name), `Option "args" does not list argument ${quote(name)}`);
  return found;
}

function specProblem(hook: string | undefined, text: string): Problem {
  return { code: "hook-spec-invalid", hook, text };
}
