import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { plugmapVersion } from "../../mod.ts";
import type { Limits } from "../../mod.ts";
import { computeIntegrity } from "../../src/integrity/mod.ts";
import type { Listed } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import { breaking, endless, redirectTo, reply, serve, silent, stalling, startServer } from "../support/server.ts";
import type { Handler } from "../support/server.ts";
import { createPlugin, greeter, loadBadPlugin } from "./sample_plugins.ts";

/** Small enough to be reached at once; a request that hangs is not repeated. */
const limits: Partial<Limits> = { connect: 100, idle: 100, total: 1000, retries: 0, manifestSize: 10_000 };
const encoder = new TextEncoder();
const pin = computeIntegrity(encoder.encode("whatever"));

/** What becomes of a plugin whose manifest this handler answers for. */
async function served(handler: Handler, digest: string = pin): ReturnType<typeof loadBadPlugin> {
  await using server = await startServer({ "/plugin.json": handler });
  return await loadBadPlugin({ name: "bad", manifestUrl: `${server.url}plugin.json`, digest }, { limits });
}

/** What becomes of a plugin with this text for a manifest, pinned as it is. */
function written(text: string | Uint8Array): ReturnType<typeof loadBadPlugin> {
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  return served(serve(bytes), computeIntegrity(bytes));
}

describe("manifest that cannot be had", () => {
  const cases: readonly (readonly [what: string, handler: Handler, code: string, text: string])[] = [
    ["is not there", reply(404, "gone"), "fetch-failed", "status 404"],
    ["is behind a broken server", reply(503), "fetch-failed", "status 503"],
    ["breaks off", breaking("{"), "fetch-failed", "cannot be fetched"],
    ["never starts", silent, "fetch-timeout", "does not answer"],
    ["never goes on", stalling("{"), "fetch-timeout", "sends nothing"],
    ["never ends", endless, "fetch-too-large", "larger than 10000 bytes"],
    ["is too large", serve("x".repeat(10_001)), "fetch-too-large", "larger than 10000 bytes"],
    ["redirects elsewhere", redirectTo("https://other.example/plugin.json"), "fetch-redirect", "another origin"],
    ["has other bytes than pinned", serve("{}"), "integrity-mismatch", "is pinned"],
  ];
  for (const [what, handler, code, text] of cases) {
    it(`${code}: the manifest ${what}`, async () => {
      const bad = await served(handler);
      assertEquals([bad.code, bad.step], [code, "manifest"]);
      assertStringIncludes(bad.message, text);
    });
  }

  it("fetch-failed: no one listens there", async () => {
    await using server = await startServer();
    await server.close();
    const bad = await loadBadPlugin({ name: "bad", manifestUrl: `${server.url}plugin.json`, digest: pin }, { limits });
    assertEquals([bad.code, bad.step], ["fetch-failed", "manifest"]);
  });

  it("fetch-failed: the file is not there", async () => {
    using plugin = createPlugin("bad");
    plugin.remove();
    const bad = await loadBadPlugin(plugin);
    assertEquals([bad.code, bad.step], ["fetch-failed", "manifest"]);
    assertStringIncludes(bad.message, "does not exist");
  });
});

