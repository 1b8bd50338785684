import { below, describe, Problems } from "../document.ts";
import { printable, quote } from "../errors.ts";
import type { ImplKind, RegisteredImpl } from "../hooks/impl.ts";
import type { DeclaredImpl } from "../manifest/mod.ts";

/** What implementations are in the terms of a manifest, by the names that they have in the table they were read from. */
export function declarationsOf(table: object, impls: readonly RegisteredImpl[]): ReadonlyMap<string, DeclaredImpl> {
  const names = Object.keys(table);
  return new Map(impls.map((impl) => [names[impl.index]!, declarationOf(impl)]));
}

function declarationOf(impl: RegisteredImpl): DeclaredImpl {
  const { hook, kind, band, priority, before, after, args, optional } = impl;
  const [tryFirst, tryLast] = [band === "tryFirst", band === "tryLast"];
  return { target: hook, wrapper: wrapperOf(kind), tryFirst, tryLast, priority, before, after, args, optional };
}

function wrapperOf(kind: ImplKind): DeclaredImpl["wrapper"] {
  if (kind === "plain") return false;
  return kind === "generator" || kind;
}

/**
 * Checks that a plugin implements what its manifest declares: the order of running was made from that.
 *
 * @param found What it implements. That can be what the process of an isolated plugin says, of any kind.
 * @throws {PlugmapError} `plugin-invalid`, telling what differs.
 */
export function checkImpls(
  found: ReadonlyMap<string, DeclaredImpl>,
  declared: ReadonlyMap<string, DeclaredImpl>,
): void {
  const problems = new Problems("plugin-invalid");
  const parent = "/hooks";
  for (const name of found.keys()) {
    if (declared.has(name)) continue;
    problems.add(parent, `It implements ${quote(name)}, which its manifest does not declare`, { mend });
  }
  for (const [name, expected] of declared) {
    const place = below(parent, name);
    const impl = found.get(name);
    if (impl === undefined) {
      problems.add(place, `It does not implement ${quote(name)}, which its manifest declares`, { mend });
      continue;
    }
    for (const member of differences(impl, expected)) {
      const [here, there] = [impl[member], expected[member]].map(show);
      const text = `${quote(member)} of ${quote(name)} is ${here}, while its manifest declares ${there}`;
      problems.add(below(place, member), text, { mend });
    }
  }
  problems.throwIfAny();
}

const mend = 'Make "hooks" in plugin.json what the plugin implements.';

/**
 * Whether a plugin says the same of itself as before, in the same order.
 *
 * @param found What it implements. That can be what the process of an isolated plugin says, of any kind.
 */
export function areSame(
  found: ReadonlyMap<string, DeclaredImpl>,
  before: ReadonlyMap<string, DeclaredImpl>,
): boolean {
  const names = [...before.keys()];
  return found.size === before.size &&
    [...found].every(([name, impl], place) =>
      name === names[place] && differences(impl, before.get(name)!).length === 0
    );
}

function differences(impl: DeclaredImpl, expected: DeclaredImpl): readonly (keyof DeclaredImpl)[] {
  const members = Object.keys(expected) as (keyof DeclaredImpl)[];
  return members.filter((member) => !isSame(impl[member], expected[member]));
}

/** The order of a list has no meaning in any of them. */
function isSame(value: unknown, expected: unknown): boolean {
  if (!Array.isArray(expected)) return value === expected;
  if (!Array.isArray(value) || value.length !== expected.length) return false;
  if (!value.every((name) => typeof name === "string")) return false;
  const names = new Set(value);
  return expected.every((name) => names.has(name));
}

function show(value: unknown): string {
  return printable(Array.isArray(value) ? `[${value.map(describe).join(", ")}]` : describe(value), 300);
}
