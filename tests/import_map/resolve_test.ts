import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import {
  type ImportMap,
  parseImportMap,
  resolveIntegrity,
  resolveSpecifier,
  type RuleTable,
} from "../../src/import_map/mod.ts";

const main = "https://app.example/main.js";

function parse(map: unknown): ImportMap {
  return parseImportMap(JSON.stringify(map), "https://app.example/import_map.json");
}

function refusal(specifier: string, map: ImportMap, baseUrl: string | URL = main): PlugmapError {
  return assertThrows(() => resolveSpecifier(specifier, map, baseUrl), PlugmapError);
}

describe("resolveSpecifier()", () => {
  const map = parse({
    imports: {
      "units": "/units/plugin.json",
      "text/": "/text@2/",
      "text/wrap/": "/wrap/",
      "off": null,
      "off/": null,
      "/lib/": "/lib@1/",
      "data:text/": "/never/",
    },
    scopes: {
      "/plugins/": { "text/": "/text@1/", "units": "/plugins/units.json", "off/deep.js": "/deep.js" },
      "/plugins/old/": { "text/": "/text@0/" },
      "/plugins/old/main.js": { "text/exact.js": "/exact.js" },
    },
  });

  it("maps a bare specifier by its own key", () => {
    assertEquals(resolveSpecifier("units", map, main), "https://app.example/units/plugin.json");
  });

  it("maps to any URL, with its fragment", () => {
    const other = parse({ imports: { path: "node:path", part: "/a.js#part" } });
    assertEquals(resolveSpecifier("path", other, main), "node:path");
    assertEquals(resolveSpecifier("part", other, main), "https://app.example/a.js#part");
  });

  it("maps by the longest prefix", () => {
    assertEquals(resolveSpecifier("text/a/b.js", map, main), "https://app.example/text@2/a/b.js");
    assertEquals(resolveSpecifier("text/wrap/b.js", map, main), "https://app.example/wrap/b.js");
    assertEquals(resolveSpecifier("text/", map, main), "https://app.example/text@2/");
  });

  it("maps URLs and paths after resolving them", () => {
    assertEquals(resolveSpecifier("./lib/x.js", map, main), "https://app.example/lib@1/x.js");
    assertEquals(resolveSpecifier("https://app.example/lib/x.js", map, main), "https://app.example/lib@1/x.js");
  });

  it("returns URLs and paths that no rule covers as they are", () => {
    assertEquals(resolveSpecifier("../x.js", map, "https://app.example/a/b.js"), "https://app.example/x.js");
    assertEquals(resolveSpecifier("node:fs", map, main), "node:fs");
  });

  it("does not apply prefix rules to URLs without a path of segments", () => {
    assertEquals(resolveSpecifier("data:text/javascript,1", map, main), "data:text/javascript,1");
    assertEquals(resolveSpecifier("data:text/", map, main), "https://app.example/never/");
  });

  it("asks the scope at the importer, then the ones around it, then the imports", () => {
    const old = new URL("https://app.example/plugins/old/main.js");
    assertEquals(resolveSpecifier("text/exact.js", map, old), "https://app.example/exact.js");
    assertEquals(resolveSpecifier("text/a.js", map, old), "https://app.example/text@0/a.js");
    assertEquals(resolveSpecifier("units", map, old), "https://app.example/plugins/units.json");
    assertEquals(
      resolveSpecifier("./lib/x.js", map, "https://app.example/plugins/"),
      "https://app.example/plugins/lib/x.js",
    );
    assertEquals(resolveSpecifier("/lib/x.js", map, old), "https://app.example/lib@1/x.js");
  });

  it("asks a scope with a trailing slash only below it, and one without only at it", () => {
    const scoped = parse({ scopes: { "/a": { x: "/at.js" }, "/b/": { x: "/below.js" } } });
    assertEquals(resolveSpecifier("x", scoped, "https://app.example/a"), "https://app.example/at.js");
    assertEquals(resolveSpecifier("x", scoped, "https://app.example/b/"), "https://app.example/below.js");
    assertEquals(refusal("x", scoped, "https://app.example/a/c.js").code, "import-map-unresolved");
    assertEquals(refusal("x", scoped, "https://app.example/b").code, "import-map-unresolved");
  });

  it("does not look an address up again", () => {
    const chain = parse({ imports: { a: "/b.js", "/b.js": "/c.js" } });
    assertEquals(resolveSpecifier("a", chain, main), "https://app.example/b.js");
  });

  it("refuses a bare specifier that nothing maps, and names the importer", () => {
    const error = refusal("unknown", map);
    assertEquals(error.code, "import-map-unresolved");
    assertEquals(
      error.problem,
      `Specifier "unknown" is not a URL and no rule covers it, as imported by "https://app.example/main.js"`,
    );
    assert(error.mend !== undefined);
  });

  it("refuses what a rule without an address matches, even if a less specific rule has one", () => {
    const error = refusal("off/x.js", map);
    assertEquals(error.code, "import-map-blocked");
    assertEquals(error.problem, `Specifier "off/x.js" matches rule "off/" of "imports", which has no usable address`);
    assertEquals(refusal("off", map).code, "import-map-blocked");
    assertEquals(refusal("a/b/c.js", parse({ imports: { "a/": "/a/", "a/b/": null } })).code, "import-map-blocked");
  });

  it("refuses a scope's rule without an address without asking the imports", () => {
    const error = refusal("a", parse({ imports: { a: "/a.js" }, scopes: { "/": { a: null } } }));
    assertEquals(error.code, "import-map-blocked");
    assertStringIncludes(error.problem, `rule "a" of scope "https://app.example/"`);
  });

  for (
    const rest of ["../x.js", "a/../../x.js", "%2e%2e/x.js", "https://evil.example/x.js", "/evil.js", "//[", "\\..\\x"]
  ) {
    it(`refuses to leave the address of a prefix rule by ${rest}`, () => {
      const error = refusal(`text/${rest}`, map);
      assertEquals(error.code, "import-map-blocked");
      assertStringIncludes(error.problem, `but leads out of its address "https://app.example/text@2/"`);
    });
  }

  it("refuses a base URL that is not absolute", () => {
    assertEquals(refusal("units", map, "main.js").code, "option-invalid");
  });

  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    it(`takes ${name} as an ordinary name`, () => {
      const empty = parse({ scopes: { "/": {} } });
      assertEquals(refusal(name, empty).code, "import-map-unresolved");
      assertEquals(refusal(`${name}/x.js`, empty).code, "import-map-unresolved");

      const text = `{ "imports": { "${name}": "/own.js" }, "scopes": { "/${name}/": { "${name}/": "/s/" } } }`;
      const named = parseImportMap(text, main);
      assertEquals(resolveSpecifier(name, named, main), "https://app.example/own.js");
      assertEquals(
        resolveSpecifier(`${name}/x.js`, named, `https://app.example/${name}/main.js`),
        "https://app.example/s/x.js",
      );
    });
  }
});

