/**
 * Folders of files, as the command finds and leaves them.
 *
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { computeIntegrity } from "../../mod.ts";
import type { Files } from "../support/plugin_folder.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

/** A folder of the test's own; gone at the end of the block that declared it with `using`. */
export interface FileFolder {
  readonly path: string;
  /** The absolute path of a file in it. */
  at(path: string): string;
  write(path: string, content: string | Uint8Array): void;
  read(path: string): string;
  readJson(path: string): Readonly<Record<string, unknown>>;
  /** Names of what lies in it, or in a folder in it, sorted. */
  list(path?: string): readonly string[];
  [Symbol.dispose](): void;
}

export function createFolder(files: Files): FileFolder {
  const temporary = createTemporaryFolder();
  const at = (path: string): string => join(temporary.path, path);
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  return {
    path: temporary.path,
    at,
    write,
    read: (path) => readFileSync(at(path), "utf8"),
    readJson: (path) => JSON.parse(readFileSync(at(path), "utf8")),
    list: (path = ".") => readdirSync(at(path)).sort(),
    [Symbol.dispose]: temporary.remove,
  };
}

/** What a manifest says of a module with this content. */
export function recordOf(content: string | Uint8Array): { integrity: string; size: number } {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { integrity: computeIntegrity(bytes), size: bytes.length };
}

/** Records by key for the files of a plugin. */
export function recordsOf(files: Files): Record<string, { integrity: string; size: number }> {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`./${path}`, recordOf(content)]));
}
