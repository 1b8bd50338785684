import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { onDeno, plugmap, runProgram } from "../support/child.ts";
import type { ProgramOptions } from "../support/child.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { createPlugin } from "./sample_plugins.ts";

/** Prints where the import map was found, relative to the working directory, and the plugins that it lists. */
const program = `import { createHost } from "${plugmap}";
import process from "node:process";
const host = createHost({ hooks: {}, store: false, policy: {} });
const { importMap: { path, foundBy }, plugins } = await host.load();
console.log(JSON.stringify([foundBy, path?.slice(process.cwd().length + 1), plugins.map(({ name }) => name)]));
`;

/** Runs {@linkcode program} in a folder with some files, on Deno with no more permissions than it needs. */
async function discover(
  files: Readonly<Record<string, string>>,
  options: Partial<ProgramOptions> = {},
): Promise<{ found: unknown; error: string }> {
  using folder = createTemporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder.path, path, ".."), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
  const denoFlags = [`--allow-read=${folder.path}`, "--allow-env=PLUGMAP_IMPORT_MAP"];
  const { code, stdout, stderr } = await runProgram(program, { cwd: folder.path, denoFlags, ...options });
  return { found: code === 0 ? JSON.parse(stdout) : undefined, error: stderr };
}

/** An import map that lists one plugin, of which there is no more than its name. */
function mapOf(name: string): string {
  return JSON.stringify({ imports: { [`plugins/${name}`]: `./${name}/plugin.json` } });
}

describe("default import map", () => {
  it("createHost() finds plugins.json in the working directory", async () => {
    const { found } = await discover({ "plugins.json": mapOf("a") });
    assertEquals(found, ["plugins.json", "plugins.json", ["a"]]);
  });

  it("createHost() finds the import map that deno.json names", async () => {
    const { found } = await discover({
      "deno.json": `{ "importMap": "./maps/one.json" }`,
      "maps/one.json": mapOf("b"),
    });
    assertEquals(found, ["deno.json importMap", "maps/one.json", ["b"]]);
  });

  it("createHost() finds imports in deno.json, which may have comments and trailing commas", async () => {
    const config = `// a comment
{
  "imports": {
    /* "plugins/none": "./none/plugin.json", */
    "plugins/c": "./c//plugin.json", // twice "//"
  },
  //////////////////////////////////////////////////////////////////////
  "compilerOptions": { "types": ["./a,]", "./b,}"], },
}`;
    const { found, error } = await discover({ "deno.json": config });
    assertEquals([found, error], [["deno.json", "deno.json", ["c"]], ""]);
  });

  it("createHost() finds deno.jsonc where there is no deno.json", async () => {
    const { found } = await discover({ "deno.jsonc": mapOf("d") });
    assertEquals(found, ["deno.json", "deno.jsonc", ["d"]]);
  });

  it("createHost() takes the imports of a deno.json that has imports and importMap, as Deno does", async () => {
    const config = `{ "importMap": "./other.json", "imports": { "plugins/e": "./e/plugin.json" } }`;
    const { found } = await discover({ "deno.json": config, "other.json": mapOf("f") });
    assertEquals(found, ["deno.json", "deno.json", ["e"]]);
  });

  it("createHost() prefers PLUGMAP_IMPORT_MAP to plugins.json, and that to deno.json", async () => {
    const files = { "named.json": mapOf("a"), "plugins.json": mapOf("b"), "deno.json": mapOf("c") };
    const named = await discover(files, { env: { PLUGMAP_IMPORT_MAP: "named.json" } });
    assertEquals(named.found, ["PLUGMAP_IMPORT_MAP", "named.json", ["a"]]);
    assertEquals((await discover(files)).found, ["plugins.json", "plugins.json", ["b"]]);
  });

  it("createHost() counts an empty PLUGMAP_IMPORT_MAP as none", async () => {
    const { found } = await discover({ "plugins.json": mapOf("b") }, { env: { PLUGMAP_IMPORT_MAP: "" } });
    assertEquals(found, ["plugins.json", "plugins.json", ["b"]]);
  });

  it("createHost() fails where PLUGMAP_IMPORT_MAP names what is not there, and looks no further", async () => {
    const { error } = await discover({ "plugins.json": mapOf("b") }, { env: { PLUGMAP_IMPORT_MAP: "gone.json" } });
    assertStringIncludes(error, "[import-map-missing]");
    assertStringIncludes(error, "gone.json");
  });

  it("createHost() fails where nothing is found, and says what would be", async () => {
    const { error } = await discover({});
    for (const text of ["[import-map-missing]", "plugins.json", "PLUGMAP_IMPORT_MAP"]) {
      assertStringIncludes(error, text);
    }
  });

  for (
    const [what, config] of [
      ["is not JSON", `{ "imports": `],
      ["has imports twice", `{ "imports": {}, "imports": ${JSON.stringify({ "plugins/a": "./a.json" })} }`],
      ["has imports that are no object", `{ "imports": ["plugins/a"] }`],
    ] as const
  ) {
    it(`createHost() refuses a deno.json that ${what}`, async () => {
      assertStringIncludes((await discover({ "deno.json": config })).error, "[import-map-invalid]");
    });
  }
});

describe("import map that Deno has as well", { skip: !onDeno }, () => {
  it("deno run --import-map=plugins.json takes the same file, without a word on stderr", async () => {
    using plugin = createPlugin("english");
    using folder = createTemporaryFolder();
    const map = {
      imports: { "plugins/english": plugin.manifestUrl },
      integrity: { [plugin.manifestUrl]: plugin.digest },
    };
    writeFileSync(join(folder.path, "plugins.json"), JSON.stringify(map));
    const files = ["plugins.json", "plugins.policy.json", "plugins.lock.json"].map((name) => join(folder.path, name));
    const granted = [plugin.folder, ...files];
    const source = `import { createHost, defineHooks, hook } from "${plugmap}";
const hooks = defineHooks({ greeting: hook() });
await using host = createHost({ hooks, store: false });
await host.load();
console.log(host.inspect().plugins[0].pinned, host.hooks.greeting({ name: "Ada" }).join());`;
    const { code, stdout, stderr } = await runProgram(source, {
      cwd: folder.path,
      denoFlags: [`--import-map=plugins.json`, `--allow-read=${granted.join(",")}`],
    });
    assertEquals([code, stdout, stderr], [0, "true english Ada\n", ""]);
  });
});

describe("permissions of the host on Deno", { skip: !onDeno }, () => {
  it("createHost() without --allow-read finds nothing, and says which flag it lacks", async () => {
    const { error } = await discover({ "plugins.json": mapOf("a") }, { denoFlags: [] });
    assertStringIncludes(error, "[import-map-missing]");
    assertStringIncludes(error, "--allow-read=");
  });

  it("createHost() without --allow-read says so of a plugin on disk, and neither asks nor fails otherwise", async () => {
    using plugin = createPlugin("english");
    using folder = createTemporaryFolder();
    const source = `import { createHost } from "${plugmap}";
const importMap = { imports: { "plugins/english": "${plugin.manifestUrl}" } };
await using host = createHost({ hooks: {}, importMap, policy: {}, lock: false });
const { plugins, store } = await host.load();
console.log(store, plugins[0].error?.message);`;
    const { code, stdout } = await runProgram(source, { cwd: folder.path, denoFlags: [] });
    assertEquals(code, 0);
    assert(stdout.startsWith("undefined [fetch-failed]"), stdout);
    assertStringIncludes(stdout, `--allow-read=${plugin.folder}`);
  });
});
