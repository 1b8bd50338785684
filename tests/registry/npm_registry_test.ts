import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { assertEquals } from "@std/assert";
import { bun, deno } from "../support/binaries.ts";
import { run } from "../support/run.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { startNpmRegistry } from "./npm_registry.mjs";

it("startNpmRegistry() serves packages that Deno and Bun install", async () => {
  using folder = createTemporaryFolder();
  const write = (path: string, content: string): void => {
    mkdirSync(join(folder.path, path, ".."), { recursive: true });
    writeFileSync(join(folder.path, path), content);
  };
  const manifest = { name: "@acme/greet", version: "1.2.3", type: "module", exports: "./lib/mod.js" };
  write("greet/package.json", JSON.stringify(manifest));
  write("greet/lib/mod.js", `export { greeting } from "./größe/inner.js";\n`);
  write("greet/lib/größe/inner.js", `export const greeting = "Hello";\n`);
  await using registry = await startNpmRegistry();
  await registry.addFolder(join(folder.path, "greet"));

  const source = (specifier: string): string => `import { greeting } from "${specifier}";\nconsole.log(greeting);\n`;
  write("deno/main.js", source("npm:@acme/greet@^1.0.0"));
  const env = {
    NPM_CONFIG_REGISTRY: registry.url,
    DENO_DIR: join(folder.path, "deno_dir"),
    BUN_INSTALL_CACHE_DIR: join(folder.path, "bun_cache"),
  };
  const cwd = join(folder.path, "deno");
  assertEquals((await run(deno, ["run", "--no-config", "--quiet", "-A", "main.js"], { cwd, env })).stdout, "Hello\n");

  write("bun/main.js", source("@acme/greet"));
  write("bun/package.json", JSON.stringify({ type: "module", dependencies: { "@acme/greet": "^1.0.0" } }));
  write("bun/bunfig.toml", `[install]\nregistry = "${registry.url}"\n`);
  const project = { cwd: join(folder.path, "bun"), env };
  const installed = await run(bun, ["install"], project);
  assertEquals(installed.code, 0, installed.stderr);
  assertEquals((await run(bun, ["--no-install", "main.js"], project)).stdout, "Hello\n");
  assertEquals((await fetch(`${registry.url}left-pad`)).status, 404);
});
