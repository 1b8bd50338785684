import { describe, it } from "node:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { failureOf, probing, runPlugin } from "../support/host.ts";
import type { Files } from "../support/plugin_folder.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

const data = {
  "data.json": `{ "a": [1], "__proto__": { "b": 2 }, "constructor": 3 }`,
  "notes.txt": "hé\nllo ${x} `y` \\ </script>\u2028",
  "page.html": "<p>",
  "config.toml": "a = 1",
  "LICENSE": "MIT",
  "code.ts": "export const x: number = 5;\nexport default x;",
};

/** What a static and a dynamic import of one file give as default. */
function importing(path: string, attributes: string): Files {
  const options = attributes === "" ? "" : `, { with: ${attributes} }`;
  const clause = attributes === "" ? "" : ` with ${attributes}`;
  return {
    "main.ts": probing(
      `[value, (await import("./${path}"${options})).default, (await import("./" + "${path}"${options})).default]`,
      `import value from "./${path}"${clause};`,
    ),
    ...data,
  };
}

const json = JSON.parse(data["data.json"]);

const given: readonly (readonly [string, string, unknown])[] = [
  ["data.json", `{ type: "json" }`, json],
  ["data.json", "", json],
  ["data.json", `{ type: "text" }`, data["data.json"]],
  ["notes.txt", `{ type: "text" }`, data["notes.txt"]],
  ["notes.txt", "", data["notes.txt"]],
  ["page.html", `{ "type": 'text' }`, "<p>"],
  ["config.toml", "", "a = 1"],
  ["LICENSE", `{ type: "text" }`, "MIT"],
  ["code.ts", `{ type: "text" }`, data["code.ts"]],
  ["code.ts", "", 5],
];

describe("imports with and without attributes", () => {
  for (const [path, attributes, expected] of given) {
    it(`give the same for ${path} ${attributes ? `with ${attributes}` : "without attributes"}`, async () => {
      assertEquals(await runPlugin(importing(path, attributes)), [expected, expected, expected]);
    });
  }

  it("keep __proto__ of a JSON file as an ordinary name", async () => {
    const files = {
      "main.ts": probing("Object.keys(value)", `import value from "./data.json" with { type: "json" };`),
      ...data,
    };
    assertEquals(await runPlugin(files), ["a", "__proto__", "constructor"]);
  });

  it("drop a byte order mark", async () => {
    const files = {
      "main.ts": probing("[a, b]", `import a from "./a.json";\nimport b from "./b.txt";`),
      "a.json": "\ufeff1",
      "b.txt": "\ufeffb",
    };
    assertEquals(await runPlugin(files), [1, "b"]);
  });

  it("re-export with attributes", async () => {
    const files = {
      "main.ts": probing("value", `import { value } from "./re.ts";`),
      "re.ts": `export { default as value } from "./data.json" with { type: "json" };`,
      ...data,
    };
    assertEquals(await runPlugin(files), json);
  });

  for (
    const [path, type] of [
      ["notes.txt", "json"],
      ["code.ts", "json"],
      ["code.ts", "macro"],
      ["notes.txt", "bytes"],
      ["notes.txt", "file"],
      ["config.toml", "toml"],
      ["data.json", "jsonc"],
      ["page.html", "html"],
      ["code.ts", "__proto__"],
    ] as const
  ) {
    it(`refuse ${path} with type ${type}`, async () => {
      const files = { "main.ts": probing("value", `import value from "./${path}" with { type: "${type}" };`), ...data };
      const error = await failureOf(files);
      assertEquals(error.code, "module-unsupported");
      assertStringIncludes(error.problem, `${path}" cannot be imported with type "${type}"`);
    });
  }

  it("refuse a type that does not fit in a dynamic import as well", async () => {
    const expression =
      `await import("./code.ts", { with: { type: "json" } }).then(() => "loaded", (error) => error.message)`;
    assertStringIncludes(
      String(await runPlugin({ "main.ts": probing(expression), ...data })),
      `code.ts" cannot be imported with type "json"`,
    );
  });

  it("refuse what is unlisted, whatever the attributes", async () => {
    for (const type of ["json", "text"]) {
      const files = { "main.ts": probing("value", `import value from "./none.${type}" with { type: "${type}" };`) };
      const error = await failureOf(files);
      assertEquals(error.code, "module-unlisted");
      assertStringIncludes(error.problem, `"./main.ts" imports "./none.${type}"`);
      const expression =
        `await import("./none.${type}", { with: { type: "${type}" } }).then(() => "loaded", (error) => error.message)`;
      assertStringIncludes(String(await runPlugin({ "main.ts": probing(expression) })), "module-unlisted");
    }
  });
});

describe("macros", () => {
  for (
    const [what, before] of [
      ["with", `import { x } from "./macro.js" with { type: "macro" };`],
      ["with and escapes", `import { x } from "./macro.js" with { "t\\u0079pe": "m\\u0061cro" };`],
      ["assert", `import { x } from "./macro.js" assert { type: "macro" };`],
      ["assert on the next line", `import { x } from "./macro.js"\nassert { type: "macro" };`],
      [
        "assert behind comments",
        `import { x } from "./macro.js" /* ${"-".repeat(100)} */ assert /**/ { type: "macro" };`,
      ],
      ["a scheme", `import { x } from "macro:./macro.js";`],
    ] as const
  ) {
    // Bun runs a macro while it parses, in the host and with all of the host's powers.
    it(`never run by ${what}`, async () => {
      using temporary = createTemporaryFolder();
      const mark = join(temporary.path, "ran");
      const macro = `import { writeFileSync } from "node:fs";
        export function x() { writeFileSync(${JSON.stringify(mark)}, ""); return 1; }`;
      const error = await failureOf({ "main.js": probing("x()", before), "macro.js": macro });
      assert(["module-unsupported", "module-invalid", "module-unlisted"].includes(error.code), error.message);
      assert(!existsSync(mark));
    });
  }
});
