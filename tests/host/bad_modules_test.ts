import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { computeIntegrity } from "../../src/integrity/mod.ts";
import { plugmap, runProgram } from "../support/child.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import type { Files, PluginFolder } from "../support/plugin_folder.ts";
import { serveFolder, startServer } from "../support/server.ts";
import { greeter, loadBadPlugin } from "./sample_plugins.ts";

const encoder = new TextEncoder();

function bad(files: Files, overrides: Readonly<Record<string, unknown>> = {}): PluginFolder {
  return createPluginFolder(files, { name: "bad", ...overrides });
}

/** What a manifest says of a file. */
function pinOf(text: string): { integrity: string; size: number } {
  const bytes = encoder.encode(text);
  return { integrity: computeIntegrity(bytes), size: bytes.length };
}

describe("modules that are not what is pinned", () => {
  it("fetch-failed: a module is not there", async () => {
    const modules = { "./mod.js": pinOf("export default {};"), "./gone.js": pinOf("") };
    using plugin = bad({ "mod.js": "export default {};" }, { modules });
    const { code, step, message } = await loadBadPlugin(plugin);
    assertEquals([code, step], ["fetch-failed", "fetch"]);
    assertStringIncludes(message, "gone.js");
  });

  it("fetch-failed: a module is not on the server, and no other waits for it", async () => {
    const modules = { "./mod.js": pinOf("export default {};"), "./gone.js": pinOf("") };
    using plugin = bad({ "mod.js": "export default {};" }, { modules });
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const { code, step } = await loadBadPlugin({ ...plugin, manifestUrl: `${server.url}plugin.json` });
    assertEquals([code, step], ["fetch-failed", "fetch"]);
  });

  it("integrity-mismatch: a module is as long as pinned, but not the same", async () => {
    using plugin = bad({ "mod.js": "export default {};" });
    plugin.write("mod.js", "export default [];");
    const { code, step, message } = await loadBadPlugin(plugin);
    assertEquals([code, step], ["integrity-mismatch", "verify"]);
    assertStringIncludes(message, `"./mod.js"`);
  });

  for (const text of ["export default {}", "export default {};;"]) {
    it(`a module of ${text.length} bytes is refused where 18 are pinned`, async () => {
      using plugin = bad({ "mod.js": "export default {};" });
      plugin.write("mod.js", text);
      const { code, step } = await loadBadPlugin(plugin);
      assertEquals([code, step], ["integrity-mismatch", "verify"]);
    });
  }

  for (const name of ["addon.node", "code.cjs", "view.tsx", "code.wasm"]) {
    it(`module-unsupported: ${name} is listed`, async () => {
      using plugin = bad({ "mod.js": "export default {};", [name]: "" });
      const { code, step } = await loadBadPlugin(plugin);
      assertEquals([code, step], ["module-unsupported", "fetch"]);
    });
  }
});

