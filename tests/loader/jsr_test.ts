import { after, before, describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { computeIntegrity } from "../../src/integrity/mod.ts";
import { fetchJsrFile, resolveVersion } from "../../src/loader/jsr.ts";
import { parseJsr } from "../../src/loader/location.ts";
import { type JsrRegistry, startJsrRegistry } from "../registry/jsr_registry.mjs";
import { plugmap, runProgram } from "../support/child.ts";
import { manifestOf } from "../support/plugin_folder.ts";
import { redirectTo, serve, serveFolder, startServer } from "../support/server.ts";
import type { TestServer } from "../support/server.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { createFetcher, failureOf } from "./sources.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function resolve(specifier: string, registry: string): Promise<string> {
  return resolveVersion(parseJsr(specifier), registry, createFetcher());
}

async function fetchText(specifier: string, version: string, registry: string, cap: number = 1000): Promise<string> {
  return decoder.decode(await fetchJsrFile(parseJsr(specifier), version, cap, registry, createFetcher()));
}

describe("resolveVersion", () => {
  let registry: JsrRegistry;
  before(async () => {
    registry = await startJsrRegistry();
    const publish = async (name: string, ...versions: string[]): Promise<void> => {
      for (const version of versions) {
        await registry.publish({ name, version, files: { "/mod.ts": "" }, exports: { ".": "./mod.ts" } });
      }
    };
    await publish("@acme/many", "1.0.0", "1.10.0", "1.9.0", "2.0.0", "2.1.0-rc.1", "3.0.0-beta.2", "3.0.0-beta.10");
    await publish("@acme/early", "0.1.0-rc.1");
    await publish("@acme/yanked", "1.0.0", "1.1.0", "2.0.0");
    await registry.yank("@acme/yanked", "1.1.0");
    await registry.yank("@acme/yanked", "2.0.0");
  });
  after(() => registry.close());

  const cases: Readonly<Record<string, string>> = {
    "@acme/many": "2.0.0",
    "@acme/many@*": "2.0.0",
    "@acme/many@1": "1.10.0",
    "@acme/many@^1.0.0": "1.10.0",
    "@acme/many@~1.9.0": "1.9.0",
    "@acme/many@>=1.0.0 <1.10.0": "1.9.0",
    "@acme/many@=1.9.0": "1.9.0",
    "@acme/many@^2.1.0-rc.0": "2.1.0-rc.1",
    "@acme/many@^3.0.0-beta.1": "3.0.0-beta.10",
    "@acme/yanked@1": "1.0.0",
    "@acme/yanked": "1.0.0",
    "@acme/yanked@2": "2.0.0",
  };
  for (const [name, version] of Object.entries(cases)) {
    it(`resolveVersion() gives ${version} for ${name}`, async () => {
      assertEquals(await resolve(`jsr:${name}`, registry.url), version);
    });
  }

  for (const name of ["@acme/many@3", "@acme/many@^2.1.0", "@acme/many@9", "@acme/early"]) {
    it(`resolveVersion() has nothing for ${name}, and tells what there is`, async () => {
      const error = await failureOf(resolve(`jsr:${name}`, registry.url));
      assertEquals(error.code, "package-unresolved");
      assertStringIncludes(error.mend ?? "", name.includes("early") ? "0.1.0-rc.1" : "2.1.0-rc.1");
    });
  }

  it("resolveVersion() refuses what is no range", async () => {
    for (const range of ["latest", "__proto__", "1.0.0.0", "%2e%2e"]) {
      assertEquals((await failureOf(resolve(`jsr:@acme/many@${range}`, registry.url))).code, "package-unresolved");
    }
  });

  it("resolveVersion() tells a package that does not exist", async () => {
    const error = await failureOf(resolve("jsr:@acme/gone", registry.url));
    assertEquals(error.code, "fetch-failed");
    assertStringIncludes(error.problem, "@acme/gone/meta.json");
  });

  it("resolveVersion() asks nobody for a version that is named exactly, and takes the v before it away", async () => {
    for (const version of ["1.2.3", "v1.2.3"]) {
      assertEquals(await resolve(`jsr:@acme/many@${version}`, "http://127.0.0.1:1/"), "1.2.3");
    }
    assertEquals(await resolve("jsr:@acme/many@1.2.3-rc.1+build", "http://127.0.0.1:1/"), "1.2.3-rc.1+build");
  });
});

describe("fetchJsrFile", () => {
  it("fetchJsrFile() gives a file, and tells a version or a file that is not there", async () => {
    await using registry = await startJsrRegistry();
    const files = { "/plugin.json": "{}", "/dist/mod.js": "code" };
    await registry.publish({ name: "@acme/lib", version: "1.0.0", files, exports: {} });
    assertEquals(await fetchText("jsr:@acme/lib/plugin.json", "1.0.0", registry.url), "{}");
    assertEquals(await fetchText("jsr:@acme/lib/dist/mod.js", "1.0.0", registry.url), "code");

    const noFile = await failureOf(fetchText("jsr:@acme/lib/gone.js", "1.0.0", registry.url));
    assertEquals(noFile.code, "package-unresolved");
    assertStringIncludes(noFile.problem, '"/gone.js"');
    assertEquals((await failureOf(fetchText("jsr:@acme/lib/mod.js", "9.0.0", registry.url))).code, "fetch-failed");
    assertEquals((await failureOf(fetchText("jsr:@acme/gone/mod.js", "1.0.0", registry.url))).code, "fetch-failed");
    assertEquals(
      (await failureOf(fetchText("jsr:@acme/lib/dist/mod.js", "1.0.0", registry.url, 3))).code,
      "fetch-too-large",
    );
  });

  it("fetchJsrFile() refuses bytes that have another checksum than the registry's own", async () => {
    const checksum = `sha256-${"0".repeat(64)}`;
    await using server = await serveLib({ manifest: { "/mod.js": { size: 4, checksum } } });
    assertEquals((await failureOf(fetchText("jsr:@acme/lib/mod.js", "1.0.0", server.url))).code, "integrity-mismatch");
  });

  it("fetchJsrFile() follows no redirect from the registry to elsewhere", async () => {
    await using away = await serveLib({ manifest: {} });
    await using server = await startServer({ "/": redirectTo(`${away.url}@acme/lib/1.0.0_meta.json`) });
    assertEquals((await failureOf(fetchText("jsr:@acme/lib/mod.js", "1.0.0", server.url))).code, "fetch-redirect");
    assertEquals(away.requests, []);
  });
});

describe("metadata that is none", () => {
  const nothing: readonly unknown[] = [null, true, 1, "text", [], {}];
  const versions = nothing.map((value) => JSON.stringify({ versions: value }));
  const odd: readonly string[] = [
    ...nothing.map((value) => JSON.stringify(value)),
    ...versions,
    "",
    "<html>",
    '{"__proto__":{"versions":{"1.0.0":{}}}}',
    '{"versions":{"__proto__":{"1.0.0":{}},"constructor":{},"1":{},"1.0.0.0":{},"../../x":{}}}',
    `{"versions":{"${"9".repeat(30)}.0.0":{}}}`,
    "[".repeat(100_000),
    "\u0000",
  ];
  for (const text of odd) {
    it(`resolveVersion() finds no version in ${JSON.stringify(text.slice(0, 60))}`, async () => {
      await using server = await startServer({ "/@acme/lib/meta.json": serve(text) });
      assertEquals((await failureOf(resolve("jsr:@acme/lib", server.url))).code, "package-unresolved");
    });
  }

  it("resolveVersion() takes a version for what it is, whatever is said of it", async () => {
    for (const value of [null, true, 1, "yanked", [], { yanked: "no" }, { yanked: false }]) {
      await using server = await startServer({
        "/@acme/lib/meta.json": serve(JSON.stringify({ versions: { "1.0.0": value, "0.9.0": {} } })),
      });
      assertEquals(await resolve("jsr:@acme/lib", server.url), "1.0.0");
    }
  });

  it("metadataSize: metadata that is larger is not read", async () => {
    await using server = await startServer({ "/@acme/lib/meta.json": serve(`{"versions":{}}${" ".repeat(100)}`) });
    const fetcher = createFetcher({ metadataSize: 50 });
    const error = await failureOf(resolveVersion(parseJsr("jsr:@acme/lib"), server.url, fetcher));
    assertEquals(error.code, "fetch-too-large");
  });

  const sum = `sha256-${"0".repeat(64)}`;
  const files: readonly unknown[] = [
    ...nothing,
    ...nothing.map((value) => ({ manifest: value })),
    ...[...nothing, sum].map((value) => ({ manifest: { "/mod.js": value } })),
    ...[...nothing, [sum], { toString: null, valueOf: null }, "md5-00", `${sum}0`, sum.toUpperCase(), `${sum}\n`].map((
      checksum,
    ) => ({ manifest: { "/mod.js": { size: 4, checksum } } })),
  ];
  for (const metadata of files) {
    it(`fetchJsrFile() finds no file in ${JSON.stringify(metadata)}`, async () => {
      await using server = await serveLib(metadata);
      const error = await failureOf(fetchText("jsr:@acme/lib/mod.js", "1.0.0", server.url));
      assertEquals(error.code, "package-unresolved");
      assertEquals(server.requests, ["/@acme/lib/1.0.0_meta.json"]);
    });
  }

  it("fetchJsrFile() takes inherited names for files that are not there", async () => {
    await using server = await serveLib({ manifest: {} });
    for (const name of ["__proto__", "constructor", "toString"]) {
      const error = await failureOf(fetchText(`jsr:@acme/lib/${name}`, "1.0.0", server.url));
      assertEquals(error.code, "package-unresolved");
    }
  });
});

describe("JSR_URL", () => {
  const lib = "export const answer = 42;";
  const entry = 'import { answer } from "lib"; export default { hooks: { answer: () => answer } };';
  const integrity = computeIntegrity(encoder.encode(lib));
  const manifest = manifestOf({ "mod.js": entry }, {
    imports: { lib: "jsr:@acme/lib@1.0.0/src/lib.js" },
    modules: {
      ...manifestOf({ "mod.js": entry })["modules"] as object,
      "jsr:@acme/lib@1.0.0/src/lib.js": { integrity, size: lib.length },
    },
  });
  const text = JSON.stringify(manifest);

  /** A host that loads the plugin from the registry of the environment, and asks it for its answer. */
  const program = `
    import { createHost, defineHooks, hook } from ${JSON.stringify(plugmap)};
    const importMap = {
      imports: { "plugins/sample": "jsr:@acme/sample@^1.0.0" },
      integrity: { "jsr:@acme/sample@^1.0.0": ${JSON.stringify(computeIntegrity(encoder.encode(text)))} },
    };
    const host = createHost({ hooks: defineHooks({ answer: hook() }), importMap, policy: {}, store: false });
    try {
      const { plugins } = await host.load();
      console.log(plugins[0].state, plugins[0].manifestUrl, host.hooks.answer({}), plugins[0].error?.message);
    } catch (error) {
      console.log(error.message);
    }
  `;

  for (const path of ["/registry/", "/registry"]) {
    it(`with the path "${path}": a plugin and a module it lists come from there`, async () => {
      using cwd = createTemporaryFolder();
      using data = createTemporaryFolder();
      await using registry = await startJsrRegistry({ data: data.path });
      const files = { "/plugin.json": text, "/mod.js": entry };
      await registry.publish({ name: "@acme/sample", version: "1.2.0", files, exports: {} });
      await registry.publish({ name: "@acme/lib", version: "1.0.0", files: { "/src/lib.js": lib }, exports: {} });
      await using server = await startServer({ "/registry/": serveFolder(data.path, "/registry/") });
      const env = { JSR_URL: server.origin + path };
      const { stdout, stderr } = await runProgram(program, { cwd: cwd.path, env });
      const manifestUrl = `${server.url}registry/@acme/sample/1.2.0/plugin.json`;
      assertStringIncludes(stdout, `active ${manifestUrl} [ 42 ]`, stderr);
    });
  }

  for (const url of ["no URL", "jsr.example", "file:///registry/", "ftp://jsr.example/"]) {
    it(`"${url}" is refused, and nothing is asked of jsr.io in its place`, async () => {
      using cwd = createTemporaryFolder();
      const { stdout } = await runProgram(program, { cwd: cwd.path, env: { JSR_URL: url } });
      assertStringIncludes(stdout, "[option-invalid]");
      assertStringIncludes(stdout, `"${url}"`);
    });
  }
});

/** A registry that has version 1.0.0 of @acme/lib, of which it says this, and its file mod.js. */
function serveLib(metadata: unknown): Promise<TestServer> {
  return startServer({
    "/@acme/lib/1.0.0_meta.json": serve(JSON.stringify(metadata)),
    "/@acme/lib/1.0.0/mod.js": serve("code"),
  });
}
