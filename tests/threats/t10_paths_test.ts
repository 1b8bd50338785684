import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { greeter, loadBadPlugin } from "../host/sample_plugins.ts";
import { createTestHost } from "../support/host.ts";
import { createPluginFolder, manifestOf } from "../support/plugin_folder.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

// T10: a path means another file than it seems to, on this or on another system.

const source = greeter("bad");
const pins = manifestOf({ "mod.js": source })["modules"] as Record<string, unknown>;
const pin = pins["./mod.js"];

/** What becomes of a plugin that lists its entry and these modules, each with the pin of the entry. */
async function loadListing(paths: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<string> {
  const modules = Object.fromEntries(["./mod.js", ...paths].map((path) => [path, pin]));
  using plugin = createPluginFolder({ "mod.js": source, ...files }, { name: "bad", modules });
  return (await loadBadPlugin(plugin)).code;
}

describe("T10, paths that a manifest may not list", () => {
  const paths = [
    "../mod.js",
    "./../mod.js",
    "./a/../../mod.js",
    "./a/../mod.js",
    "././mod.js",
    "./a//mod.js",
    "./a/",
    "/etc/passwd",
    "//host/share/mod.js",
    "mod.js",
    "C:/mod.js",
    "C:\\mod.js",
    "\\\\host\\share\\mod.js",
    ".\\mod.js",
    "./a\\..\\mod.js",
    "./%2e%2e/mod.js",
    "./mod%00.js",
    "./mod.js\0.png",
    "./mod.js?raw",
    "./mod.js#x",
    "./mod.js:stream",
    "./mod*.js",
    "./con.js",
    "./a/NUL",
    "./lpt1.tar.gz",
    "./mod.js.",
    "./mod.js ",
    "./a /mod.js",
    "./\u202ecod.js",
    "./mod\u200b.js",
    "./e\u0301.js",
    `./${"a".repeat(256)}.js`,
    `./${"a/".repeat(600)}mod.js`,
  ];
  for (const path of paths) {
    // A name that JSON has to write with an escape is none that a manifest can have.
    const code = JSON.stringify(path) === `"${path}"` ? "path-unsafe" : "manifest-invalid";
    it(`${code}: ${JSON.stringify(path.slice(0, 40))}`, async () => assertEquals(await loadListing([path]), code));
  }

  for (const entry of ["./../mod.js", ".\\mod.js", "./a\\..\\mod.js", "C:\\mod.js", "./mod.js\0.png"]) {
    it(`path-unsafe: ${JSON.stringify(entry)} as the entry`, async () => {
      using plugin = createPluginFolder({ "mod.js": source }, { name: "bad", entry });
      assertEquals((await loadBadPlugin(plugin)).code, "path-unsafe");
    });
  }

  for (
    const [one, two] of [["./a.js", "./A.js"], ["./é.js", "./É.js"], ["./straße.js", "./STRASSE.js"], [
      "./a/x",
      "./A/y/../x",
    ]]
  ) {
    it(`path-unsafe: ${one} and ${two} are one file elsewhere`, async () => {
      assertEquals(await loadListing([one!, two!]), "path-unsafe");
    });
  }
});

/** A plugin whose `lib.js` is not a file of its own but made by `make`. */
async function loadMade(make: (path: string, plugin: PluginFolder) => void, content = source): Promise<string> {
  const files = { "mod.js": source, "lib.js": content };
  using plugin = createPluginFolder({ "mod.js": source }, { ...manifestOf(files, { name: "bad" }) });
  make(join(plugin.folder, "lib.js"), plugin);
  return (await loadBadPlugin(plugin)).code;
}

describe("T10, files that are something else", { skip: process.platform === "win32" }, () => {
  it("path-unsafe: a link to a file outside, though it has the pinned bytes", async () => {
    using outside = createTemporaryFolder();
    writeFileSync(join(outside.path, "lib.js"), source);
    assertEquals(await loadMade((path) => symlinkSync(join(outside.path, "lib.js"), path)), "path-unsafe");
  });

  it("path-unsafe: a file behind a link to a folder outside", async () => {
    using outside = createTemporaryFolder();
    writeFileSync(join(outside.path, "lib.js"), source);
    const files = { "mod.js": source, "deep/lib.js": source };
    using plugin = createPluginFolder({ "mod.js": source }, { ...manifestOf(files, { name: "bad" }) });
    symlinkSync(outside.path, join(plugin.folder, "deep"));
    assertEquals((await loadBadPlugin(plugin)).code, "path-unsafe");
  });

  it("path-unsafe: a file in a folder whose name begins with that of the plugin's", async () => {
    using plugin = createPluginFolder(
      { "mod.js": source },
      manifestOf({ "mod.js": source, "lib.js": source }, { name: "bad" }),
    );
    const beside = `${plugin.folder}-evil`;
    mkdirSync(beside);
    try {
      writeFileSync(join(beside, "lib.js"), source);
      symlinkSync(join(beside, "lib.js"), join(plugin.folder, "lib.js"));
      assertEquals((await loadBadPlugin(plugin)).code, "path-unsafe");
    } finally {
      rmSync(beside, { recursive: true });
    }
  });

  it("path-unsafe: a device, which never ends", async () => {
    assertEquals(await loadMade((path) => symlinkSync("/dev/zero", path)), "path-unsafe");
  });

  it("path-unsafe: a folder", async () => {
    assertEquals(await loadMade((path) => mkdirSync(path)), "path-unsafe");
  });

  it("path-unsafe: a pipe, which never begins", async () => {
    assertEquals(await loadMade((path) => void execFileSync("mkfifo", [path])), "path-unsafe");
  });

  it("path-unsafe: a manifest that is a link to another plugin's", async () => {
    using other = createPluginFolder({ "mod.js": source }, { name: "bad" });
    using plugin = createPluginFolder({ "mod.js": source }, { name: "bad" });
    execFileSync("rm", [join(plugin.folder, "plugin.json")]);
    symlinkSync(join(other.folder, "plugin.json"), join(plugin.folder, "plugin.json"));
    assertEquals((await loadBadPlugin({ name: "bad", manifestUrl: plugin.manifestUrl })).code, "path-unsafe");
  });

  it("a link in a circle is an error like any other", async () => {
    assertEquals(await loadMade((path) => symlinkSync(path, path)), "fetch-failed");
  });

  it("a link inside the folder, and a plugin's folder that is a link itself, are fine", async () => {
    using plugin = createPluginFolder(
      { "mod.js": `import "./lib.js";\n${source}`, "real.js": "export {};" },
      {
        name: "linked",
        modules: manifestOf({ "mod.js": `import "./lib.js";\n${source}`, "lib.js": "export {};" })["modules"],
      },
    );
    symlinkSync("real.js", join(plugin.folder, "lib.js"));
    using elsewhere = createTemporaryFolder();
    symlinkSync(plugin.folder, join(elsewhere.path, "link"));
    await using host = createTestHost([{ name: "linked", manifestUrl: `file://${elsewhere.path}/link/plugin.json` }]);
    assertEquals((await host.load()).plugins[0]?.error, undefined);
  });

  it("a hard link is a file of the plugin's own, held to its hash", async () => {
    using outside = createTemporaryFolder();
    writeFileSync(join(outside.path, "secret.js"), "export const secret = 1;");
    assertEquals(await loadMade((path) => linkSync(join(outside.path, "secret.js"), path)), "integrity-mismatch");
  });
});
