import { quote } from "../errors.ts";
import { createRuleTable, matchingRules } from "./rule_table.ts";
import type { ImportMap, ImportMapOptions, ResolvedModule } from "./types.ts";
import { normalizeSpecifier, serializeUrl } from "./url_like.ts";

/**
 * Adds a later import map to an earlier one. Of two rules for one thing the earlier one stays, and no rule is added
 * that would resolve an import differently that has been resolved already.
 *
 * Follows "merge existing and new import maps" of the HTML standard, with the prefix test of its top-level step turned
 * the right way round (https://github.com/whatwg/html/issues/11875).
 *
 * @param existing The earlier map. It is not changed.
 * @param incoming The later map. It is not changed.
 * @param resolvedModules What has been resolved by the earlier map; failed resolutions do not belong here.
 * @param options Where warnings about rules left out go.
 * @returns A map with the rules of both.
 * @throws {PlugmapError} `option-invalid` when the `baseUrl` of a resolved module is not an absolute URL.
 *
 * @example A later map adds rules and overrides none
 * ```ts
 * import { mergeImportMaps, parseImportMap, resolveSpecifier } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const earlier = parseImportMap(`{ "imports": { "a": "./a1.js" } }`, "file:///app/one.json");
 * const later = parseImportMap(`{ "imports": { "a": "./a2.js", "b": "./b.js" } }`, "file:///app/two.json");
 * const map = mergeImportMaps(earlier, later);
 *
 * assertEquals(resolveSpecifier("a", map, "file:///app/main.js"), "file:///app/a1.js");
 * assertEquals(resolveSpecifier("b", map, "file:///app/main.js"), "file:///app/b.js");
 * ```
 */
export function mergeImportMaps(
  existing: ImportMap,
  incoming: ImportMap,
  resolvedModules: Iterable<ResolvedModule> = [],
  { report = () => {} }: ImportMapOptions = {},
): ImportMap {
  const settled = settledKeys(incoming, resolvedModules);
  const add = <Value>(rules: ReadonlyMap<string, Value>, earlier?: ReadonlyMap<string, Value>): Map<string, Value> => {
    const merged = new Map(earlier);
    for (const [key, value] of rules) {
      if (settled.get(rules)?.has(key)) {
        report(`Rule ${quote(key)} is left out, because something that it matches has been resolved`);
      } else if (merged.has(key)) {
        report(`Rule ${quote(key)} is left out, because an earlier import map has one`);
      } else {
        merged.set(key, value);
      }
    }
    return merged;
  };
  const scopes = new Map(existing.scopes);
  for (const [scope, rules] of incoming.scopes) {
    scopes.set(scope, createRuleTable(add(rules, scopes.get(scope))));
  }
  return {
    imports: createRuleTable(add(incoming.imports, existing.imports)),
    scopes: createRuleTable(scopes),
    integrity: add(incoming.integrity, existing.integrity),
  };
}

/** Of each table of rules, the keys that match something resolved. Integrity changes no resolution, so it has none. */
function settledKeys(
  incoming: ImportMap,
  resolvedModules: Iterable<ResolvedModule>,
): ReadonlyMap<ReadonlyMap<string, unknown>, ReadonlySet<string>> {
  const settled = new Map<ReadonlyMap<string, unknown>, Set<string>>();
  for (const { specifier, baseUrl } of resolvedModules) {
    const base = serializeUrl(baseUrl);
    const { name, takesPrefixes } = normalizeSpecifier(specifier, base);
    const tables = Array.from(matchingRules(incoming.scopes, base, true), ([, rules]) => rules);
    for (const rules of [...tables, incoming.imports]) {
      const keys = settled.get(rules) ?? new Set();
      for (const [key] of matchingRules(rules, name, takesPrefixes)) keys.add(key);
      settled.set(rules, keys);
    }
  }
  return settled;
}
