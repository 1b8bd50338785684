/**
 * Things that nobody may touch, and that tell when somebody did.
 *
 * @module
 */
import { statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toFileUrl } from "@std/path";

/** A file that must not be read. */
export interface CanaryFile {
  readonly path: string;
  readonly url: string;
  /** Whether it was read since. */
  wasRead(): boolean;
}

/** Writes a file that must not be read. */
export function createCanary(folder: string, name: string, content: string): CanaryFile {
  const path = join(folder, name);
  writeFileSync(path, content);
  return { path, url: toFileUrl(path).href, wasRead: watchReads(path) };
}

/**
 * Tells whether a file is read from now on, by its time of last access. Where a file system does not keep that, the
 * answer is always no.
 */
export function watchReads(path: string): () => boolean {
  utimesSync(path, 0, statSync(path).mtime);
  return () => statSync(path).atimeMs > 0;
}

/** What code of an attacker's does: it leaves a mark on the globals that {@linkcode takeMark} finds. */
export const leaveMark = "globalThis.plugmapCanary = (globalThis.plugmapCanary ?? 0) + 1;";

/** Whether such code has run since the last time. */
export function takeMark(): boolean {
  const marked = "plugmapCanary" in globalThis;
  Reflect.deleteProperty(globalThis, "plugmapCanary");
  return marked;
}
