import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createTestHost } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import { serve, startServer } from "../support/server.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { createCanary } from "./canary.ts";

// T4: an import that is refused, or of no use, after it has read a secret or told a server that someone is there.

/** Modules that name a file or a server which is not theirs, where `FILE` stands, or in a source map for `MAP`. */
const scripts: readonly string[] = [
  `import secret from "FILE" with { type: "json" }; globalThis.secret = secret;`,
  `import secret from "FILE" with { type: "text" }; globalThis.secret = secret;`,
  `import secret from "FILE" with { type: "bytes" }; globalThis.secret = secret;`,
  `import secret from "FILE" with { type: "file" }; globalThis.secret = secret;`,
  `import secret from "FILE" with { type: "macro" }; globalThis.secret = secret();`,
  `import secret from "FILE"; globalThis.secret = secret;`,
  `import "FILE";`,
  `export * from "FILE";`,
  `import defer * as secret from "FILE"; globalThis.secret = secret;`,
  `import source secret from "FILE"; globalThis.secret = secret;`,
  `await import("FILE", { with: { type: "json" } });`,
  `import("FILE").catch(() => {});`,
  `if (false) await import("FILE");`,
  `if (false) require("FILE");`,
  `import.meta.resolve("FILE");`,
  `globalThis.secret = new URL("FILE", import.meta.url).href;`,
  `//# sourceMappingURL=FILE`,
  `throw new Error("a stack trace that a source map would be read for");\n//# sourceMappingURL=FILE`,
  `throw new Error("whose line a source map tells");\n//@ sourceMappingURL=FILE`,
  `throw new Error("a source map that names a source");\n//# sourceMappingURL=data:application/json;base64,MAP`,
  `// @deno-types="FILE"\nimport "./other.js";`,
  `/** @import { Secret } from "FILE" */`,
];

const typeScripts: readonly string[] = [
  `import type { Secret } from "FILE"; export type Open = Secret;`,
  `import { type Secret } from "FILE"; export type Open = Secret;`,
  `import { Secret } from "FILE"; export type Open = Secret;`,
  `export type Open = import("FILE").Secret;`,
  `import secret = require("FILE"); export { secret };`,
  `/// <reference path="FILE" />`,
  `/// <reference types="FILE" />`,
  `throw new Error("x" as string);\n//# sourceMappingURL=FILE`,
  `enum Kind { One }\nthrow new Error(String(Kind.One));\n//# sourceMappingURL=FILE`,
];

const suffix = "\nexport default { hooks: {} };\n";

describe("T4, imports as a way to read or to tell", () => {
  for (const [name, sources] of [["mod.js", scripts], ["mod.ts", typeScripts]] as const) {
    for (const source of sources) {
      it(`in ${name} neither reads a file nor reaches a server: ${source.replaceAll("\n", " ")}`, async () => {
        using elsewhere = createTemporaryFolder();
        const canary = createCanary(elsewhere.path, "secret.json", `{ "password": "swordfish" }`);
        await using server = await startServer({
          "/": serve("export default 1;", { "content-type": "text/javascript" }),
        });
        for (const target of [canary.path, canary.url, `${server.url}secret.json`, `${server.url}secret.js`]) {
          const map = btoa(JSON.stringify({ version: 3, sources: [target], names: [], mappings: "AAAA;AACA;AACA" }));
          const text = suffix + source.replaceAll("FILE", target).replace("MAP", map);
          using plugin = createPluginFolder({ [name]: text, "other.js": "" });
          await using host = createTestHost([plugin]);
          // Whether the plugin is refused or has dropped the import is of no interest here.
          const { plugins } = await host.load();
          assertEquals([JSON.stringify(plugins).includes("swordfish"), canary.wasRead()], [false, false]);
        }
        assertEquals(server.requests, []);
        Reflect.deleteProperty(globalThis, "secret");
      });
    }
  }

  it("holds inside the plugin's own folder too: a file that is not listed is not read", async () => {
    using plugin = createPluginFolder({
      "mod.js": `import env from "./.env" with { type: "text" }; globalThis.secret = env;` + suffix,
    });
    const canary = createCanary(plugin.folder, ".env", "PASSWORD=swordfish");
    await using host = createTestHost([plugin]);
    assertEquals((await host.load()).plugins[0]?.error?.code, "module-unlisted");
    assertEquals(canary.wasRead(), false);
  });
});

describe("T4, documents as a way to tell", () => {
  it("a manifest is read without a look at what it names", async () => {
    await using server = await startServer();
    using plugin = createPluginFolder({ "mod.js": suffix }, {
      $schema: `${server.url}schema.json`,
      author: `${server.url}author`,
      description: server.url,
      license: server.url,
      permissions: { net: [server.host], import: [server.host], read: [server.url.replace("http://", "/")] },
    });
    await using host = createTestHost([plugin]);
    assertEquals((await host.load()).plugins[0]?.error?.code, "permission-missing");
    assertEquals(server.requests, []);
  });

  it("a plugin that is refused for what its manifest says has none of its modules fetched", async () => {
    const refused: readonly [string, Readonly<Record<string, unknown>>][] = [
      ["permission-missing", { permissions: { env: ["LANG"] } }],
      ["engine-unmet", { engines: { plugmap: ">=1000" } }],
      ["manifest-mismatch", { name: "other" }],
      ["manifest-invalid", { surprise: 1 }],
    ];
    for (const [code, overrides] of refused) {
      using plugin = createPluginFolder({ "mod.js": suffix }, overrides);
      const manifest = new Uint8Array(await (await fetch(plugin.manifestUrl)).arrayBuffer());
      await using server = await startServer({ "/plugin.json": serve(manifest), "/": serve(suffix) });
      const manifestUrl = `${server.url}plugin.json`;
      await using host = createTestHost([{ ...plugin, name: "sample", manifestUrl }]);
      assertEquals((await host.load()).plugins[0]?.error?.code, code);
      assertEquals(server.requests, ["/plugin.json"]);
    }
  });

  it("a plugin that the host does not enable has nothing of it fetched", async () => {
    await using server = await startServer();
    const digest = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    await using host = createTestHost([{ name: "off", manifestUrl: `${server.url}plugin.json`, digest }], {
      enabled: [],
    });
    assertEquals((await host.load()).plugins[0]?.state, "disabled");
    assertEquals(server.requests, []);
  });
});
