import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import type { Limits } from "../../mod.ts";
import { computeIntegrity } from "../../src/integrity/mod.ts";
import { greeter, loadBadPlugin } from "../host/sample_plugins.ts";
import { createTestHost } from "../support/host.ts";
import { createPluginFolder, manifestOf } from "../support/plugin_folder.ts";
import { endless, serve, serveFolder, silent, stalling, startServer, trickling } from "../support/server.ts";
import type { Handler } from "../support/server.ts";

// T11: an answer that never ends, never comes, or is far larger than what was announced.

const source = greeter("bad");
const limits: Partial<Limits> = { connect: 100, idle: 100, total: 400, retries: 0 };
const encoder = new TextEncoder();

/** What becomes of a plugin whose module this handler answers for. */
async function loadModule(handler: Handler, given: Partial<Limits> = limits): Promise<string> {
  using plugin = createPluginFolder({ "mod.js": source }, { name: "bad" });
  await using server = await startServer({ "/": serveFolder(plugin.folder) });
  server.route("/mod.js", handler);
  const bad = await loadBadPlugin({ ...plugin, manifestUrl: `${server.url}plugin.json` }, { limits: given });
  assertEquals(bad.step, "fetch");
  return bad.code;
}

describe("T11, modules", () => {
  const cases: Readonly<Record<string, readonly [handler: Handler, code: string]>> = {
    "never ends": [endless, "fetch-too-large"],
    "is one byte longer than pinned": [serve(`${source} `), "fetch-too-large"],
    "says that it is short and is not": [serve(source + source), "fetch-too-large"],
    "never comes": [silent, "fetch-timeout"],
    "stops in the middle": [stalling(source.slice(0, 10)), "fetch-timeout"],
    "comes a byte at a time": [trickling(20), "fetch-timeout"],
    "is small, and large once it is unpacked": [
      serve(gzipSync(new Uint8Array(8 * 1024 * 1024)), { "content-encoding": "gzip" }),
      "fetch-failed",
    ],
  };
  for (const [what, [handler, code]] of Object.entries(cases)) {
    it(`${code}: a module ${what}`, async () => assertEquals(await loadModule(handler), code));
  }

  it("fetch-timeout: a server that says to come back much later is not waited for", async () => {
    const busy: Handler = (_request, response) => {
      response.writeHead(503, { "retry-after": "86400" }).end();
    };
    const later = { ...limits, retries: 5, backoff: 1 };
    assertEquals(await loadModule(busy, later), "fetch-failed");
  });

  it("a module that comes slowly but surely is taken", async () => {
    using plugin = createPluginFolder({ "mod.js": source }, { name: "slow" });
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    server.route("/mod.js", (_request, response) => {
      response.writeHead(200);
      const half = source.length / 2;
      response.write(source.slice(0, half), () => setTimeout(() => response.end(source.slice(half)), 5));
    });
    await using host = createTestHost([{ ...plugin, manifestUrl: `${server.url}plugin.json` }]);
    assertEquals((await host.load()).plugins[0]?.state, "active");
  });
});

describe("T11, announcements", () => {
  const pin = { integrity: computeIntegrity(encoder.encode(source)), size: source.length };
  const cases: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    "a module over the cap": { "./mod.js": pin, "./huge.bin": { ...pin, size: 65 * 1024 * 1024 } },
    "modules that are too large together": {
      "./mod.js": pin,
      ...Object.fromEntries(
        Array.from({ length: 5 }, (_, index) => [`./${index}.bin`, { ...pin, size: 60 * 1024 * 1024 }]),
      ),
    },
    "too many modules": {
      "./mod.js": pin,
      ...Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`./${index}.txt`, { ...pin, size: 0 }])),
    },
  };
  for (const [what, modules] of Object.entries(cases)) {
    it(`manifest-too-large: a manifest lists ${what}, and nothing of it is fetched`, async () => {
      using plugin = createPluginFolder({ "mod.js": source }, { name: "bad", modules });
      await using server = await startServer({ "/": serveFolder(plugin.folder) });
      const { code } = await loadBadPlugin({ ...plugin, manifestUrl: `${server.url}plugin.json` });
      assertEquals([code, server.requests], ["manifest-too-large", ["/plugin.json"]]);
    });
  }

  for (const size of [-1, 0.5, "10", null, 1e300]) {
    it(`a size of ${JSON.stringify(size)} is refused`, async () => {
      using plugin = createPluginFolder({ "mod.js": source }, {
        name: "bad",
        modules: { "./mod.js": { ...pin, size } },
      });
      assertEquals((await loadBadPlugin(plugin)).step, "manifest");
    });
  }

  it("a manifest of deep brackets is refused before it is parsed", async () => {
    using plugin = createPluginFolder({ "mod.js": source }, { name: "bad" });
    const text = `{ "hooks": ${"[".repeat(100_000)}${"]".repeat(100_000)} }`;
    plugin.write("plugin.json", text);
    assertEquals((await loadBadPlugin({ name: "bad", manifestUrl: plugin.manifestUrl })).code, "manifest-invalid");
  });

  it("a file on disk is measured before it is read", async () => {
    using plugin = createPluginFolder({ "mod.js": source }, { name: "bad" });
    plugin.write("plugin.json", " ".repeat(3 * 1024 * 1024));
    assertEquals((await loadBadPlugin({ name: "bad", manifestUrl: plugin.manifestUrl })).code, "fetch-too-large");
  });
});

describe("T11, many requests", () => {
  it("no more requests are under way at once than the limit allows, over all plugins", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 8 }, (_, index) => [`m${index}.js`, `export default ${index};`]),
    );
    using one = createPluginFolder({ "mod.js": source, ...files }, { name: "one" });
    using two = createPluginFolder({ "mod.js": source, ...files }, { name: "two" });
    let [now, most] = [0, 0];
    const counted = (folder: string, path: string): Handler => (request, response) => {
      most = Math.max(most, ++now);
      response.on("close", () => now--);
      setTimeout(() => serveFolder(folder, path)(request, response), 2);
    };
    await using server = await startServer({
      "/one/": counted(one.folder, "/one/"),
      "/two/": counted(two.folder, "/two/"),
    });
    const listed = [one, two].map((plugin) => ({ ...plugin, manifestUrl: `${server.url}${plugin.name}/plugin.json` }));
    await using host = createTestHost(listed, { limits: { concurrency: 3 } });
    const { plugins } = await host.load();
    assertEquals(plugins.map(({ state }) => state), ["active", "active"]);
    assert(most > 1 && most <= 3, `${most} at once`);
    assertEquals(server.requests.length, 2 + 2 * 9);
  });

  it("the same plugin, refused, does not keep a place", async () => {
    using plugin = createPluginFolder({ "mod.js": source }, manifestOf({ "mod.js": source }, { name: "bad" }));
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    server.route("/mod.js", silent);
    await using host = createTestHost([{ ...plugin, manifestUrl: `${server.url}plugin.json` }], {
      limits: { ...limits, concurrency: 1 },
    });
    for (let round = 0; round < 3; round++) {
      assertEquals((await host.load()).plugins[0]?.error?.code, "fetch-timeout");
    }
    server.route("/mod.js", serve(source));
    assertEquals((await host.load()).plugins[0]?.state, "active");
  });
});
