import { describe, it } from "node:test";
import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { computeIntegrity, parseIntegrity } from "../../src/integrity/mod.ts";
import { loadManifest } from "../../src/loader/load_manifest.ts";
import type { Store } from "../../src/loader/store.ts";
import { startJsrRegistry } from "../registry/jsr_registry.mjs";
import { createTestHost, importMapOf } from "../support/host.ts";
import { createPluginFolder, manifestOf } from "../support/plugin_folder.ts";
import { serve, serveFolder, startServer } from "../support/server.ts";
import { createSources, failureOf } from "./sources.ts";

const encoder = new TextEncoder();
const files = { "mod.js": "export default {};" };

describe("loadManifest", () => {
  it("loadManifest() of a folder on disk needs no pin, and checks one that is given", async () => {
    using plugin = createPluginFolder(files);
    const unpinned = await loadManifest(plugin.url, undefined, createSources());
    assertEquals([unpinned.url, unpinned.digest, unpinned.pinned], [plugin.manifestUrl, plugin.digest, false]);
    assertEquals(unpinned.manifest.name, "sample");

    const pinned = await loadManifest(plugin.manifestUrl, plugin.digest, createSources());
    assertEquals([pinned.digest, pinned.pinned, pinned.bytes], [plugin.digest, true, unpinned.bytes]);

    plugin.write("plugin.json", `${JSON.stringify(manifestOf(files))}\n`);
    assertEquals(
      (await failureOf(loadManifest(plugin.manifestUrl, plugin.digest, createSources()))).code,
      "integrity-mismatch",
    );
    assertNotEquals((await loadManifest(plugin.url, undefined, createSources())).digest, plugin.digest);
  });

  it("loadManifest() checks the pin before it reads what the bytes say", async () => {
    using plugin = createPluginFolder(files);
    plugin.write("plugin.json", "{ not JSON");
    const error = await failureOf(loadManifest(plugin.url, plugin.digest, createSources()));
    assertEquals(error.code, "integrity-mismatch");
  });

  it("loadManifest() takes a pin of any strength, and any of several", async () => {
    using plugin = createPluginFolder(files);
    const bytes = encoder.encode(JSON.stringify(manifestOf(files), null, 2));
    const other = computeIntegrity(encoder.encode("other"), "sha512");
    for (const pin of [computeIntegrity(bytes, "sha256"), `${other} ${computeIntegrity(bytes, "sha512")}`]) {
      assertEquals((await loadManifest(plugin.url, pin, createSources())).pinned, true);
    }
    // A weaker hash that fits does not make up for a stronger one that does not.
    const weaker = `${other} ${computeIntegrity(bytes, "sha256")}`;
    assertEquals((await failureOf(loadManifest(plugin.url, weaker, createSources()))).code, "integrity-mismatch");
  });

  for (const pin of ["", " ", "md5-xyz", "sha384-", "sha384-AAAA", "__proto__"]) {
    it(`loadManifest() refuses the pin ${JSON.stringify(pin)}, on disk as well as before any request`, async () => {
      using plugin = createPluginFolder(files);
      await using server = await startServer({ "/": serveFolder(plugin.folder) });
      for (const url of [plugin.url, server.url]) {
        assertEquals((await failureOf(loadManifest(url, pin, createSources()))).code, "integrity-invalid");
      }
      assertEquals(server.requests, []);
    });
  }

  it("loadManifest() refuses what nothing pins before it asks a server, and says how to pin it", async () => {
    await using server = await startServer();
    for (const target of [server.url, `${server.url}plugin.json`, "jsr:@acme/sample@1.0.0", "jsr:@acme/sample"]) {
      const error = await failureOf(loadManifest(target, undefined, createSources({ registry: server.url })));
      assertEquals(error.code, "integrity-missing");
      assertStringIncludes(error.mend ?? "", `plugmap hash ${target}`);
    }
    assertEquals(server.requests, []);
  });

  it("loadManifest() from a server gives what is pinned, and refuses anything else", async () => {
    using plugin = createPluginFolder(files);
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const file = await loadManifest(server.url, plugin.digest, createSources());
    assertEquals([file.url, file.digest, file.pinned], [`${server.url}plugin.json`, plugin.digest, true]);

    server.route("/plugin.json", serve("{}"));
    assertEquals(
      (await failureOf(loadManifest(server.url, plugin.digest, createSources()))).code,
      "integrity-mismatch",
    );
  });

  it("loadManifest() stores what it has verified, and nothing else", async () => {
    using plugin = createPluginFolder(files);
    await using server = await startServer({ "/": serveFolder(plugin.folder), "/bad.json": serve("{}") });
    const kept = new Map<string, Uint8Array>();
    const store: Store = {
      get: ([{ digest }]) => kept.get(digest.toBase64()),
      put: ([{ digest }], bytes) => void kept.set(digest.toBase64(), bytes),
    };
    await failureOf(loadManifest(`${server.url}bad.json`, plugin.digest, createSources({ store })));
    assertEquals(kept.size, 0);
    await loadManifest(server.url, plugin.digest, createSources({ store }));
    assertEquals([...kept.keys()], [parseIntegrity(plugin.digest)[0].digest.toBase64()]);
    await loadManifest(server.url, plugin.digest, createSources({ store }));
    assertEquals(server.requests, ["/bad.json", "/plugin.json"]);
  });

  it("loadManifest() from a registry takes the newest version that fits, and the pin decides", async () => {
    await using registry = await startJsrRegistry();
    const text = (version: string): string => JSON.stringify(manifestOf(files, { version }));
    for (const version of ["1.0.0", "1.1.0"]) {
      await registry.publish({ name: "@acme/sample", version, files: { "/plugin.json": text(version) }, exports: {} });
    }
    const sources = createSources({ registry: registry.url });
    const pin = (version: string): string => computeIntegrity(encoder.encode(text(version)));
    const newest = await loadManifest("jsr:@acme/sample@^1.0.0", pin("1.1.0"), sources);
    assertEquals(newest.url, `${registry.url}@acme/sample/1.1.0/plugin.json`);
    const exact = await loadManifest("jsr:@acme/sample@1.0.0", pin("1.0.0"), sources);
    assertEquals([exact.url, exact.manifest.version], [`${registry.url}@acme/sample/1.0.0/plugin.json`, "1.0.0"]);
    assertEquals(
      (await failureOf(loadManifest("jsr:@acme/sample@^1.0.0", pin("1.0.0"), sources))).code,
      "integrity-mismatch",
    );
  });

  it("beside() gets another file from where the manifest is: on disk, a server or a registry, for one version", async () => {
    using plugin = createPluginFolder(files);
    plugin.write("plugin.json.sig", "signed");
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    await using registry = await startJsrRegistry();
    for (const version of ["1.0.0", "1.1.0"]) {
      const text = JSON.stringify(manifestOf(files, { version }));
      const published = { "/plugin.json": text, ...version === "1.0.0" && { "/plugin.json.sig": "signed" } };
      await registry.publish({ name: "@acme/sample", version, files: published, exports: {} });
    }
    const sources = createSources({ registry: registry.url });
    const pin = computeIntegrity(encoder.encode(JSON.stringify(manifestOf(files, { version: "1.0.0" }))));
    const targets = [[plugin.url, plugin.digest], [server.url, plugin.digest], [
      "jsr:@acme/sample@1.0.0",
      pin,
    ]] as const;
    for (const [target, digest] of targets) {
      const file = await loadManifest(target, digest, sources);
      assertEquals(new TextDecoder().decode(await file.beside(".sig", 6)), "signed");
      assertEquals((await failureOf(file.beside(".sig", 5))).code, "fetch-too-large");
      await failureOf(file.beside(".gone", 6));
    }
  });
});

