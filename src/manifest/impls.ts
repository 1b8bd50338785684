import {
  below,
  describe,
  type Place,
  type Problems,
  readRecord,
  readString,
  readStrings,
  readTable,
} from "../document.ts";
import { quote } from "../errors.ts";
import type { DeclaredImpl } from "./types.ts";

/** All that a manifest can say of an implementation: the options that it has in the code, without the function. */
export const implMembers: readonly string[] = [
  "target",
  "wrapper",
  "tryFirst",
  "tryLast",
  "priority",
  "before",
  "after",
  "args",
  "optional",
];

/** What the member `hooks` says, in either form. */
export interface DeclaredHooks {
  readonly hooks: readonly string[];
  readonly impls: ReadonlyMap<string, DeclaredImpl> | undefined;
}

/** The member `hooks`: the names of the hooks that the plugin is for, or what it implements. */
export function readHooks(
  value: unknown,
  place: Place,
  plugin: unknown,
  problems: Problems,
): DeclaredHooks | undefined {
  if (Array.isArray(value)) {
    const hooks = readNames(value, place, "Hook", problems);
    return hooks && { hooks, impls: undefined };
  }
  if (typeof value !== "object" || value === null) {
    problems.add(place, `Expected an array of names or an object, found ${describe(value)}`);
    return undefined;
  }
  const impls = new Map<string, DeclaredImpl>();
  for (const [name, member] of readTable(value, place, problems) ?? []) {
    if (name === "") problems.add(below(place, name), "An implementation needs a name");
    const impl = readImpl(name, member, below(place, name), plugin, problems);
    if (impl !== undefined) impls.set(name, impl);
  }
  const hooks = new Set(Array.from(impls.values(), ({ target }) => target));
  return { hooks: Object.freeze([...hooks]), impls };
}

function readImpl(
  name: string,
  value: unknown,
  place: Place,
  plugin: unknown,
  problems: Problems,
): DeclaredImpl | undefined {
  const members = readRecord(value, place, implMembers, problems);
  if (members === undefined) return undefined;
  /** Reads a member, or gives what it is without one. */
  const member = <Value>(
    name: string,
    read: (value: unknown, place: Place) => Value | undefined,
    absent: Value,
  ): Value => members.has(name) ? read(members.get(name), below(place, name)) ?? absent : absent;
  const truth = (value: unknown, place: Place): boolean | undefined => readTruth(value, place, problems);
  const list = (value: unknown, place: Place): readonly string[] | undefined =>
    readNames(value, place, "Name", problems);
  const impl: DeclaredImpl = {
    target: member("target", (value, place) => readString(value, place, problems), name),
    wrapper: member<DeclaredImpl["wrapper"]>("wrapper", (value, place) => readWrapper(value, place, problems), false),
    tryFirst: member("tryFirst", truth, false),
    tryLast: member("tryLast", truth, false),
    priority: member("priority", (value, place) => readPriority(value, place, problems), 0),
    before: member("before", list, none),
    after: member("after", list, none),
    args: member<DeclaredImpl["args"]>("args", list, undefined),
    optional: member("optional", truth, false),
  };
  if (impl.tryFirst && impl.tryLast) problems.add(place, '"tryFirst" and "tryLast" contradict each other');
  for (const side of ["before", "after"] as const) {
    if (impl[side].some((other) => other === plugin)) {
      problems.add(below(place, side), "It cannot run before or after what the same plugin implements");
    }
  }
  return Object.freeze(impl);
}

const none: readonly string[] = Object.freeze([]);

function readTruth(value: unknown, place: Place, problems: Problems): boolean | undefined {
  if (typeof value === "boolean") return value;
  problems.add(place, `Expected true or false, found ${describe(value)}`);
  return undefined;
}

function readWrapper(value: unknown, place: Place, problems: Problems): DeclaredImpl["wrapper"] | undefined {
  if (value === true || value === "outcome" || value === "middleware") return value;
  problems.add(place, `Expected true, "outcome" or "middleware", found ${describe(value)}`, {
    mend: 'Write true for a generator, "middleware" for a function, and nothing for what is no wrapper.',
  });
  return undefined;
}

function readPriority(value: unknown, place: Place, problems: Problems): number | undefined {
  if (Number.isFinite(value)) return value as number;
  problems.add(place, `Expected a number, found ${describe(value)}`);
  return undefined;
}

/** A list of names, each of them once. */
function readNames(value: unknown, place: Place, what: string, problems: Problems): readonly string[] | undefined {
  const names = readStrings(value, place, problems);
  const seen = new Set<string>();
  for (const [index, name] of names?.entries() ?? []) {
    if (seen.has(name)) problems.add(below(place, index), `${what} ${quote(name)} is listed twice`);
    seen.add(name);
  }
  return names && Object.freeze(names);
}
