/**
 * This package as others get it: published by the real `deno publish` to stand-ins for JSR and npm on this machine,
 * together with what it depends on.
 *
 * @module
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startJsrRegistry } from "../registry/jsr_registry.mjs";
import type { JsrRegistry } from "../registry/jsr_registry.mjs";
import { startNpmRegistry } from "../registry/npm_registry.mjs";
import { bun, deno } from "../support/binaries.ts";
import { run } from "../support/run.ts";
import type { Run } from "../support/run.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

/** The stand-ins, with everything published. */
export interface PublishedPackage extends AsyncDisposable {
  readonly jsr: JsrRegistry;
  /** The folder that the stand-in for JSR serves: `@scope/name/1.0.0/mod.ts` and so on. */
  readonly jsrFiles: string;
  /** URL of the stand-in for npm, and for the npm side of JSR. */
  readonly npmUrl: string;
  /** What `deno publish` printed. */
  readonly output: string;
  /** Paths of the files that were published, from the root of the package on. */
  readonly files: readonly string[];
  /** Makes a folder of a user of the stand-ins, with these files. */
  createProject(name: string, files: Readonly<Record<string, string>>): Project;
}

/** A folder of somebody who uses what is published. */
export interface Project {
  readonly path: string;
  write(path: string, content: string): void;
  read(path: string): string;
  /** Runs Deno in it. Its cache began empty, and nothing but the stand-ins can be reached by name. */
  deno(...args: readonly string[]): Promise<Run>;
  /** Runs Bun in it, likewise. */
  bun(...args: readonly string[]): Promise<Run>;
}

/** The checkout. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

const notCopied = ["node_modules", ".git", ".cache", "coverage"];

/** Publishes the checkout as it is now. */
export async function publishPackage(): Promise<PublishedPackage> {
  const temporary = createTemporaryFolder();
  const jsrFiles = join(temporary.path, "jsr");
  const [jsr, npm] = await Promise.all([startJsrRegistry({ data: jsrFiles }), startNpmRegistry()]);
  const env = {
    JSR_URL: jsr.url,
    NPM_CONFIG_REGISTRY: npm.url,
    DENO_DIR: join(temporary.path, "deno_dir"),
    BUN_INSTALL_CACHE_DIR: join(temporary.path, "bun_cache"),
  };
  const createProject = (name: string, files: Readonly<Record<string, string>>): Project => {
    const path = join(temporary.path, name);
    const write = (file: string, content: string): void => {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), content);
    };
    for (const [file, content] of Object.entries(files)) write(file, content);
    return {
      path,
      write,
      read: (file) => readFileSync(join(path, file), "utf8"),
      deno: (...args) => run(deno, args, { cwd: path, env }),
      bun: (...args) => run(bun, args, { cwd: path, env }),
    };
  };

  await npm.addFolder(join(root, "node_modules/es-module-lexer"));
  for (const name of ["@jsr/std__internal", "@std/path", "@std/semver"]) {
    await npm.addFolder(join(root, "node_modules", name));
    await publishInstalled(join(root, "node_modules", name), jsr);
  }

  const checkout = createProject("checkout", {});
  cpSync(root, checkout.path, { recursive: true, filter: (path) => !notCopied.includes(basename(path)) });
  symlinkSync(join(root, "node_modules"), join(checkout.path, "node_modules"), "junction");
  const output = await must(checkout.deno("publish", "--token=any", "--allow-dirty", "--no-provenance"));

  const { name, version, license, exports } = JSON.parse(checkout.read("deno.json"));
  const files = await download(`${jsr.url}${name}/${version}`);
  // The server makes the npm package of what was published: sources to JavaScript and declarations, `jsr:` to `@jsr/`.
  const config = JSON.stringify({ name, version, license, exports });
  const packed = createProject("packed", { ...files, "deno.json": config });
  await must(packed.deno("pack", "--allow-dirty", "--output=package.tgz"));
  npm.addArchive(readFileSync(join(packed.path, "package.tgz")), npmName(name));

  return {
    jsr,
    jsrFiles,
    npmUrl: npm.url,
    output,
    files: Object.keys(files),
    createProject,
    async [Symbol.asyncDispose]() {
      await Promise.all([jsr.close(), npm.close()]);
      temporary.remove();
    },
  };
}

/** What a program printed, once it has ended well. */
export async function must(running: Promise<Run>): Promise<string> {
  const { code, stdout, stderr } = await running;
  if (code !== 0) throw new Error(`A program ended with ${code}:\n${stdout}${stderr}`);
  return stdout + stderr;
}

/** The name that a package of JSR has on the npm side: `@jsr/acme__greet`. */
export function npmName(name: string): string {
  return `@jsr/${name.slice(1).replace("/", "__")}`;
}

interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Publishes a package that was installed from the npm side of JSR, with its imports as they are on JSR. */
async function publishInstalled(path: string, jsr: JsrRegistry): Promise<void> {
  const manifest: InstalledPackage = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
  const typesOf = new Map(Object.values(manifest.exports).map((entry) => [entry.default, entry.types]));
  const files: Record<string, string> = {};
  for (const file of readdirSync(path, { recursive: true, encoding: "utf8" })) {
    if (!/\.(?:js|d\.ts)$/.test(file)) continue;
    const local = `./${file.replaceAll("\\", "/")}`;
    const text = readFileSync(join(path, file), "utf8");
    const types = typesOf.get(local);
    const head = types === undefined ? "" : `// @ts-self-types="${relativeTo(local, types)}"\n`;
    files[local.slice(1)] = head + text.replace(
      /"(@jsr\/(\w+)__(\w+))([^"]*)"/g,
      (_, name, scope, id, rest) => `"jsr:@${scope}/${id}@${manifest.dependencies?.[name]}${rest}"`,
    );
  }
  const exports = Object.fromEntries(Object.entries(manifest.exports).map(([key, entry]) => [key, entry.default]));
  const name = manifest.name.replace(/^@jsr\/(\w+)__/, "@$1/");
  await jsr.publish({ name, version: manifest.version, files, exports });
}

function relativeTo(from: string, to: string): string {
  const up = from.split("/").length - 2;
  return `./${"../".repeat(up)}${to.slice("./".length)}`;
}

/** All files of a published version. */
async function download(url: string): Promise<Record<string, string>> {
  const metadata = await (await fetch(`${url}_meta.json`)).json() as { manifest: Record<string, unknown> };
  const files: Record<string, string> = {};
  for (const path of Object.keys(metadata.manifest)) files[path.slice(1)] = await (await fetch(url + path)).text();
  return files;
}
