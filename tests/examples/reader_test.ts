import { assert, assertEquals } from "@std/assert";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { checkIntegrity, parseImportMap, parseManifest, readPermissions } from "../../mod.ts";
import type { HostReport } from "../../mod.ts";
import { onDeno } from "../support/child.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const reader = join(root, "examples/reader");

describe("examples/reader", () => {
  it("pins the plugins that it has", () => {
    const map = parseImportMap(readFileSync(join(reader, "plugins.json"), "utf8"), "http://127.0.0.1:8787/");
    assertEquals(map.imports.size, 6);
    for (const [specifier, address] of map.imports) {
      const folder = join(reader, "plugins", specifier.slice(specifier.lastIndexOf("/") + 1));
      const bytes = new Uint8Array(readFileSync(join(folder, "plugin.json")));
      assert(checkIntegrity(bytes, map.integrity.get(address!) ?? ""), `${address} has another hash`);
      const { name, modules } = parseManifest(bytes, { readPermissions });
      assertEquals(specifier, `plugins/${name}`);
      for (const [path, { integrity, size }] of modules) {
        const module = new Uint8Array(readFileSync(join(folder, path)));
        assertEquals(module.length, size, `${path} of ${name}`);
        assert(checkIntegrity(module, integrity), `${path} of ${name} has another hash`);
      }
    }
  });

  // It uses both runtimes, so one of the two test runs is enough.
  if (onDeno) {
    it("builds the same site on both runtimes, without the two plugins that must not run", () => {
      using folder = createTemporaryFolder();
      const demo = run(folder.path);
      assertEquals(demo.status, 0, demo.output);
      for (const runtime of ["deno", "bun"]) {
        const report: HostReport = JSON.parse(readFileSync(join(folder.path, `${runtime}.json`), "utf8"));
        assertEquals(report.runtime.name, runtime);
        assertEquals(report.plugins.map(({ name, state, error }) => [name, error?.code ?? state]), [
          ["contents", "active"],
          ["sidecar", "active"],
          ["@reader/markdown", "active"],
          ["layouts", "active"],
          ["glossary", "integrity-mismatch"],
          ["analytics", "permission-missing"],
        ]);
        for (const { error } of report.plugins) {
          if (error !== undefined) assert(flat(demo.output).includes(flat(error.message)), error.message);
        }
      }
      const [one, other] = ["deno", "bun"].map((runtime) => contentsOf(join(folder.path, runtime)));
      assertEquals(one!.size, 5);
      assertEquals(one, other);
      // Something of each plugin that ran, and nothing of the two that did not.
      const page = one!.get("one-byte.html")!;
      const pieces = ["<code>whatwg.org</code>", 'id="why-that-is-enough"', "to read", "2026-11-02", "color-scheme"];
      for (const piece of pieces) assert(page.includes(piece), `${piece} is not in the page`);
      for (const piece of ["whatvg.org/", "whatwg.org/", "Visitors"]) assert(!page.includes(piece), piece);
    });

    it("links the glossary's terms when the server changes nothing", () => {
      using folder = createTemporaryFolder();
      const demo = run(folder.path, "--honest");
      assertEquals(demo.status, 0, demo.output);
      assert(contentsOf(join(folder.path, "bun")).get("one-list.html")!.includes("https://html.spec.whatwg.org/"));
    });
  }
});

function run(site: string, ...options: readonly string[]): { status: number | null; output: string } {
  const args = [join(reader, "demo.mjs"), "--site", site, ...options];
  const { status, stdout, stderr } = spawnSync("node", args, {
    cwd: root,
    env: { ...process.env, NO_COLOR: "1" },
    encoding: "utf8",
    timeout: 60_000,
  });
  return { status, output: stdout + stderr };
}

/** Text without the breaks and indents that fit it to a screen. */
function flat(text: string): string {
  return text.replace(/\s+/g, " ");
}

function contentsOf(folder: string): Map<string, string> {
  return new Map(readdirSync(folder).sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}
