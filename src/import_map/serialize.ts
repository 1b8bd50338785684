import type { ImportMap, ImportMapJson } from "./types.ts";

/**
 * Writes an import map as plain JSON in its normal form: absolute URLs, `null` for a rule that forbids, and the order
 * that the HTML standard gives a parsed import map: keys of `imports` and `scopes` descending by code unit, `integrity`
 * as written. Keys that are whole numbers come first all the same, because objects hold them so; no lookup depends on
 * it.
 *
 * @param map The import map.
 * @returns What `JSON.stringify` takes; none of its objects has a prototype.
 *
 * @example Write a map with absolute URLs
 * ```ts
 * import { parseImportMap, serializeImportMap } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const map = parseImportMap(`{ "imports": { "a": "./a.js", "b/": "./b/" } }`, "file:///app/import_map.json");
 *
 * assertEquals(
 *   JSON.stringify(serializeImportMap(map)),
 *   `{"imports":{"b/":"file:///app/b/","a":"file:///app/a.js"},"scopes":{},"integrity":{}}`,
 * );
 * ```
 */
export function serializeImportMap(map: ImportMap): ImportMapJson {
  const scopes = descending(map.scopes).map(([scope, rules]) => [scope, toRecord(descending(rules))] as const);
  return {
    imports: toRecord(descending(map.imports)),
    scopes: toRecord(scopes),
    integrity: toRecord(map.integrity),
  };
}

function descending<Value>(rules: ReadonlyMap<string, Value>): (readonly [string, Value])[] {
  return [...rules].sort(([a], [b]) => a < b ? 1 : -1);
}

function toRecord<Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> {
  const record: Record<string, Value> = Object.create(null);
  for (const [key, value] of entries) record[key] = value;
  return record;
}
