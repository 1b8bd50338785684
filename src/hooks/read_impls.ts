import { messageOf, PlugmapError, quote } from "../errors.ts";
import type { HookState } from "./hook_state.ts";
import { type ImplKind, type ImplRun, none, type RegisteredImpl } from "./impl.ts";
import { type Choice, isPlainObject, names, ownEntries, readOptions } from "./options.ts";
import { gathered, type Problem } from "./problems.ts";
import { problemsOf } from "./verify_impl.ts";

/** What a plugin wants to register, beside its implementations. */
export interface Registrant {
  readonly plugin: string;
  readonly place: number;
  readonly timeLimit: number | undefined;
}

/**
 * Reads what a plugin wants to register. No code of the plugin runs, and nothing is registered yet.
 *
 * @param impls Its implementations by hook name.
 * @param hooks The hooks that there are.
 * @param pend Whether implementations of unknown hooks are taken, to wait for a spec.
 * @returns The implementations, ready to be added to their hooks.
 * @throws {PlugmapError} `hook-unknown` if all that is wrong is that hooks are unknown, else `hook-impl-invalid`.
 */
export function readImpls(
  registrant: Registrant,
  impls: unknown,
  hooks: ReadonlyMap<string, HookState>,
  pend: boolean,
): readonly RegisteredImpl[] {
  const { plugin } = registrant;
  const problems: Problem[] = [];
  const read = attemptRead(plugin, () => readTable(registrant, impls, problems));
  for (const impl of read) {
    const spec = hooks.get(impl.hook)?.declaredSpec;
    if (spec !== undefined) problems.push(...problemsOf(impl, spec));
    else if (!pend && !impl.optional) problems.push(unknownHook(impl.hook, hooks));
  }
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

function readTable(registrant: Registrant, impls: unknown, problems: Problem[]): RegisteredImpl[] {
  const refuse = (hook: string | undefined, text: string) => problems.push({ code: "hook-impl-invalid", hook, text });
  if (!isPlainObject(impls)) {
    refuse(undefined, "The implementations are not a plain object");
    return [];
  }
  const read: RegisteredImpl[] = [];
  for (const [name, given] of ownEntries(impls, (name, text) => refuse(name, `The implementation ${text}`))) {
    const found: string[] = [];
    const impl = readImpl(given, name, registrant, read.length, found);
    for (const text of found) refuse(impl?.hook ?? name, text);
    if (impl !== undefined) read.push(impl);
  }
  return read;
}

/**
 * Reads implementations that take part in one call only.
 *
 * @throws {PlugmapError} `hook-impl-invalid`.
 */
export function readExtras(extras: unknown, state: HookState): readonly RegisteredImpl[] {
  if (!Array.isArray(extras)) {
    const problem: Problem = {
      code: "hook-impl-invalid",
      hook: state.name,
      text: "The extra implementations are no list",
    };
    throw gathered([problem], "hook-impl-invalid");
  }
  const registrant: Registrant = { plugin: extraPlugin, place: Infinity, timeLimit: undefined };
  const read = extras.map((given, index): RegisteredImpl => {
    const found: string[] = [];
    const impl = readImpl(given, state.name, registrant, index, found, extraChoices);
    const problems = found.map((text): Problem => ({ code: "hook-impl-invalid", hook: state.name, text }));
    // As in pluggy, one that takes part in a single call may take what only that call has.
    const spec = state.spec.strict ? state.spec : { ...state.spec, args: undefined };
    if (impl !== undefined) problems.push(...problemsOf(impl, spec));
    if (problems.length > 0) throw gathered(problems, "hook-impl-invalid", extraPlugin);
    return impl!;
  });
  return read;
}

/** Whom an extra implementation is attributed to. */
const extraPlugin = "(extra)";

/** Says which hooks there are, because the name is most likely misspelt. */
export function unknownHook(hook: string, hooks: ReadonlyMap<string, HookState>): Problem {
  const declared = [...hooks.values()].filter(({ declaredSpec }) => declaredSpec !== undefined)
    .map(({ name }) => quote(name)).join(", ");
  const mend = declared === "" ? "No hook is declared." : `The declared hooks are ${declared}.`;
  return { code: "hook-unknown", hook, text: "No spec declares the hook", mend };
}

/** The options of an implementation, once {@linkcode readOptions} has checked them against {@linkcode choices}. */
interface Options {
  readonly run?: ImplRun;
  readonly wrapper?: boolean | "outcome" | ImplRun;
  readonly args?: readonly string[];
  readonly tryFirst?: boolean;
  readonly tryLast?: boolean;
  readonly priority?: number;
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  readonly optional?: boolean;
  readonly target?: string;
}

const choices: ReadonlyMap<string, Choice> = new Map<string, Choice>([
  ["run", "function"],
  ["wrapper", {
    what: 'true, false, "outcome" or a function',
    is: (value) => typeof value === "boolean" || value === "outcome" || typeof value === "function",
  }],
  ["args", names],
  ["tryFirst", [true, false]],
  ["tryLast", [true, false]],
  ["priority", { what: "a finite number", is: Number.isFinite }],
  ["before", names],
  ["after", names],
  ["optional", [true, false]],
  ["target", "string"],
]);

/** What makes sense for a single call. */
const extraChoices: ReadonlyMap<string, Choice> = new Map<string, Choice>([["run", "function"], ["args", names]]);

function readImpl(
  given: unknown,
  name: string,
  registrant: Registrant,
  index: number,
  found: string[],
  allowed: ReadonlyMap<string, Choice> = choices,
): RegisteredImpl | undefined {
  if (typeof given === "function") return implOf(name, registrant, index, given as ImplRun, noOptions);
  const options = readForm(given, allowed, found);
  const { wrapper, tryFirst, tryLast, before = none, after = none } = options;
  const run = typeof wrapper === "function" ? wrapper : options.run;
  if (run === undefined && found.length === 0) found.push('Option "run" is missing');
  if (run !== options.run && options.run !== undefined) found.push('Options "run" and "wrapper" are both a function');
  if (tryFirst && tryLast) found.push('Options "tryFirst" and "tryLast" contradict each other');
  const { plugin } = registrant;
  if (before.includes(plugin) || after.includes(plugin)) found.push("It cannot run before or after itself");
  return run && implOf(name, registrant, index, run, options);
}

const noOptions: Options = {};

function implOf(
  name: string,
  { plugin, place, timeLimit }: Registrant,
  index: number,
  run: ImplRun,
  { wrapper, args, tryFirst, tryLast, priority = 0, before = none, after = none, optional = false, target }: Options,
): RegisteredImpl {
  return {
    hook: target ?? name,
    plugin,
    kind: kindOf(wrapper),
    run,
    band: tryFirst ? "tryFirst" : tryLast ? "tryLast" : "normal",
    priority,
    before: fixed(before),
    after: fixed(after),
    args: args && fixed(args),
    optional,
    timeLimit,
    place,
    index,
  };
}

/** A list that nobody else can change. */
function fixed(list: readonly string[]): readonly string[] {
  return list.length === 0 ? none : Object.freeze([...list]);
}

function kindOf(wrapper: Options["wrapper"]): ImplKind {
  if (typeof wrapper === "function") return "middleware";
  return wrapper === true ? "generator" : wrapper || "plain";
}

function readForm(given: unknown, allowed: ReadonlyMap<string, Choice>, found: string[]): Options {
  if (isPlainObject(given)) return readOptions(given, allowed, (text) => found.push(text));
  found.push('The implementation is neither a function nor an object with one as option "run"');
  return {};
}
