/**
 * What a path stands for: links lead on, so that has to be found out before a path is granted, or compared with what is.
 * Deno, for one, names a path as the plugin wrote it, without `.` and `..` but with its links, and then follows those.
 *
 * @module
 */

import { lstatSync, realpathSync } from "node:fs";
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { isAbsolute } from "@std/path/is-absolute";
import { join } from "@std/path/join";
import { resolve } from "@std/path/resolve";

/**
 * What an operation on a path may touch: what it leads to, and, if that is another, the last link on the way itself, which
 * is what would be removed or renamed.
 *
 * @returns One place or two; or undefined where that cannot be told: of a relative path, as the working folder of the
 * process is not known; of a link to nothing, which could be made to lead anywhere; of a path that is not UTF-8, which
 * arrives garbled; of what the host may not look at.
 */
export function placesOf(path: string): readonly string[] | undefined {
  if (!isAbsolute(path) || /[\0\uFFFD]/.test(path)) return undefined;
  try {
    return find(resolve(path));
  } catch {
    return undefined;
  }
}

/** What a path leads to, or the path itself where that cannot be told. */
export function leadsTo(path: string): string {
  return placesOf(path)?.[0] ?? path;
}

function find(path: string): readonly string[] {
  const folder = dirname(path);
  if (folder === path) return [path];
  const target = existing(path);
  if (target === path) return [path];
  const [parent] = find(folder);
  const own = join(parent!, basename(path));
  if (target !== undefined) return own === target ? [own] : [target, own];
  if (isThere(own)) throw new Error("A link to nothing");
  return [own];
}

function existing(path: string): string | undefined {
  return unlessMissing(() => realpathSync(path));
}

function isThere(path: string): boolean {
  return unlessMissing(() => lstatSync(path)) !== undefined;
}

function unlessMissing<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined;
    throw error;
  }
}
