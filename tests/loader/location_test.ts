import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import type { ErrorCode } from "../../src/errors.ts";
import { locate, parseJsr } from "../../src/loader/location.ts";
import { failureOf } from "./sources.ts";

describe("locate", () => {
  const files: Readonly<Record<string, string>> = {
    "file:///app/plugin.json": "file:///app/plugin.json",
    "file:///app/": "file:///app/plugin.json",
    "file:///app/weather.json": "file:///app/weather.json",
    "file:///a/../b/plugin.json": "file:///b/plugin.json",
    "file:///app/plugin.json#part": "file:///app/plugin.json",
  };
  for (const [target, manifest] of Object.entries(files)) {
    it(`locate() finds ${target} on disk`, () => assertEquals(locate(target), { kind: "file", manifest }));
  }

  const web: Readonly<Record<string, string>> = {
    "https://plugins.example/weather/plugin.json": "https://plugins.example/weather/plugin.json",
    "https://plugins.example/weather/": "https://plugins.example/weather/plugin.json",
    "https://plugins.example": "https://plugins.example/plugin.json",
    "http://127.0.0.1:8000/plugin.json?v=1": "http://127.0.0.1:8000/plugin.json?v=1",
    "https://plugins.example/weather/?v=1": "https://plugins.example/weather/plugin.json?v=1",
    "HTTPS://PLUGINS.example:443/plugin.json#part": "https://plugins.example/plugin.json",
  };
  for (const [target, manifest] of Object.entries(web)) {
    it(`locate() finds ${target} on a server`, () => assertEquals(locate(target), { kind: "http", manifest }));
  }

  it("locate() takes a package for the plugin.json at its root", () => {
    for (const target of ["jsr:@acme/weather@1.0.0", "jsr:@acme/weather@1.0.0/"]) {
      const jsr = { scope: "acme", name: "weather", range: "1.0.0", path: "plugin.json" };
      assertEquals(locate(target), { kind: "jsr", manifest: target, jsr });
    }
  });

  const refused: Readonly<Record<string, ErrorCode>> = {
    "plugin.json": "scheme-unsupported",
    "./plugin.json": "scheme-unsupported",
    "": "scheme-unsupported",
    "data:application/json,{}": "scheme-unsupported",
    "blob:null/x": "scheme-unsupported",
    "ftp://plugins.example/plugin.json": "scheme-unsupported",
    "javascript:plugin.json": "scheme-unsupported",
    "node:fs": "scheme-unsupported",
    "__proto__": "scheme-unsupported",
    "npm:weather": "npm-refused",
    "npm:@acme/weather@1.0.0": "npm-refused",
    "https://user@plugins.example/plugin.json": "option-invalid",
    "https://user:secret@plugins.example/plugin.json": "option-invalid",
    "https://:secret@plugins.example/plugin.json": "option-invalid",
    "file:///app/mod.ts": "option-invalid",
    "https://plugins.example/weather": "option-invalid",
    "https://plugins.example/mod.js?x=plugin.json": "option-invalid",
    "jsr:weather": "package-unresolved",
  };
  for (const [target, code] of Object.entries(refused)) {
    it(`locate() refuses ${JSON.stringify(target)}: ${code}`, async () => {
      const error = await failureOf(() => locate(target));
      assertEquals(error.code, code);
      assertEquals(error.message.includes("secret"), false);
    });
  }
});

describe("parseJsr", () => {
  const parsed: Readonly<Record<string, readonly [range: string, path: string]>> = {
    "jsr:@acme/weather": ["*", ""],
    "jsr:/@acme/weather@1.2.3/plugin.json": ["1.2.3", "plugin.json"],
    "jsr:@acme/weather@^1.2.3-rc.1/dist/plugin.json": ["^1.2.3-rc.1", "dist/plugin.json"],
    "jsr:@acme/weather@>=1.0.0 <2.0.0": [">=1.0.0 <2.0.0", ""],
    "jsr:@acme/weather@%5E1.0.0%20||%202": ["^1.0.0 || 2", ""],
    "jsr:@acme/weather/a/..b/.c/d..": ["*", "a/..b/.c/d.."],
    "jsr:@acme/weather/__proto__": ["*", "__proto__"],
  };
  for (const [specifier, [range, path]] of Object.entries(parsed)) {
    it(`parseJsr() takes ${specifier} apart`, () => {
      assertEquals(parseJsr(specifier), { scope: "acme", name: "weather", range, path });
    });
  }

  const refused: readonly string[] = [
    "jsr:weather",
    "jsr:@acme",
    "jsr:@acme/",
    "jsr:@Acme/weather",
    "jsr:@acme/wea_ther",
    "jsr:@acme/weather@/plugin.json",
    "jsr://@acme/weather",
    "jsr:@acme/weather@1.0.0//plugin.json",
    "jsr:@acme/weather@1.0.0/a/",
    "jsr:@acme/weather@1.0.0/../other/plugin.json",
    "jsr:@acme/weather@1.0.0/a/./plugin.json",
    "jsr:@acme/weather@1.0.0/%2e%2e/plugin.json",
    "jsr:@acme/weather@1.0.0/a%2fplugin.json",
    "jsr:@acme/weather@1.0.0/..\\..\\plugin.json",
    "jsr:@acme/weather@1.0.0/plugin.json?version=2",
    "jsr:@acme/weather@1.0.0/plugin.json#part",
    "jsr:@acme/weather@%",
    "jsr:@acme/weather@%zz",
    "jsr:@acme/weather@%ff",
    "jsr:@acme/weather@1.0.0\n/plugin.json\n",
    "npm:@acme/weather",
  ];
  for (const specifier of refused) {
    it(`parseJsr() refuses ${JSON.stringify(specifier)}`, async () => {
      assertEquals((await failureOf(() => parseJsr(specifier))).code, "package-unresolved");
    });
  }
});
