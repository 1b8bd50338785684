import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { computeIntegrity } from "../../src/integrity/mod.ts";
import type { Limits } from "../../src/loader/limits.ts";
import { loadManifest } from "../../src/loader/load_manifest.ts";
import { loadModules } from "../../src/loader/load_modules.ts";
import { urlOfModule } from "../../src/loader/module_url.ts";
import type { Modules } from "../../src/loader/load_modules.ts";
import { plugmap, runProgram } from "../support/child.ts";
import { createTestHost, importMapOf, probing } from "../support/host.ts";
import { createPluginFolder, manifestOf } from "../support/plugin_folder.ts";
import type { Files, PluginFolder } from "../support/plugin_folder.ts";
import { reply, serve, serveFolder, silent, startServer } from "../support/server.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { createSources, failureOf } from "./sources.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a manifest says of a file with this text. */
function pinOf(text: string): { integrity: string; size: number } {
  const bytes = encoder.encode(text);
  return { integrity: computeIntegrity(bytes), size: bytes.length };
}

/** A plugin on disk that lists modules besides its own files. */
function pluginWith(modules: Readonly<Record<string, unknown>>, files: Files = { "mod.js": "local" }): PluginFolder {
  return createPluginFolder(files, { modules: { ...manifestOf(files)["modules"] as object, ...modules } });
}

async function load(url: string, pin: string, registry?: string, limits: Partial<Limits> = {}): Promise<Modules> {
  const sources = createSources(registry === undefined ? {} : { registry }, limits);
  return await loadModules(await loadManifest(url, pin, sources), sources);
}

describe("loadModules", () => {
  it("loadModules() gives every module that is listed, by its URL, with kind and bytes", async () => {
    using plugin = createPluginFolder({ "mod.ts": "a", "lib/b.js": "b", "c.json": "c", "d e.md": "d" });
    const modules = await load(plugin.manifestUrl, plugin.digest);
    assertEquals(
      [...modules].map(([url, module]) => [url, module.url, module.kind, decoder.decode(module.bytes)]),
      [["mod.ts", "typescript", "a"], ["lib/b.js", "javascript", "b"], ["c.json", "json", "c"], [
        "d%20e.md",
        "text",
        "d",
      ]].map(([path, kind, text]) => [plugin.url + path, plugin.url + path, kind, text]),
    );
  });

  it("loadModules() reads local modules of a local plugin from disk, others from where they are", async () => {
    await using server = await startServer({
      "/lib.js": serve("remote"),
      "/@acme/lib/1.0.0/mod.ts": serve("package"),
    });
    using plugin = pluginWith({
      [`${server.url}lib.js`]: pinOf("remote"),
      "jsr:@acme/lib@1.0.0/mod.ts": pinOf("package"),
    });
    const modules = await load(plugin.manifestUrl, plugin.digest, server.url);
    assertEquals([...modules.values()].map(({ url, bytes }) => [url, decoder.decode(bytes)]), [
      [`${plugin.url}mod.js`, "local"],
      [`${server.url}lib.js`, "remote"],
      [`${server.url}@acme/lib/1.0.0/mod.ts`, "package"],
    ]);
    // What the manifest pins needs no checksum of the registry's.
    assertEquals([...server.requests].sort(), ["/@acme/lib/1.0.0/mod.ts", "/lib.js"]);
  });

  it("host: a local plugin runs with a module from a server", async () => {
    const lib = "export const answer = 42;";
    await using server = await startServer({ "/lib.js": serve(lib) });
    const files = { "mod.js": probing("answer", 'import { answer } from "lib";') };
    using plugin = createPluginFolder(files, {
      imports: { lib: `${server.url}lib.js` },
      modules: { ...manifestOf(files)["modules"] as object, [`${server.url}lib.js`]: pinOf(lib) },
    });
    await using host = createTestHost([plugin]);
    await host.load();
    assertEquals(await host.hooks.probe({}), 42);
  });

  it("host: several plugins from one server load side by side, and keep to the limit together", async () => {
    const names = ["one", "two", "three", "four"];
    const plugins = names.map((name) => createPluginFolder({ "mod.js": "export default {};", "a.js": "" }, { name }));
    let underWay = 0;
    let most = 0;
    await using server = await startServer(Object.fromEntries(plugins.map(({ name, folder }) => [
      `/${name}/`,
      (request, response) => {
        most = Math.max(most, ++underWay);
        setTimeout(() => {
          underWay--;
          serveFolder(folder, `/${name}/`)(request, response);
        }, 10);
      },
    ])));
    const listed = plugins.map((plugin) => ({ ...plugin, manifestUrl: `${server.url}${plugin.name}/plugin.json` }));
    await using host = createTestHost(listed, { limits: { concurrency: 3 } });
    assertEquals((await host.load()).plugins.map(({ state }) => state), names.map(() => "active"));
    assertEquals([most, server.requests.length], [3, 12]);
    for (const plugin of plugins) plugin.remove();
  });
});

