import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import { type ImportMap, parseImportMap, resolveSpecifier } from "../../src/import_map/mod.ts";

const base = "https://app.example/maps/import_map.json";

function refusal(text: string, baseUrl: string | URL = base): PlugmapError {
  return assertThrows(() => parseImportMap(text, baseUrl), PlugmapError);
}

function parseWithWarnings(map: unknown): { map: ImportMap; warnings: string[] } {
  const warnings: string[] = [];
  return { map: parseImportMap(JSON.stringify(map), base, { report: (warning) => warnings.push(warning) }), warnings };
}

describe("parseImportMap()", () => {
  it("resolves keys and addresses against the URL of the map", () => {
    const { map, warnings } = parseWithWarnings({
      imports: { "plugins/units": "./units/plugin.json", "./local.js": "../shared.js" },
      scopes: { "./units/": { text: "/text.js" } },
      integrity: { "./units/plugin.json": "sha384-x" },
    });

    assertEquals([...map.imports], [
      ["plugins/units", "https://app.example/maps/units/plugin.json"],
      ["https://app.example/maps/local.js", "https://app.example/shared.js"],
    ]);
    assertEquals([...map.scopes.keys()], ["https://app.example/maps/units/"]);
    assertEquals([...map.scopes.get("https://app.example/maps/units/")!], [["text", "https://app.example/text.js"]]);
    assertEquals([...map.integrity], [["https://app.example/maps/units/plugin.json", "sha384-x"]]);
    assertEquals(warnings, []);
  });

  it("keeps the rules in the order of the document", () => {
    const { map } = parseWithWarnings({ imports: { b: "/b.js", c: "/c.js", a: "/a.js" } });
    assertEquals([...map.imports.keys()], ["b", "c", "a"]);
  });

  it("takes a URL object as the URL of the map", () => {
    const map = parseImportMap(`{ "imports": { "a": "./a.js" } }`, new URL(base));
    assertEquals(map.imports.get("a"), "https://app.example/maps/a.js");
  });

  it("refuses text that is not JSON, in the words of the parser", () => {
    const error = refusal(`{ "imports": { "a": "/a.js", } }`);
    assertEquals(error.code, "import-map-invalid");
    assertStringIncludes(error.problem, "The import map is not JSON: ");
    assert(error.cause instanceof SyntaxError);
    assertEquals(error.pointer, undefined);
    assert(error.mend !== undefined);
  });

  it("escapes control characters of the text in its error", () => {
    const { message } = refusal("{ \u001b[2J\u202e");
    assert(!message.includes("\u001b") && !message.includes("\u202e"));
  });

  for (
    const [text, problem, pointer] of [
      ["[]", "The import map is an array, where an object is expected", ""],
      ["null", "The import map is null, where an object is expected", ""],
      [`"text"`, "The import map is a string, where an object is expected", ""],
      [`{ "imports": null }`, `The import map at "/imports" is null, where an object is expected`, "/imports"],
      [`{ "scopes": 1 }`, `The import map at "/scopes" is a number, where an object is expected`, "/scopes"],
      [`{ "integrity": [] }`, `The import map at "/integrity" is an array, where an object is expected`, "/integrity"],
      [
        `{ "scopes": { "/a~b/": true } }`,
        `The import map at "/scopes/~1a~0b~1" is a boolean, where an object is expected`,
        "/scopes/~1a~0b~1",
      ],
    ] as const
  ) {
    it(`refuses ${text} and points at the place`, () => {
      const error = refusal(text);
      assertEquals(error.code, "import-map-invalid");
      assertEquals(error.problem, problem);
      assertEquals(error.pointer, pointer);
    });
  }

  it("refuses a scope with rules of the wrong kind, also where the scope itself would be ignored", () => {
    assertEquals(refusal(`{ "scopes": { "https://:bad": [] } }`).pointer, "/scopes/https:~1~1:bad");
  });

  it("refuses a base URL that is not absolute", () => {
    const error = refusal("{}", "./import_map.json");
    assertEquals(error.code, "option-invalid");
    assertStringIncludes(error.problem, `"./import_map.json"`);
  });

  it("turns rules without a usable address into forbidding ones, and reports each", () => {
    const { map, warnings } = parseWithWarnings({
      imports: { number: 1, bare: "units", "prefix/": "./units" },
      scopes: { "/s/": { nothing: null } },
    });

    assertEquals([...map.imports.values()], [null, null, null]);
    assertEquals([...map.scopes.get("https://app.example/s/")!.values()], [null]);
    assertEquals(warnings, [
      `Address is not a string, so the rule forbids what it matches, at "/imports/number"`,
      `Address "units" is not a URL and does not start with "/", "./" or "../", so the rule forbids what it matches, at "/imports/bare"`,
      `Address "./units" does not end with "/" as its key does, so the rule forbids what it matches, at "/imports/prefix~1"`,
      `Address is not a string, so the rule forbids what it matches, at "/scopes/~1s~1/nothing"`,
    ]);
  });

  it("ignores what has no usable key, and reports each", () => {
    const { map, warnings } = parseWithWarnings({
      imports: { "": "/a.js" },
      scopes: { "https://:bad": { a: "/a.js" } },
      integrity: { units: "sha384-x", "/a.js": 1 },
      integrety: {},
    });

    assertEquals([map.imports.size, map.scopes.size, map.integrity.size], [0, 0, 0]);
    assertEquals(warnings, [
      `Section is unknown and ignored, at "/integrety"`,
      `Key is empty, so the rule is ignored, at "/imports/"`,
      `Key is not a URL, so the scope is ignored, at "/scopes/https:~1~1:bad"`,
      `Key is not a URL and does not start with "/", "./" or "../", so the integrity metadata is ignored, at "/integrity/units"`,
      `Integrity metadata is not a string, so it is ignored, at "/integrity/~1a.js"`,
    ]);
  });

  it("tolerates the same without anyone to report to", () => {
    assertEquals(parseImportMap(`{ "imports": { "a": 1 } }`, base).imports.get("a"), null);
  });

  it("takes inherited names as ordinary names", () => {
    const text = `{ "__proto__": {}, "imports": { "__proto__": "/p.js", "constructor": "/c.js", "toString/": "/t/" },
      "scopes": { "__proto__": { "__proto__": "/s.js" } }, "integrity": { "./__proto__": "sha384-x" } }`;
    const warnings: string[] = [];
    const map = parseImportMap(text, base, { report: (warning) => warnings.push(warning) });

    assertEquals(warnings, [`Section is unknown and ignored, at "/__proto__"`]);
    assertEquals(resolveSpecifier("__proto__", map, base), "https://app.example/p.js");
    assertEquals(resolveSpecifier("constructor", map, base), "https://app.example/c.js");
    assertEquals(resolveSpecifier("toString/x.js", map, base), "https://app.example/t/x.js");
    assertEquals(
      resolveSpecifier("__proto__", map, "https://app.example/maps/__proto__"),
      "https://app.example/s.js",
    );
    assertEquals(map.integrity.get("https://app.example/maps/__proto__"), "sha384-x");
  });
});
