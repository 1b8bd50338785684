import { fromFileUrl as fromPosixUrl } from "@std/path/posix/from-file-url";
import { resolve as resolvePosix } from "@std/path/posix/resolve";
import { fromFileUrl as fromWindowsUrl } from "@std/path/windows/from-file-url";
import { resolve as resolveWindows } from "@std/path/windows/resolve";
import { PlugmapError, quote } from "../errors.ts";

/** A drive or a share: what tells an absolute path of Windows from any other, on any system. */
const windowsRoot = /^(?:[A-Za-z]:[\\/]|\\\\)/;

/**
 * The folder that relative paths start from.
 *
 * @param base URL of a document, or of a folder with a slash at its end, as bases of URLs are.
 * @returns Its path, or `undefined` if it is not on this machine.
 * @throws {PlugmapError} `option-invalid` when it is not a URL.
 */
export function folderOf(base: string): string | undefined {
  try {
    const { protocol, href } = new URL(base);
    if (protocol !== "file:") return undefined;
    const folder = new URL(".", href);
    const isWindows = folder.host !== "" || /^\/[A-Za-z]:/.test(folder.pathname);
    return isWindows ? fromWindowsUrl(folder) : fromPosixUrl(folder);
  } catch (cause) {
    throw new PlugmapError("option-invalid", `${quote(base)} is not a URL that paths can start from`, {
      mend: `Pass the URL of a document, or of a folder such as "file:///app/".`,
      cause,
    });
  }
}

/**
 * A path as an absolute one without `.`, `..` or a separator at its end. Symbolic links are not followed: that is for what
 * enforces the permission.
 *
 * @param path The path.
 * @param folder Absolute path of what it is relative to, if there is such a folder.
 * @returns The path, or `undefined` for a relative one without a folder.
 */
export function resolvePath(path: string, folder: string | undefined): string | undefined {
  if (windowsRoot.test(path)) return resolveOnWindows(path);
  if (folder !== undefined && windowsRoot.test(folder)) return resolveOnWindows(folder, path);
  if (path.startsWith("/")) return resolvePosix(path);
  return folder === undefined ? undefined : resolvePosix(folder, path);
}

/** The first drive stands before the others so that the working folder of this process never counts. */
function resolveOnWindows(...paths: string[]): string {
  const path = resolveWindows("C:\\", ...paths);
  return path.charAt(0).toUpperCase() + path.slice(1);
}

/** Whether `asked` is `granted` or below it, segment by segment, as Deno has it. A relative path is below nothing. */
export function coversPath(granted: string, asked: string): boolean {
  const [folder, path] = [resolvePath(granted, undefined), resolvePath(asked, undefined)];
  if (folder === undefined || path === undefined) return false;
  const separator = windowsRoot.test(folder) ? "\\" : "/";
  return path === folder || path.startsWith(folder.endsWith(separator) ? folder : folder + separator);
}
