import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { PlugmapError } from "../../src/errors.ts";
import { computeIntegrity, parseIntegrity } from "../../src/integrity/mod.ts";
import { openStore } from "../../src/loader/store.ts";
import { onDeno, plugmap, runProgram } from "../support/child.ts";
import { createTestHost, importMapOf } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import { serveFolder, startServer } from "../support/server.ts";
import type { TestServer } from "../support/server.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

const encoder = new TextEncoder();
const bytes = encoder.encode("export default {};");
const pins = parseIntegrity(computeIntegrity(bytes));
const isWindows = process.platform === "win32";

const never = (problem: PlugmapError): never => {
  throw problem;
};

/** Paths of all files below a folder, from there, sorted. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** The one entry of a store. */
function entryIn(folder: string): string {
  const [entry, ...others] = filesIn(folder).filter((file) => file !== ".gitignore");
  assertEquals([typeof entry, others], ["string", []]);
  return join(folder, entry!);
}

describe("openStore", () => {
  it("get() gives what put() was given, also in another host, and nothing for what it was not", () => {
    using folder = createTemporaryFolder();
    const store = openStore(join(folder.path, "store"), never);
    assertEquals(store.get(pins), undefined);
    store.put(pins, bytes);
    assertEquals(store.get(pins), bytes);
    assertEquals(openStore(join(folder.path, "store"), never).get(pins), bytes);
    assertEquals(store.get(parseIntegrity(computeIntegrity(encoder.encode("other")))), undefined);
  });

  for (const algorithm of ["sha256", "sha384", "sha512"] as const) {
    it(`put() names the entry by its ${algorithm} digest`, () => {
      using folder = createTemporaryFolder();
      const hashes = parseIntegrity(computeIntegrity(bytes, algorithm));
      openStore(folder.path, never).put(hashes, bytes);
      const digest = Array.from(hashes[0].digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
      assertEquals(entryIn(folder.path), join(folder.path, algorithm, digest.slice(0, 2), digest.slice(2)));
    });
  }

  it("several hashes: bytes are kept under the one they have, and found by it", () => {
    using folder = createTemporaryFolder();
    const store = openStore(folder.path, never);
    const other = computeIntegrity(encoder.encode("other"));
    const both = parseIntegrity(`${other} ${computeIntegrity(bytes)}`);
    store.put(both, bytes);
    assertEquals(store.get(both), bytes);
    assertEquals(store.get(pins), bytes);
    assertEquals(store.get(parseIntegrity(other)), undefined);
  });

  const pipes = { skip: process.platform === "win32" && "Windows has no named pipes in folders" };
  it("get() does not wait for a pipe in place of an entry, and takes it away", pipes, () => {
    using folder = createTemporaryFolder();
    const store = openStore(folder.path, never);
    store.put(pins, bytes);
    const entry = entryIn(folder.path);
    rmSync(entry);
    execFileSync("mkfifo", [entry]);
    assertEquals(store.get(pins), undefined);
    assertEquals(existsSync(entry), false);
    store.put(pins, bytes);
    assertEquals(store.get(pins), bytes);
  });

  it("put() does not keep bytes that have none of the hashes", () => {
    using folder = createTemporaryFolder();
    openStore(folder.path, never).put(pins, encoder.encode("other"));
    assertEquals(filesIn(folder.path), []);
  });

  it("get() removes an entry that was changed", () => {
    using folder = createTemporaryFolder();
    const store = openStore(folder.path, never);
    store.put(pins, bytes);
    const entry = entryIn(folder.path);
    writeFileSync(entry, "export default evil;");
    assertEquals(store.get(pins), undefined);
    assertEquals(filesIn(folder.path).length, 0);
    store.put(pins, bytes);
    assertEquals(new Uint8Array(readFileSync(entry)), bytes);
  });

  it(
    "put() makes folders and files that only their owner can use, and keeps them out of git",
    { skip: isWindows },
    () => {
      using folder = createTemporaryFolder();
      const path = join(folder.path, "a", "store");
      openStore(path, never).put(pins, bytes);
      const modeOf = (name: string): string => (statSync(name).mode & 0o777).toString(8);
      const entry = entryIn(path);
      assertEquals(readFileSync(join(path, ".gitignore"), "utf8"), "*\n");
      assertEquals([path, join(path, "sha384"), join(entry, "..")].map(modeOf), ["700", "700", "700"]);
      assertEquals([entry, join(path, ".gitignore")].map(modeOf), ["600", "600"]);
    },
  );

  it("put() leaves a folder as it is that was there before", { skip: isWindows }, () => {
    using folder = createTemporaryFolder();
    chmodSync(folder.path, 0o755);
    openStore(folder.path, never).put(pins, bytes);
    assertEquals((statSync(folder.path).mode & 0o777).toString(8), "755");
    assertEquals(filesIn(folder.path).includes(".gitignore"), false);
    assertEquals((statSync(entryIn(folder.path)).mode & 0o777).toString(8), "600");
  });

  it("put() that cannot write is reported once, and stops nothing", () => {
    using folder = createTemporaryFolder();
    const path = join(folder.path, "store");
    writeFileSync(path, "a file");
    const problems: PlugmapError[] = [];
    const store = openStore(path, (problem) => problems.push(problem));
    for (let time = 0; time < 2; time++) {
      assertEquals(store.get(pins), undefined);
      store.put(pins, bytes);
    }
    assertEquals(problems.map(({ code }) => code), ["store-failed", "store-failed"]);
    assertStringIncludes(problems[0]!.problem, "cannot be read");
    assertStringIncludes(problems[1]!.problem, "cannot be written");
    assertEquals(readFileSync(path, "utf8"), "a file");
  });

  it("put() leaves no draft behind when the entry cannot be put in its place", () => {
    using folder = createTemporaryFolder();
    openStore(folder.path, never).put(pins, bytes);
    const entry = entryIn(folder.path);
    const problems: PlugmapError[] = [];
    const store = openStore(folder.path, (problem) => problems.push(problem));
    writeFileSync(entry, "changed");
    store.get(pins);
    mkdirSync(join(entry, "taken"), { recursive: true });
    store.put(pins, bytes);
    assertEquals(problems.length, 1);
    assertEquals(filesIn(folder.path), []);
  });
});

describe("store of a host", () => {
  const files = { "mod.js": 'export { default } from "./plugin.js";', "plugin.js": "export default {};" };

  it("is asked before the server: a plugin that was loaded once loads without it", async () => {
    using plugin = createPluginFolder(files);
    using store = createTemporaryFolder();
    const server = await startServer({ "/": serveFolder(plugin.folder) });
    assertEquals(await load(server, plugin, store.path), { state: "active", problems: [] });
    assertEquals(server.requests.length, 3);
    await server.close();
    assertEquals(await load(server, plugin, store.path), { state: "active", problems: [] });
    assertEquals(server.requests.length, 3);
  });

  it("has an entry that was changed: it is fetched again, and not run", async () => {
    using plugin = createPluginFolder(files);
    using store = createTemporaryFolder();
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    await load(server, plugin, store.path);
    for (const file of filesIn(store.path)) writeFileSync(join(store.path, file), "throw new Error('poisoned')");
    assertEquals(await load(server, plugin, store.path), { state: "active", problems: [] });
    assertEquals(server.requests.length, 6);
    assertEquals(await load(server, plugin, store.path), { state: "active", problems: [] });
    assertEquals(server.requests.length, 6);
  });

  it("is filled by several hosts at once, in this process and in others", async () => {
    using plugin = createPluginFolder(files);
    using folder = createTemporaryFolder();
    const store = join(folder.path, "store");
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const listed = importMapOf({ ...plugin, manifestUrl: `${server.url}plugin.json` });
    const program = `
      import { createHost } from ${JSON.stringify(plugmap)};
      const host = createHost({ hooks: {}, importMap: ${JSON.stringify(listed)}, policy: {}, store: "../store" });
      const { plugins, problems } = await host.load();
      console.log(JSON.stringify([plugins[0].state, problems]));
    `;
    const outcomes = await Promise.all([
      ...["one", "two", "three"].map(async (name) => {
        const cwd = join(folder.path, name);
        mkdirSync(cwd);
        return (await runProgram(program, { cwd })).stdout.trim();
      }),
      ...[1, 2, 3].map(async () => JSON.stringify(Object.values(await load(server, plugin, store)))),
    ]);
    assertEquals(outcomes, outcomes.map(() => '["active",[]]'));
    assertEquals(filesIn(store).length, 4);
  });

  it("cannot be used: that is a problem in the report, and the plugin loads", async () => {
    using plugin = createPluginFolder(files);
    using folder = createTemporaryFolder();
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const path = join(folder.path, "store");
    writeFileSync(path, "a file");
    const { state, problems } = await load(server, plugin, path);
    assertEquals(state, "active");
    assertEquals(problems.map((problem) => problem.startsWith("[store-failed]")), [true, true]);
  });

  it("may not be written on Deno: that is a problem in the report as well", { skip: !onDeno }, async () => {
    using plugin = createPluginFolder(files);
    using folder = createTemporaryFolder();
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const listed = importMapOf({ ...plugin, manifestUrl: `${server.url}plugin.json` });
    const program = `
      import { createHost } from ${JSON.stringify(plugmap)};
      const host = createHost({ hooks: {}, importMap: ${JSON.stringify(listed)}, policy: {}, store: "store" });
      const { plugins, problems } = await host.load();
      console.log(JSON.stringify([plugins[0].state, problems.map((problem) => problem.slice(0, 14))]));
    `;
    const denoFlags = ["--allow-read", "--allow-env", "--allow-net"];
    const { stdout } = await runProgram(program, { cwd: folder.path, denoFlags });
    assertEquals(stdout.trim(), '["active",["[store-failed]"]]');
  });

  it("store: false writes nothing, and each load asks the server", async () => {
    using plugin = createPluginFolder(files);
    using folder = createTemporaryFolder();
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const listed = importMapOf({ ...plugin, manifestUrl: `${server.url}plugin.json` });
    writeFileSync(join(folder.path, "plugins.json"), JSON.stringify(listed));
    for (const store of [false, false, undefined]) {
      const importMap = join(folder.path, "plugins.json");
      await using host = createTestHost([], { importMap, ...(store === false ? { store } : { store: undefined }) });
      assertEquals((await host.load()).plugins[0]?.state, "active");
      assertEquals(readdirSync(folder.path).includes(".plugmap"), store === undefined);
    }
    assertEquals(server.requests.length, 9);
  });
});

async function load(
  server: TestServer,
  plugin: { name: string; digest: string },
  store: string,
): Promise<{ state: string | undefined; problems: readonly string[] }> {
  const listed = { name: plugin.name, digest: plugin.digest, manifestUrl: `${server.url}plugin.json` };
  await using host = createTestHost([listed], { store });
  const { plugins, problems } = await host.load();
  return { state: plugins[0]?.state, problems };
}
