import { messageOf, PlugmapError, quote } from "../errors.ts";
import { createRuleTable } from "./rule_table.ts";
import type { ImportMap, ImportMapOptions, RuleTable, SpecifierMap } from "./types.ts";
import { parseUrlLike, serializeUrl } from "./url_like.ts";

/** Where in the document something stands: the keys that lead to it. */
type Path = readonly string[];

/** What every step of the parsing needs. */
interface Parsing {
  readonly base: string;
  readonly warn: (problem: string, path: Path) => void;
}

const sectionNames: readonly string[] = ["imports", "scopes", "integrity"];
const urlLike = `a URL and does not start with "/", "./" or "../"`;

/**
 * Parses an import map and brings its keys and addresses into normal form.
 *
 * What the HTML standard tolerates is tolerated: a rule whose address is of no use forbids what it matches, a key of no
 * use is dropped, and an unknown section is ignored, each with a warning through `options.report`. Integrity metadata
 * is taken as written; what uses it checks it.
 *
 * Follows "parse an import map string" of the HTML standard, https://html.spec.whatwg.org/multipage/webappapis.html.
 *
 * @param text The JSON text.
 * @param baseUrl URL of the import map, against which relative keys and addresses are resolved.
 * @param options Where warnings go.
 * @returns The import map.
 * @throws {PlugmapError} `import-map-invalid` when the text is not JSON, or something in it that must be an object is
 * not; `option-invalid` when `baseUrl` is not an absolute URL.
 *
 * @example Parse a map and collect what the standard only warns of
 * ```ts
 * import { parseImportMap } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const warnings: string[] = [];
 * const map = parseImportMap(
 *   `{ "imports": { "plugins/units": "./units/plugin.json", "old": null } }`,
 *   "https://app.example/import_map.json",
 *   { report: (warning) => warnings.push(warning) },
 * );
 *
 * assertEquals(map.imports.get("plugins/units"), "https://app.example/units/plugin.json");
 * assertEquals(map.imports.get("old"), null);
 * assertEquals(warnings, [`Address is not a string, so the rule forbids what it matches, at "/imports/old"`]);
 * ```
 */
export function parseImportMap(text: string, baseUrl: string | URL, options: ImportMapOptions = {}): ImportMap {
  const parsing: Parsing = {
    base: serializeUrl(baseUrl),
    warn: (problem, path) => options.report?.(`${problem}, at ${quote(pointerTo(path))}`),
  };
  const sections = new Map([
    ...sectionNames.map((name): [string, unknown] => [name, {}]),
    ...entriesOf(readJson(text), []),
  ]);
  for (const name of sections.keys()) {
    if (!sectionNames.includes(name)) parsing.warn("Section is unknown and ignored", [name]);
  }
  return {
    imports: parseSpecifierMap(sections.get("imports"), ["imports"], parsing),
    scopes: parseScopes(sections.get("scopes"), ["scopes"], parsing),
    integrity: parseIntegrityMap(sections.get("integrity"), ["integrity"], parsing),
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PlugmapError("import-map-invalid", `The import map is not JSON: ${messageOf(cause)}`, {
      mend: "Correct the JSON; it cannot have comments or trailing commas.",
      cause,
    });
  }
}

/** "Sort and normalize a module specifier map", but for the sorting. */
function parseSpecifierMap(value: unknown, path: Path, parsing: Parsing): SpecifierMap {
  const rules = new Map<string, string | null>();
  for (const [key, address] of entriesOf(value, path)) {
    const place = [...path, key];
    if (key === "") {
      parsing.warn("Key is empty, so the rule is ignored", place);
    } else {
      rules.set(parseUrlLike(key, parsing.base)?.href ?? key, parseAddress(key, address, place, parsing));
    }
  }
  return createRuleTable(rules);
}

function parseAddress(key: string, address: unknown, place: Path, { base, warn }: Parsing): string | null {
  const forbids = (flaw: string): null => {
    warn(`Address ${flaw}, so the rule forbids what it matches`, place);
    return null;
  };
  if (typeof address !== "string") return forbids("is not a string");
  const url = parseUrlLike(address, base);
  if (url === null) return forbids(`${quote(address)} is not ${urlLike}`);
  if (key.endsWith("/") && !url.href.endsWith("/")) {
    return forbids(`${quote(address)} does not end with "/" as its key does`);
  }
  return url.href;
}

/** "Sort and normalize scopes", but for the sorting. */
function parseScopes(value: unknown, path: Path, parsing: Parsing): RuleTable<SpecifierMap> {
  const scopes = new Map<string, SpecifierMap>();
  for (const [key, rules] of entriesOf(value, path)) {
    const place = [...path, key];
    const specifierMap = parseSpecifierMap(rules, place, parsing);
    const url = URL.parse(key, parsing.base);
    if (url === null) {
      parsing.warn("Key is not a URL, so the scope is ignored", place);
    } else {
      scopes.set(url.href, specifierMap);
    }
  }
  return createRuleTable(scopes);
}

/** "Normalize a module integrity map". */
function parseIntegrityMap(value: unknown, path: Path, { base, warn }: Parsing): ReadonlyMap<string, string> {
  const integrity = new Map<string, string>();
  for (const [key, metadata] of entriesOf(value, path)) {
    const place = [...path, key];
    const url = parseUrlLike(key, base);
    if (url === null) {
      warn(`Key is not ${urlLike}, so the integrity metadata is ignored`, place);
    } else if (typeof metadata !== "string") {
      warn("Integrity metadata is not a string, so it is ignored", place);
    } else {
      integrity.set(url.href, metadata);
    }
  }
  return integrity;
}

/** The entries of something that must be an object; its own only, so that inherited names are ordinary ones. */
function entriesOf(value: unknown, path: Path): [string, unknown][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.entries(value);
  const pointer = pointerTo(path);
  const kind = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
  const place = pointer === "" ? "The import map" : `The import map at ${quote(pointer)}`;
  throw new PlugmapError("import-map-invalid", `${place} is ${kind}, where an object is expected`, {
    pointer,
    mend: `Write it as { "imports": { "specifier": "address" }, "scopes": { "URL": { … } }, "integrity": { … } }.`,
  });
}

/** A JSON pointer (RFC 6901). */
function pointerTo(path: Path): string {
  return path.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
