import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { kindOf } from "../../src/loader/media.ts";
import type { ModuleKind } from "../../src/runtime/types.ts";
import { probing, runPlugin } from "../support/host.ts";
import { failureOf } from "./sources.ts";

describe("kindOf", () => {
  const kinds: Readonly<Record<ModuleKind, readonly string[]>> = {
    javascript: ["./mod.js", "./a/mod.mjs", "./MOD.JS", "./a.b.js", "./.js", "https://cdn.example/mod.js?v=1.txt"],
    typescript: ["./mod.ts", "./mod.mts", "./types.d.ts", "jsr:@acme/lib@1.0.0/mod.ts", "https://cdn.example/a.TS"],
    json: ["./data.json", "https://cdn.example/a.json?x=./a.js"],
    text: [
      "./README.md",
      "./LICENSE",
      "./a.js/LICENSE",
      "./js",
      "./style.css",
      "./data.jsonc",
      "./a.js.map",
      "./a.__proto__",
      "./a.constructor",
      "jsr:@acme/lib@1.0.0/LICENSE",
      "https://cdn.example/page?file=a.js",
      "https://cdn.example/page?file=a.node",
    ],
  };
  for (const [kind, addresses] of Object.entries(kinds)) {
    for (const address of addresses) {
      it(`kindOf() takes ${address} for ${kind}`, () => assertEquals(kindOf(address), kind));
    }
  }

  const refused: readonly string[] = [
    "./mod.cjs",
    "./mod.cts",
    "./view.jsx",
    "./view.tsx",
    "./code.wasm",
    "./addon.node",
    "./ADDON.NODE",
    "https://cdn.example/code.wasm?as=.js",
    "https://cdn.example/a/code.wasm?as=/x.js",
  ];
  for (const address of refused) {
    it(`kindOf() refuses ${address}`, async () => {
      const error = await failureOf(() => kindOf(address));
      assertEquals(error.code, "module-unsupported");
      assert(error.mend !== undefined);
    });
  }

  it("host: what a module is follows from its name, on both runtimes alike", async () => {
    const entry = probing(
      "[javascript, typescript, json.value, text]",
      `import javascript from "./a.mjs"; import typescript from "./b.mts";
       import json from "./c.json" with { type: "json" }; import text from "./d.md" with { type: "text" };`,
    );
    const files = {
      "mod.js": entry,
      "a.mjs": "export default 1;",
      "b.mts": "export default 2 as number;",
      "c.json": '{ "value": 3 }',
      "d.md": "four",
    };
    assertEquals(await runPlugin(files), [1, 2, 3, "four"]);
  });
});
