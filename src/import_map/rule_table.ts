import type { RuleTable } from "./types.ts";

/** Makes a table of rules; of two rules with one key the last counts. */
export function createRuleTable<Value>(rules: Iterable<readonly [string, Value]>): RuleTable<Value> {
  const table = new Map(rules);
  let longestPrefix = 0;
  for (const key of table.keys()) {
    if (key.endsWith("/")) longestPrefix = Math.max(longestPrefix, key.length);
  }
  return Object.assign(table, { longestPrefix });
}

/**
 * The rules that match a name, most specific first: the one with that very key, then the prefix rules, longest first.
 *
 * The standard walks all rules in descending order of their keys. The keys that match one name are all prefixes of it,
 * so among them that is the order of descending length, and cutting the name at its slashes finds the same rules
 * without a look at the others.
 */
export function* matchingRules<Value>(
  table: RuleTable<Value>,
  name: string,
  withPrefixes: boolean,
): Generator<[key: string, value: Value], void> {
  const exact = table.get(name);
  if (exact !== undefined) yield [name, exact];
  if (!withPrefixes) return;
  // Starting at the table's longest prefix, so that a megabyte of slashes does not cost a lookup for each of them.
  let length = prefixLength(name, Math.min(table.longestPrefix, name.length - 1));
  while (length > 0) {
    const key = name.slice(0, length);
    const value = table.get(key);
    if (value !== undefined) yield [key, value];
    length = prefixLength(name, length - 1);
  }
}

/** Length of the longest prefix of `name` that ends with `/` and is no longer than `limit`; 0 when there is none. */
function prefixLength(name: string, limit: number): number {
  return limit > 0 ? name.lastIndexOf("/", limit - 1) + 1 : 0;
}