describe("manifest that is not one", () => {
  const valid = {
    name: "bad",
    version: "1.0.0",
    entry: "./mod.js",
    modules: { "./mod.js": { integrity: pin, size: 1 } },
  };
  const cases: readonly (readonly [what: string, text: string | Uint8Array, code: string])[] = [
    ["is empty", "", "manifest-invalid"],
    ["is not JSON", "<html>", "manifest-invalid"],
    ["is not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), "manifest-invalid"],
    ["is an array", "[]", "manifest-invalid"],
    ["says something twice", `{ "name": "bad", "name": "good" }`, "manifest-invalid"],
    ["has an unknown member", JSON.stringify({ ...valid, main: "./mod.js" }), "manifest-invalid"],
    ["lacks its modules", JSON.stringify({ ...valid, modules: undefined }), "manifest-invalid"],
    ["has a version that is none", JSON.stringify({ ...valid, version: "1.0" }), "manifest-invalid"],
    ["has a name that is none", JSON.stringify({ ...valid, name: "Bad" }), "manifest-invalid"],
    [
      "has a module without a hash",
      JSON.stringify({ ...valid, modules: { "./mod.js": { size: 1 } } }),
      "integrity-missing",
    ],
    ["asks for all of run", JSON.stringify({ ...valid, permissions: { run: true } }), "permission-invalid"],
    [
      "lists a module of npm",
      JSON.stringify({ ...valid, modules: { ...valid.modules, "npm:x@1": {} } }),
      "npm-refused",
    ],
  ];
  for (const [what, text, code] of cases) {
    it(`${code}: the manifest ${what}`, async () => {
      const bad = await written(text);
      assertEquals([bad.code, bad.step], [code, "manifest"]);
    });
  }
});

describe("manifest of another plugin", () => {
  it("manifest-mismatch: the manifest has another name than the import map", async () => {
    using plugin = createPlugin("other");
    const { manifestUrl, digest } = plugin;
    const bad = await loadBadPlugin({ name: "bad", manifestUrl, digest });
    assertEquals([bad.code, bad.step], ["manifest-mismatch", "manifest"]);
    assertStringIncludes(bad.message, `List it as "plugins/other"`);
  });

  it("manifest-mismatch: one manifest is listed under two names", async () => {
    using plugin = createPlugin("last-but-one");
    const bad = await loadBadPlugin({ ...plugin, name: "twin" });
    assertEquals(bad.code, "manifest-mismatch");
  });
});

describe("engines that are not here", () => {
  for (
    const [what, engines] of [
      ["another Plugmap", { plugmap: `>${plugmapVersion}` }],
      ["another host", { host: "^2.0.0" }],
      ["a later runtime", { deno: ">=99.0.0", bun: ">=99.0.0" }],
    ] as const
  ) {
    it(`engine-unmet: the plugin is for ${what}`, async () => {
      using plugin = createPlugin("bad", greeter("bad"), { engines });
      const bad = await loadBadPlugin(plugin, { version: "1.5.0" });
      assertEquals([bad.code, bad.step], ["engine-unmet", "manifest"]);
      assertStringIncludes(bad.message, `host "1.5.0"`);
    });
  }
});

describe("address that no plugin can be at", () => {
  const pinned = { name: "bad", digest: pin };
  const cases: readonly (readonly [listed: Listed, code: string])[] = [
    [{ name: "bad", manifestUrl: "https://plugins.example/bad/plugin.json" }, "integrity-missing"],
    [{ name: "bad", manifestUrl: "jsr:@acme/bad@1.0.0" }, "integrity-missing"],
    [{ ...pinned, manifestUrl: "npm:bad@1.0.0" }, "npm-refused"],
    [{ ...pinned, manifestUrl: "https://user:secret@plugins.example/plugin.json" }, "option-invalid"],
    [{ ...pinned, manifestUrl: "https://plugins.example/mod.js" }, "option-invalid"],
    [{ ...pinned, manifestUrl: "jsr:bad" }, "package-unresolved"],
    [{ ...pinned, manifestUrl: "jsr:@acme/bad@1.0.0/../x/plugin.json" }, "package-unresolved"],
    [{ ...pinned, manifestUrl: "data:application/json,{}" }, "scheme-unsupported"],
    [{ ...pinned, manifestUrl: "blob:https://plugins.example/1" }, "scheme-unsupported"],
    [{ ...pinned, manifestUrl: "node:fs" }, "scheme-unsupported"],
    [{ ...pinned, manifestUrl: "file:///%00/plugin.json" }, "fetch-failed"],
    [{ ...pinned, manifestUrl: "file:///%ff/plugin.json" }, "path-unsafe"],
  ];
  for (const [listed, code] of cases) {
    it(`${code}: ${listed.digest === undefined ? "unpinned " : ""}${listed.manifestUrl}`, async () => {
      const bad = await loadBadPlugin(listed);
      assertEquals([bad.code, bad.step], [code, "manifest"]);
    });
  }

  it("a password in an address is in no message", async () => {
    const bad = await loadBadPlugin({ ...pinned, manifestUrl: "https://user:secret@plugins.example/plugin.json" });
    assertEquals(bad.message.includes("secret"), false);
  });
});

describe("integrity metadata of a plugin", () => {
  for (const digest of ["", " ", "sha256-", "md5-1B2M2Y8AsgTpgAmY7PhCfg==", "sha384", `${pin.slice(0, -4)}`]) {
    it(`integrity-invalid: ${JSON.stringify(digest)} pins nothing, on disk as well`, async () => {
      using plugin = createPluginFolder({ "mod.js": greeter("bad") }, { name: "bad" });
      const bad = await loadBadPlugin({ ...plugin, digest });
      assertEquals([bad.code, bad.step], ["integrity-invalid", "manifest"]);
    });
  }
});
