import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { rmSync } from "node:fs";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createTestHost, probing } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import { serve, serveFolder, startServer } from "../support/server.ts";

describe("the bytes that were verified are the bytes that run", () => {
  const files = {
    "main.ts": probing(
      `[now, (await import("./later.ts")).later, (await import("./later.json")).default]`,
      `import { now } from "./now.ts";`,
    ),
    "now.ts": `export const now: string = "verified";`,
    "later.ts": `export const later: string = "verified";`,
    "later.json": `"verified"`,
  };

  it("though the files change after loading", async () => {
    using plugin = createPluginFolder(files);
    await using host = createTestHost([plugin]);
    await host.load();
    for (const path of ["main.ts", "now.ts", "later.ts"]) plugin.write(path, "throw new Error('changed');");
    plugin.write("later.json", `"changed"`);
    assertEquals(await host.hooks.probe({}), ["verified", "verified", "verified"]);
  });

  it("though the files change while the plugin starts", async () => {
    const waiting = {
      "main.ts": probing("later", `await globalThis.plugmapTestGate;\nconst { later } = await import("./later.ts");`),
      "later.ts": files["later.ts"],
    };
    using plugin = createPluginFolder(waiting);
    await using host = createTestHost([plugin]);
    const { promise, resolve } = Promise.withResolvers<void>();
    Object.assign(globalThis, { plugmapTestGate: promise });
    const loading = host.load();
    await delay(50);
    plugin.write("later.ts", "throw new Error('changed');");
    resolve();
    await loading;
    assertEquals(await host.hooks.probe({}), "verified");
  });

  it("though the files are gone", async () => {
    using plugin = createPluginFolder(files);
    await using host = createTestHost([plugin]);
    await host.load();
    rmSync(plugin.folder, { recursive: true });
    assertEquals(await host.hooks.probe({}), ["verified", "verified", "verified"]);
  });

  it("and nothing else on disk is looked at: what lies there need not even be code", async () => {
    using plugin = createPluginFolder(files);
    await using host = createTestHost([plugin]);
    await host.load();
    plugin.write("later.ts", "(".repeat(200_000));
    assertEquals(await host.hooks.probe({}), ["verified", "verified", "verified"]);
  });
});

describe("nothing is asked of the network but what the manifest lists", () => {
  it("and that once, before the plugin runs", async () => {
    using plugin = createPluginFolder({
      "main.ts": probing(
        `[now, (await import("./later.ts")).later, (await import("./data.json")).default]`,
        `import { now } from "./now.ts";`,
      ),
      "now.ts": `export const now = import.meta.url.startsWith("http:");`,
      "later.ts": "export const later = 2;",
      "data.json": "3",
    });
    await using server = await startServer({ "/plugin/": serveFolder(plugin.folder, "/plugin/") });
    const listed = { name: "sample", manifestUrl: `${server.url}plugin/plugin.json`, digest: plugin.digest };
    await using host = createTestHost([listed]);
    await host.load();
    assertEquals(await host.hooks.probe({}), [true, 2, 3]);
    const paths = ["plugin.json", "main.ts", "now.ts", "later.ts", "data.json"].map((name) => `/plugin/${name}`);
    assertEquals(server.requests.toSorted(), paths.toSorted());
  });

  it("not by an import that is refused, in any form", async () => {
    await using beacon = await startServer({ "/": serve("export {};", { "content-type": "text/javascript" }) });
    for (
      const code of [
        (url: string) => `import "${url}";`,
        (url: string) => `export * from "${url}";`,
        (url: string) => `await import("${url}");`,
        (url: string) => `await import("${url}" + "");`,
        (url: string) => `import x from "${url}" with { type: "json" }; x;`,
        (url: string) => `import.meta.resolve("${url}");`,
        (url: string) => `export const never = () => import("${url}");`,
      ]
    ) {
      using plugin = createPluginFolder({ "main.ts": probing("1", code(`${beacon.url}a.ts`)) });
      await using host = createTestHost([plugin]);
      await host.load();
    }
    assertEquals(beacon.requests, []);
  });

  it("not by what lies in the place of a module by now", async () => {
    await using beacon = await startServer({ "/": serve("export {};", { "content-type": "text/javascript" }) });
    using plugin = createPluginFolder({
      "main.ts": probing(`(await import("./later.ts")).later`),
      "later.ts": "export const later = 1;",
    });
    await using host = createTestHost([plugin]);
    await host.load();
    plugin.write("later.ts", `import "${beacon.url}a.ts";\nimport "npm:left-pad";\nexport const later = 2;`);
    assertEquals(await host.hooks.probe({}), 1);
    assertEquals(beacon.requests, []);
  });
});

describe("after it was unloaded", () => {
  it("what still runs of a plugin can import nothing more", async () => {
    using plugin = createPluginFolder({
      "main.ts": `
        const codes = (globalThis as any).plugmapTestCodes;
        const codeOf = (specifier: string) => import(specifier).then(() => "loaded", (error) => error.code);
        const messageOf = () =>
          import("./later.ts", { with: { type: "text" } }).then(() => "loaded", (error) => error.message);
        export default {
          dispose() {
            setTimeout(async () => {
              codes.resolve([await codeOf("./later.ts"), await codeOf("./none.ts"), await messageOf()]);
            }, 1);
          },
        };`,
      "later.ts": "export {};",
    });
    const codes = Promise.withResolvers<unknown>();
    Object.assign(globalThis, { plugmapTestCodes: codes });
    const host = createTestHost([plugin]);
    await host.load();
    await host.close();
    const [listed, unlisted, asText] = await codes.promise as string[];
    assertEquals([listed, unlisted], ["module-unlisted", "module-unlisted"]);
    assertStringIncludes(String(asText), "its plugin was unloaded");
  });
});
