/**
 * Reading a plugin's files from disk, threat T10: nothing outside its folder, nothing that is no regular file, nothing
 * over its size.
 */
import { closeSync, constants, lstatSync, openSync, readFileSync, readSync, realpathSync, statSync } from "node:fs";
import { SEPARATOR } from "@std/path/constants";
import { dirname } from "@std/path/dirname";
import { fromFileUrl } from "@std/path/from-file-url";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import type { RuntimeAdapter } from "../runtime/types.ts";

/** A plugin's folder. Whatever leads there is the host's choice; what is below it is the plugin's. */
export interface Folder {
  readonly path: string;
  /** Folders below it that are no links, as far as was looked. */
  readonly plain: Set<string>;
}

/** @throws {PlugmapError} `path-unsafe` for a URL with escapes that are no text. */
export function pathOf(fileUrl: string): string {
  try {
    return fromFileUrl(fileUrl);
  } catch (cause) {
    throw new PlugmapError("path-unsafe", `${quote(fileUrl)} is not the URL of a file on this machine`, {
      mend: "Escape the bytes of UTF-8 in it, or nothing.",
      cause,
    });
  }
}

/** @throws {PlugmapError} `fetch-failed` when the host may not read the folder of the file. */
export function folderOf(file: string, runtime: RuntimeAdapter): Folder {
  const path = dirname(file);
  if (runtime.may({ name: "read", path })) return { path, plain: new Set([path]) };
  throw new PlugmapError("fetch-failed", `The host may not read ${quote(path)}`, {
    mend: `Start it with ${runtime.flagFor({ name: "read", path })}.`,
  });
}

/** The path of a file in the folder, by its name in a manifest: `./`, then plain segments. */
export function pathIn({ path }: Folder, name: string): string {
  return path + SEPARATOR + name.slice("./".length).replaceAll("/", SEPARATOR);
}

/** Opens what is no link, and does not wait for the other end of a pipe. Windows knows neither. */
const plainly: number | undefined = constants.O_NOFOLLOW
  ? constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  : undefined;

/** What small files are read into; all but a few are. */
const scratch: Uint8Array = new Uint8Array(64 * 1024);

/**
 * @param cap Most bytes that are taken.
 * @throws {PlugmapError} `fetch-failed`, `path-unsafe` for what is not a regular file inside the folder, `fetch-too-large`.
 */
export function readFile(path: string, cap: number, folder: Folder): Uint8Array {
  try {
    const isDirect = isPlain(path.slice(0, path.lastIndexOf(SEPARATOR)), folder);
    const small = isDirect ? readSmall(path, cap) : undefined;
    if (small !== undefined) return small;
    const status = isDirect ? lstatSync(path) : undefined;
    const { size } = status?.isFile() ? status : statusOfLink(path, folder);
    if (size > cap) throw new PlugmapError("fetch-too-large", `${quote(path)} is larger than ${cap} bytes`);
    const bytes = readFileSync(path);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    throw error instanceof PlugmapError ? error : unreadable(path, error);
  }
}

/**
 * The bytes of a small file, without a question about its status, which costs more than the reading. Undefined for
 * whatever is not clear then, among it links, folders and pipes: those cannot be read at a position.
 */
function readSmall(path: string, cap: number): Uint8Array | undefined {
  if (plainly === undefined) return undefined;
  let file: number | undefined;
  try {
    file = openSync(path, plainly);
    let size = 0;
    // File systems may give less at once than there is.
    for (let read = -1; read !== 0; size += read) read = readSync(file, scratch, size, scratch.length - size, size);
    const isWhole = size > 0 && size < scratch.length && size <= cap;
    return isWhole ? scratch.slice(0, size) : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Whether no part of the way from the plugin's folder to this one is a link. The real path of each file costs far more. */
function isPlain(path: string, { path: root, plain }: Folder): boolean {
  if (plain.has(path)) return true;
  if (!path.startsWith(root + SEPARATOR)) return false;
  if (!isPlain(dirname(path), { path: root, plain }) || lstatSync(path).isSymbolicLink()) return false;
  plain.add(path);
  return true;
}

/** A link may lead to a file of the same plugin. Devices and pipes never end, or never begin. */
function statusOfLink(path: string, { path: root }: Folder): { size: number } {
  const real = realpathSync(path);
  if (!real.startsWith(realpathSync(root) + SEPARATOR)) {
    throw new PlugmapError("path-unsafe", `${quote(path)} is a link to ${quote(real)}, outside the plugin's folder`, {
      mend: "Put the file itself into the folder.",
    });
  }
  const status = statSync(real);
  if (!status.isFile()) throw new PlugmapError("path-unsafe", `${quote(path)} is not a regular file`);
  return status;
}

function unreadable(path: string, error: unknown): PlugmapError {
  const missing = (error as { code?: string }).code === "ENOENT";
  const what = missing ? "does not exist" : `cannot be read: ${messageOf(error)}`;
  return new PlugmapError("fetch-failed", `${quote(path)} ${what}`, {
    mend: missing ? "Check the path; it is resolved against the file that names it." : undefined,
    cause: error,
  });
}