describe("modules that fail", () => {
  for (
    const [what, body, code] of [
      ["changed", "Remote", "integrity-mismatch"],
      ["shorter", "remot", "integrity-mismatch"],
      ["longer", "remote!", "fetch-too-large"],
    ] as const
  ) {
    it(`a module on a server that is ${what}`, async () => {
      await using server = await startServer({ "/lib.js": serve(body) });
      using plugin = pluginWith({ [`${server.url}lib.js`]: pinOf("remote") });
      const error = await failureOf(load(plugin.manifestUrl, plugin.digest));
      assertEquals(error.code, code);
      assertStringIncludes(error.problem, `${server.url}lib.js`);
    });
  }

  it("a size that is not that of the bytes that are pinned", async () => {
    await using server = await startServer({ "/lib.js": serve("remote") });
    const { integrity } = pinOf("remote");
    using onServer = pluginWith({ [`${server.url}lib.js`]: { integrity, size: 7 } });
    assertEquals((await failureOf(load(onServer.manifestUrl, onServer.digest))).code, "integrity-mismatch");
    using onDisk = pluginWith({ "./lib.js": { integrity, size: 7 } });
    onDisk.write("lib.js", "remote");
    assertEquals((await failureOf(load(onDisk.manifestUrl, onDisk.digest))).code, "integrity-mismatch");
  });

  const local: Readonly<Record<string, readonly [Record<string, unknown>, string]>> = {
    "is missing": [{ "./gone.js": pinOf("") }, "fetch-failed"],
    "is changed": [{ "./mod.js": pinOf("LOCAL") }, "integrity-mismatch"],
    "is of a kind that cannot be linked": [{ "./addon.node": pinOf("") }, "module-unsupported"],
    "has a hash that is none": [{ "./mod.js": { integrity: "sha384-AAAA", size: 5 } }, "integrity-invalid"],
  };
  for (const [what, [modules, code]] of Object.entries(local)) {
    it(`nothing is asked of a server when a local module ${what}`, async () => {
      await using server = await startServer({ "/": serve("remote") });
      using plugin = pluginWith({ [`${server.url}lib.js`]: pinOf("remote"), ...modules });
      assertEquals((await failureOf(load(plugin.manifestUrl, plugin.digest))).code, code);
      assertEquals(server.requests, []);
    });
  }

  const remote: Readonly<Record<string, readonly [Record<string, unknown>, string]>> = {
    "with a hash that is none": [
      { "https://cdn.example/a.js": { integrity: "sha384-AAAA", size: 5 } },
      "integrity-invalid",
    ],
    "of a kind that cannot be linked": [{ "https://cdn.example/a.wasm": pinOf("") }, "module-unsupported"],
    "of a package without a path": [{ "jsr:@acme/lib@1.0.0": pinOf("") }, "package-unresolved"],
  };
  for (const [what, [modules, code]] of Object.entries(remote)) {
    it(`nothing is asked of a server when another one is to give a module ${what}`, async () => {
      await using server = await startServer({ "/": serve("remote") });
      using plugin = pluginWith({ [`${server.url}lib.js`]: pinOf("remote"), ...modules });
      assertEquals((await failureOf(load(plugin.manifestUrl, plugin.digest))).code, code);
      assertEquals(server.requests, []);
    });
  }

  it("the first failure ends the others: connections are closed, what waits is not asked for", async () => {
    const hungUp = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    await using server = await startServer({
      "/silent.js": (request, response) => {
        response.on("close", () => hungUp.resolve());
        silent(request, response);
        asked.resolve();
      },
      "/bad.js": (request, response) => void asked.promise.then(() => reply(404)(request, response)),
      "/waiting/": serve("x"),
    });
    const names = ["silent", "bad", ...Array.from({ length: 20 }, (_, index) => `waiting/${index}`)];
    using plugin = pluginWith(Object.fromEntries(names.map((name) => [`${server.url}${name}.js`, pinOf("x")])));
    const error = await failureOf(load(plugin.manifestUrl, plugin.digest, undefined, { concurrency: 2 }));
    assertStringIncludes(error.problem, "bad.js");
    await hungUp.promise;
    // The place of the one that failed may go to the next before the failure is known.
    assert(server.requests.length <= 3, server.requests.join(" "));
  });

  it("several failures leave no rejection that nobody handles", async () => {
    using cwd = createTemporaryFolder();
    await using server = await startServer({
      "/1.js": reply(404),
      "/2.js": (_request, response) => void setTimeout(() => response.writeHead(404).end(), 20),
      "/3.js": serve("changed"),
      "/4.js": reply(500),
    });
    const modules = Object.fromEntries(
      ["1", "2", "3", "4"].map((name) => [`${server.url}${name}.js`, pinOf("pinned!")]),
    );
    using plugin = pluginWith(modules);
    const program = `
      import { createHost } from ${JSON.stringify(plugmap)};
      process.on("unhandledRejection", (error) => console.log("unhandled", error));
      const importMap = ${JSON.stringify(importMapOf(plugin))};
      const host = createHost({ hooks: {}, importMap, policy: {}, store: false });
      console.log((await host.load()).plugins[0].state);
      await host.close();
    `;
    const { code, stdout, stderr } = await runProgram(`import process from "node:process";${program}`, {
      cwd: cwd.path,
    });
    assertEquals([code, stdout.trim(), stderr], [0, "failed", ""]);
  });
});

describe("urlOfModule", () => {
  const registry = "https://jsr.example/";
  const cases: Readonly<Record<string, string>> = {
    "./a b.js": "https://plugins.example/p/a%20b.js",
    "https://cdn.example/lib.js?v=1": "https://cdn.example/lib.js?v=1",
    "jsr:@acme/lib@1.0.0/src/mod.ts": "https://jsr.example/@acme/lib/1.0.0/src/mod.ts",
    "./__proto__": "https://plugins.example/p/__proto__",
  };
  for (const [key, url] of Object.entries(cases)) {
    it(`urlOfModule() gives ${url}`, () => {
      assertEquals(urlOfModule(key, "https://plugins.example/p/plugin.json", registry), url);
    });
  }

  for (const key of ["jsr:@acme/lib@^1.0.0/mod.ts", "jsr:@acme/lib/mod.ts", "jsr:@acme/lib@1.0.0"]) {
    it(`urlOfModule() refuses ${key}`, async () => {
      const error = await failureOf(() => urlOfModule(key, "file:///p/plugin.json", registry));
      assertEquals(error.code, "package-unresolved");
      assert(error.mend?.includes("jsr:@scope/name@1.2.3/path"));
    });
  }
});
