import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { PluginReport } from "../../mod.ts";
import { onDeno } from "../support/child.ts";
import { createFolder, recordOf } from "./files.ts";
import { pluginFiles } from "./plugin_files.ts";
import { callPlugmap, spawnPlugmap } from "./plugmap.ts";

describe("plugmap inspect", () => {
  it("inspect finds plugins.json and its policy in the working directory, with the least permissions", async () => {
    const policy = { default: { permissions: { env: ["LANG"] } } };
    using folder = createFolder({
      ...pluginFiles("english"),
      ...pluginFiles("german", { permissions: { env: ["LANG"] } }),
      "plugins.json": JSON.stringify({
        imports: { "plugins/german": "./german/", "plugins/english": "./english/plugin.json", "app/": "./app/" },
      }),
      "plugins.policy.json": JSON.stringify(policy),
    });
    const denoFlags = ["--allow-read=plugins.json,plugins.policy.json,plugins.lock.json,english,german"];
    const { code, out, problems } = await spawnPlugmap(["inspect"], { cwd: folder.path, denoFlags });
    assertEquals([code, problems], [0, ""]);
    const { size } = recordOf(folder.read("german/main.ts"));
    assertEquals(
      out.split("\n").map((line) => line.split(/ {2,}/)),
      [
        [`Import map "${folder.at("plugins.json")}"`],
        [`Policy "${folder.at("plugins.policy.json")}"`],
        [""],
        ["plugin", "version", "state", "integrity", "modules", "from"],
        ["german", "1.0.0", "ready", "not pinned", `1 (${size} bytes)`, "./german/"],
        ["english", "1.0.0", "ready", "not pinned", `1 (${size} bytes)`, "./english/plugin.json"],
        [""],
        ['german asks for env "LANG"'],
        [""],
      ],
    );
    for (const line of out.split("\n")) assert(line.length <= 100, line);
    assertEquals(folder.list(), ["english", "german", "plugins.json", "plugins.policy.json"]);
  });

  it("inspect takes other files with --import-map and --policy, or PLUGMAP_IMPORT_MAP", async () => {
    using folder = createFolder({
      ...pluginFiles("english", { permissions: { read: true } }),
      "config/map.json": JSON.stringify({ imports: { "plugins/english": "../english/plugin.json" } }),
      "grants.json": JSON.stringify({ plugins: { english: { permissions: true } } }),
    });
    const files = ["--import-map", "config/map.json", "--policy=grants.json"];
    const denoFlags = [`--allow-read=${folder.path}`, "--allow-env=PLUGMAP_IMPORT_MAP"];
    const start = { cwd: folder.path, denoFlags };
    const named = await spawnPlugmap(["inspect", ...files], start);
    assertEquals([named.code, named.problems], [0, ""]);
    assertStringIncludes(
      named.out,
      `Import map "${folder.at("config/map.json")}"\nPolicy "${folder.at("grants.json")}"`,
    );
    assertStringIncludes(named.out, "english asks for all of read");

    const env = { PLUGMAP_IMPORT_MAP: "config/map.json" };
    const { code, out } = await spawnPlugmap(["inspect"], { ...start, env });
    assertEquals(code, 1);
    assertStringIncludes(out, `Import map "${folder.at("config/map.json")}"\nNo policy: nothing is granted`);
    assertStringIncludes(out, "[permission-missing]");
  });

  it("inspect --json prints nothing but the reports of the plugins as JSON", async () => {
    using folder = createFolder({
      ...pluginFiles("english"),
      ...pluginFiles("broken", { entry: "./gone.ts" }),
      "plugins.json": JSON.stringify({
        imports: { "plugins/english": "./english/", "plugins/broken": "./broken/", "plugins/Not A Name": "./x/" },
      }),
    });
    const denoFlags = [`--allow-read=${folder.path}`];
    const { code, out, problems } = await spawnPlugmap(["inspect", "--json"], { cwd: folder.path, denoFlags });
    assertEquals(code, 1);
    const [english, broken, ...rest] = JSON.parse(out) as PluginReport[];
    assertEquals(rest, []);
    assertEquals([english?.name, english?.state, english?.error], ["english", "listed", undefined]);
    assertEquals(english?.digest, recordOf(folder.read("english/plugin.json")).integrity);
    assertEquals([broken?.name, broken?.state, broken?.error?.code], ["broken", "failed", "manifest-invalid"]);
    assertMatch(problems, /^\[import-map-invalid\] "plugins\/Not A Name" does not list a plugin.*\n$/);
  });

  it("inspect NAME reports the named plugins only, in the order of the import map", async () => {
    using folder = createFolder({
      ...pluginFiles("one"),
      ...pluginFiles("two"),
      ...pluginFiles("broken", { version: "x" }),
      "map.json": JSON.stringify({
        imports: { "plugins/one": "./one/", "plugins/broken": "./broken/", "plugins/two": "./two/" },
      }),
    });
    const map = ["--import-map", folder.at("map.json")];
    const { code, out } = await callPlugmap("inspect", "two", ...map, "one", "--json");
    assertEquals(code, 0);
    assertEquals((JSON.parse(out) as PluginReport[]).map(({ name }) => name), ["one", "two"]);
    assertEquals((await callPlugmap("inspect", "broken", ...map)).code, 1);

    const unknown = await callPlugmap("inspect", "three", ...map);
    assertEquals([unknown.code, unknown.out], [2, ""]);
    assertStringIncludes(unknown.problems, '[plugin-unknown] No plugin "three" is listed in the import map.');
    assertStringIncludes(unknown.problems, '"one", "broken", "two"');
  });

  it("inspect NAME also checks what the plugin depends on, and does not report it", async () => {
    using folder = createFolder({
      ...pluginFiles("top", { dependencies: { middle: "^1.0.0" } }),
      ...pluginFiles("middle", { dependencies: { base: "^1.0.0" } }),
      ...pluginFiles("base"),
      "map.json": JSON.stringify({
        imports: { "plugins/top": "./top/", "plugins/middle": "./middle/", "plugins/base": "./base/" },
      }),
    });
    const args = ["inspect", "top", "--import-map", folder.at("map.json")];
    const good = await callPlugmap(...args);
    assertEquals([good.code, good.problems], [0, ""]);
    assertEquals(good.out.match(/\.\/\w+\//g), ["./top/"]);

    folder.write("base/main.ts", "// changed");
    const { code, out } = await callPlugmap(...args);
    assertEquals(code, 1);
    assertStringIncludes(
      out,
      '[dependency-failed] Cannot order plugin "top": It depends on "middle", which failed because of "base": ',
    );
    assertEquals(out.match(/\.\/\w+\//g)?.[0], "./top/");
  });

  it("inspect lets a plugin import what a host lets it import, and does not look at what only runs later", async () => {
    const main = `import { join } from "node:path";
import base from "plugins/base";
import { definePlugin } from "@plugmap/plugmap/plugin";
import type { Host } from "../host.ts";
import { part } from "parts/part.ts";
export default definePlugin<Host>({ setup: () => import("./gone.ts").catch(() => [join, base, part]) });
`;
    using folder = createFolder({
      ...pluginFiles("top", { dependencies: { base: "*" }, imports: { "parts/": "./parts/" } }, {
        "main.ts": main,
        "parts/part.ts": `import data from "../data.json" with { type: "json" }; export const part = data;`,
        "data.json": "{}",
      }),
      ...pluginFiles("base"),
      "map.json": JSON.stringify({ imports: { "plugins/top": "./top/", "plugins/base": "./base/" } }),
    });
    const { code, out } = await callPlugmap("inspect", "--import-map", folder.at("map.json"));
    assertEquals([code, out.match(/ready/g)?.length], [0, 2], out);
  });

  it("inspect says so when no plugin is listed", async () => {
    using folder = createFolder({ "map.json": '{ "imports": { "app/": "./src/" } }' });
    const { code, out } = await callPlugmap("inspect", "--import-map", folder.at("map.json"));
    assertEquals(code, 0);
    assertStringIncludes(out, "No plugin is listed");
    assertEquals((await callPlugmap("inspect", "--json", "--import-map", folder.at("map.json"))).out, "[]\n");
  });

  it("inspect without an import map, or one that may not be read, tells what to do", async () => {
    using folder = createFolder({});
    const missing = await spawnPlugmap(["inspect"], { cwd: folder.path, denoFlags: ["--allow-read=."] });
    assertEquals([missing.code, missing.out], [2, ""]);
    assertStringIncludes(missing.problems, `[import-map-missing] There is no import map in "${folder.path}"`);
    if (!onDeno) return;
    const blind = await spawnPlugmap(["inspect"], { cwd: folder.path });
    assertEquals([blind.code, blind.out], [2, ""]);
    assertStringIncludes(blind.problems, `--allow-read=${folder.at("plugins.json")}`);
  });

  it("inspect runs nothing of a plugin", async () => {
    const canary = `
import { writeFileSync } from "node:fs";
writeFileSync(new URL("../ran.txt", import.meta.url), "");
console.log("ran");
throw new Error("ran");
`;
    const main = `${canary}export default { setup() { throw new Error("set up"); } };\nexport * from "./part.ts";`;
    using folder = createFolder({
      ...pluginFiles("english", { permissions: { write: true } }, { "main.ts": main, "part.ts": canary }),
      "plugins.json": JSON.stringify({ imports: { "plugins/english": "./english/" } }),
      "plugins.policy.json": JSON.stringify({ default: { permissions: true } }),
    });
    const { code, out, problems } = await spawnPlugmap(["inspect"], { cwd: folder.path, denoFlags: ["-A"] });
    assertEquals([code, problems], [0, ""]);
    assertStringIncludes(out, "2 (");
    assert(!out.includes("ran"));
    assertEquals(folder.list(), ["english", "plugins.json", "plugins.policy.json"]);
  });
});
