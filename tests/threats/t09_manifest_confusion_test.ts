import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createPlugin, greeter, loadBadPlugin } from "../host/sample_plugins.ts";
import { createTestHost } from "../support/host.ts";
import { createPluginFolder, manifestOf } from "../support/plugin_folder.ts";

// T9: two documents, or two readers of one document, say different things of one plugin.

const source = greeter("bad");

/** The manifest of a plugin as JSON text, with its first `{` replaced. */
function manifestText(start: string, overrides: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify(manifestOf({ "mod.js": source }, { name: "bad", ...overrides })).replace("{", start);
}

/** What becomes of a plugin with this text for a manifest, which nothing pins. */
async function loadText(text: string): ReturnType<typeof loadBadPlugin> {
  using plugin = createPluginFolder({ "mod.js": source }, { name: "bad" });
  plugin.write("plugin.json", text);
  return await loadBadPlugin({ name: "bad", manifestUrl: plugin.manifestUrl });
}

describe("T9, one source of truth", () => {
  it("another manifest at the same address is not the plugin that was pinned", async () => {
    using plugin = createPluginFolder({ "mod.js": source }, { name: "bad" });
    plugin.write("plugin.json", JSON.stringify(manifestOf({ "mod.js": source }, { name: "bad", version: "1.0.1" })));
    assertEquals((await loadBadPlugin(plugin)).code, "integrity-mismatch");
  });

  it("white space in the manifest is part of what is pinned", async () => {
    using plugin = createPluginFolder({ "mod.js": source }, { name: "bad" });
    plugin.write("plugin.json", `${JSON.stringify(manifestOf({ "mod.js": source }, { name: "bad" }), null, 2)}\n`);
    assertEquals((await loadBadPlugin(plugin)).code, "integrity-mismatch");
  });

  it("a plugin cannot take the grant of another by its own word", async () => {
    const policy = { plugins: { other: { permissions: { env: true } } } };
    using plugin = createPlugin("other", source, { permissions: { env: ["LANG"] } });
    assertEquals((await loadBadPlugin({ ...plugin, name: "bad" }, { policy })).code, "manifest-mismatch");
    using asking = createPlugin("bad", source, { permissions: { env: ["LANG"] } });
    assertEquals((await loadBadPlugin(asking, { policy })).code, "permission-missing");
  });

  it("name, version and permissions are told as the verified manifest has them", async () => {
    const files = { "mod.js": source, "package.json": `{ "name": "good", "version": "9.9.9" }` };
    using plugin = createPluginFolder(files, { name: "sample", version: "1.2.3", permissions: { env: ["LANG"] } });
    plugin.write("deno.json", `{ "name": "@good/good", "version": "9.9.9" }`);
    await using host = createTestHost([plugin], { policy: { default: { permissions: { env: true } } } });
    const { plugins: [report] } = await host.load();
    assertEquals([report?.name, report?.version, report?.permissions.env], ["sample", "1.2.3", ["LANG"]]);
  });
});

describe("T9, one reading of it", () => {
  const cases: Readonly<Record<string, string>> = {
    "a member twice": manifestText(`{ "permissions": {}, "permissions": {}, `),
    "a name twice, first right": manifestText(`{ "name": "bad", "name": "other", `),
    "a name twice, once with an escape": manifestText(`{ "n\\u0061me": "other", `),
    "a member in capitals": manifestText(`{ "Permissions": { "run": ["sh"] }, `),
    "a member with a space": manifestText(`{ "permissions ": {}, `),
    "__proto__ with members of its own": manifestText(`{ "__proto__": { "permissions": {} }, `),
    "a byte order mark": `\ufeff${manifestText("{")}`,
    "a comment": manifestText(`{ /* "name": "good", */ `),
    "a trailing comma": manifestText("{").replace(/\}$/, ",}"),
    "two documents": `${manifestText("{")}${manifestText("{")}`,
    "NaN": manifestText(`{ "description": NaN, `),
    "single quotes": manifestText(`{ 'description': 'x', `),
    "a nested member twice": manifestText("{", { permissions: undefined })
      .replace(/\}$/, `,"permissions":{"net":["a.example"],"net":[]}}`),
  };
  for (const [what, text] of Object.entries(cases)) {
    it(`a manifest with ${what} is refused`, async () => {
      const { code, step } = await loadText(text);
      assertEquals([code, step], ["manifest-invalid", "manifest"]);
    });
  }
});
