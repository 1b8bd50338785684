import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { deno } from "../support/binaries.ts";
import { type JsrRegistry, startJsrRegistry } from "./jsr_registry.mjs";

describe("startJsrRegistry()", () => {
  let folder: string;
  let registry: JsrRegistry;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "jsr-registry-test-"));
    registry = await startJsrRegistry();
  });

  after(async () => {
    await registry.close();
    await rm(folder, { recursive: true });
  });

  /** Runs Deno with an empty cache, so that nothing is remembered from another registry. */
  async function runDeno(args: readonly string[], cwd: string): Promise<{ code: number; output: string }> {
    const env = {
      ...process.env,
      NO_COLOR: "1",
      JSR_URL: registry.url,
      DENO_DIR: await mkdtemp(join(folder, "cache-")),
    };
    return await new Promise((resolve) => {
      execFile(deno, args, { cwd, env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
      });
    });
  }

  async function project(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    const home = join(folder, name);
    await mkdir(home);
    for (const [path, content] of Object.entries(files)) await writeFile(join(home, path), content);
    return home;
  }

  async function importGreet(range: string): Promise<{ code: number; output: string }> {
    const script = `import { greet } from "jsr:@acme/greet@${range}"; console.log(greet("Ann"));`;
    await writeFile(join(folder, "main.ts"), script);
    return await runDeno(["run", "--no-config", "main.ts"], folder);
  }

  it("takes what deno publish sends and serves it to jsr: imports", async () => {
    const home = await project("greet", {
      "deno.json": '{ "name": "@acme/greet", "version": "1.0.0", "license": "MIT", "exports": "./mod.ts" }',
      "mod.ts": "export function greet(name: string): string {\n  return `Hello, ${name}`;\n}\n",
    });

    const published = await runDeno(["publish", "--token", "any", "--no-provenance"], home);
    assertEquals(published.code, 0, published.output);
    assertStringIncludes((await importGreet("^1.0.0")).output, "Hello, Ann");

    const again = await runDeno(["publish", "--token", "any", "--no-provenance"], home);
    assertStringIncludes(again.output, "already published");
  });

  it("refuses what JSR refuses, with its code", async () => {
    const upload = (init: RequestInit): Promise<Response> =>
      fetch(`${registry.url}api/scopes/acme/packages/other/versions/1.0.0?config=/deno.json`, {
        method: "POST",
        ...init,
      });
    const response = await upload({});
    assertEquals(response.status, 401);
    assertEquals((await response.json() as { code: string }).code, "missingAuthentication");
  });

  it("serves published files with their checksums", async () => {
    const release = { name: "@acme/data", version: "2.0.0", files: { "/mod.ts": "export {};\n" } };
    await registry.publish({ ...release, exports: { ".": "./mod.ts" } });

    const metadata = await fetch(`${registry.url}@acme/data/2.0.0_meta.json`);
    const { manifest } = await metadata.json() as { manifest: Record<string, { size: number; checksum: string }> };
    assertEquals(manifest["/mod.ts"]?.size, 11);
    assertMatch(manifest["/mod.ts"]?.checksum ?? "", /^sha256-[0-9a-f]{64}$/);
    assertEquals(await (await fetch(`${registry.url}@acme/data/2.0.0/mod.ts`)).text(), "export {};\n");
    assertEquals((await fetch(`${registry.url}@acme/data/2.0.0/../../../../etc/hostname`)).status, 404);
    assertEquals((await fetch(`${registry.url}@acme/data/2.0.0/%2e%2e%2fmeta.json`)).status, 404);
  });

  it("yank() makes imports take another version", async () => {
    const version = (version: string): Promise<void> =>
      registry.publish({
        name: "@acme/greet",
        version,
        files: { "/mod.ts": `export const greet = (): string => "${version}";\n` },
        exports: { ".": "./mod.ts" },
      });
    await version("3.0.0");
    await version("3.0.1");
    await registry.yank("@acme/greet", "3.0.1");
    const { code, output } = await importGreet("^3.0.0");
    assertEquals(code, 0, output);
    assert(output.endsWith("3.0.0\n") || output.startsWith("3.0.0\n"), output);
  });

  it("keeps what is published in the data folder", async () => {
    const data = join(folder, "data");
    const release = { name: "@acme/kept", version: "1.0.0", files: { "/mod.ts": "" }, exports: { ".": "./mod.ts" } };
    {
      await using first = await startJsrRegistry({ data });
      await first.publish(release);
    }
    await using second = await startJsrRegistry({ data });
    assertEquals((await fetch(`${second.url}@acme/kept/1.0.0/mod.ts`)).status, 200);
  });
});