describe("resolveSpecifier() looks up", () => {
  /** Counts the lookups in a table and refuses every other use of it, such as a scan. */
  function counting<Value>(table: RuleTable<Value>, count: () => void): RuleTable<Value> {
    return new Proxy(table, {
      get(target, property) {
        if (property === "longestPrefix") return target.longestPrefix;
        if (property !== "get") throw new Error(`The resolver uses ${String(property)} of a rule table`);
        return (key: string): Value | undefined => {
          count();
          return target.get(key);
        };
      },
    });
  }

  function lookups(specifier: string, map: ImportMap, baseUrl: string): number {
    let total = 0;
    const count = (): void => void total++;
    // The tables of the scopes share one count with the tables that hold them.
    const scopes = counting(
      Object.assign(new Map([...map.scopes].map(([scope, rules]) => [scope, counting(rules, count)])), {
        longestPrefix: map.scopes.longestPrefix,
      }),
      count,
    );
    const counted = { imports: counting(map.imports, count), scopes, integrity: map.integrity };
    try {
      resolveSpecifier(specifier, counted, baseUrl);
    } catch (error) {
      if (!(error instanceof PlugmapError)) throw error;
    }
    return total;
  }

  function mapOf(rules: number, scopes: number): ImportMap {
    const names = (count: number): number[] => Array.from({ length: count }, (_, index) => 100_000 + index);
    return parse({
      imports: Object.fromEntries(names(rules).map((name) => [`package-${name}/`, `/packages/${name}/`])),
      scopes: Object.fromEntries(
        names(scopes).map((name) => [`/plugins/${name}/`, { [`dependency-${name}/`]: `/dependencies/${name}/` }]),
      ),
    });
  }

  for (
    const [what, specifier, baseUrl] of [
      ["a prefix rule", "package-100000/a/b.js", main],
      ["a rule of a scope", "dependency-100000/a.js", "https://app.example/plugins/100000/main.js"],
      ["a path that nothing covers", "./a/b/c.js", "https://app.example/plugins/100000/main.js"],
      ["a bare specifier that nothing covers", "missing/a/b.js", main],
    ] as const
  ) {
    it(`${what} as often in a map of 1,000 rules and 100 scopes as in a map of one`, () => {
      const few = lookups(specifier, mapOf(1, 1), baseUrl);
      assertEquals(lookups(specifier, mapOf(1_000, 100), baseUrl), few);
      assert(few <= 20, `${few} lookups`);
    });
  }

  it("no part of a specifier that is longer than every prefix of the map", () => {
    assert(lookups("a/".repeat(100_000), mapOf(1_000, 100), main) <= 20);
  });
});

describe("resolveIntegrity()", () => {
  const map = parse({ imports: { a: "/a.js" }, integrity: { "./a.js": "sha384-x", "/b/": "sha384-y" } });

  it("finds the metadata of a URL, however the URL is spelled", () => {
    assertEquals(resolveIntegrity("https://app.example/a.js", map), "sha384-x");
    assertEquals(resolveIntegrity("HTTPS://app.example/b/../a.js", map), "sha384-x");
    assertEquals(resolveIntegrity(new URL("https://app.example/a.js"), map), "sha384-x");
  });

  it("is empty for any other URL, also below one that has metadata", () => {
    assertEquals(resolveIntegrity("https://app.example/a.js?v=1", map), "");
    assertEquals(resolveIntegrity("https://app.example/b/c.js", map), "");
  });

  it("refuses a specifier, which has none of its own", () => {
    assertEquals(assertThrows(() => resolveIntegrity("a", map), PlugmapError).code, "option-invalid");
  });
});
