import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "node:test";
import { PlugmapError } from "../../src/errors.ts";
import { parse, parseWith, placeOf, record, refusalWith } from "./sample.ts";

describe("parseManifest()", () => {
  it("reads every member", () => {
    const manifest = parse(JSON.stringify({
      $schema: "./plugin.schema.json",
      name: "@acme/weather",
      version: "1.2.3-beta.1+build",
      description: "Tells the weather",
      author: "Ada",
      license: "MIT",
      entry: "./src/mod.ts",
      engines: { plugmap: "^0.1.0", deno: ">=2.9", bun: "1.4.x", host: "*" },
      dependencies: { units: "^1", "@acme/maps": { version: ">=2 <4", optional: true } },
      imports: { "~/": "./", "#format": "./src/format.ts", "lib/": "https://cdn.example/lib/" },
      permissions: { net: ["api.example.com:443"], env: true },
      hooks: ["greeting", "__proto__"],
      modules: {
        "./src/mod.ts": record,
        "./src/format.ts": { integrity: "sha512-AAAA sha384-BBBB", size: 0 },
        "https://cdn.example/lib/a.js?min": record,
        "jsr:@std/path@1.0.8/posix": record,
      },
    }));
    assertEquals(manifest.name, "@acme/weather");
    assertEquals(manifest.version, "1.2.3-beta.1+build");
    assertEquals([manifest.description, manifest.author, manifest.license], ["Tells the weather", "Ada", "MIT"]);
    assertEquals(manifest.entry, "./src/mod.ts");
    assertEquals([...manifest.engines], [["plugmap", "^0.1.0"], ["deno", ">=2.9"], ["bun", "1.4.x"], ["host", "*"]]);
    assertEquals([...manifest.dependencies], [
      ["units", { version: "^1", optional: false }],
      ["@acme/maps", { version: ">=2 <4", optional: true }],
    ]);
    assertEquals(manifest.imports.get("lib/"), "https://cdn.example/lib/");
    assertEquals(manifest.permissions.net, ["api.example.com:443"]);
    assertEquals(manifest.permissions.env, true);
    assertEquals(manifest.permissions.run, []);
    assertEquals(manifest.hooks, ["greeting", "__proto__"]);
    assertEquals(manifest.modules.size, 4);
    assertEquals(manifest.modules.get("./src/format.ts"), { integrity: "sha512-AAAA sha384-BBBB", size: 0 });
  });

  it("gives what is left out as nothing", () => {
    const manifest = parseWith({});
    assertEquals(manifest.description, undefined);
    assertEquals(manifest.hooks, undefined);
    assertEquals([manifest.engines.size, manifest.dependencies.size, manifest.imports.size], [0, 0, 0]);
    assertEquals(Object.values(manifest.permissions).flat(), []);
  });

  it("is frozen, with all in it", () => {
    const manifest = parseWith({ hooks: ["a"], dependencies: { b: "1" }, permissions: { env: ["LANG"] } });
    const parts = [
      manifest,
      manifest.hooks,
      manifest.dependencies.get("b"),
      manifest.permissions,
      manifest.permissions.env,
      manifest.modules.get("./mod.ts"),
    ];
    for (const part of parts) assert(Object.isFrozen(part));
  });

  it("refuses what lacks a member, and says which", () => {
    for (const name of ["name", "version", "entry", "modules"]) {
      const error = refusalWith({ [name]: undefined });
      assertEquals([error.code, error.pointer], ["manifest-invalid", `/${name}`]);
      assertStringIncludes(error.problem, `The member "${name}" is missing`);
    }
  });

  it("refuses an unknown member at every level", () => {
    const unknown: [Record<string, unknown>, string][] = [
      [{ scripts: {} }, "/scripts"],
      [{ constructor: 1 }, "/constructor"],
      [{ engines: { node: "*" } }, "/engines/node"],
      [{ dependencies: { a: { version: "1", dev: true } } }, "/dependencies/a/dev"],
      [{ modules: { "./mod.ts": { ...record, url: "x" } } }, "/modules/.~1mod.ts/url"],
    ];
    for (const [members, pointer] of unknown) assertEquals(placeOf(members), ["manifest-invalid", pointer]);
    assertEquals(placeOf({ permissions: { netowrk: true } }), ["permission-invalid", "/permissions/netowrk"]);
    assertEquals(refusalWith({ dependancies: {} }).mend, `Did you mean "dependencies"?`);
  });

  it("refuses values of the wrong kind", () => {
    const wrong: [Record<string, unknown>, string][] = [
      [{ $schema: 1 }, "/$schema"],
      [{ name: null }, "/name"],
      [{ version: 1 }, "/version"],
      [{ description: "" }, "/description"],
      [{ author: {} }, "/author"],
      [{ license: ["MIT"] }, "/license"],
      [{ entry: true }, "/entry"],
      [{ engines: "^1" }, "/engines"],
      [{ engines: { deno: 2 } }, "/engines/deno"],
      [{ dependencies: ["units"] }, "/dependencies"],
      [{ dependencies: { units: null } }, "/dependencies/units"],
      [{ dependencies: { units: {} } }, "/dependencies/units/version"],
      [{ dependencies: { units: { version: "1", optional: null } } }, "/dependencies/units/optional"],
      [{ imports: [] }, "/imports"],
      [{ hooks: "greeting" }, "/hooks"],
      [{ hooks: [""] }, "/hooks/0"],
      [{ hooks: ["a", "b", "a"] }, "/hooks/2"],
      [{ modules: [] }, "/modules"],
    ];
    for (const [members, pointer] of wrong) assertEquals(placeOf(members), ["manifest-invalid", pointer]);
    assertEquals(placeOf({ permissions: null }), ["permission-invalid", "/permissions"]);
    for (const [text, found] of [["[]", "an array"], ["null", "null"], [`"x"`, `"x"`], ["1", "1"]] as const) {
      const error = assertThrows(() => parse(text), PlugmapError);
      assertEquals([error.code, error.problem], ["manifest-invalid", `Expected an object, found ${found}`]);
    }
  });

  it("refuses bytes that are not strict JSON in UTF-8", () => {
    const valid = new TextEncoder().encode(`{"name":"w"}`);
    for (const bytes of [Uint8Array.of(0xef, 0xbb, 0xbf, ...valid), Uint8Array.of(...valid, 0xff), valid.slice(1)]) {
      assertEquals(assertThrows(() => parse(bytes), PlugmapError).code, "manifest-invalid");
    }
    const error = assertThrows(() => parse(`{"name":"a","version":"1.0.0","name":"b"}`), PlugmapError);
    assertEquals([error.code, error.pointer], ["manifest-invalid", "/name"]);
  });

  it("tells all problems of one pass, the first with its code and mend", () => {
    const error = refusalWith({ name: "Weather", version: "1", entry: "./other.ts", scripts: {} });
    assertEquals([error.code, error.pointer], ["manifest-invalid", "/scripts"]);
    for (const place of ["/scripts", "/name", "/version", "/entry"]) {
      assertStringIncludes(error.problem, `at "${place}"`);
    }
    assertMatch(error.mend ?? "", /^Remove it; known are "\$schema", "name"/);
  });

  it("bounds what it tells of a manifest that is all problems", () => {
    const members = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`x${index}`, 1]));
    assert(refusalWith(members).message.length < 2000);
  });

  it("refuses versions that are not semantic versions in their one spelling", () => {
    for (const version of ["1", "1.2", "v1.2.3", " 1.2.3", "01.2.3", "1.2.3-01", "1.2.3-", "latest", "1.2.3\u0661"]) {
      assertEquals(placeOf({ version }), ["manifest-invalid", "/version"], version);
    }
  });

  it("refuses ranges that are none, or that only look like one", () => {
    const ranges = [
      "",
      "latest",
      "workspace:*",
      ">=1,<2",
      " ^1",
      "^1 ",
      "||",
      "1 ||",
      "^",
      "1.2.3.4",
      Array(100).fill("^1").join(" || "),
    ];
    for (const range of ranges) {
      assertEquals(placeOf({ dependencies: { units: range } }), ["manifest-invalid", "/dependencies/units"], range);
      assertEquals(placeOf({ engines: { host: range } }), ["manifest-invalid", "/engines/host"], range);
    }
  });

  it("takes plugin names as data, and refuses those that break the rule", () => {
    for (const name of ["a", "constructor", "valueof", "a.b_c-d", "@a/b", "0", "a".repeat(214)]) {
      assertEquals(parseWith({ name }).name, name);
    }
    const refused = [
      "__proto__",
      "toString",
      ".a",
      "a.",
      "-a",
      "a b",
      "a/b",
      "@a",
      "@a/",
      "@/a",
      "@A/b",
      "é",
      "a".repeat(215),
    ];
    for (const name of refused) {
      assertEquals(placeOf({ name }), ["manifest-invalid", "/name"], name);
      const dependencies = JSON.parse(`{${JSON.stringify(name)}:"1"}`);
      assertEquals(placeOf({ dependencies })[0], "manifest-invalid", name);
    }
    assertEquals(parseWith({ dependencies: { constructor: "1" } }).dependencies.get("constructor")?.version, "1");
  });

  it("refuses an entry that is no path of a module", () => {
    assertEquals(placeOf({ entry: "./Mod.ts" }), ["manifest-invalid", "/entry"]);
    assertEquals(placeOf({ entry: "../mod.ts" }), ["path-unsafe", "/entry"]);
    assertEquals(placeOf({ entry: "https://cdn.example/mod.ts" }), ["path-unsafe", "/entry"]);
    assertEquals(placeOf({ entry: "constructor" }), ["path-unsafe", "/entry"]);
  });

  it("reports what is wrong with permissions at their place", () => {
    assertEquals(placeOf({ permissions: { net: ["https://x"] } }), ["permission-invalid", "/permissions/net/0"]);
    assertEquals(placeOf({ permissions: { run: true } }), ["permission-invalid", "/permissions/run"]);
    assertEquals(placeOf({ permissions: true }), ["permission-invalid", "/permissions"]);
  });

  it("does not see what objects inherit", () => {
    Object.defineProperty(Object.prototype, "permissions", {
      value: { read: true },
      enumerable: true,
      configurable: true,
    });
    try {
      assertEquals(parseWith({}).permissions.read, []);
    } finally {
      delete (Object.prototype as { permissions?: unknown }).permissions;
    }
  });
});
