import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { HostOptions, PluginReport } from "../../mod.ts";
import { createTestHost } from "../support/host.ts";
import type { TestHooks } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { redirectTo, serve, serveFolder, startServer } from "../support/server.ts";
import type { Handler, TestServer } from "../support/server.ts";
import { createCanary } from "./canary.ts";

// T5: a server that is allowed sends the host to one that is not, or to a weaker scheme.

const create = (): PluginFolder => createPluginFolder({ "mod.js": "export default {};" });

/** What becomes of a plugin on a server. */
async function loadFrom(
  plugin: PluginFolder,
  manifestUrl: string,
  options: Partial<HostOptions<TestHooks, unknown>> = {},
): Promise<PluginReport> {
  await using host = createTestHost([{ ...plugin, manifestUrl }], options);
  return (await host.load()).plugins[0]!;
}

/** A server with the plugin, but for one route. */
function serverWith(plugin: PluginFolder, path: string, handler: Handler): Promise<TestServer> {
  return startServer({ "/": serveFolder(plugin.folder), [path]: handler });
}

describe("T5, redirects", () => {
  for (const path of ["/plugin.json", "/mod.js"]) {
    for (const status of [301, 302, 303, 307, 308] as const) {
      it(`to another origin are refused: ${path} with ${status}`, async () => {
        using plugin = create();
        await using other = await startServer({ "/": serveFolder(plugin.folder) });
        await using server = await serverWith(plugin, path, redirectTo(other.origin + path, status));
        const { error } = await loadFrom(plugin, `${server.url}plugin.json`);
        assertEquals(error?.code, "fetch-redirect");
        assertStringIncludes(error?.message ?? "", other.origin);
        assertEquals(other.requests, []);
      });
    }
  }

  it("to an origin in the policy are followed, and the bytes are checked all the same", async () => {
    using plugin = create();
    await using other = await startServer({ "/": serveFolder(plugin.folder) });
    await using server = await serverWith(plugin, "/mod.js", redirectTo(`${other.origin}/mod.js`));
    const options = { policy: { redirects: [other.origin] } };
    assertEquals((await loadFrom(plugin, `${server.url}plugin.json`, options)).state, "active");
    other.route("/mod.js", serve("export default [];"));
    assertEquals((await loadFrom(plugin, `${server.url}plugin.json`, options)).error?.code, "integrity-mismatch");
  });

  it("are judged at each hop, not only at the first", async () => {
    using plugin = create();
    await using last = await startServer({ "/": serveFolder(plugin.folder) });
    await using middle = await startServer({ "/": redirectTo(`${last.origin}/mod.js`) });
    await using server = await serverWith(plugin, "/mod.js", redirectTo(`${middle.origin}/mod.js`));
    const options = { policy: { redirects: [middle.origin] } };
    const { error } = await loadFrom(plugin, `${server.url}plugin.json`, options);
    assertEquals([error?.code, middle.requests, last.requests], ["fetch-redirect", ["/mod.js"], []]);
  });

  it("within an origin are followed, and do not move what relative paths start from", async () => {
    using plugin = create();
    await using server = await startServer({
      "/moved/": serveFolder(plugin.folder, "/moved/"),
      "/plugin.json": redirectTo("/moved/plugin.json"),
      "/mod.js": redirectTo("moved/mod.js"),
    });
    assertEquals((await loadFrom(plugin, `${server.url}plugin.json`)).state, "active");
    assertEquals(server.requests, ["/plugin.json", "/moved/plugin.json", "/mod.js", "/moved/mod.js"]);
  });

  it("that never end are given up", async () => {
    using plugin = create();
    await using server = await serverWith(plugin, "/mod.js", redirectTo("/mod.js"));
    const { error } = await loadFrom(plugin, `${server.url}plugin.json`, { limits: { redirects: 3 } });
    assertEquals(error?.code, "fetch-redirect");
    assertEquals(server.requests.filter((path) => path === "/mod.js").length, 4);
  });

  it("to another scheme are refused and read nothing", async () => {
    using plugin = create();
    const canary = createCanary(plugin.folder, "canary.js", "export default {};");
    const targets = [
      canary.url,
      "data:text/javascript,export default {};",
      "ftp://127.0.0.1/mod.js",
      "node:fs",
      "blob:x",
    ];
    for (const target of targets) {
      await using server = await serverWith(plugin, "/mod.js", redirectTo(target));
      const { error } = await loadFrom(plugin, `${server.url}plugin.json`);
      assertEquals([target, error?.code], [target, "fetch-redirect"]);
    }
    assertEquals(canary.wasRead(), false);
  });

  it("to no URL, or without any, are errors of the plugin and of nothing else", async () => {
    using plugin = create();
    for (const handler of [redirectTo("http://"), redirectTo("//[")]) {
      await using server = await serverWith(plugin, "/mod.js", handler);
      assertEquals((await loadFrom(plugin, `${server.url}plugin.json`)).error?.code, "fetch-redirect");
    }
    await using server = await serverWith(plugin, "/mod.js", (_, response) => void response.writeHead(302).end());
    assertEquals((await loadFrom(plugin, `${server.url}plugin.json`)).error?.code, "fetch-failed");
  });

  it("from https to http are refused, also to an origin in the policy", async () => {
    using plugin = create();
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const real = globalThis.fetch;
    // No certificate would be trusted here, so what comes over TLS is played.
    const played = (): Promise<Response> =>
      Promise.resolve(new Response(null, { status: 302, headers: { location: `${server.url}plugin.json` } }));
    globalThis.fetch = Object.assign(played, { preconnect: () => {} });
    try {
      const { error } = await loadFrom(plugin, "https://plugins.example/plugin.json", {
        policy: { redirects: [server.origin] },
      });
      assertEquals(error?.code, "fetch-redirect");
      assertStringIncludes(error?.message ?? "", "weaker scheme");
    } finally {
      globalThis.fetch = real;
    }
    assertEquals(server.requests, []);
  });
});
