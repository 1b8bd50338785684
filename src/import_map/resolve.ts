import { PlugmapError, quote } from "../errors.ts";
import { matchingRules } from "./rule_table.ts";
import type { ImportMap, SpecifierMap } from "./types.ts";
import { normalizeSpecifier, type NormalSpecifier, serializeUrl } from "./url_like.ts";

/**
 * Resolves a specifier as the module at `baseUrl` imports it: by the scopes that the module is in, the most specific
 * first, then by `imports`, and a URL or path that no rule covers as itself. An address is never looked up again.
 *
 * Follows "resolve a module specifier" of the HTML standard, https://html.spec.whatwg.org/multipage/webappapis.html.
 * The cost grows with the slashes in `specifier` and `baseUrl`, not with the size of the map.
 *
 * @param specifier The specifier, as written in the import.
 * @param map The import map.
 * @param baseUrl URL of the importing module.
 * @returns The serialized URL.
 * @throws {PlugmapError} `import-map-blocked` when the rule that matches has no usable address, or the rest of the
 * specifier leads out of its address; `import-map-unresolved` when no rule covers a specifier that is not a URL or
 * path; `option-invalid` when `baseUrl` is not an absolute URL.
 *
 * @example Resolve a bare specifier, and one that a scope maps differently
 * ```ts
 * import { parseImportMap, resolveSpecifier } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const map = parseImportMap(
 *   `{ "imports": { "text/": "/text@2/" }, "scopes": { "/plugins/old/": { "text/": "/text@1/" } } }`,
 *   "https://app.example/import_map.json",
 * );
 *
 * const fromMain = resolveSpecifier("text/wrap.js", map, "https://app.example/main.js");
 * const fromOld = resolveSpecifier("text/wrap.js", map, "https://app.example/plugins/old/main.js");
 * assertEquals(fromMain, "https://app.example/text@2/wrap.js");
 * assertEquals(fromOld, "https://app.example/text@1/wrap.js");
 * ```
 */
export function resolveSpecifier(specifier: string, map: ImportMap, baseUrl: string | URL): string {
  const base = serializeUrl(baseUrl);
  const normal = normalizeSpecifier(specifier, base);
  for (const [scope, rules] of matchingRules(map.scopes, base, true)) {
    const resolved = resolveByRules(normal, rules, scope);
    if (resolved !== undefined) return resolved;
  }
  const resolved = resolveByRules(normal, map.imports);
  if (resolved !== undefined) return resolved;
  if (normal.isUrl) return normal.name;
  throw new PlugmapError(
    "import-map-unresolved",
    `Specifier ${quote(specifier)} is not a URL and no rule covers it, as imported by ${quote(base)}`,
    { mend: "Add a rule for it to the import map, or import it by its URL or path." },
  );
}

/** "Resolve an imports match": the first rule that matches decides, also when it fails. */
function resolveByRules(
  { name, takesPrefixes }: NormalSpecifier,
  rules: SpecifierMap,
  scope?: string,
): string | undefined {
  const [match] = matchingRules(rules, name, takesPrefixes);
  if (match === undefined) return undefined;
  const [key, address] = match;
  const blocked = (flaw: string, mend: string): PlugmapError => {
    const place = scope === undefined ? `"imports"` : `scope ${quote(scope)}`;
    const problem = `Specifier ${quote(name)} matches rule ${quote(key)} of ${place}, ${flaw}`;
    return new PlugmapError("import-map-blocked", problem, { mend });
  };
  if (address === null) {
    throw blocked(
      "which has no usable address",
      "Give the rule an address in the import map, or import something else.",
    );
  }
  if (key === name) return address;
  const url = URL.parse(name.slice(key.length), address);
  // The rest may hold "../" or a URL of its own; neither may reach past the address.
  if (url?.href.startsWith(address)) return url.href;
  throw blocked(
    `but leads out of its address ${quote(address)}`,
    "Import it by a specifier that stays below that address.",
  );
}

/**
 * Looks up the integrity metadata that the map has for a module, by the module's URL alone: query and fragment count,
 * and neither scopes nor prefixes play a part.
 *
 * Follows "resolve a module integrity metadata" of the HTML standard. The metadata is not checked for form here.
 *
 * @param url The URL that {@linkcode resolveSpecifier} returned.
 * @param map The import map.
 * @returns The metadata as written; empty when the map has none.
 * @throws {PlugmapError} `option-invalid` when `url` is not an absolute URL.
 *
 * @example Look up a pin
 * ```ts
 * import { parseImportMap, resolveIntegrity } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const pin = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
 * const map = parseImportMap(`{ "integrity": { "./empty.js": "${pin}" } }`, "file:///app/import_map.json");
 *
 * assertEquals(resolveIntegrity("file:///app/empty.js", map), pin);
 * assertEquals(resolveIntegrity("file:///app/empty.js?v=2", map), "");
 * ```
 */
export function resolveIntegrity(url: string | URL, map: ImportMap): string {
  return map.integrity.get(serializeUrl(url)) ?? "";
}
