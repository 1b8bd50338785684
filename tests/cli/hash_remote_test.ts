import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startJsrRegistry } from "../registry/jsr_registry.mjs";
import { createPluginFolder, manifestOf } from "../support/plugin_folder.ts";
import { redirectTo, serve, serveFolder, startServer } from "../support/server.ts";
import { createFolder, recordOf } from "./files.ts";
import { callPlugmap, spawnPlugmap } from "./plugmap.ts";

const modules = { "main.ts": `import "./part.js";\nexport default {};\n`, "part.js": `throw new Error("ran");\n` };

function printedJson(out: string): unknown {
  return JSON.parse(out.slice(out.indexOf("{\n")));
}

describe("plugmap hash URL", () => {
  it("hash URL prints what pins a remote plugin, with the permission to connect alone", async () => {
    using plugin = createPluginFolder(modules, { name: "@acme/far", permissions: { net: ["example.com"], sys: true } });
    await using server = await startServer({ "/far/": serveFolder(plugin.folder, "/far/") });
    using folder = createFolder({});
    const denoFlags = [`--allow-net=${server.host}`];
    const hashed = await spawnPlugmap(["hash", `${server.url}far/`], { cwd: folder.path, denoFlags });
    assertEquals([hashed.code, hashed.problems], [0, ""]);
    const url = `${server.url}far/plugin.json`;
    assertEquals(printedJson(hashed.out), {
      imports: { "plugins/@acme/far": url },
      integrity: { [url]: plugin.digest },
    });
    assertStringIncludes(hashed.out, "@acme/far 1.0.0, 2 modules, ");
    assertStringIncludes(hashed.out, 'It asks for net "example.com", all of sys.');
    assertEquals(folder.list(), []);

    folder.write("plugins.json", JSON.stringify(printedJson(hashed.out)));
    const policy = folder.at("policy.json");
    folder.write("policy.json", JSON.stringify({ default: { permissions: true } }));
    const inspected = await callPlugmap("inspect", "--import-map", folder.at("plugins.json"), "--policy", policy);
    assertEquals([inspected.code, inspected.problems], [0, ""]);
    assertStringIncludes(inspected.out, "pinned");
  });

  it("hash URL refuses a plugin whose modules are not as its manifest says", async () => {
    using plugin = createPluginFolder(modules);
    plugin.write("part.js", "// something else, of another size than the one that was hashed\n");
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const { code, out, problems } = await callPlugmap("hash", `${server.url}plugin.json`);
    assertEquals([code, out], [2, ""]);
    assertStringIncludes(problems, "part.js");
  });

  it("hash URL refuses what is no manifest, what is not there, and what no host would load", async () => {
    await using server = await startServer({ "/page/plugin.json": serve("<html>") });
    server.route("/large.json", serve(new Uint8Array(3 * 1024 * 1024)));
    const expected = [
      [`${server.url}page/`, "[manifest-invalid]"],
      [`${server.url}gone/plugin.json`, "[fetch-failed]"],
      [`${server.url}large.json`, "[fetch-too-large]"],
      [`http://user:secret@${server.host}/plugin.json`, "[option-invalid]"],
      [`http://user:secret@${server.host}/main.ts`, "has credentials"],
      ["jsr:nothing", "[package-unresolved]"],
      ["npm:sample", "does not exist"],
    ] as const;
    for (const [url, problem] of expected) {
      const ending = await callPlugmap("hash", url);
      assertEquals([ending.code, ending.out], [2, ""]);
      assertStringIncludes(ending.problems, problem);
      assert(ending.problems.match(/\n/g)?.length === 1, ending.problems);
    }
    assertEquals(server.requests.length, 3);
  });

  it("hash URL of a module prints what lists it in a manifest", async () => {
    const source = "export const far = 1;\n";
    await using server = await startServer({ "/far.js": serve(source) });
    const { code, out } = await callPlugmap("hash", `${server.url}far.js`);
    assertEquals(code, 0);
    assertEquals(printedJson(out), { modules: { [`${server.url}far.js`]: recordOf(source) } });

    const files = { "main.ts": `import "${server.url}far.js";\nexport default {};\n` };
    const manifest = manifestOf(files);
    const listed = { ...manifest, modules: (printedJson(out) as { modules: object }).modules };
    using folder = createFolder({ ...files, "plugin.json": JSON.stringify(listed) });
    assertEquals((await callPlugmap("hash", folder.path)).code, 0);
    folder.write("map.json", JSON.stringify({ imports: { "plugins/sample": "./plugin.json" } }));
    const inspected = await callPlugmap("inspect", "--import-map", folder.at("map.json"));
    assertEquals([inspected.code, inspected.problems], [0, ""]);
    assertStringIncludes(inspected.out, `2 (`);
  });

  it("hash URL follows a redirect to another origin only where the policy allows it", async () => {
    using plugin = createPluginFolder(modules);
    await using target = await startServer({ "/": serveFolder(plugin.folder) });
    await using server = await startServer({ "/plugin.json": redirectTo(`${target.url}plugin.json`) });
    for (const name of ["main.ts", "part.js"]) server.route(`/${name}`, serve(modules[name as "main.ts"]));
    using folder = createFolder({});
    const denoFlags = [`--allow-net=${server.host},${target.host}`, `--allow-read=${folder.path}`];
    const start = { cwd: folder.path, denoFlags };
    const refused = await spawnPlugmap(["hash", `${server.url}plugin.json`], start);
    assertEquals([refused.code, refused.out], [2, ""]);
    assertStringIncludes(refused.problems, "[fetch-redirect]");

    folder.write("plugins.policy.json", JSON.stringify({ redirects: [target.origin] }));
    const { code, out, problems } = await spawnPlugmap(["hash", `${server.url}plugin.json`], start);
    assertEquals([code, problems], [0, ""]);
    assertStringIncludes(out, plugin.digest);
  });

  it("hash of a jsr: package pins the one version that the range leads to", async () => {
    const manifest = JSON.stringify(manifestOf(modules, { name: "greet" }));
    await using registry = await startJsrRegistry();
    for (const version of ["1.0.0", "1.2.0", "2.0.0"]) {
      await registry.publish({
        name: "@acme/greet",
        version,
        files: { "/plugin.json": manifest, "/main.ts": modules["main.ts"], "/part.js": modules["part.js"] },
        exports: { ".": "./main.ts" },
      });
    }
    using folder = createFolder({});
    const { host } = new URL(registry.url);
    const denoFlags = [`--allow-net=${host}`, "--allow-env=JSR_URL"];
    const start = { cwd: folder.path, denoFlags, env: { JSR_URL: registry.url } };
    const { code, out, problems } = await spawnPlugmap(["hash", "jsr:@acme/greet@^1"], start);
    assertEquals([code, problems], [0, ""]);
    assertEquals(printedJson(out), {
      imports: { "plugins/greet": "jsr:@acme/greet@1.2.0" },
      integrity: { "jsr:@acme/greet@1.2.0": recordOf(manifest).integrity },
    });

    folder.write("plugins.json", JSON.stringify(printedJson(out)));
    const read = [...denoFlags, `--allow-read=${folder.path}`];
    const inspected = await spawnPlugmap(["inspect"], { ...start, denoFlags: read });
    assertEquals([inspected.code, inspected.problems], [0, ""]);

    const module = await spawnPlugmap(["hash", "jsr:@acme/greet@1.0.0/part.js"], start);
    assertEquals(printedJson(module.out), {
      modules: { "jsr:@acme/greet@1.0.0/part.js": recordOf(modules["part.js"]) },
    });
  });
});
