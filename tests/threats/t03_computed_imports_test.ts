import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { bun } from "../support/binaries.ts";
import { onDeno, plugmap } from "../support/child.ts";
import { createTestHost, importMapOf, probing } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { serve, startServer } from "../support/server.ts";
import { leaveMark, takeMark } from "./canary.ts";

// T3: an import whose specifier is made at run time, so that no look at the text finds it.

/** Ways to import what the plugin is told to. On Deno every one of them goes through the loader's hooks. */
const ways: Readonly<Record<string, string>> = {
  "import() of a variable": "await import(input)",
  "import() of an expression": `await import("" + input)`,
  "import() of a template": "await import(`${input}`)",
  "import() of an object": "await import({ toString: () => input })",
  "import() with options": "await import(input, {})",
  "import() with a comment": "await import(/* @vite-ignore */ input)",
  "import() of a URL": "await import(new URL(input, import.meta.url))",
  "import() of what import.meta.resolve() gives": "await import(import.meta.resolve(input))",
  "import() in a module of its own": `await (await import("./ways.js")).load(input)`,
  "import() in an arrow function": "await (async (it) => await import(it))(input)",
  "require()": "require(input)",
  "module.require()": "module.require(input)",
  "import.meta.require()": "import.meta.require(input)",
  "globalThis.require()": "globalThis.require(input)",
  "process.mainModule.require()": "process.mainModule.require(input)",
};

/** Ways that only the runtime itself can see; in the last ones it is the engine that evaluates, not a module. */
const evaluatedWays: Readonly<Record<string, string>> = {
  "eval()": `await eval("import(" + JSON.stringify(input) + ")")`,
  "an indirect eval()": `await (0, eval)("import(" + JSON.stringify(input) + ")")`,
  "eval() under another name": `await eval("import(" + JSON.stringify(input) + ")\\n//# sourceURL=file:///host.js")`,
  "new Function()": `await new Function("it", "return import(it)")(input)`,
  "the constructor of async functions": `await (async () => {}).constructor("it", "return import(it)")(input)`,
  "promise.then(eval)": `await Promise.resolve("import(" + JSON.stringify(input) + ")").then(eval)`,
  "promise.then(Function)":
    `await (await Promise.resolve("return import(" + JSON.stringify(input) + ")").then(Function))()`,
  "array.map(eval)": `await ["import(" + JSON.stringify(input) + ")"].map(eval)[0]`,
  "Reflect.apply(eval)": `await Reflect.apply(eval, undefined, ["import(" + JSON.stringify(input) + ")"])`,
  "setTimeout(eval)": `await new Promise((resolve) => {
    globalThis.plugmapSettle = resolve;
    setTimeout(eval, 0, "plugmapSettle(import(" + JSON.stringify(input) + "))");
  })`,
  "an event": `await new Promise((resolve) => {
    globalThis.plugmapSettle = resolve;
    const target = new EventTarget();
    target.addEventListener("x", eval.bind(null, "plugmapSettle(import(" + JSON.stringify(input) + "))"));
    target.dispatchEvent(new Event("x"));
  })`,
};

/** What a plugin would like to import. */
function targets({ folder, url }: PluginFolder, origin: string): readonly string[] {
  return [
    "./evil.js",
    "./mod.js/../evil.js",
    "./evil.js?query#fragment",
    `${url}evil.js`,
    join(folder, "evil.js"),
    `${url}mod.js/../evil.js`,
    `${origin}/evil.js`,
    `${origin.replace("http:", "")}/evil.js`,
    `data:text/javascript,${encodeURIComponent(leaveMark)}`,
    "evil",
    "npm:evil",
    "jsr:@evil/evil",
    "https://esm.sh/evil",
    "plugins/evil",
    "plugmap:1:./evil.js",
    "node:child_process",
    "node:module",
    "fs",
    "bun",
    "bun:ffi",
    "bun:jsc",
    "node:no-such-builtin",
  ];
}

