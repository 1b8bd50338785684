import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { builtinModules } from "node:module";
import { describe, it } from "node:test";
import { PlugmapError } from "../../src/errors.ts";
import { builtinRequirement, checkBuiltin, parsePermissions } from "../../src/permissions/mod.ts";

const nothing = parsePermissions({}, "");

function isDenied(specifier: string, granted: unknown = {}): boolean {
  try {
    checkBuiltin(specifier, parsePermissions(granted, ""));
    return false;
  } catch (error) {
    assert(error instanceof PlugmapError);
    assertEquals(error.code, "builtin-denied");
    assertStringIncludes(error.problem, JSON.stringify(specifier));
    return true;
  }
}

describe("checkBuiltin()", () => {
  it("takes what computes and reaches nothing, with and without the prefix", () => {
    for (const name of ["path", "path/posix", "url", "util/types", "buffer", "events", "assert/strict", "stream/web"]) {
      checkBuiltin(name, nothing);
      checkBuiltin(`node:${name}`, nothing);
    }
  });

  it("needs the permission that a builtin uses", () => {
    const needed: [string, Record<string, unknown>, Record<string, unknown>][] = [
      ["fs", { read: ["/data"] }, { net: true }],
      ["fs", { write: true }, { env: true }],
      ["fs/promises", { read: true }, {}],
      ["sqlite", { write: ["/db"] }, { net: true }],
      ["net", { net: ["example.com"] }, { read: true }],
      ["http", { net: true }, { import: true }],
      ["dns/promises", { net: ["example.com:53"] }, {}],
      ["child_process", { run: ["git"] }, { read: true, write: true, net: true, env: true, sys: true }],
      ["os", { sys: ["hostname"] }, { env: true }],
      ["process", { env: ["LANG"] }, { sys: true }],
    ];
    for (const [name, enough, tooLittle] of needed) {
      checkBuiltin(`node:${name}`, parsePermissions(enough, ""));
      assert(isDenied(`node:${name}`, tooLittle), name);
      assert(isDenied(`node:${name}`, { read: [], write: false, net: [], env: [], run: [], sys: [] }), name);
    }
    checkBuiltin("fs", parsePermissions({ read: true }, ""));
    checkBuiltin("bun:sqlite", parsePermissions({ read: true }, ""));
    checkBuiltin("bun:ffi", parsePermissions({ ffi: ["./lib.so"] }, ""));
    assert(isDenied("bun:ffi", { run: ["git"] }));
  });

  it("never takes what leads out of a plugin's closed world", () => {
    const all = {
      read: true,
      write: true,
      net: true,
      env: true,
      sys: true,
      import: true,
      run: ["git"],
      ffi: ["/lib.so"],
    };
    const never = [
      "module",
      "vm",
      "worker_threads",
      "cluster",
      "repl",
      "inspector",
      "inspector/promises",
      "v8",
      "trace_events",
      "_http_agent",
      "_tls_wrap",
      "node:test",
      "node:sea",
      "node:module",
      "node:vm",
      "bun",
      "bun:jsc",
      "bun:test",
    ];
    for (const specifier of never) assert(isDenied(specifier, all), specifier);
  });

  it("denies a builtin that it does not know, however it is written", () => {
    const specifiers = [
      "node:",
      "node:nope",
      "node:FS",
      "node:fs?x",
      "node:fs#x",
      "node:fs/",
      "node:./fs",
      "node:%66s",
      "node:__proto__",
    ];
    for (const specifier of [...specifiers, "node:constructor", "bun:nope", "bun:", "bun:main"]) {
      assert(isDenied(specifier, { read: true, write: true }), specifier);
    }
    for (const specifier of ["NODE:fs", " node:fs", "no\tde:fs", "Node:module", "BUN:ffi"]) {
      assertEquals(builtinRequirement(specifier), builtinRequirement(specifier.trim().replace("\t", "").toLowerCase()));
      assert(builtinRequirement(specifier) !== undefined, specifier);
    }
  });

  it("leaves what is no builtin to others", () => {
    const specifiers = [
      "lodash",
      "sqlite",
      "test",
      "ws",
      "undici",
      "constructor",
      "__proto__",
      "./fs",
      "fs/other",
      "https://a/fs",
      "Fs",
      "",
    ];
    for (const specifier of specifiers) {
      assertEquals(builtinRequirement(specifier), undefined, specifier);
      checkBuiltin(specifier, nothing);
    }
  });

  it("says what to ask for and what to grant", () => {
    const error = assertThrows(() => checkBuiltin("node:fs", nothing), PlugmapError);
    assertEquals(error.problem, `Importing "node:fs" needs the permission "read" or "write"`);
    assertStringIncludes(error.mend ?? "", `"permissions": { "read": ["./data"] }`);
    assertStringIncludes(error.mend ?? "", "plugins.policy.json");
  });
});

describe("builtinRequirement()", () => {
  it("decides on every builtin of the runtime by name", () => {
    // Packages that Bun brings along under their own names; without the prefix they are not builtins here.
    const packages = new Set(["undici", "ws"]);
    for (const name of builtinModules) {
      if (packages.has(name)) continue;
      const requirement = builtinRequirement(name);
      assert(requirement !== undefined, name);
      if (requirement.kind === "never") assert(!requirement.why.includes("does not know"), name);
    }
  });
});
