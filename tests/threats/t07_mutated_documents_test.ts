import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  grantFor,
  parseImportMap,
  parseManifest,
  parsePolicy,
  PlugmapError,
  readPermissions,
  resolveSpecifier,
  serializeImportMap,
} from "../../mod.ts";

// T7: documents that are nearly right, with something odd somewhere. What is wrong with them is told by errors of ours;
// anything else that is thrown is a place where an outside name or value was trusted.

const hostile = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "polluted"];

/** Numbers from 0 up to 1, the same ones every time (mulberry32). */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = seeded(7);
const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;

const oddities: readonly unknown[] = [
  ...hostile,
  null,
  true,
  false,
  0,
  -1,
  1e308,
  "",
  " ",
  "\0",
  "\ud800",
  "*",
  "/",
  "./",
  "..",
  "a:b",
  "http://",
  "file:///%00",
  "jsr:@a/b@%",
  "%",
  [],
  [[]],
  {},
  JSON.parse(`{ "__proto__": null }`),
  JSON.parse(`{ "__proto__": { "polluted": true } }`),
  ["__proto__"],
  "9".repeat(400),
  "/".repeat(400),
  "((((",
  "sha256-",
  "@",
];

/** The same document with something odd in it somewhere. */
function mutate(value: unknown): unknown {
  if (typeof value !== "object" || value === null || random() < 0.15) return pick(oddities);
  if (Array.isArray(value)) return [...value.slice(1), mutate(value[0])];
  const entries = Object.entries(value);
  if (entries.length === 0 || random() < 0.2) return Object.fromEntries([...entries, [pick(hostile), pick(oddities)]]);
  const [name, member] = pick(entries);
  const renamed = random() < 0.3 ? String(pick(oddities)) : name;
  return Object.fromEntries(entries.map((entry) => entry[0] === name ? [renamed, mutate(member)] : entry));
}

/** The same text with something odd in it somewhere. */
function garble(text: string): string {
  const [from, to] = [Math.floor(random() * text.length), Math.floor(random() * text.length)];
  const piece = pick([pick(['"', "{", "}", "[", "]", ":", ",", "\\", "\\u0000", "\ufeff"]), text.slice(from, to), ""]);
  return text.slice(0, from) + piece + text.slice(from + Math.floor(random() * 4));
}

const pinned = { integrity: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", size: 0 };
const rules = { "plugins/a": "./a/", "lib/": "https://cdn.example/lib/", b: null };
const documents: readonly (readonly [name: string, document: object, read: (text: string) => unknown])[] = [
  ["parseManifest()", {
    name: "a",
    version: "1.0.0-beta.1",
    description: "a",
    entry: "./a.js",
    engines: { plugmap: ">=0.1.0 <2 || 3.x", deno: "^2.9.0" },
    dependencies: { b: "~1.2.3", c: { version: "*", optional: true } },
    imports: { lib: "./a.js", "lib/": "./lib/" },
    permissions: { read: ["./data"], net: ["*.example.com:443", "[::1]:80", "10.0.0.0/8"], env: ["A*"], sys: true },
    hooks: ["greeting"],
    modules: {
      "./a.js": pinned,
      "./lib/b.ts": pinned,
      "https://cdn.example/c.js": pinned,
      "jsr:@a/b@1.0.0/c.ts": pinned,
    },
  }, (text) => parseManifest(new TextEncoder().encode(text), { readPermissions })],
  ["parsePolicy()", {
    plugins: { a: { tier: "trusted", permissions: { run: ["git"], ffi: ["./lib.so"], write: ["/tmp"] } } },
    default: { permissions: true },
    redirects: ["https://cdn.example"],
  }, (text) => grantFor(parsePolicy(text, { base: "file:///app/" }), "a")],
  ["parseImportMap()", {
    imports: rules,
    scopes: { "./a/": rules },
    integrity: { "./a/plugin.json": pinned.integrity },
  }, (text) => {
    const map = parseImportMap(text, "file:///app/plugins.json");
    serializeImportMap(map);
    return resolveSpecifier(String(pick(oddities)), map, "file:///app/a/mod.js");
  }],
];

describe("T7, documents that are nearly right", () => {
  for (const [name, document, read] of documents) {
    it(`${name} throws nothing but errors of ours`, () => {
      const keys = Reflect.ownKeys(Object.prototype);
      const codes = new Set<string>();
      for (let round = 0; round < 4000; round++) {
        const text = round % 2 === 0 ? JSON.stringify(mutate(document)) : garble(JSON.stringify(document));
        try {
          read(text);
          codes.add("none");
        } catch (error) {
          if (!(error instanceof PlugmapError)) throw new Error(`${name} cannot take ${text}`, { cause: error });
          codes.add(error.code);
        }
      }
      assert(codes.has("none") && codes.size > 2, `Too little variety: ${[...codes].join()}`);
      assertEquals(Reflect.ownKeys(Object.prototype), keys);
    });
  }
});
