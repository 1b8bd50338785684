import { describe, it } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import {
  type ImportMap,
  mergeImportMaps,
  parseImportMap,
  resolveIntegrity,
  resolveSpecifier,
  serializeImportMap,
} from "../../src/import_map/mod.ts";

const main = "https://app.example/main.js";

function parse(map: unknown): ImportMap {
  return parseImportMap(JSON.stringify(map), "https://app.example/import_map.json");
}

/** Keys of the later map's imports that are added after a specifier has been resolved. */
function keysAdded(specifier: string, imports: string): string[] {
  const later = parseImportMap(`{ "imports": ${imports} }`, main);
  return [...mergeImportMaps(parse({}), later, [{ specifier, baseUrl: main }]).imports.keys()];
}

describe("mergeImportMaps()", () => {
  it("adds rules and lets the earlier of two stay, in imports, in each scope and in integrity", () => {
    const earlier = parse({
      imports: { a: "/a1.js" },
      scopes: { "/s/": { a: "/s1.js" } },
      integrity: { "/a.js": "sha384-1" },
    });
    const later = parse({
      imports: { a: "/a2.js", b: "/b2.js" },
      scopes: { "/s/": { a: "/s2.js", c: "/c2.js" }, "/t/": { a: "/t2.js" } },
      integrity: { "/a.js": "sha384-2", "/b.js": "sha384-3" },
    });
    const warnings: string[] = [];
    const map = mergeImportMaps(earlier, later, [], { report: (warning) => warnings.push(warning) });

    assertEquals(resolveSpecifier("a", map, main), "https://app.example/a1.js");
    assertEquals(resolveSpecifier("b", map, main), "https://app.example/b2.js");
    assertEquals(resolveSpecifier("a", map, "https://app.example/s/x.js"), "https://app.example/s1.js");
    assertEquals(resolveSpecifier("c", map, "https://app.example/s/x.js"), "https://app.example/c2.js");
    assertEquals(resolveSpecifier("a", map, "https://app.example/t/x.js"), "https://app.example/t2.js");
    assertEquals(resolveIntegrity("https://app.example/a.js", map), "sha384-1");
    assertEquals(resolveIntegrity("https://app.example/b.js", map), "sha384-3");
    assertEquals(warnings.toSorted(), [
      `Rule "a" is left out, because an earlier import map has one`,
      `Rule "a" is left out, because an earlier import map has one`,
      `Rule "https://app.example/a.js" is left out, because an earlier import map has one`,
    ]);
  });

  it("lets an earlier rule that forbids stay", () => {
    const map = mergeImportMaps(parse({ imports: { a: null } }), parse({ imports: { a: "/a.js" } }));
    assertEquals(map.imports.get("a"), null);
  });

  it("leaves both of its maps as they are", () => {
    const earlier = parse({ imports: { a: "/a.js" }, scopes: { "/s/": { a: "/a.js" } } });
    const later = parse({ imports: { "b/": "/b/" }, scopes: { "/s/": { b: "/b.js" }, "/t/": {} } });
    const before = JSON.stringify([earlier, later].map(serializeImportMap));

    mergeImportMaps(earlier, later, [{ specifier: "b/x.js", baseUrl: main }]);
    assertEquals(JSON.stringify([earlier, later].map(serializeImportMap)), before);
  });

  it("finds the longer prefix of either map", () => {
    const map = mergeImportMaps(parse({ imports: { "a/": "/a1/" } }), parse({ imports: { "a/longer/": "/a2/" } }));
    assertEquals(resolveSpecifier("a/longer/x.js", map, main), "https://app.example/a2/x.js");
  });

  it("leaves out rules of imports that would have applied to what is resolved", () => {
    const resolved = [{ specifier: "text/wrap.js", baseUrl: main }, { specifier: "./lib/x.js", baseUrl: main }];
    const warnings: string[] = [];
    const incoming = parse({
      imports: { "text/wrap.js": "/1.js", "text/": "/2/", "/lib/": "/3/", "text/other.js": "/4.js", "te": "/5.js" },
    });
    const map = mergeImportMaps(parse({}), incoming, resolved, { report: (warning) => warnings.push(warning) });

    assertEquals([...map.imports.keys()], ["text/other.js", "te"]);
    assertEquals(warnings[1], `Rule "text/" is left out, because something that it matches has been resolved`);
  });

  it("leaves out rules of the scopes that the importer is in, and of no other scope", () => {
    const incoming = parse({
      scopes: { "/p/": { a: "/1.js", b: "/2.js" }, "/p/main.js": { a: "/3.js" }, "/q/": { a: "/4.js" } },
    });
    const { scopes } = mergeImportMaps(parse({}), incoming, [{
      specifier: "a",
      baseUrl: "https://app.example/p/main.js",
    }]);

    assertEquals([...scopes].map(([scope, rules]) => [scope, [...rules.keys()]]), [
      ["https://app.example/p/", ["b"]],
      ["https://app.example/p/main.js", []],
      ["https://app.example/q/", ["a"]],
    ]);
  });

  it("keeps prefix rules that cannot apply to the resolved URL for want of a path", () => {
    assertEquals(keysAdded("data:text/x,1", `{ "data:text/": "/d/" }`), ["data:text/"]);
  });

  it("adds integrity for what is resolved", () => {
    const incoming = parse({ integrity: { "/x.js": "sha384-1" } });
    const map = mergeImportMaps(parse({}), incoming, [{ specifier: "/x.js", baseUrl: main }]);
    assertEquals(resolveIntegrity("https://app.example/x.js", map), "sha384-1");
  });

  it("takes inherited names as ordinary names", () => {
    const imports = `{ "__proto__": "/p.js", "constructor": "/c.js" }`;
    assertEquals(keysAdded("toString", imports), ["__proto__", "constructor"]);
    assertEquals(keysAdded("__proto__", imports), ["constructor"]);
  });

  it("refuses a resolved module whose importer has no absolute URL", () => {
    const resolved = [{ specifier: "a", baseUrl: "main.js" }];
    assertEquals(
      assertThrows(() => mergeImportMaps(parse({}), parse({}), resolved), PlugmapError).code,
      "option-invalid",
    );
  });
});