describe("modules that do not run", () => {
  const cases: readonly (readonly [what: string, files: Files, code: string, text: string])[] = [
    ["throws", { "mod.js": `throw new Error("at the top");` }, "module-invalid", "at the top"],
    ["throws no error", { "mod.js": `throw "text";` }, "module-invalid", "text"],
    ["throws nothing", { "mod.js": `throw undefined;` }, "module-invalid", "undefined"],
    ["throws what has no text", { "mod.js": `throw Object.create(null);` }, "module-invalid", ""],
    ["rejects", { "mod.js": `await Promise.reject(new Error("later"));` }, "module-invalid", "later"],
    ["is not JavaScript", { "mod.js": `export default {` }, "module-invalid", ""],
    ["is not TypeScript", { "mod.ts": `const x: = 1; export default {};` }, "module-invalid", ""],
    [
      "lacks an export",
      { "mod.js": `import { x } from "./a.js"; export default { x };`, "a.js": "export {};" },
      "module-invalid",
      "",
    ],
    [
      "imports JSON that is none",
      { "mod.js": `import x from "./a.json" with { type: "json" }; export default { x };`, "a.json": "{" },
      "module-invalid",
      "",
    ],
    [
      "imports what is not listed",
      { "mod.js": `import "./gone.js"; export default {};` },
      "module-unlisted",
      "gone.js",
    ],
    ["imports from npm", { "mod.js": `import "npm:left-pad"; export default {};` }, "npm-refused", "left-pad"],
    ["imports a bare specifier", { "mod.js": `import "left-pad"; export default {};` }, "module-unlisted", "left-pad"],
    ["imports a builtin", { "mod.js": `import "node:fs"; export default {};` }, "builtin-denied", "node:fs"],
    ["reads a name too early", { "mod.js": `String(x); export default {}; let x;` }, "module-invalid", ""],
  ];
  for (const [what, files, code, text] of cases) {
    it(`${code}: a module ${what}`, async () => {
      using plugin = bad(files);
      const failure = await loadBadPlugin(plugin);
      assertEquals([failure.code, failure.step], [code, "run"]);
      assertStringIncludes(failure.message, text);
    });
  }

  it("run-timeout: a module awaits what never settles", async () => {
    using plugin = bad({ "mod.js": `await new Promise(() => {});\n${greeter("bad")}` });
    const { code, step, message } = await loadBadPlugin(plugin, { limits: { run: 50 } });
    assertEquals([code, step], ["run-timeout", "run"]);
    assertStringIncludes(message, "top-level await");
  });

  it("run-timeout: a module that comes through late registers nothing any more", async () => {
    const gate = Promise.withResolvers<void>();
    Object.assign(globalThis, { plugmapTestGate: gate.promise });
    try {
      using plugin = bad({ "mod.js": `await plugmapTestGate;\n${greeter("bad")}` });
      assertEquals((await loadBadPlugin(plugin, { limits: { run: 50 } })).code, "run-timeout");
    } finally {
      gate.resolve();
      Reflect.deleteProperty(globalThis, "plugmapTestGate");
    }
  });
});

describe("process of a host whose plugins fail", () => {
  // Among these is no module that awaits for ever: Deno itself never ends a process that has one.
  it("no failure of a plugin is an unhandled rejection, and the process ends by itself", async () => {
    using folder = createPluginFolder({});
    await using server = await startServer();
    const files: Readonly<Record<string, string>> = {
      late: `await new Promise((_, reject) => setTimeout(reject, 60, new Error("too late")));\nexport default {};`,
      throws: `throw new Error("at the top");`,
      gone: `export default {};`,
      setup:
        `export default { setup: () => new Promise((_, reject) => setTimeout(reject, 60, new Error("too late"))) };`,
      odd: `export default { async setup() { throw { get message() { throw 1; } }; } };`,
      dispose: `export default { async dispose() { throw new Error("no"); } };`,
      slow:
        `export default { dispose: () => new Promise((_, reject) => setTimeout(reject, 60, new Error("too late"))) };`,
    };
    const imports: Record<string, string> = {};
    const integrity: Record<string, string> = {};
    for (const [name, text] of Object.entries(files)) {
      const manifest = JSON.stringify({
        name,
        version: "1.0.0",
        entry: "./mod.js",
        modules: { "./mod.js": pinOf(text), ...(name === "gone" ? { "./gone.js": pinOf("") } : {}) },
      });
      folder.write(`${name}/mod.js`, text);
      folder.write(`${name}/plugin.json`, manifest);
      imports[`plugins/${name}`] = `${name === "gone" ? server.url : folder.url}${name}/plugin.json`;
      integrity[imports[`plugins/${name}`]!] = computeIntegrity(encoder.encode(manifest));
    }
    server.route("/", serveFolder(folder.folder));
    const source = `import { createHost } from "${plugmap}";
const importMap = ${JSON.stringify({ imports, integrity })};
const limits = { run: 30, setup: 30, dispose: 30 };
const host = createHost({ hooks: {}, importMap, policy: {}, limits, store: false });
const { plugins } = await host.load();
console.log(plugins.map(({ name, state, error }) => name + " " + (error?.code ?? state)).join("\\n"));
await new Promise((resolve) => setTimeout(resolve, 200));
console.log(await host.close().catch(({ message }) => message));`;
    const { code, stdout, stderr } = await runProgram(source, { cwd: folder.folder });
    assertEquals(stdout.trim().split("\n"), [
      "late run-timeout",
      "throws module-invalid",
      "gone fetch-failed",
      "setup setup-timeout",
      "odd setup-failed",
      "dispose active",
      "slow active",
      `[dispose-failed] Plugins "slow", "dispose" could not be disposed of.`,
    ]);
    assertEquals([code, stderr], [0, ""]);
  });
});
