import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { parseImportMap, serializeImportMap } from "../../src/import_map/mod.ts";

const base = "file:///app/import_map.json";

describe("serializeImportMap()", () => {
  it("sorts imports and scopes descending and leaves integrity as written", () => {
    const map = parseImportMap(
      JSON.stringify({
        imports: { a: "./a.js", "a/": "./a/", "\uffff": "./last.js", "\u{1f600}": "./pair.js", b: null },
        scopes: { "./s/": { x: "./x.js", y: "./y.js" }, "./s/t/": {} },
        integrity: { "./a.js": "sha384-1", "./b.js": "sha384-2" },
      }),
      base,
    );

    assertEquals(
      JSON.stringify(serializeImportMap(map)),
      JSON.stringify({
        imports: {
          "\uffff": "file:///app/last.js",
          "\u{1f600}": "file:///app/pair.js",
          b: null,
          "a/": "file:///app/a/",
          a: "file:///app/a.js",
        },
        scopes: { "file:///app/s/t/": {}, "file:///app/s/": { y: "file:///app/y.js", x: "file:///app/x.js" } },
        integrity: { "file:///app/a.js": "sha384-1", "file:///app/b.js": "sha384-2" },
      }),
    );
  });

  it("gives text that parses to the same map, wherever it is read from", () => {
    const map = parseImportMap(
      `{ "imports": { "a": "./a.js", "b/": "./b/", "c": null }, "scopes": { "./s/": { "__proto__": "./p.js" } } }`,
      base,
    );
    const text = JSON.stringify(serializeImportMap(map));
    assertEquals(JSON.stringify(serializeImportMap(parseImportMap(text, "https://other.example/"))), text);
  });

  it("writes inherited names as ordinary names", () => {
    const { imports, scopes } = serializeImportMap(
      parseImportMap(`{ "imports": { "__proto__": "./p.js", "constructor": "./c.js" } }`, base),
    );
    assertEquals(Object.keys(imports), ["constructor", "__proto__"]);
    assertEquals(imports["__proto__"], "file:///app/p.js");
    assertEquals(imports["toString"], undefined);
    assert(!("toString" in scopes));
  });
});
