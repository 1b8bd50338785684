import { rmSync, statSync } from "node:fs";
import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { onDeno } from "../support/child.ts";
import { createFolder, recordOf, recordsOf } from "./files.ts";
import type { FileFolder } from "./files.ts";
import { callPlugmap, spawnPlugmap } from "./plugmap.ts";
import type { Ending } from "./plugmap.ts";

const plugin = "export default {};\n";

/** What the command prints to be copied into an import map. */
function printedMap({ out }: Ending): string {
  return out.slice(out.indexOf("{\n"));
}

/** Runs `plugmap hash` as a user would, in the folder that the import map is in. */
function hashIn(folder: FileFolder, ...args: readonly string[]): Promise<Ending> {
  const denoFlags = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
  return spawnPlugmap(["hash", ...args], { cwd: folder.path, denoFlags });
}

describe("plugmap hash", () => {
  it("hash writes a first manifest, and what it prints makes an import map that inspect finds pinned", async () => {
    using folder = createFolder({ "plugins/hello/main.ts": plugin });
    const hashed = await spawnPlugmap(["hash", "plugins/hello"], {
      cwd: folder.path,
      denoFlags: ["--allow-read=plugins/hello", "--allow-write=plugins/hello"],
    });
    assertEquals([hashed.code, hashed.problems], [0, ""]);
    assertEquals(folder.readJson("plugins/hello/plugin.json"), {
      name: "hello",
      version: "0.1.0",
      entry: "./main.ts",
      modules: recordsOf({ "main.ts": plugin }),
    });
    assertEquals(folder.list("plugins/hello"), ["main.ts", "plugin.json"]);
    assertStringIncludes(hashed.out, `Wrote "${folder.at("plugins/hello/plugin.json")}".`);
    assertMatch(hashed.out, /^module +bytes +integrity\n\.\/main\.ts +new +19 +sha384-/);

    folder.write("plugins.json", printedMap(hashed));
    const inspected = await spawnPlugmap(["inspect"], {
      cwd: folder.path,
      denoFlags: ["--allow-read=plugins.json,plugins.policy.json,plugins.lock.json,plugins"],
    });
    assertEquals([inspected.code, inspected.problems], [0, ""]);
    assertMatch(inspected.out, /\nhello +0\.1\.0 +ready +pinned +1 \(19 bytes\) +\.\/plugins\/hello\/plugin\.json/);
  });

  it("hash prints addresses that lead from the working directory to any folder", async () => {
    using folder = createFolder({
      "app/main.ts": "",
      "app/100% spaces & #1/hello/main.ts": plugin,
      "shared/größe/main.ts": plugin,
    });
    const cwd = folder.at("app");
    const denoFlags = [`--allow-read=${folder.path}`, `--allow-write=${folder.path}`];
    for (const target of ["100% spaces & #1/hello", "../shared/größe", folder.at("shared/größe")]) {
      const hashed = await spawnPlugmap(["hash", target], { cwd, denoFlags });
      assertEquals([hashed.code, hashed.problems], [0, ""]);
      folder.write("app/plugins.json", printedMap(hashed));
      const { code, out, problems } = await spawnPlugmap(["inspect"], { cwd, denoFlags });
      assertEquals([code, problems], [0, ""]);
      assertMatch(out, /ready +pinned/);
    }
  });

  it("hash a second time changes nothing, says so, and prints the same", async () => {
    using folder = createFolder({ "main.ts": plugin });
    const first = await callPlugmap("hash", folder.path);
    const written = folder.read("plugin.json");
    const second = await callPlugmap("hash", folder.path);
    assertEquals([second.code, second.problems], [0, ""]);
    assertEquals(folder.read("plugin.json"), written);
    assertStringIncludes(second.out, `\n"${folder.at("plugin.json")}" is up to date.\n`);
    assertMatch(second.out, /\.\/main\.ts +same/);
    assertEquals(printedMap(second), printedMap(first));
  });

  it("hash tells what changed, what is new and what is gone", async () => {
    using folder = createFolder({ "main.ts": `import "./old.ts"; import "./same.ts";`, "old.ts": "", "same.ts": "" });
    await callPlugmap("hash", folder.path);
    folder.write("main.ts", `import "./same.ts"; import "./added.json" with { type: "json" };`);
    folder.write("added.json", "{}");
    await callPlugmap("hash", folder.path);
    folder.write("added.json", "[]");
    rmSync(folder.at("old.ts"));
    const { out } = await callPlugmap("hash", folder.path);
    const states = out.split("\n").slice(1, 5).map((line) => line.split(/ {2,}/).slice(0, 2).join(" "));
    assertEquals(states, ["./added.json changed", "./main.ts same", "./same.ts same", "./old.ts gone"]);
  });

  it("hash --check writes nothing and exits with 1 until nothing would change", async () => {
    using folder = createFolder({ "main.ts": plugin });
    const missing = await hashIn(folder, ".", "--check");
    assertEquals([missing.code, missing.problems, folder.list()], [1, "", ["main.ts"]]);
    assertStringIncludes(missing.out, "Would write");

    const written = await hashIn(folder, ".");
    const manifest = folder.read("plugin.json");
    const denoFlags = [`--allow-read=${folder.path}`];
    const current = await spawnPlugmap(["hash", "--check", "."], { cwd: folder.path, denoFlags });
    assertEquals([current.code, current.problems], [0, ""]);
    assertEquals(printedMap(current), printedMap(written));

    folder.write("main.ts", "export default { hooks: {} };\n");
    const stale = await spawnPlugmap(["hash", "--check", "."], { cwd: folder.path, denoFlags });
    assertEquals([stale.code, stale.problems], [1, ""]);
    assertMatch(stale.out, /\.\/main\.ts +changed/);
    assertEquals(folder.read("plugin.json"), manifest);
  });

  it("hash keeps the other members, their order and the indentation, $schema included", async () => {
    const withMain = (content: string): string =>
      `${
        JSON.stringify(
          {
            "$schema": "https://example.com/plugin.schema.json",
            version: "2.0.0-beta.1",
            modules: recordsOf({ "main.ts": content }),
            permissions: { net: ["example.com"] },
            name: "@acme/sample",
            description: "größe \u2028",
            entry: "./main.ts",
          },
          null,
          "\t",
        )
      }\n`;
    using folder = createFolder({ "main.ts": plugin, "plugin.json": withMain("old") });
    const { code, problems } = await callPlugmap("hash", folder.path);
    assertEquals([code, problems], [0, ""]);
    assertEquals(folder.read("plugin.json"), withMain(plugin));
  });

  it("hash leaves a manifest that is right as it is, however it is laid out", async () => {
    const records = recordsOf({ "main.ts": `import "./a.ts";`, "a.ts": "" });
    const manifest = `{"name":"sample","version":"1.0.0","entry":"./main.ts",\r\n "modules":${
      JSON.stringify(records)
    }}`;
    using folder = createFolder({ "main.ts": `import "./a.ts";`, "a.ts": "", "plugin.json": manifest });
    const hashed = await callPlugmap("hash", folder.path);
    assertEquals([hashed.code, folder.read("plugin.json")], [0, manifest]);
    assertEquals((await callPlugmap("hash", "--check", folder.path)).code, 0);
    const { integrity } = JSON.parse(printedMap(hashed)) as { integrity: Record<string, string> };
    assertEquals(Object.values(integrity), [recordOf(manifest).integrity]);
  });

  it("hash takes the path of a manifest of any name", async () => {
    using folder = createFolder({
      "main.ts": plugin,
      "weather.json": '{"name":"weather","version":"1.0.0","entry":"./main.ts"}',
    });
    const { code, out } = await callPlugmap("hash", folder.at("weather.json"));
    assertEquals([code, folder.list()], [0, ["main.ts", "weather.json"]]);
    assertMatch(out, /"plugins\/weather": ".*\/weather\.json"/);
  });

  it("hash names a first manifest after its folder, and the scope that this lies in", async () => {
    using folder = createFolder({ "@acme/Weather/mod.ts": "", "Not a name!/index.js": "", "@/x/main.js": "" });
    for (
      const [path, name, entry] of [
        ["@acme/Weather", "@acme/weather", "./mod.ts"],
        ["Not a name!", "my-plugin", "./index.js"],
        ["@/x", "x", "./main.js"],
      ] as const
    ) {
      const { out } = await callPlugmap("hash", folder.at(path));
      const manifest = folder.readJson(`${path}/plugin.json`);
      assertEquals([manifest["name"], manifest["entry"]], [name, entry]);
      assertStringIncludes(out, `"plugins/${name}": `);
    }
  });

  it("hash writes nothing for a folder without an entry, a name that is none, or what is no manifest", async () => {
    using folder = createFolder({ "main.ts": plugin, "empty/readme.md": "", "mod.txt": "" });
    const expected = [
      ["empty", '[fetch-failed] There is neither "plugin.json" nor an entry module in'],
      ["emtpy", 'emtpy" does not exist. Name the folder of a plugin.'],
      ["plugin.json", 'plugin.json" does not exist.'],
      ["main.ts", 'main.ts" is neither a folder nor a manifest.'],
    ] as const;
    for (const [path, problem] of expected) {
      const { code, out, problems } = await callPlugmap("hash", folder.at(path));
      assertEquals([code, out], [2, ""]);
      assertStringIncludes(problems, problem);
    }
    assertEquals(folder.list(), ["empty", "main.ts", "mod.txt"]);
  });

  const broken: readonly (readonly [what: string, manifest: string, problem: string])[] = [
    ["is not JSON", "{", "[manifest-invalid] The manifest is not JSON"],
    ["is not an object", "[]", "[manifest-invalid] The manifest is not an object"],
    ["says something twice", '{"name":"a","name":"b"}', "[manifest-invalid] "],
    ["lacks all", "{}", '[manifest-invalid] The member "name" is missing'],
    ["has an unknown member", '{"name":"a","version":"1.0.0","entry":"./main.ts","licence":"MIT"}', '"license"'],
    [
      "has modules that are a list",
      '{"name":"a","version":"1.0.0","entry":"./main.ts","modules":["./main.ts"]}',
      "an array",
    ],
    ["has imports that are a text", '{"name":"a","version":"1.0.0","entry":"./main.ts","imports":"x"}', 'found "x"'],
    ["has an entry that is a number", '{"name":"a","version":"1.0.0","entry":1}', "[manifest-invalid]"],
    [
      "asks for what there is not",
      '{"name":"a","version":"1.0.0","entry":"./main.ts","permissions":{"all":true}}',
      '"all"',
    ],
  ];
  for (const [what, manifest, problem] of broken) {
    it(`hash leaves a manifest alone that ${what}`, async () => {
      using folder = createFolder({ "main.ts": plugin, "plugin.json": manifest });
      const { code, out, problems } = await callPlugmap("hash", folder.path);
      assertEquals([code, out], [2, ""]);
      assertStringIncludes(problems, problem);
      assertMatch(problems, /^\[[a-z]+-[a-z]+\] .*\n$/);
      assertEquals([folder.read("plugin.json"), folder.list()], [manifest, ["main.ts", "plugin.json"]]);
    });
  }

  it("hash replaces a manifest by a whole one: who reads it meanwhile sees the old bytes or the new", async () => {
    using folder = createFolder({ "main.ts": plugin });
    await callPlugmap("hash", folder.path);
    const { ino } = statSync(folder.at("plugin.json"));
    folder.write("main.ts", "export default {};");
    await callPlugmap("hash", folder.path);
    assert(statSync(folder.at("plugin.json")).ino !== ino, "the file was written in place");
    assertEquals(folder.list(), ["main.ts", "plugin.json"]);
  });

  it("hash that may not write leaves everything as it was, and on Deno names the flag", async () => {
    if (onDeno) {
      using folder = createFolder({ "main.ts": plugin });
      const start = { cwd: folder.path, denoFlags: ["--allow-read=."] };
      const { code, problems } = await spawnPlugmap(["hash", "."], start);
      assertEquals([code, folder.list()], [2, ["main.ts"]]);
      assertStringIncludes(problems, `may not be written. Start "plugmap" with --allow-write=${folder.path}.`);
      const blind = await spawnPlugmap(["hash", "."], { cwd: folder.path });
      assertEquals(blind.code, 2);
      assertStringIncludes(blind.problems, `may not be read. Start "plugmap" with --allow-read=${folder.path}.`);
    }
    if (onDeno) {
      using folder = createFolder({ "main.ts": plugin });
      const denoFlags = ["--allow-read=.", "--allow-write=.", "--deny-write=plugin.json"];
      const { code, problems } = await spawnPlugmap(["hash", "."], { cwd: folder.path, denoFlags });
      assertEquals([code, folder.list()], [2, ["main.ts"]]);
      assertStringIncludes(problems, '[store-failed] "');
    }
    using folder = createFolder({ "main.ts": plugin, "plugin.json/in_the_way": "" });
    const { code, problems } = await callPlugmap("hash", folder.path);
    assertEquals([code, folder.list()], [2, ["main.ts", "plugin.json"]]);
    assertStringIncludes(problems, "plugin.json");
  });
});
