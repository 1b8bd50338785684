import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { createTestHost, probing, runPlugin } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import type { Files } from "../support/plugin_folder.ts";

/** What a plugin in a folder of its own tells, and where that folder is. */
async function probe(
  files: Files,
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<{ told: unknown; folder: string; url: string }> {
  using plugin = createPluginFolder(files, overrides);
  await using host = createTestHost([plugin]);
  await host.loadPlugin("sample");
  return { told: await host.hooks.probe({}), folder: plugin.folder, url: plugin.url };
}

describe("import.meta", () => {
  it("url is the module's own URL, without anything of the loader's", async () => {
    const { told, url } = await probe({
      "main.ts": probing("[import.meta.url, inner]", `import { inner } from "./deep/inner.ts";`),
      "deep/inner.ts": "export const inner = import.meta.url;",
    });
    assertEquals(told, [`${url}main.ts`, `${url}deep/inner.ts`]);
  });

  it("url is the base of other files of the plugin", async () => {
    const { told, url } = await probe({
      "main.ts": probing(`[new URL("./data.bin", import.meta.url).href, new URL("../x?y", import.meta.url).href]`),
    });
    assertEquals(told, [`${url}data.bin`, new URL("../x?y", url).href]);
  });

  it("filename and dirname are those of the file", async () => {
    const { told, folder } = await probe({
      "main.ts": `export { default } from "./a b/inner.ts";`,
      "a b/inner.ts": probing("[import.meta.filename, import.meta.dirname]"),
    });
    assertEquals(told, [join(folder, "a b", "inner.ts"), join(folder, "a b")]);
  });

  it("main is false", async () => {
    assertEquals(await runPlugin({ "main.ts": probing("import.meta.main") }), false);
  });

  it("has the same members on every runtime, none of which loads anything", async () => {
    assertEquals(await runPlugin({ "main.ts": probing("Object.keys(import.meta).sort()") }), [
      "dirname",
      "filename",
      "main",
      "resolve",
      "url",
    ]);
  });

  it("is one object for each module, which takes further members", async () => {
    const files = {
      "main.ts": probing("[import.meta.note, note]", `import { note } from "./other.ts"; import.meta.note = "mine";`),
      "other.ts": `import.meta.note = "other"; export const note = import.meta.note;`,
    };
    assertEquals(await runPlugin(files), ["mine", "other"]);
  });

  for (
    const [form, expression] of [
      ["comments within it", "import /* a */ . /* b */ meta.url"],
      ["line breaks within it", "import\n.\nmeta\n.url"],
      ["a template literal around it", "`${import.meta.url}`"],
      ["destructuring", "(({ url }) => url)(import.meta)"],
    ] as const
  ) {
    it(`is found with ${form}`, async () => {
      const { told, url } = await probe({ "main.ts": probing(expression) });
      assertEquals(told, `${url}main.ts`);
    });
  }

  it("is left alone where it is only text", async () => {
    const files = { "main.ts": probing("['import.meta.url', `import.meta`, /import.meta/.source]") };
    assertEquals(await runPlugin(files), ["import.meta.url", "import.meta", "import.meta"]);
  });

  it("does not take a name away from the module", async () => {
    const files = {
      "main.js": probing("[$plugmap, $plugmap_]", "const $plugmap = 1, $plugmap_ = 2; import.meta.url;"),
    };
    assertEquals(await runPlugin(files), [1, 2]);
  });

  it("works in a file that starts with a hashbang", async () => {
    const { told, url } = await probe({ "main.ts": `#!/usr/bin/env -S deno run\n${probing("import.meta.url")}` });
    assertEquals(told, `${url}main.ts`);
  });
});

describe("import.meta.resolve()", () => {
  const resolving = (specifier: string): Files => ({
    "main.ts": probing(`import.meta.resolve(${JSON.stringify(specifier)})`),
    "lib/a.ts": "export {};",
  });

  it("gives the URL of a listed module, by path and by the plugin's own import map", async () => {
    const imports = { a: "./lib/a.ts", "lib/": "./lib/" };
    for (const specifier of ["./lib/a.ts", "a", "lib/a.ts"]) {
      const { told, url } = await probe(resolving(specifier), { imports });
      assertEquals(told, `${url}lib/a.ts`, specifier);
    }
  });

  it("gives what can be imported for what is no module of the plugin", async () => {
    for (const specifier of ["node:path", "@plugmap/plugmap/plugin"]) {
      assertEquals(await runPlugin(resolving(specifier)), specifier);
    }
  });

  it("refuses what an import would refuse, with the same code", async () => {
    const files = {
      "main.ts": probing(
        `["./none.ts", "lodash", "node:fs", "npm:left-pad", "data:text/javascript,1"].map(codeOf)`,
        `function codeOf(specifier: string) {
          try { return import.meta.resolve(specifier); } catch (error) { return error.code; }
        }`,
      ),
    };
    assertEquals(await runPlugin(files), [
      "module-unlisted",
      "module-unlisted",
      "builtin-denied",
      "npm-refused",
      "module-unlisted",
    ]);
  });
});
