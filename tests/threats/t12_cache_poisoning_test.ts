import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { HostReport } from "../../mod.ts";
import { createTestHost } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { reply, sequence, serve, serveFolder, startServer } from "../support/server.ts";
import type { TestServer } from "../support/server.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

// T12: something wrong gets into the store, or into memory, and is taken for the plugin from then on.

const source = `export default { hooks: { probe: async () => "hashed" } };`;
const evil = `export default { hooks: { probe: async () => "evil!!" } };`;

/** Paths of all files below a folder. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && entry.name !== ".gitignore")
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Loads a served plugin with a store; gives what its hook answers and what the host reports. */
async function load(
  plugin: PluginFolder,
  server: TestServer,
  store: string,
): Promise<{ answer: unknown; report: HostReport }> {
  await using host = createTestHost([{ ...plugin, manifestUrl: `${server.url}plugin.json` }], { store });
  const report = await host.load();
  return { answer: await host.hooks.probe({}), report };
}

/** A plugin, its server and an empty store, after the store was filled by a first load. */
async function fill(stack: AsyncDisposableStack): Promise<{ plugin: PluginFolder; server: TestServer; store: string }> {
  const plugin = stack.use(createPluginFolder({ "mod.js": source }));
  const server = stack.use(await startServer({ "/": serveFolder(plugin.folder) }));
  const store = join(stack.use(createTemporaryFolder()).path, "store");
  assertEquals((await load(plugin, server, store)).answer, "hashed");
  server.requests.length = 0;
  return { plugin, server, store };
}

describe("T12, the store", () => {
  it("what is stored is not fetched again, and is what was hashed", async () => {
    await using stack = new AsyncDisposableStack();
    const { plugin, server, store } = await fill(stack);
    await server.close();
    assertEquals((await load(plugin, server, store)).answer, "hashed");
  });

  it("what was changed in the store is not taken, but fetched again and mended", async () => {
    await using stack = new AsyncDisposableStack();
    const { plugin, server, store } = await fill(stack);
    for (const path of filesIn(store)) writeFileSync(path, evil);
    assertEquals((await load(plugin, server, store)).answer, "hashed");
    assertEquals(server.requests, ["/plugin.json", "/mod.js"]);
    assertEquals(filesIn(store).some((path) => readFileSync(path, "utf8") === evil), false);
  });

  it("what was cut short, emptied, made a folder or a link to nowhere is not taken either", async () => {
    const spoil: readonly ((path: string) => void)[] = [
      (path) => writeFileSync(path, source.slice(0, 20)),
      (path) => writeFileSync(path, ""),
      (path) => (rmSync(path), mkdirSync(path)),
      (path) => (rmSync(path), symlinkSync(path, path)),
      (path) => (rmSync(path), symlinkSync("/dev/null", path)),
    ];
    for (const spoilOne of spoil) {
      await using stack = new AsyncDisposableStack();
      const { plugin, server, store } = await fill(stack);
      filesIn(store).forEach(spoilOne);
      const { answer, report } = await load(plugin, server, store);
      assertEquals([answer, report.plugins[0]?.state], ["hashed", "active"]);
    }
  });

  it("what is wrong is never stored: not another answer, and not half of one", async () => {
    using plugin = createPluginFolder({ "mod.js": source });
    using folder = createTemporaryFolder();
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    server.route("/mod.js", sequence(serve(evil), reply(404), serve(source.slice(0, 10)), serve(source)));
    const codes: unknown[] = [];
    for (let round = 0; round < 4; round++) {
      const { report: { plugins: [report] } } = await load(plugin, server, folder.path);
      codes.push(report?.error?.code ?? report?.state);
    }
    assertEquals(codes, ["integrity-mismatch", "fetch-failed", "integrity-mismatch", "active"]);
    assertEquals(filesIn(folder.path).length, 2);
  });

  it("one address with other bytes and another pin is another entry: nothing is keyed by URL", async () => {
    await using stack = new AsyncDisposableStack();
    const { plugin, server, store } = await fill(stack);
    using update = createPluginFolder({ "mod.js": source.replace("hashed", "update") }, { version: "1.0.1" });
    server.route("/", serveFolder(update.folder));
    assertEquals((await load(update, server, store)).answer, "update");
    assertEquals((await load(plugin, server, store)).answer, "hashed");
  });

  it("what one plugin stored serves another only under the hash that the other pins", async () => {
    await using stack = new AsyncDisposableStack();
    const { server, store } = await fill(stack);
    using other = createPluginFolder({ "mod.js": source }, { name: "other" });
    server.route("/", serveFolder(other.folder));
    assertEquals((await load(other, server, store)).answer, "hashed");
    assertEquals(server.requests, ["/plugin.json"]);
  });

  it("hosts that fill one store at the same time do not disturb each other", async () => {
    using plugin = createPluginFolder({ "mod.js": source });
    using folder = createTemporaryFolder();
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const loads = await Promise.all(Array.from({ length: 5 }, () => load(plugin, server, folder.path)));
    assertEquals(loads.map(({ answer }) => answer), Array(5).fill("hashed"));
    assertEquals(loads.flatMap(({ report }) => report.problems), []);
    assertEquals(filesIn(folder.path).length, 2);
  });

  it("only its owner can read or change what is stored", { skip: process.platform === "win32" }, async () => {
    await using stack = new AsyncDisposableStack();
    const { store } = await fill(stack);
    for (const path of filesIn(store)) {
      assertEquals(statSync(path).mode & 0o777, 0o600);
      assertEquals(statSync(dirname(path)).mode & 0o077, 0);
    }
  });

  it("a store that cannot be used is reported, and stops nothing", async () => {
    using plugin = createPluginFolder({ "mod.js": source });
    using folder = createTemporaryFolder();
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const store = join(folder.path, "file");
    writeFileSync(store, "");
    const { answer, report } = await load(plugin, server, store);
    assertEquals(answer, "hashed");
    assert(report.problems.length > 0 && report.problems.every((problem) => problem.startsWith("[store-failed]")));
  });
});

describe("T12, memory", () => {
  it("a fetch that failed is not remembered: the next load asks again", async () => {
    using plugin = createPluginFolder({ "mod.js": source });
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    server.route("/plugin.json", sequence(reply(404), serveFolder(plugin.folder)));
    server.route("/mod.js", sequence(reply(404), serve(evil), serveFolder(plugin.folder)));
    await using host = createTestHost([{ ...plugin, manifestUrl: `${server.url}plugin.json` }]);
    const codes: unknown[] = [];
    for (let round = 0; round < 4; round++) {
      const { plugins: [report] } = await host.load();
      codes.push(report?.error?.code ?? report?.state);
    }
    assertEquals(codes, ["fetch-failed", "fetch-failed", "integrity-mismatch", "active"]);
    assertEquals(await host.hooks.probe({}), "hashed");
  });

  it("a module that failed to run is not remembered: the next load runs it anew", async () => {
    using plugin = createPluginFolder({
      "mod.js": `import "./lib.js";\n${source}`,
      "lib.js":
        `if ((globalThis.plugmapTestRuns = (globalThis.plugmapTestRuns ?? 0) + 1) === 1) throw new Error("once");`,
    });
    await using host = createTestHost([plugin]);
    assertEquals((await host.load()).plugins[0]?.error?.code, "module-invalid");
    assertEquals((await host.load()).plugins[0]?.state, "active");
    Reflect.deleteProperty(globalThis, "plugmapTestRuns");
  });
});
