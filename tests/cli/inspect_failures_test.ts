import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { startJsrRegistry } from "../registry/jsr_registry.mjs";
import type { Files } from "../support/plugin_folder.ts";
import { redirectTo, reply, serve, startServer } from "../support/server.ts";
import { createFolder } from "./files.ts";
import { pluginFiles } from "./plugin_files.ts";
import { callPlugmap, spawnPlugmap } from "./plugmap.ts";

/** How plugins are listed, where it is not by their folder. */
interface Listing {
  readonly imports?: Readonly<Record<string, unknown>>;
  readonly integrity?: Readonly<Record<string, string>>;
  readonly policy?: object;
}

const listed = { "plugins/sample": "./sample/plugin.json" };
const records = { integrity: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", size: 0 };

/** What is wrong with plugin "sample", by the code and a part of the text that tell it. */
const failures: readonly (readonly [code: string, text: string, files: Files, listing?: Listing])[] = [
  ["import-map-blocked", 'forbids "plugins/sample"', {}, { imports: { "plugins/sample": null } }],
  ["fetch-failed", "does not exist", {}],
  ["scheme-unsupported", '"data:text/json,{}"', {}, { imports: { "plugins/sample": "data:text/json,{}" } }],
  ["npm-refused", '"npm:sample"', {}, { imports: { "plugins/sample": "npm:sample" } }],
  ["option-invalid", "neither a manifest nor a folder", {}, { imports: { "plugins/sample": "./sample/main.ts" } }],
  ["package-unresolved", "not a JSR specifier", {}, {
    imports: { "plugins/sample": "jsr:sample" },
    integrity: { "jsr:sample": records.integrity },
  }],
  ["manifest-invalid", "The manifest is not JSON", { "sample/plugin.json": "{" }],
  ["manifest-invalid", 'Member "nmae" is unknown, at "/nmae"', pluginFiles("sample", { nmae: "x" })],
  ["manifest-mismatch", 'of "sample"', pluginFiles("sample"), { imports: { "plugins/other": "./sample/plugin.json" } }],
  ["manifest-too-large", "the cap", pluginFiles("sample", { modules: { "./main.ts": { ...records, size: 1e12 } } })],
  ["path-unsafe", "leads out", pluginFiles("sample", { modules: { "./main.ts": records, "../x.ts": records } })],
  [
    "integrity-missing",
    "/modules/.~1main.ts/integrity",
    pluginFiles("sample", { modules: { "./main.ts": { size: 0 } } }),
  ],
  ["integrity-invalid", "no well-formed sha384", pluginFiles("sample"), {
    integrity: { "./sample/plugin.json": "sha384-x" },
  }],
  ["integrity-mismatch", "plugin.json", pluginFiles("sample"), {
    integrity: { "./sample/plugin.json": records.integrity },
  }],
  ["integrity-mismatch", '"./main.ts" has 9 bytes where 19 are pinned', {
    ...pluginFiles("sample"),
    "sample/main.ts": "// other\n",
  }],
  ["engine-unmet", "99", pluginFiles("sample", { engines: { plugmap: "^99.0.0" } })],
  ["permission-invalid", "/permissions/net/0", pluginFiles("sample", { permissions: { net: ["http://x"] } })],
  ["permission-missing", "example.com", pluginFiles("sample", { permissions: { net: ["example.com"] } })],
  ["enforcement-missing", "trusted", pluginFiles("sample"), { policy: { require: "enforced" } }],
  ["module-unsupported", "view.tsx", pluginFiles("sample", {}, { "main.ts": "", "view.tsx": "" })],
  [
    "module-unlisted",
    '"./part.ts" imports "./gone.ts"',
    pluginFiles("sample", {}, {
      "main.ts": `export * from "./part.ts";`,
      "part.ts": `import "./gone.ts";`,
    }),
  ],
  ["module-unlisted", '"plugins/other"', pluginFiles("sample", {}, { "main.ts": `import "plugins/other";` })],
  ["npm-refused", '"npm:left-pad"', pluginFiles("sample", {}, { "main.ts": `import "npm:left-pad";` })],
  ["builtin-denied", '"node:fs"', pluginFiles("sample", {}, { "main.ts": `import "node:fs";` })],
  ["module-invalid", "main.ts", pluginFiles("sample", {}, { "main.ts": "import { from ;" })],
  ["dependency-missing", '"base"', pluginFiles("sample", { dependencies: { base: "^1.0.0" } })],
  ["dependency-unmet", '"base" "^2.0.0"', {
    ...pluginFiles("sample", { dependencies: { base: "^2.0.0" } }),
    ...pluginFiles("base"),
  }, { imports: { ...listed, "plugins/base": "./base/" } }],
  ["dependency-cycle", '"sample" -> "base" -> "sample"', {
    ...pluginFiles("sample", { dependencies: { base: "^1.0.0" } }),
    ...pluginFiles("base", { dependencies: { sample: "^1.0.0" } }),
  }, { imports: { ...listed, "plugins/base": "./base/" } }],
];

/** What keeps all of it from being inspected. */
const obstacles: readonly (readonly [code: string, text: string, files: Files])[] = [
  ["import-map-missing", "cannot be read", {}],
  ["import-map-invalid", "is not JSON", { "plugins.json": "{" }],
  ["import-map-invalid", "twice", {
    "plugins.json": '{ "imports": { "plugins/sample": "./a/", "plugins/sample": "./b/" } }',
  }],
  ["policy-invalid", "found an array", { "plugins.json": "{}", "plugins.policy.json": "[]" }],
  ["policy-invalid", '"tier"', { "plugins.json": "{}", "plugins.policy.json": '{ "default": { "teir": "trusted" } }' }],
];

describe("plugmap inspect, failures", () => {
  for (const [code, text, files, { imports = listed, integrity = {}, policy = {} } = {}] of failures) {
    it(`inspect shows ${code}: ${text}`, async () => {
      using folder = createFolder({
        ...files,
        "plugins.json": JSON.stringify({ imports, integrity }),
        "plugins.policy.json": JSON.stringify(policy),
      });
      const ending = await callPlugmap("inspect", "--import-map", folder.at("plugins.json"));
      assertEquals(ending.code, 1);
      assertMatch(ending.out, /\n(?:sample|other) .* refused /);
      const told = ending.out.split("\n").find((line) => line.startsWith(`[${code}] Cannot `)) ?? ending.out;
      assertMatch(told, /^\[[a-z-]+\] Cannot [a-z ]+ plugin "(?:sample|other)": /);
      assertStringIncludes(told, text);
    });
  }

  for (const [code, text, files] of obstacles) {
    it(`inspect cannot be carried out for ${code}: ${text}`, async () => {
      using folder = createFolder(files);
      const ending = await callPlugmap("inspect", "--json", "--import-map", folder.at("plugins.json"));
      assertEquals([ending.code, ending.out], [2, ""]);
      assertMatch(ending.problems, new RegExp(`^\\[${code}\\] .*\\n$`));
      assertStringIncludes(ending.problems, text);
    });
  }

  it("inspect shows what is wrong with servers and packages", async () => {
    await using server = await startServer({ "/elsewhere.json": redirectTo("http://localhost:9/plugin.json") });
    server.route("/large.json", serve(new Uint8Array(3 * 1024 * 1024)));
    server.route("/other.json", serve("{}"));
    server.route("/gone.json", reply(410));
    await using registry = await startJsrRegistry();
    const release = { version: "1.0.0", exports: {} };
    await registry.publish({ name: "@acme/bare", files: { "/mod.ts": "" }, ...release });
    const sources = {
      "no-pin": [`${server.url}other.json`, undefined, "integrity-missing"],
      elsewhere: [`${server.url}elsewhere.json`, records.integrity, "fetch-redirect"],
      large: [`${server.url}large.json`, records.integrity, "fetch-too-large"],
      other: [`${server.url}other.json?`, records.integrity, "integrity-mismatch"],
      gone: [`${server.url}gone.json`, records.integrity, "fetch-failed"],
      bare: ["jsr:@acme/bare@^1.0.0", records.integrity, "package-unresolved"],
      newer: ["jsr:@acme/bare@^2.0.0", records.integrity, "package-unresolved"],
    } as const;
    const listings = Object.entries(sources);
    using folder = createFolder({
      "plugins.json": JSON.stringify({
        imports: Object.fromEntries(listings.map(([name, [url]]) => [`plugins/${name}`, url])),
        integrity: Object.fromEntries(listings.flatMap(([, [url, pin]]) => pin === undefined ? [] : [[url, pin]])),
      }),
    });
    const denoFlags = [
      `--allow-read=${folder.path}`,
      `--allow-net=${server.host},${new URL(registry.url).host}`,
      "--allow-env=JSR_URL",
    ];
    const start = { cwd: folder.path, denoFlags, env: { JSR_URL: registry.url } };
    const { code, out, problems } = await spawnPlugmap(["inspect"], start);
    assertEquals([code, problems], [1, ""]);
    for (const [name, [, , expected]] of listings) {
      assertStringIncludes(out, `[${expected}] Cannot read the manifest of plugin "${name}": `);
    }
  });
});
