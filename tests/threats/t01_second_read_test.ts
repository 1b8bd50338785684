import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { PlugmapError } from "../../mod.ts";
import { onDeno } from "../support/child.ts";
import { createTestHost } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { sequence, serve, serveFolder, startServer } from "../support/server.ts";
import { leaveMark, takeMark, watchReads } from "./canary.ts";

// T1: bytes are hashed, and then the runtime reads or fetches them again, whether it uses what it gets or not.

const files = {
  "mod.js": `import first from "./first.js";
import data from "./data.json" with { type: "json" };
export default {
  hooks: {
    probe: async ({ input }) => {
      const late = input === "eval" ? await eval('import("./late.js")') : await import("./late" + ".js");
      const text = await import("./text" + ".txt");
      return [first, data.value, late.default, late.again, text.default];
    },
  },
};
`,
  "first.js": `export default "first";\n`.padEnd(leaveMark.length),
  "late.js": `export default "late";\nexport { default as again } from "./again.ts";\n`,
  "again.ts": `const again: string = "again";\nexport default again;\n`,
  "data.json": `{ "value": "data" }`,
  "text.txt": "text",
};
const verified = ["first", "data", "late", "again", "text"];

/** A plugin that depends on another one, and so starts when that one is set up. */
function createVictim(): PluginFolder {
  return createPluginFolder(files, { name: "victim", dependencies: { swapper: "*" } });
}

/** A plugin whose setup calls the host: by then everything of every plugin is verified and nothing of the victim ran. */
function createSwapper(): PluginFolder {
  return createPluginFolder({ "mod.js": "export default { setup: ({ host }) => host() };" }, { name: "swapper" });
}

/** Writes an attacker's bytes over every file of a plugin, and watches who reads them. */
function swapFiles({ folder }: PluginFolder): () => string[] {
  const watched = Object.keys({ ...files, "plugin.json": "" }).map((name) => {
    writeFileSync(join(folder, name), leaveMark);
    return { name, wasRead: watchReads(join(folder, name)) };
  });
  return () => watched.filter(({ wasRead }) => wasRead()).map(({ name }) => name);
}

describe("T1, files on disk", () => {
  it("are not read a second time, neither when the plugin runs nor when it imports one later", async () => {
    using plugin = createVictim();
    using swapper = createSwapper();
    let readAgain = (): string[] => ["never swapped"];
    await using host = createTestHost([swapper, plugin], { context: () => void (readAgain = swapFiles(plugin)) });
    await host.load();
    assertEquals(await host.hooks.probe({}), verified);
    assertEquals([readAgain(), takeMark()], [[], false]);
  });

  it("are not read a second time for an import that was evaluated", { skip: !onDeno }, async () => {
    using plugin = createVictim();
    using swapper = createSwapper();
    let readAgain = (): string[] => ["never swapped"];
    await using host = createTestHost([swapper, plugin], { context: () => void (readAgain = swapFiles(plugin)) });
    await host.load();
    assertEquals(await host.hooks.probe({ input: "eval" }), verified);
    assertEquals([readAgain(), takeMark()], [[], false]);
  });

  it("are verified anew when the plugin is loaded anew; what runs goes on as it was", async () => {
    using plugin = createVictim();
    using swapper = createSwapper();
    await using host = createTestHost([swapper, plugin], { context: () => {} });
    await host.load();
    writeFileSync(join(plugin.folder, "first.js"), leaveMark);
    const error = await assertRejects(() => host.reload("victim"), PlugmapError);
    assertEquals(error.code, "integrity-mismatch");
    assertEquals(await host.hooks.probe({}), verified);
    assertEquals(takeMark(), false);
  });
});

describe("T1, files on a server", () => {
  it("are asked for once each, also one that is imported later, and again", async () => {
    using plugin = createPluginFolder(files, { name: "victim" });
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    await using host = createTestHost([{ ...plugin, manifestUrl: `${server.url}plugin.json` }]);
    await host.load();
    const paths = ["/plugin.json", ...Object.keys(files).map((name) => `/${name}`)].sort();
    assertEquals(server.requests.toSorted(), paths);
    for (const path of paths) server.route(path, serve(leaveMark));
    assertEquals(await host.hooks.probe({}), verified);
    assertEquals(await host.hooks.probe({}), verified);
    assertEquals([server.requests.toSorted(), takeMark()], [paths, false]);
  });

  it("are verified anew when the plugin is loaded anew; what runs goes on as it was", async () => {
    using plugin = createPluginFolder(files, { name: "victim" });
    const good = serveFolder(plugin.folder);
    await using server = await startServer({ "/": good, "/first.js": sequence(good, serve(leaveMark)) });
    await using host = createTestHost([{ ...plugin, manifestUrl: `${server.url}plugin.json` }]);
    await host.load();
    const error = await assertRejects(() => host.reload("victim"), PlugmapError);
    assertEquals(error.code, "integrity-mismatch");
    assertEquals(await host.hooks.probe({}), verified);
    assertEquals(takeMark(), false);
  });
});
