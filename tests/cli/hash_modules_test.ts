import { symlinkSync } from "node:fs";
import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Files } from "../support/plugin_folder.ts";
import { createFolder, recordsOf } from "./files.ts";
import { callPlugmap } from "./plugmap.ts";

/** Hashes a plugin made of these files and gives the modules that its manifest then lists. */
async function modulesOf(files: Files): Promise<unknown> {
  using folder = createFolder(files);
  const { code, problems } = await callPlugmap("hash", folder.path);
  assertEquals([code, problems], [0, ""]);
  return folder.readJson("plugin.json")["modules"];
}

/** Hashes a plugin that cannot be, checks that nothing was written, and gives what the command says. */
async function problemOf(files: Files, prepare: (path: string) => void = () => {}): Promise<string> {
  using folder = createFolder(files);
  prepare(folder.path);
  const before = folder.list();
  const { code, out, problems } = await callPlugmap("hash", folder.path);
  assertEquals([code, out], [2, ""]);
  assertEquals(folder.list(), before);
  return problems.replaceAll(folder.path, "<folder>");
}

function manifest(members: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ name: "sample", version: "1.0.0", entry: "./main.ts", ...members });
}

describe("plugmap hash, modules", () => {
  it("hash lists what is imported statically, re-exported and imported by a literal, however deep", async () => {
    const files = {
      "main.ts": `import one from "./one.js"; import "./side/effect.mjs"; export default () => import("./late.ts");`,
      "one.js": `export * from "./all.js"; export { two } from "./two.mts"; export default 1;`,
      "all.js": `export * as deep from './side/deep/deepest.js';`,
      "two.mts": `import "./main.ts"; export const two = 2;`,
      "late.ts": "await import(`./later.ts`);",
      "later.ts": "export {};",
      "side/effect.mjs": `import "../one.js";`,
      "side/deep/deepest.js": "",
    };
    assertEquals(await modulesOf({ ...files, "unused.ts": "export {};" }), recordsOf(files));
  });

  it("hash lists JSON and text modules and does not look for imports in them", async () => {
    const files = {
      "main.ts": `import data from "./data.json" with { type: "json" };
import text from "./text.md" with { type: "text" };
export default { data, text };`,
      "data.json": `{ "text": "import './nowhere.js'" }`,
      "text.md": `import "./nowhere.js";`,
    };
    assertEquals(await modulesOf(files), recordsOf(files));
  });

  it("hash passes over imports of types, builtins, dependencies and computed specifiers", async () => {
    const files = {
      "main.ts": `import type { Host } from "../../host.ts";
import { type Other } from "./other.ts";
import { readFile } from "node:fs";
import { definePlugin } from "@plugmap/plugmap/plugin";
import units from "plugins/units";
export type { Third } from "../third.ts";
const context: typeof import("./fourth.ts") | undefined = undefined;
const name = "x";
await import(name); await import(\`./\${name}.ts\`);
export default definePlugin<Host & Other>({ setup: () => [readFile, units, context] });`,
      "other.ts": "export interface Other {}",
    };
    assertEquals(await modulesOf(files), recordsOf(files));
  });

  it("hash keeps what is listed for a computed import, with its own imports, and drops what is gone", async () => {
    const files = {
      "main.ts": "export default (name) => import(`./themes/${name}.ts`);",
      "themes/dark.ts": `import "../color.ts";`,
      "color.ts": "export {};",
    };
    const blank = { integrity: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", size: 0 };
    const listed = { "./themes/dark.ts": blank, "./themes/gone.ts": blank, "./main.ts": blank };
    assertEquals(await modulesOf({ ...files, "plugin.json": manifest({ modules: listed }) }), recordsOf(files));
  });

  it("hash follows the plugin's own import map and lists what that names", async () => {
    const files = {
      "main.ts": `import "parts/one.ts"; import "math"; export default {};`,
      "vendor/parts/one.ts": "",
      "vendor/math.js": `import "hidden";`,
      "hidden.js": "",
      "asked_for_by_name.js": "",
    };
    const imports = {
      "parts/": "./vendor/parts/",
      math: "./vendor/math.js",
      hidden: "./hidden.js",
      computed: "./asked_for_by_name.js",
    };
    assertEquals(await modulesOf({ ...files, "plugin.json": manifest({ imports }) }), recordsOf(files));
  });

  it("hash lists files with spaces and letters of any script under their names", async () => {
    const files = {
      "main.ts": `import "./my part.ts"; import "./größe.ts"; import "./%E6%97%A5%E6%9C%AC.ts";`,
      "my part.ts": "",
      "größe.ts": "",
      "日本.ts": "",
    };
    assertEquals(await modulesOf(files), recordsOf(files));
  });

  it("hash keeps modules on other servers and of packages as they are", async () => {
    const remote = {
      "https://example.com/one.js": { integrity: "sha512-Zx1cMd==", size: 3 },
      "jsr:@acme/two@1.2.3/mod.ts": { integrity: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", size: 0 },
    };
    const files = { "main.ts": `import "https://example.com/one.js"; import "two";` };
    const imports = { two: "jsr:@acme/two@1.2.3/mod.ts" };
    assertEquals(await modulesOf({ ...files, "plugin.json": manifest({ imports, modules: remote }) }), {
      ...recordsOf(files),
      ...remote,
    });
  });

  it("hash takes __proto__, constructor and toString for ordinary names", async () => {
    const files = {
      "main.ts": `import "./__proto__"; import "./constructor.ts"; import "toString";`,
      ["__proto__"]: "text",
      "constructor.ts": "",
      "to_string.ts": "",
    };
    const found = await modulesOf({ ...files, "plugin.json": manifest({ imports: { toString: "./to_string.ts" } }) });
    assertEquals(found, recordsOf(files));
  });

  it("hash refuses an import of what is not there and names the importer", async () => {
    const files = { "main.ts": `import "./one.ts";`, "one.ts": `export * from "./gone.ts";` };
    assertStringIncludes(
      await problemOf(files),
      `[fetch-failed] "./one.ts" imports "./gone.ts": "<folder>/gone.ts" does not exist. Check the path`,
    );
  });

  it("hash refuses an entry, and a target of the plugin's import map, that is not there", async () => {
    const entry = await problemOf({ "plugin.json": manifest() });
    assertStringIncludes(entry, `[fetch-failed] The entry is "./main.ts": "<folder>/main.ts" does not exist`);
    const target = await problemOf({ "main.ts": "", "plugin.json": manifest({ imports: { lib: "./lib.ts" } }) });
    assertStringIncludes(target, `[fetch-failed] "imports" maps "lib" to "./lib.ts": "<folder>/lib.ts" does not exist`);
  });

  it("hash refuses what lies outside the folder, whichever way it leads there", async () => {
    const path = await problemOf({ "main.ts": `import "../secret.ts";` });
    assertStringIncludes(path, `[path-unsafe] "./main.ts" imports "../secret.ts": `);
    assertStringIncludes(path, `secret.ts" is outside the plugin's folder`);

    const link = await problemOf({ "main.ts": `import "./link.ts";` }, (folder) => {
      symlinkSync("/etc/hostname", `${folder}/link.ts`);
    });
    assertStringIncludes(link, `[path-unsafe] "./main.ts" imports "./link.ts": "<folder>/link.ts" is a link to`);

    using elsewhere = createFolder({ "secret.ts": "export {};" });
    const folderLink = await problemOf({ "main.ts": `import "./linked/secret.ts";` }, (folder) => {
      symlinkSync(elsewhere.path, `${folder}/linked`);
    });
    assertStringIncludes(folderLink, "[path-unsafe]");

    const entry = await problemOf({ "plugin.json": manifest({ entry: "../main.ts" }) });
    assertStringIncludes(entry, `[path-unsafe] Path "../main.ts" leads out of the plugin's folder, at "/entry"`);
    const listed = await problemOf({ "main.ts": "", "plugin.json": manifest({ modules: { "./../x.ts": {} } }) });
    assertStringIncludes(listed, "[path-unsafe]");
  });

  it("hash refuses a manifest that is a link to elsewhere", async () => {
    using elsewhere = createFolder({ "plugin.json": manifest() });
    const problem = await problemOf({ "main.ts": "" }, (folder) => {
      symlinkSync(elsewhere.at("plugin.json"), `${folder}/plugin.json`);
    });
    assertStringIncludes(problem, `[path-unsafe] "<folder>/plugin.json" is a link to`);
    assertEquals(elsewhere.read("plugin.json"), manifest());
  });

  it("hash refuses a specifier that no manifest can spell", async () => {
    const query = await problemOf({ "main.ts": `import "./one.ts?x";`, "one.ts": "" });
    assertStringIncludes(
      query,
      `[path-unsafe] "./main.ts" imports "./one.ts?x": Path "./one.ts?x" has the character "?"`,
    );
    const escape = await problemOf({ "main.ts": `import "./a%2fb.ts";`, "a/b.ts": "" });
    assertStringIncludes(escape, `is not how "./a/b.ts" is spelt`);
    const broken = await problemOf({ "main.ts": `import "./100%.ts";`, "100%.ts": "" });
    assertStringIncludes(broken, `has the character "%"`);
  });

  it("hash refuses modules of a kind that cannot be linked, folders, and text that is no module", async () => {
    const jsx = await problemOf({ "main.ts": `import "./view.tsx";`, "view.tsx": "" });
    assertStringIncludes(jsx, `[module-unsupported] "./main.ts" imports "./view.tsx": "./view.tsx" is of a kind`);
    const folder = await problemOf({ "main.ts": `import "./lib";`, "lib/mod.ts": "" });
    assertStringIncludes(folder, `[path-unsafe] "./main.ts" imports "./lib": "<folder>/lib" is not a regular file`);
    const broken = await problemOf({ "main.ts": `import "./one.ts";`, "one.ts": `import { from ;` });
    assertStringIncludes(broken, `[module-invalid] `);
    assertStringIncludes(broken, `"./one.ts" cannot be parsed`);
  });

  it("hash does not insist on an import() that leads out of the folder", async () => {
    const files = { "main.ts": `try { await import("../optional.ts"); } catch {}` };
    assertEquals(await modulesOf(files), recordsOf(files));
  });

  it("hash runs nothing of the plugin", async () => {
    const canary = `globalThis.canary = true; throw new Error("ran");`;
    await modulesOf({ "main.ts": `${canary}\nimport "./one.js";`, "one.js": canary });
    assert(!("canary" in globalThis));
  });
});
