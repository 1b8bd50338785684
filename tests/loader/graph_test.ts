import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import { createGraph } from "../../src/loader/graph.ts";
import { urlOfModule } from "../../src/loader/module_url.ts";
import { kindOf } from "../../src/loader/media.ts";
import { parseManifest } from "../../src/manifest/mod.ts";
import { readPermissions } from "../../src/permissions/mod.ts";
import type { ImportTarget, LinkedPlugin, ModuleGraph, SourceModule } from "../../src/runtime/types.ts";

const registry = "http://127.0.0.1:1/registry/";
const remote = "https://cdn.example/lib/mod.js?v=1";
const jsr = "jsr:@acme/units@1.2.3/length.ts";

/** A graph of a plugin that consists of these modules, by what its manifest calls them. */
function graphOf(
  names: readonly string[],
  overrides: Readonly<Record<string, unknown>> = {},
  { at = "file:///app/plugin.json", linked = new Map<string, LinkedPlugin>() } = {},
): ModuleGraph {
  const record = { integrity: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", size: 0 };
  const manifest = parseManifest(
    new TextEncoder().encode(JSON.stringify({
      name: "sample",
      version: "1.0.0",
      entry: names[0],
      modules: Object.fromEntries(names.map((name) => [name, record])),
      ...overrides,
    })),
    { readPermissions },
  );
  const modules = names.map((name): [string, SourceModule] => {
    const url = urlOfModule(name, at, registry);
    return [url, { url, kind: kindOf(name), bytes: new Uint8Array() }];
  });
  return createGraph({ manifest, url: at }, new Map(modules), linked, registry);
}

function refusal(graph: ModuleGraph, specifier: string, importer: string): PlugmapError {
  return assertThrows(() => graph.resolve(specifier, importer), PlugmapError);
}

const module = (url: string): ImportTarget => ({ kind: "module", url });

describe("createGraph()", () => {
  it("has the entry beside the manifest", () => {
    assertEquals(graphOf(["./src/main.ts"]).entry, "file:///app/src/main.ts");
    assertEquals(
      graphOf(["./main.ts"], {}, { at: "https://a.example/p/plugin.json?v=2" }).entry,
      "https://a.example/p/main.ts",
    );
  });

  it("finds modules by path and by full URL, wherever the plugin is", () => {
    for (const at of ["file:///app/plugin.json", "https://a.example/p/plugin.json?v=2"]) {
      const graph = graphOf(["./main.ts", "./lib/a b.ts"], {}, { at });
      const url = new URL("./lib/a%20b.ts", at).href;
      for (const specifier of ["./lib/a b.ts", "./lib/a%20b.ts", "./lib/../lib/a b.ts", url, new URL(url).pathname]) {
        assertEquals(graph.resolve(specifier, graph.entry), module(url), specifier);
      }
    }
  });

  it("finds modules of other places by their URL, with its query", () => {
    const graph = graphOf(["./main.ts", remote], { imports: { lib: remote } });
    assertEquals(graph.resolve(remote, graph.entry), module(remote));
    assertEquals(graph.resolve("lib", graph.entry), module(remote));
    assertEquals(refusal(graph, "https://cdn.example/lib/mod.js", graph.entry).code, "module-unlisted");
    assertEquals(refusal(graph, "./mod.js", remote).code, "module-unlisted");
  });

  it("finds modules of JSR by their specifier, their mapped name and from each other", () => {
    const other = "jsr:@acme/units@1.2.3/_internal/round.ts";
    const graph = graphOf(["./main.ts", jsr, other], { imports: { units: jsr } });
    const url = `${registry}@acme/units/1.2.3/length.ts`;
    assertEquals(graph.resolve(jsr, graph.entry), module(url));
    assertEquals(graph.resolve("units", graph.entry), module(url));
    assertEquals(graph.resolve(url, graph.entry), module(url));
    assertEquals(graph.resolve("./_internal/round.ts", url), module(`${registry}@acme/units/1.2.3/_internal/round.ts`));
    assertEquals(refusal(graph, "jsr:@acme/units@^1.0.0/length.ts", graph.entry).code, "module-unlisted");
    assertEquals(refusal(graph, "../1.2.4/length.ts", url).code, "module-unlisted");
  });

  it("calls modules in errors what the manifest calls them", () => {
    const graph = graphOf(["./main.ts", jsr, remote]);
    for (const name of ["./main.ts", jsr, remote]) {
      const importer = urlOfModule(name, "file:///app/plugin.json", registry);
      assertStringIncludes(refusal(graph, "./none.ts", importer).problem, `"${name}" imports "./none.ts"`);
      assertStringIncludes(refusal(graph, "node:fs", importer).problem, `In "${name}": `);
    }
  });

  it("tells a way out that fits the import", () => {
    const graph = graphOf(["./main.ts"]);
    const mendOf = (specifier: string): string => refusal(graph, specifier, graph.entry).mend ?? "";
    assertStringIncludes(mendOf("./none.ts"), "plugmap hash");
    assertStringIncludes(mendOf("lodash"), `"imports" of plugin.json`);
    assertStringIncludes(mendOf("npm:lodash"), "Bundle");
    assertStringIncludes(mendOf("plugins/other"), `"dependencies" in plugin.json`);
  });

  it("leads to builtins under their full name", () => {
    const graph = graphOf(["./main.ts"]);
    for (const specifier of ["node:path", "path", "NODE:path"]) {
      assertEquals(graph.resolve(specifier, graph.entry), { kind: "builtin", specifier: "node:path" }, specifier);
    }
  });

  it("leads to what stands for the plugin side of Plugmap, under each of its names", () => {
    const graph = graphOf(["./main.ts"]);
    for (
      const specifier of [
        "@plugmap/plugmap/plugin",
        "jsr:@plugmap/plugmap/plugin",
        "jsr:@plugmap/plugmap@^0.1.0/plugin",
        "jsr:/@plugmap/plugmap@1.0.0/plugin",
      ]
    ) {
      assertEquals(graph.resolve(specifier, graph.entry), { kind: "authoring" }, specifier);
    }
    for (
      const specifier of ["jsr:@plugmap/plugmap@^0.1.0", "jsr:@plugmap/plugmap/plugin/x", "jsr:@plugmap/other@1/plugin"]
    ) {
      assertEquals(refusal(graph, specifier, graph.entry).code, "module-unlisted", specifier);
    }
  });

  it("leads to dependencies that are declared and linked, and to no others", () => {
    const plugin: LinkedPlugin = { evaluate: () => Promise.resolve({}), unlink: () => {} };
    const linked = new Map([["base", plugin], ["@acme/base", plugin], ["undeclared", plugin]]);
    const dependencies = { base: "*", "@acme/base": "*", absent: { version: "*", optional: true } };
    const graph = graphOf(["./main.ts"], { dependencies }, { linked });
    assertEquals(graph.resolve("plugins/base", graph.entry), { kind: "linked", plugin });
    assertEquals(graph.resolve("plugins/@acme/base", graph.entry), { kind: "linked", plugin });
    for (const name of ["undeclared", "absent", "none", "", "base/", "BASE", "constructor"]) {
      assertEquals(refusal(graph, `plugins/${name}`, graph.entry).code, "module-unlisted", name);
    }
    // What is declared already need not be told to be declared.
    assertStringIncludes(
      refusal(graph, "plugins/absent", graph.entry).problem,
      "optional dependency that is not there",
    );
  });
});