/** An entry module that imports in one way, and a second one for ways that need it. */
function createImporter(way: string): PluginFolder {
  const plugin = createPluginFolder({
    "mod.js": probing(way),
    "ways.js": "export const load = async (it) => await import(it);",
  });
  plugin.write("evil.js", leaveMark);
  plugin.write("node_modules/evil/package.json", `{ "name": "evil", "type": "module", "main": "../../evil.js" }`);
  return plugin;
}

/** The targets that a plugin could import after all. */
async function reached(way: string): Promise<readonly string[]> {
  using plugin = createImporter(way);
  await using server = await startServer({ "/evil.js": serve(leaveMark, { "content-type": "text/javascript" }) });
  await using host = createTestHost([plugin]);
  await host.load();
  assertEquals(host.plugins(), ["sample"]);
  const found: string[] = [];
  for (const input of targets(plugin, server.origin)) {
    const outcome = await host.hooks.probe({ input }).then(() => "imported", () => "refused");
    if (outcome === "imported" || takeMark()) found.push(input);
  }
  Reflect.deleteProperty(globalThis, "plugmapSettle");
  return [...found, ...server.requests];
}

describe("T3, computed imports", () => {
  for (const [name, way] of Object.entries(ways)) {
    it(`${name} reaches nothing outside the plugin`, async () => assertEquals(await reached(way), []));
  }

  for (const [name, way] of Object.entries(evaluatedWays)) {
    // Bun shows no hook what evaluated code imports: a limitation that the documentation names.
    it(`${name} reaches nothing outside the plugin`, { skip: !onDeno }, async () => {
      assertEquals(await reached(way), []);
    });
  }

  it("ways that are refused elsewhere lead to what is listed", async () => {
    for (const way of ["import() of a variable", "import() of a URL", "import() of what import.meta.resolve() gives"]) {
      using plugin = createImporter(ways[way]!);
      await using host = createTestHost([plugin]);
      await host.load();
      const namespace = await host.hooks.probe({ input: "./ways.js" }) as object;
      assertEquals(Object.keys(namespace), ["load"]);
    }
  });
});

/** Runs a host on Bun with automatic installation, unless a flag turns it off, from a registry that takes notes. */
async function installations(way: string, flags: readonly string[]): Promise<[string, readonly string[]]> {
  await using registry = await startServer();
  using plugin = createImporter(way);
  const program = `import { createHost, defineHooks, hook } from "${plugmap}";
const hooks = defineHooks({ probe: hook({ mode: "first", async: true }) });
await using host = createHost({ hooks, importMap: ${JSON.stringify(importMapOf(plugin))}, policy: {}, store: false });
const { plugins: [{ state }] } = await host.load();
const input = "plugmap-no-such-package";
console.log(state, await host.hooks.probe({ input }).then((result) => result && "imported", () => "refused"));`;
  plugin.write("host.ts", program);
  const child = spawn(bun, [...flags, join(plugin.folder, "host.ts")], {
    cwd: plugin.folder,
    env: { ...process.env, BUN_CONFIG_REGISTRY: registry.url, BUN_INSTALL_CACHE_DIR: join(plugin.folder, "cache") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => printed += text);
  await new Promise((resolve) => child.on("close", resolve));
  return [printed.trim(), registry.requests];
}

describe("T3, packages that Bun would install", { skip: onDeno }, () => {
  it("a computed import installs nothing, whatever Bun is told", async () => {
    for (const name of ["import() of a variable", "require()", "import.meta.require()"]) {
      assertEquals(await installations(ways[name]!, []), ["active refused", []]);
    }
  });

  it("an evaluated import installs nothing with --no-install", async () => {
    for (const name of ["eval()", "new Function()", "promise.then(eval)"]) {
      assertEquals(await installations(evaluatedWays[name]!, ["--no-install"]), ["active refused", []]);
    }
  });

  it("a literal import installs nothing, whatever Bun is told", async () => {
    assertEquals(await installations(`await import("plugmap-no-such-package")`, []), ["active refused", []]);
    assertEquals(await installations(`require("plugmap-no-such-package")`, []), ["failed undefined", []]);
  });
});
