import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { toFileUrl } from "@std/path";
import { PlugmapError } from "../../mod.ts";
import type { HostOptions, HostReport } from "../../mod.ts";
import { createTestHost, importMapOf } from "../support/host.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { createPlugin, greetings } from "./sample_plugins.ts";

type Map = NonNullable<HostOptions<never>["importMap"]>;

/** What a host reports that was given this import map. */
async function loadMap(importMap: Map): Promise<HostReport> {
  await using host = createTestHost([], { importMap });
  return await host.load();
}

/** The error of a host that was given this import map, or one with this text. */
async function refusal(importMap: Map | { text: string }): Promise<PlugmapError> {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "plugins.json");
  if (typeof importMap === "object" && "text" in importMap) writeFileSync(path, importMap.text);
  return await assertRejects(
    () => loadMap(typeof importMap === "object" && "text" in importMap ? path : importMap),
    PlugmapError,
  );
}

describe("option importMap", () => {
  it("importMap can be a path, a file URL as text, and a URL", async () => {
    using plugin = createPlugin("english");
    plugin.write("plugins.json", JSON.stringify(importMapOf(plugin)));
    const path = join(plugin.folder, "plugins.json");
    for (const importMap of [path, toFileUrl(path).href, toFileUrl(path)]) {
      await using host = createTestHost([], { importMap });
      assertEquals((await host.load()).importMap, { path, foundBy: "option" });
      assertEquals(greetings(host), ["english Ada"]);
    }
  });

  it("importMap in a file has addresses relative to that file", async () => {
    using plugin = createPlugin("english");
    plugin.write("maps/plugins.json", `{ "imports": { "plugins/english": "../plugin.json" } }`);
    const { plugins } = await loadMap(join(plugin.folder, "maps/plugins.json"));
    assertEquals(plugins.map(({ state, manifestUrl }) => [state, manifestUrl]), [["active", plugin.manifestUrl]]);
  });

  it("importMap as an object has addresses relative to the working directory", async () => {
    const { plugins, importMap } = await loadMap({ imports: { "plugins/none": "./none/plugin.json" } });
    assertEquals(importMap, { path: undefined, foundBy: "option" });
    assertEquals(plugins[0]?.source, toFileUrl(join(process.cwd(), "none/plugin.json")).href);
    assertEquals(plugins[0]?.error?.code, "fetch-failed");
  });

  it("importMap reads paths that need an escape in a URL", async () => {
    using folder = createTemporaryFolder();
    const odd = join(folder.path, "50% off #1?");
    mkdirSync(odd);
    const path = join(odd, "plugins.json");
    writeFileSync(path, `{ "imports": { "plugins/none": "./none/plugin.json" } }`);
    const { plugins } = await loadMap(path);
    assertStringIncludes(plugins[0]?.error?.message ?? "", "50% off #1?/none");
  });

  it("importMap that is not there is an error that names it", async () => {
    using folder = createTemporaryFolder();
    const gone = await refusal(join(folder.path, "gone.json"));
    assertEquals(gone.code, "import-map-missing");
    assertStringIncludes(gone.message, "gone.json");
    assertEquals((await refusal(folder.path)).code, "import-map-missing");
    assertEquals((await refusal("")).code, "import-map-missing");
    const dangling = join(folder.path, "dangling.json");
    symlinkSync(join(folder.path, "gone.json"), dangling);
    assertEquals((await refusal(dangling)).code, "import-map-missing");
  });

  for (const place of ["https://maps.example/plugins.json", "jsr:@acme/map", "http:", "data:application/json,{}"]) {
    it(`importMap cannot be at ${place}`, async () => {
      assertEquals((await refusal(place)).code, "option-invalid");
    });
  }

  for (
    const [what, text] of [
      ["is not JSON", `{ "imports": `],
      ["has comments", `{} // none`],
      ["is an array", `[]`],
      ["is null", `null`],
      ["is text", `"plugins"`],
      ["has imports that are no object", `{ "imports": [] }`],
      ["has scopes that are no object", `{ "scopes": { "/": [] } }`],
      ["starts with a byte order mark", `\ufeff{}`],
      ["nests too deep", `${"[".repeat(40)}${"]".repeat(40)}`],
      ["lists a plugin twice", `{ "imports": { "plugins/a": "./a.json", "plugins/a": "./b.json" } }`],
      ["pins a plugin twice", `{ "integrity": { "./a.json": "sha256-A", "./a.json": "sha256-B" } }`],
      [
        "pins one file twice, differently written",
        `{ "integrity": { "./a.json": "sha256-A", "./b/../a.json": "sha256-B" } }`,
      ],
      ["has a pin that is no string", `{ "integrity": { "./a.json": null } }`],
      ["pins a name instead of a URL", `{ "integrity": { "plugins/a": "sha256-A" } }`],
    ]
  ) {
    it(`importMap that ${what} is refused`, async () => {
      const { code, message } = await refusal({ text: text! });
      assertEquals(code, "import-map-invalid");
      assertMatch(message, /^\[import-map-invalid\] In ".+\.json": /);
    });
  }

  it("importMap as an object that is no JSON is refused", async () => {
    const round: { imports: Record<string, unknown> } = { imports: {} };
    round.imports["round"] = round;
    const odd = [round, { imports: { "plugins/a": 1n } }, [], { imports: [] }, { toJSON: () => undefined }];
    for (const map of odd) assertEquals((await refusal(map as unknown as Map)).code, "import-map-invalid");
  });

  it("importMap with a rule that is no plugin's is reported and stops nothing", async () => {
    using plugin = createPlugin("english");
    const { imports } = importMapOf(plugin);
    const odd = ["plugins/", "plugins/English", "plugins/a b", "plugins/../x", "plugins/a/b", "plugins/__proto__"];
    const rules = Object.fromEntries(odd.map((key) => [key, key.endsWith("/") ? "./all/" : "./odd.json"]));
    const { plugins, problems } = await loadMap({ imports: { ...rules, ...imports } });
    assertEquals(plugins.map(({ name, state }) => [name, state]), [["english", "active"]]);
    assertEquals(problems.length, odd.length);
    for (const [index, key] of odd.entries()) assertStringIncludes(problems[index]!, `"${key}" does not list a plugin`);
  });

  it("importMap that forbids a plugin makes it fail", async () => {
    const { plugins } = await loadMap({ imports: { "plugins/gone": null, "plugins/bare": "somewhere" } });
    assertEquals(plugins.map(({ error }) => error?.code), ["import-map-blocked", "import-map-blocked"]);
  });

  it("importMap lists plugins by imports alone: scopes, which are for modules, change nothing", async () => {
    using plugin = createPlugin("english");
    const scopes = { "./": { "plugins/english": "./other.json", "plugins/more": "./more.json" } };
    const { plugins } = await loadMap({ ...importMapOf(plugin), scopes });
    assertEquals(plugins.map(({ name, source }) => [name, source]), [["english", plugin.manifestUrl]]);
  });

  it("importMap reports what the standard ignores, to option report as well", async () => {
    const told: string[] = [];
    await using host = createTestHost([], {
      importMap: { imports: { "plugins/none": "nowhere" } },
      report: ({ code }) => told.push(code),
    });
    const { problems } = await host.load();
    assertEquals([problems.length, told], [1, ["import-map-invalid"]]);
  });

  it("importMap that is read again is reported once", async () => {
    using folder = createTemporaryFolder();
    const policy = join(folder.path, "policy.json");
    await using host = createTestHost([], { importMap: { imports: { "plugins/none": "nowhere" } }, policy });
    await assertRejects(() => host.load(), PlugmapError);
    writeFileSync(policy, "{}");
    await host.load();
    assertEquals((await host.load()).problems.length, 1);
  });
});
