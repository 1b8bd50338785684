/**
 * Plugins on disk, made from a table of files.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { toFileUrl } from "@std/path";
import { computeIntegrity } from "../../src/integrity/mod.ts";
import { createTemporaryFolder } from "./temporary_folder.ts";

/** Contents of files by path, without a leading `./`. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A folder that holds a plugin; gone at the end of the block that declared it with `using`. */
export interface PluginFolder {
  /** Name of the plugin, as its manifest has it. */
  readonly name: string;
  /** Path of the folder. */
  readonly folder: string;
  /** URL of the folder, with a slash at the end. */
  readonly url: string;
  /** URL of its `plugin.json`. */
  readonly manifestUrl: string;
  /** Integrity metadata of its `plugin.json`. */
  readonly digest: string;
  /** Writes a file that the manifest does not know of, or changes one behind its back. */
  write(path: string, content: string | Uint8Array): void;
  remove(): void;
  [Symbol.dispose](): void;
}

const encoder = new TextEncoder();

/** A manifest that lists all the files; `overrides` has the last word on each of its members. */
export function manifestOf(files: Files, overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const modules: [string, unknown][] = Object.entries(files).map(([path, content]) => {
    const bytes = bytesOf(content);
    return [`./${path}`, { integrity: computeIntegrity(bytes), size: bytes.length }];
  });
  const [entry] = Object.keys(files);
  return {
    name: "sample",
    version: "1.0.0",
    entry: `./${entry}`,
    modules: Object.fromEntries(modules),
    ...overrides,
  };
}

/**
 * Writes a plugin into a folder of its own.
 *
 * @param files Its modules; the first one is the entry.
 * @param overrides Members of the manifest that differ: by default the plugin is called "sample" and asks for nothing.
 */
export function createPluginFolder(files: Files, overrides: Readonly<Record<string, unknown>> = {}): PluginFolder {
  const temporary = createTemporaryFolder();
  const folder = temporary.path;
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  const manifest = manifestOf(files, overrides);
  const text = JSON.stringify(manifest, null, 2);
  write("plugin.json", text);
  const url = `${toFileUrl(folder)}/`;
  return {
    name: String(manifest["name"]),
    folder,
    url,
    manifestUrl: `${url}plugin.json`,
    digest: computeIntegrity(encoder.encode(text)),
    write,
    remove: temporary.remove,
    [Symbol.dispose]: temporary.remove,
  };
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? encoder.encode(content) : content;
}
