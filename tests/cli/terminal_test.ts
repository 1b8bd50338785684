import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { createFolder, recordOf } from "./files.ts";
import { pluginFiles } from "./plugin_files.ts";
import { callPlugmap } from "./plugmap.ts";
import type { Ending } from "./plugmap.ts";

/** Moves the cursor and erases, sets colours the C1 way, reverses the order of letters, hides them, breaks the line. */
const hostile: readonly string[] = [
  "\u001b[2J\u001b[1;1H",
  "\u009b31m",
  "\u202egnp.",
  "\u200b\u2066",
  "\r",
  "\u2028",
  "\ud800",
];

// Raw control and format characters, and halves of pairs; what is printed needs none but the ends of lines.
const harmful = /[^\P{C}\n]|[\u2028\u2029]/u;

function assertHarmless({ out, problems }: Ending): void {
  const found = harmful.exec(out + problems)?.[0];
  assertEquals(found, undefined, `${JSON.stringify(found)} in ${JSON.stringify(out + problems)}`);
}

describe("plugmap, hostile text", () => {
  for (const text of hostile) {
    const name = JSON.stringify(text).replace(harmful, (character) => `\\u${character.charCodeAt(0).toString(16)}`);

    it(`${name} on the command line is not printed raw`, async () => {
      for (
        const args of [
          [text],
          [`--${text}`],
          ["inspect", text],
          ["inspect", `--${text}`],
          ["inspect", "--import-map", `/nowhere/${text}`],
          ["inspect", "--import-map", "{}", "--policy", `/nowhere/${text}`],
          ["hash", `/nowhere/${text}`],
          ["hash", `https://127.0.0.1:9/${text}/${text}#${text}`],
          ["hash", `jsr:${text}`],
        ]
      ) {
        const ending = await callPlugmap(...args);
        assertEquals([ending.code, ending.out], [2, ""]);
        assertHarmless(ending);
      }
    });

    it(`${name} in an import map, a policy or a manifest is not printed raw`, async () => {
      const documents = [
        [{ imports: { [`plugins/${text}`]: "./x/", "plugins/sample": `./${text}/` } }, {}],
        [{ imports: { "plugins/sample": `https://example.com/${text}` }, [text]: {} }, {}],
        [{ imports: { "plugins/sample": "./sample/" }, integrity: { "./sample/plugin.json": text } }, {}],
        [{ imports: {} }, { [text]: text }],
        [{ imports: {} }, { plugins: { [text]: { permissions: { net: [text] } } } }],
      ] as const;
      for (const [importMap, policy] of documents) {
        using folder = createFolder({
          ...pluginFiles("sample"),
          "map.json": JSON.stringify(importMap),
          "policy.json": JSON.stringify(policy),
        });
        const files = ["--import-map", folder.at("map.json"), "--policy", folder.at("policy.json")];
        assertHarmless(await callPlugmap("inspect", ...files));
        assertHarmless(await callPlugmap("inspect", "--json", ...files));
      }
      const members = [
        { name: text },
        { version: text },
        { entry: `./${text}` },
        { [text]: 1 },
        { description: text, author: text, hooks: [text] },
        { permissions: { read: [text], env: [text], [text]: true } },
        { permissions: { read: [`./${text}`], run: [text] } },
        { imports: { [text]: `./${text}` } },
        { dependencies: { [text]: text } },
        { modules: { [`./${text}`]: { integrity: text, size: 0 } } },
      ];
      for (const overrides of members) {
        using folder = createFolder({
          ...pluginFiles("sample", overrides),
          "map.json": JSON.stringify({ imports: { "plugins/sample": "./sample/" } }),
        });
        assertHarmless(await callPlugmap("inspect", "--import-map", folder.at("map.json")));
        assertHarmless(await callPlugmap("inspect", "--json", "--import-map", folder.at("map.json")));
        assertHarmless(await callPlugmap("hash", folder.at("sample")));
      }
    });

    it(`${name} in the names and the code of files is not printed raw`, async () => {
      const path = `${text.replace("\ud800", "\ufeff")}.js`;
      const source = JSON.stringify(`./${text}.js`);
      using folder = createFolder({
        [`${path}/main.ts`]: "",
        "importer/main.ts": `import ${source};`,
        [`importer/${path}`]: "",
        "raw/main.ts": `import "./${text}.js";`,
        "broken/main.ts": `import { ${text}`,
      });
      for (const plugin of [path, "importer", "raw", "broken"]) {
        assertHarmless(await callPlugmap("hash", folder.at(plugin)));
        assertHarmless(await callPlugmap("hash", folder.at(`${plugin}/${path}`)));
      }
    });
  }

  it("inspect --json keeps the value of what it escapes", async () => {
    const text = hostile.slice(0, -1).join("");
    using folder = createFolder({
      ...pluginFiles("sample", { permissions: { read: [`./${text}`] } }),
      "map.json": JSON.stringify({ imports: { "plugins/sample": "./sample/plugin.json" } }),
      "policy.json": JSON.stringify({ default: { permissions: true } }),
    });
    const files = ["--import-map", folder.at("map.json"), "--policy", folder.at("policy.json")];
    const ending = await callPlugmap("inspect", "--json", ...files);
    assertHarmless(ending);
    assertEquals(JSON.parse(ending.out)[0].digest, recordOf(folder.read("sample/plugin.json")).integrity);
    assert(JSON.stringify(JSON.parse(ending.out)).includes("\u202e"), ending.out);
  });

  it("hash of a folder with a hostile name prints an address that leads there", async () => {
    const name = "\u001b[31m\u202e\n";
    using folder = createFolder({ [`${name}/main.ts`]: "export default {};\n" });
    const hashed = await callPlugmap("hash", folder.at(name));
    assertEquals([hashed.code, hashed.problems], [0, ""]);
    assertHarmless(hashed);
    const { imports } = JSON.parse(hashed.out.slice(hashed.out.indexOf("{\n")));
    folder.write(
      "map.json",
      JSON.stringify({
        imports: { "plugins/my-plugin": `./${imports["plugins/my-plugin"].split("/").slice(-2).join("/")}` },
      }),
    );
    assertEquals((await callPlugmap("inspect", "--import-map", folder.at("map.json"))).code, 0);
  });
});
