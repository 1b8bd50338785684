import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createTestHost } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import type { Files, PluginFolder } from "../support/plugin_folder.ts";
import { sequence, serve, startServer } from "../support/server.ts";

// T1: what was hashed is read again when it runs, and is something else by then.

const evil = `export default { hooks: { probe: async () => "evil" } };`;

/** A plugin whose setup calls `context.host.swap`: by then all modules of all plugins are verified. */
function createSwapper(): PluginFolder {
  return createPluginFolder({ "mod.js": `export default { setup: ({ host }) => host.swap() };` }, { name: "swapper" });
}

/** What a plugin's hook answers when all of its files are changed between their verification and their first run. */
async function probeSwapped(files: Files, changed: Files): Promise<unknown> {
  using swapper = createSwapper();
  using victim = createPluginFolder(files, { name: "victim", dependencies: { swapper: "*" } });
  const swap = () => Object.entries(changed).forEach(([path, content]) => victim.write(path, content));
  await using host = createTestHost([swapper, victim], { context: { swap } });
  await host.load();
  return await host.hooks.probe({});
}

describe("T1: files that are swapped after they were verified", () => {
  it("an entry module runs as it was hashed", async () => {
    const answer = await probeSwapped(
      { "mod.js": `export default { hooks: { probe: async () => "hashed" } };` },
      { "mod.js": evil },
    );
    assertEquals(answer, "hashed");
  });

  it("a module that the entry imports, TypeScript, JSON and text run as they were hashed", async () => {
    const answer = await probeSwapped(
      {
        "mod.ts": `import { value } from "./value.ts";
import data from "./data.json" with { type: "json" };
import text from "./text.txt" with { type: "text" };
export default { hooks: { probe: async () => [value, data, text] } };`,
        "value.ts": `export const value: string = "hashed";`,
        "data.json": `"hashed"`,
        "text.txt": "hashed",
      },
      { "mod.ts": evil, "value.ts": `export const value = "evil";`, "data.json": `"evil"`, "text.txt": "evil" },
    );
    assertEquals(answer, ["hashed", "hashed", "hashed"]);
  });

  it("a module that is imported only much later runs as it was hashed", async () => {
    using plugin = createPluginFolder({
      "mod.js": `export default { hooks: { probe: async () => (await import("./lazy.js")).value } };`,
      "lazy.js": `export const value = "hashed";`,
    });
    await using host = createTestHost([plugin]);
    await host.load();
    plugin.write("lazy.js", `export const value = "evil";`);
    assertEquals(await host.hooks.probe({}), "hashed");
    plugin.remove();
    assertEquals(await host.hooks.probe({}), "hashed");
  });

  it("a manifest that is swapped changes nothing of what was agreed to", async () => {
    using swapper = createSwapper();
    const source = `export default { setup: ({ version, host }) => host.seen(version) };`;
    using victim = createPluginFolder({ "mod.js": source }, { name: "victim", dependencies: { swapper: "*" } });
    const seen: string[] = [];
    const context = {
      seen: (version: string) => seen.push(version),
      swap: () => victim.write("plugin.json", JSON.stringify({ name: "victim", version: "6.6.6" })),
    };
    await using host = createTestHost([swapper, victim], { context });
    await host.load();
    assertEquals([seen, host.inspect().plugins[1]?.version], [["1.0.0"], "1.0.0"]);
  });
});

describe("T1: a server that answers otherwise the second time", () => {
  it("manifest and modules are asked for once, and run as they were hashed", async () => {
    const honest = `export default { hooks: { probe: async () => "hashed" } };`;
    using plugin = createPluginFolder({ "mod.js": honest });
    const manifest = readFileSync(join(plugin.folder, "plugin.json"));
    await using server = await startServer({
      "/plugin.json": sequence(serve(manifest), serve("{}")),
      "/mod.js": sequence(serve(honest), serve(evil)),
    });
    await using host = createTestHost([{ ...plugin, manifestUrl: `${server.url}plugin.json` }]);
    await host.load();
    assertEquals(await host.hooks.probe({}), "hashed");
    assertEquals(server.requests, ["/plugin.json", "/mod.js"]);
  });
});
