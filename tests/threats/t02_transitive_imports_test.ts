import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadBadPlugin } from "../host/sample_plugins.ts";
import { createPluginFolder, manifestOf } from "../support/plugin_folder.ts";
import type { Files } from "../support/plugin_folder.ts";
import { serve, startServer } from "../support/server.ts";
import { leaveMark, takeMark } from "./canary.ts";

// T2: what is listed is verified, and then imports something that is not listed.

const entry = `import "./listed.js";\nexport default {};\n`;

/** Ways for a listed module to import what no manifest lists. */
const imports: readonly string[] = [
  `import "./payload.js";`,
  `import value from "./payload.js"; value;`,
  `import * as all from "./payload.js"; all;`,
  `export * from "./payload.js";`,
  `export { value } from "./payload.js";`,
  `import "./deeper.js";`,
  `import "./listed.js?1"; import "./payload.js?2";`,
  `import "./folder/../payload.js";`,
  `import "././payload.js";`,
  `import "./%70ayload.js";`,
  `import "./Listed.js";`,
  `import "../payload.js";`,
  `import "payload";`,
  `import text from "./payload.js" with { type: "text" }; globalThis.plugmapCanary = text;`,
  `import data from "./payload.json" with { type: "json" }; globalThis.plugmapCanary = data;`,
  `await import("./payload.js");`,
];

describe("T2, what a listed module imports", () => {
  for (const source of imports) {
    it(`is refused unless it is listed: ${source}`, async () => {
      const files: Files = { "mod.js": entry, "listed.js": source, "deeper.js": `export * from "./payload.js";` };
      using plugin = createPluginFolder(files, { name: "bad" });
      plugin.write("payload.js", `${leaveMark} export const value = 1; export default 1;`);
      plugin.write("payload.json", "{}");
      plugin.write("Listed.js", leaveMark);
      plugin.write("node_modules/payload/package.json", `{ "name": "payload", "main": "../../payload.js" }`);
      const { code, step, message } = await loadBadPlugin(plugin);
      assertEquals([code, step], ["module-unlisted", "run"]);
      assertStringIncludes(message, "which the plugin's manifest does not list");
      assert(!takeMark());
    });
  }

  it("is refused beside a listed module of another server, whose address it is relative to", async () => {
    const library = `import "./payload.js";`;
    await using server = await startServer({ "/library.js": serve(library), "/payload.js": serve(leaveMark) });
    const address = `${server.url}library.js`;
    const { "./library.js": pin, ...modules } = manifestOf({ "mod.js": `import "${address}";`, "library.js": library })
      .modules as Record<string, unknown>;
    using plugin = createPluginFolder(
      { "mod.js": `import "${address}";` },
      { name: "bad", modules: { ...modules, [address]: pin } },
    );
    const { code, message } = await loadBadPlugin(plugin);
    assertEquals(code, "module-unlisted");
    assertStringIncludes(message, `"${address}" imports "./payload.js"`);
    assertEquals(server.requests, ["/library.js"]);
    assert(!takeMark());
  });

  it("is refused when it is another plugin that was not declared as a dependency", async () => {
    using plugin = createPluginFolder({ "mod.js": `import "plugins/first"; export default {};` }, { name: "bad" });
    const { code, message } = await loadBadPlugin(plugin);
    assertEquals(code, "module-unlisted");
    assertStringIncludes(message, `"dependencies"`);
  });
});

describe("T2, a dependency that an update adds", () => {
  it("is never fetched from anywhere: the host lists it, or the plugin fails", async () => {
    await using server = await startServer();
    for (const dependencies of [{ payload: "*" }, { first: "*", "@evil/payload": "1" }]) {
      using plugin = createPluginFolder({ "mod.js": "export default {};" }, { name: "bad", dependencies });
      const { code, step } = await loadBadPlugin(plugin);
      assertEquals([code, step], ["dependency-missing", "plan"]);
    }
    using plugin = createPluginFolder({ "mod.js": "" }, { name: "bad", dependencies: { [server.url]: "*" } });
    assertEquals((await loadBadPlugin(plugin)).code, "manifest-invalid");
    assertEquals(server.requests, []);
  });
});
