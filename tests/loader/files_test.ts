import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { toFileUrl } from "@std/path";
import { folderOf, pathIn, pathOf, readFile } from "../../src/loader/files.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import { onDeno, plugmap, runProgram } from "../support/child.ts";
import { createTestHost, importMapOf } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import type { Files, PluginFolder } from "../support/plugin_folder.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { failureOf } from "./sources.ts";

const runtime = await detectRuntime();
const isWindows = process.platform === "win32";
const isRoot = process.getuid?.() === 0;
const decoder = new TextDecoder();

/** The text of a file of a plugin, by its name in a manifest. */
function read(plugin: { manifestUrl: string }, name: string, cap: number = 1000): string {
  const folder = folderOf(pathOf(plugin.manifestUrl), runtime);
  return decoder.decode(readFile(pathIn(folder, name), cap, folder));
}

function plugin(files: Files = {}): PluginFolder {
  return createPluginFolder({ "mod.js": "inside", ...files });
}

describe("readFile", () => {
  it("readFile() gives the bytes of files in the folder and below it, up to the cap", () => {
    using folder = plugin({ "a/b/c.js": "deep", "empty.js": "" });
    assertEquals(read(folder, "./mod.js", 6), "inside");
    assertEquals(read(folder, "./a/b/c.js"), "deep");
    assertEquals(read(folder, "./empty.js", 0), "");
  });

  it("readFile() gives the bytes of large files, whole", () => {
    for (const size of [64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 300_000]) {
      const text = "0123456789abcdef".repeat(size / 16 + 1).slice(0, size);
      using folder = plugin({ "large.js": text });
      assertEquals(read(folder, "./large.js", size) === text, true);
    }
  });

  it("readFile() finds names with spaces, percent signs and characters beyond ASCII", () => {
    using folder = plugin({ "a b/größe 100%.js": "odd" });
    assertEquals(read(folder, "./a b/größe 100%.js"), "odd");
  });

  it("readFile() refuses what is not there, with its path", async () => {
    using folder = plugin();
    for (const name of ["./gone.js", "./gone/mod.js"]) {
      const error = await failureOf(() => read(folder, name));
      assertEquals(error.code, "fetch-failed");
      assertStringIncludes(error.problem, "does not exist");
    }
  });

  it("readFile() refuses a file that is said to be below a file", async () => {
    using folder = plugin();
    assertEquals((await failureOf(() => read(folder, "./mod.js/mod.js"))).code, "fetch-failed");
  });

  it("readFile() tells what may not be read", { skip: isWindows || isRoot }, async () => {
    using folder = plugin();
    chmodSync(join(folder.folder, "mod.js"), 0);
    const error = await failureOf(() => read(folder, "./mod.js"));
    assertEquals(error.code, "fetch-failed");
    assertStringIncludes(error.problem, "cannot be read");
  });

  it("readFile() does not read a file that is larger than the cap", async () => {
    using folder = plugin();
    truncateSync(join(folder.folder, "mod.js"), 5 * 1024 ** 3);
    const error = await failureOf(() => read(folder, "./mod.js"));
    assertEquals(error.code, "fetch-too-large");
    assertStringIncludes(error.problem, "1000 bytes");
  });

  it("readFile() refuses a directory", async () => {
    using folder = plugin({ "lib/mod.js": "" });
    const error = await failureOf(() => read(folder, "./lib"));
    assertEquals(error.code, "path-unsafe");
    assertStringIncludes(error.problem, "not a regular file");
  });

  it("readFile() refuses a pipe, and does not wait for one who writes", { skip: isWindows }, async () => {
    using folder = plugin();
    assertEquals(spawnSync("mkfifo", [join(folder.folder, "pipe.js")]).status, 0);
    assertEquals((await failureOf(() => read(folder, "./pipe.js"))).code, "path-unsafe");
  });

  it("readFile() refuses a pipe that someone writes to", { skip: isWindows }, async () => {
    using folder = plugin();
    const pipe = join(folder.folder, "pipe.js");
    assertEquals(spawnSync("mkfifo", [pipe]).status, 0);
    // Open for reading and writing, so that nobody waits for anybody.
    const writer = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    writeSync(writer, "export default 1;");
    assertEquals((await failureOf(() => read(folder, "./pipe.js"))).code, "path-unsafe");
    closeSync(writer);
  });

  it("readFile() refuses a link to a device", { skip: isWindows }, async () => {
    using folder = plugin();
    symlinkSync("/dev/zero", join(folder.folder, "zero.js"));
    assertEquals((await failureOf(() => read(folder, "./zero.js"))).code, "path-unsafe");
  });
});

