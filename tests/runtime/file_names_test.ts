import { describe, it } from "node:test";
import process from "node:process";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createTestHost, failureOf, probing, runPlugin } from "../support/host.ts";
import { createPluginFolder, manifestOf } from "../support/plugin_folder.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

const names = [
  "a b.ts",
  "ünïcödé/日本語.ts",
  "emoji 🎉.ts",
  "it's.ts",
  "a'b`${x}$&$1;c.ts",
  "!a@b+c=d,e;f[g](h){i}~^.ts",
  "a&b=c.ts",
  "dots.in.the.name.ts",
  ".hidden/.file.ts",
  "__proto__.ts",
  "constructor/toString.ts",
  "import.meta.url.ts",
  "plugmap.ts",
  "-dash.ts",
  `${"long".repeat(50)}.ts`,
  Array.from({ length: 30 }, (_, index) => `folder${index}`).join("/") + "/deep.ts",
];

describe("file names", () => {
  for (const name of names) {
    it(`can be ${JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name)}`, async () => {
      using plugin = createPluginFolder({
        "main.ts": probing(
          `[here, (await import(${JSON.stringify(`./${name}`)})).here, (await import(${
            JSON.stringify(`./${name}`)
          } + "")).here]`,
          `import { here } from ${JSON.stringify(`./${name}`)};`,
        ),
        [name]: "export const here: string = import.meta.url;",
      });
      await using host = createTestHost([plugin]);
      await host.load();
      const [here = "", literal, computed] = await host.hooks.probe({}) as string[];
      assertEquals([here, here], [literal, computed]);
      assertEquals(fileURLToPath(here), join(plugin.folder, name));
    });

    it(`can be that of the entry: ${JSON.stringify(name.slice(0, 60))}`, async () => {
      assertEquals(await runPlugin({ [name]: probing("typeof import.meta.url") }), "string");
    });
  }

  it("are found by their encoded form as well", async () => {
    const files = {
      "main.ts": probing("x", `import { x } from "./%E6%97%A5%20b.ts";`),
      "日 b.ts": "export const x = 4;",
    };
    assertEquals(await runPlugin(files), 4);
  });

  it("of the folder can be anything that the system allows", { skip: process.platform === "win32" }, async () => {
    using temporary = createTemporaryFolder();
    const folder = join(temporary.path, "a#b?c%20d 日'`\"$&");
    const files = {
      "main.ts": probing("[x, import.meta.filename]", `import { x } from "./lib.ts";`),
      "lib.ts": "export const x = 1;",
    };
    mkdirSync(folder);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    writeFileSync(join(folder, "plugin.json"), JSON.stringify(manifestOf(files)));
    const manifestUrl = pathToFileURL(join(folder, "plugin.json")).href;
    await using host = createTestHost([{ name: "sample", manifestUrl }]);
    await host.loadPlugin("sample");
    assertEquals(await host.hooks.probe({}), [1, join(folder, "main.ts")]);
  });

  it("are told in stack traces and errors", async () => {
    const error = await failureOf({ "main.ts": probing("1", `import "./ä ö.ts";`), "ä ö.ts": "const a = ;" });
    assertStringIncludes(error.problem, "%C3%A4%20%C3%B6.ts");
  });

  it("with capital letters in the extension are of the same kind", { skip: process.platform === "win32" }, async () => {
    assertEquals(await runPlugin({ "MAIN.TS": probing("x as number", "const x: number = 4;") }), 4);
  });
});
