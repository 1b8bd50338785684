import { test } from "node:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { assert, assertEquals } from "@std/assert";
import { parse } from "es-module-lexer";
import { bun } from "../support/binaries.ts";
import { run } from "../support/run.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

const entry = fileURLToPath(new URL("../../src/hooks/mod.ts", import.meta.url));
/** What all of it comes to, in bytes. */
const largest = 16_000;

test("the hooks need nothing else, work when bundled, and stay small", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "hooks.mjs");
  const args = ["--no-install", "build", "--minify", "--format=esm", entry, `--outfile=${path}`];
  const { code, stderr } = await run(bun, args, { cwd: folder.path });
  assertEquals([code, stderr], [0, ""]);

  const source = readFileSync(path);
  const [imports] = parse(source.toString());
  assertEquals(imports, []);

  const { createHooks, hook } = await import(pathToFileURL(path).href);
  const hooks = createHooks({ greeting: hook() });
  hooks.register("english", { greeting: ({ name }: { name: string }) => `Hello, ${name}` });
  assertEquals(hooks.call.greeting({ name: "Ada" }), ["Hello, Ada"]);

  const { length } = gzipSync(source, { level: 9 });
  assert(length <= largest, `The bundle is ${length} bytes, and must not be more than ${largest}.`);
});