describe("manifestSize", () => {
  for (const place of ["disk", "a server"]) {
    it(`a manifest on ${place} is taken up to the limit, lower or higher than it is by default`, async () => {
      using plugin = createPluginFolder(files);
      await using server = await startServer({ "/": serveFolder(plugin.folder) });
      const url = place === "disk" ? plugin.url : server.url;
      const sizes = [200, 3 * 1024 * 1024];
      for (const size of sizes) {
        const text = JSON.stringify(manifestOf(files)).padEnd(size);
        assertEquals(text.length, size);
        plugin.write("plugin.json", text);
        const pin = computeIntegrity(encoder.encode(text));
        assertEquals((await loadManifest(url, pin, createSources({}, { manifestSize: size }))).bytes.length, size);
        const error = await failureOf(loadManifest(url, pin, createSources({}, { manifestSize: size - 1 })));
        assertEquals(error.code, "fetch-too-large");
      }
    });
  }

  it("counts for what is in the store as well", async () => {
    using plugin = createPluginFolder(files);
    const stored = encoder.encode(JSON.stringify(manifestOf(files)).padEnd(300));
    const store: Store = { get: () => stored, put: () => {} };
    const sources = createSources({ store }, { manifestSize: 299 });
    const error = await failureOf(loadManifest("https://plugins.example/", plugin.digest, sources));
    assertEquals(error.code, "manifest-too-large");
  });
});

describe("pins of a host", () => {
  it("may stand beside the folder that is listed or beside its plugin.json", async () => {
    using plugin = createPluginFolder(files);
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    for (const key of [server.url, `${server.url}plugin.json`]) {
      const importMap = { imports: { "plugins/sample": server.url }, integrity: { [key]: plugin.digest } };
      await using host = createTestHost([], { importMap });
      const [report] = (await host.load()).plugins;
      assertEquals([report?.state, report?.pinned], ["active", true]);
    }
  });

  it("are needed for a server, also where other plugins have theirs", async () => {
    using plugin = createPluginFolder(files);
    await using server = await startServer({ "/a/": serveFolder(plugin.folder, "/a/"), "/b/": serve("{}") });
    const pinned = { ...plugin, manifestUrl: `${server.url}a/plugin.json` };
    await using host = createTestHost([], {
      importMap: importMapOf(pinned, { name: "unpinned", manifestUrl: `${server.url}b/plugin.json` }),
    });
    const { plugins } = await host.load();
    assertEquals(plugins.map(({ state, error }) => [state, error?.code]), [
      ["active", undefined],
      ["failed", "integrity-missing"],
    ]);
    assertEquals(server.requests.some((path) => path.startsWith("/b/")), false);
  });
});