describe("links", { skip: isWindows }, () => {
  it("readFile() follows those that stay in the folder", () => {
    using folder = plugin({ "lib/one.js": "one" });
    const at = (name: string): string => join(folder.folder, name);
    symlinkSync("mod.js", at("file.js"));
    symlinkSync(at("lib"), at("folder"));
    symlinkSync("file.js", at("twice.js"));
    assertEquals(read(folder, "./file.js"), "inside");
    assertEquals(read(folder, "./folder/one.js"), "one");
    assertEquals(read(folder, "./twice.js"), "inside");
  });

  it("readFile() refuses those that lead out, as files, folders, and in several steps", async () => {
    using outside = createTemporaryFolder();
    using secret = plugin({ "secret.js": "secret" });
    using folder = plugin({ "lib/one.js": "one" });
    const at = (name: string): string => join(folder.folder, name);
    symlinkSync(join(secret.folder, "secret.js"), at("file.js"));
    symlinkSync(secret.folder, at("folder"));
    symlinkSync("file.js", at("twice.js"));
    symlinkSync("../folder", at("lib/up"));
    symlinkSync(join(outside.path, "later.js"), at("later.js"));
    symlinkSync(join(secret.folder, "secret.js"), join(outside.path, "later.js"));
    for (const name of ["file.js", "folder/secret.js", "twice.js", "lib/up/secret.js", "later.js"]) {
      const error = await failureOf(() => read(folder, `./${name}`));
      assertEquals([name, error.code], [name, "path-unsafe"]);
      assertStringIncludes(error.problem, "outside the plugin's folder");
    }
  });

  it("readFile() does not take a folder beside for the plugin's own, because its name begins the same", async () => {
    using temporary = createTemporaryFolder();
    using source = plugin();
    const folder = join(temporary.path, "plugin");
    mkdirSync(folder);
    renameSync(source.folder, `${folder}-evil`);
    symlinkSync("../plugin-evil/mod.js", join(folder, "mod.js"));
    const error = await failureOf(() => read({ manifestUrl: `${toFileUrl(folder)}/plugin.json` }, "./mod.js"));
    assertEquals(error.code, "path-unsafe");
  });

  it("readFile() refuses a file behind a folder that became a link after another file in it was read", async () => {
    using secret = plugin({ "two.js": "secret" });
    using folder = plugin({ "lib/one.js": "one" });
    assertEquals(read(folder, "./lib/one.js"), "one");
    renameSync(join(folder.folder, "lib"), join(folder.folder, "old"));
    symlinkSync(secret.folder, join(folder.folder, "lib"));
    assertEquals((await failureOf(() => read(folder, "./lib/two.js"))).code, "path-unsafe");
  });

  it("readFile() tells links that lead nowhere or in a circle", async () => {
    using folder = plugin();
    symlinkSync("gone.js", join(folder.folder, "nowhere.js"));
    symlinkSync("circle.js", join(folder.folder, "circle.js"));
    for (const name of ["./nowhere.js", "./circle.js"]) {
      assertEquals((await failureOf(() => read(folder, name))).code, "fetch-failed");
    }
  });

  it("host: the way to the plugin's folder may be a link, plugin.json itself may not lead out", async () => {
    using temporary = createTemporaryFolder();
    using folder = plugin({ "mod.js": "export default {};" });
    const linked = join(temporary.path, "linked");
    symlinkSync(folder.folder, linked);
    const manifestUrl = `${toFileUrl(linked)}/plugin.json`;
    await using good = createTestHost([{ ...folder, manifestUrl }]);
    assertEquals((await good.load()).plugins[0]?.error, undefined);
    symlinkSync("mod.js", join(folder.folder, "again.js"));
    assertEquals(read({ manifestUrl }, "./again.js"), "export default {};");

    const lone = join(temporary.path, "lone");
    mkdirSync(lone);
    symlinkSync(join(folder.folder, "plugin.json"), join(lone, "plugin.json"));
    await using bad = createTestHost([{ ...folder, manifestUrl: `${toFileUrl(lone)}/plugin.json` }]);
    assertEquals((await bad.load()).plugins[0]?.error?.code, "path-unsafe");
  });
});

describe("pathOf", () => {
  it("pathOf() decodes escapes, and takes a percent sign that begins none as it is", { skip: isWindows }, () => {
    assertEquals(pathOf("file:///a%20b/gr%C3%B6%C3%9Fe/100%/plugin.json"), "/a b/größe/100%/plugin.json");
  });

  it("host: a listed URL that names no file of this machine is the plugin's failure", async () => {
    for (const [escape, code] of [["%ff", "path-unsafe"], ["%00", "fetch-failed"]]) {
      await using host = createTestHost([{ name: "odd", manifestUrl: `file:///${escape}/plugin.json` }]);
      const [report] = (await host.load()).plugins;
      assertEquals([report?.error?.code, report?.error?.step], [code, "manifest"]);
    }
  });
});

describe("permission to read on Deno", { skip: !onDeno }, () => {
  it("is needed for the plugin's folder, and the failure names the flag", async () => {
    using folder = plugin({ "mod.js": "export default {};" });
    using cwd = createTemporaryFolder();
    const program = `
      import { createHost } from ${JSON.stringify(plugmap)};
      const importMap = ${JSON.stringify(importMapOf(folder))};
      const host = createHost({ hooks: {}, importMap, policy: {}, lock: false, store: false });
      const { plugins } = await host.load();
      console.log(plugins[0].state, plugins[0].error?.message);
    `;
    const refused = await runProgram(program, { cwd: cwd.path, denoFlags: [] });
    assertStringIncludes(refused.stdout, "[fetch-failed]");
    assertStringIncludes(refused.stdout, `--allow-read=${folder.folder}`);
    const granted = await runProgram(program, { cwd: cwd.path, denoFlags: [`--allow-read=${folder.folder}`] });
    assertStringIncludes(granted.stdout, "active");
  });
});
