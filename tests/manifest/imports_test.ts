import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "node:test";
import { parseWith, placeOf, record, refusalWith } from "./sample.ts";

const modules = {
  "./mod.ts": record,
  "./lib/a.ts": record,
  "https://cdn.example/lib/b.js": record,
  "jsr:@std/path@1.0.8/posix": record,
};

/** Code and pointer that refuse one rule. */
function refused(specifier: string, address: unknown): [string, string?] {
  return placeOf({ modules, imports: JSON.parse(`{${JSON.stringify(specifier)}:${JSON.stringify(address)}}`) });
}

describe("imports of a manifest", () => {
  it("map bare specifiers and prefixes to listed modules", () => {
    const imports = {
      "a": "./lib/a.ts",
      "#a": "./lib/a.ts",
      "fs": "./lib/a.ts",
      "constructor": "./mod.ts",
      "~/": "./",
      "lib/": "./lib/",
      "cdn/": "https://cdn.example/lib/",
      "b": "https://cdn.example/lib/b.js",
      "@std/path/": "jsr:@std/path@1.0.8/",
      "@std/path/posix": "jsr:@std/path@1.0.8/posix",
    };
    assertEquals([...parseWith({ modules, imports }).imports], Object.entries(imports));
    const data = JSON.parse(`{"__proto__":"./mod.ts"}`);
    assertEquals([...parseWith({ modules, imports: data }).imports], [["__proto__", "./mod.ts"]]);
  });

  it("cannot shadow what others have a meaning for", () => {
    const specifiers = [
      "plugins/units",
      "plugins/",
      "@plugmap/plugmap",
      "@plugmap/plugmap/plugin",
      "@plugmap/",
      "bun",
      "bun:ffi",
      "node:fs",
      "NODE:fs",
      "npm:x",
      "jsr:@std/path",
      "https://cdn.example/lib/b.js",
      "file:///etc/passwd",
      "data:text/javascript,1",
      "/mod.ts",
      "/",
      "./mod.ts",
      "../mod.ts",
      "./",
    ];
    for (const specifier of specifiers) {
      const address = specifier.endsWith("/") ? "./lib/" : "./mod.ts";
      const error = refusalWith({ modules, imports: { [specifier]: address } });
      assertEquals(error.code, "manifest-invalid", specifier);
      assertStringIncludes(error.problem, "would shadow", specifier);
    }
    assertEquals(refused("", "./mod.ts"), ["manifest-invalid", "/imports/"]);
  });

  it("do not lead out of the listed modules", () => {
    const addresses: [string, string, string][] = [
      ["a", "./lib/b.ts", "manifest-invalid"],
      ["a", "./lib/A.ts", "manifest-invalid"],
      ["a", "./lib/a", "manifest-invalid"],
      ["a", "https://cdn.example/lib/c.js", "manifest-invalid"],
      ["a", "jsr:@std/path@1.0.9/posix", "manifest-invalid"],
      ["a", "lib/a.ts", "path-unsafe"],
      ["a", "../a.ts", "path-unsafe"],
      ["a", "./lib/../mod.ts", "path-unsafe"],
      ["a", "/lib/a.ts", "path-unsafe"],
      ["a", "constructor", "path-unsafe"],
      ["a", "npm:left-pad@1.3.0", "npm-refused"],
      ["a/", "npm:left-pad@1.3.0/", "npm-refused"],
      ["a", "node:fs", "manifest-invalid"],
      ["a", "bun:ffi", "manifest-invalid"],
      ["a", "data:text/javascript,1", "scheme-unsupported"],
      ["a/", "./li/", "manifest-invalid"],
      ["a/", "./lib/a.ts/", "manifest-invalid"],
      ["a/", "https://cdn.example/other/", "manifest-invalid"],
      ["a/", "./lib//", "path-unsafe"],
      ["a/", "../", "path-unsafe"],
      ["a/", "/", "path-unsafe"],
      ["a/", "./lib", "manifest-invalid"],
      ["a", "./lib/", "manifest-invalid"],
    ];
    for (const [specifier, address, code] of addresses) {
      assertEquals(refused(specifier, address)[0], code, `${specifier} -> ${address}`);
    }
    for (const address of [null, 1, "", ["./mod.ts"]]) {
      assertEquals(refused("a", address), ["manifest-invalid", "/imports/a"]);
    }
  });
});
