import { below, Problems } from "../document.ts";
import { quote } from "../errors.ts";
import { isCommandPath, permissionSet } from "./descriptors.ts";
import { folderOf, resolvePath } from "./paths.ts";
import type { PermissionName, PermissionSet } from "./types.ts";

/**
 * Makes the paths of permissions absolute: those of a policy start from the policy's folder, those of a manifest from the
 * plugin's. A plugin that is not on this machine has no folder here, so it can only ask for absolute paths.
 *
 * @param permissions The permissions, as parsed.
 * @param base URL of the document that they are from, or of its folder with a slash at its end.
 * @param pointer JSON pointer of where they stand in it.
 * @returns The permissions, with absolute paths.
 * @throws {PlugmapError} `permission-invalid` for a relative path when `base` is not a `file:` URL; `option-invalid` when it
 * is no URL.
 *
 * @example Resolve what a local plugin asks for
 * ```ts
 * import { parsePermissions, resolvePermissions } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const asked = parsePermissions({ read: ["./cache", "/etc/hosts"] }, "/permissions");
 * const { read } = resolvePermissions(asked, "file:///app/plugins/weather/", "/permissions");
 * assertEquals(read, ["/app/plugins/weather/cache", "/etc/hosts"]);
 * ```
 */
export function resolvePermissions(permissions: PermissionSet, base: string, pointer: string): PermissionSet {
  const problems = new Problems("permission-invalid");
  const folder = folderOf(base);
  const resolved = permissionSet((name) => {
    const items = permissions[name];
    if (items === true) return true;
    return items.map((item, index) => {
      if (!isPath(name, item)) return item;
      const path = resolvePath(item, folder);
      if (path === undefined) {
        problems.add(
          below(below(pointer, name), index),
          `Path ${quote(item)} is relative, but ${quote(base)} is not a folder here`,
          {
            mend: "Write an absolute path; only what is on this machine has a folder to start from.",
          },
        );
      }
      return path ?? item;
    });
  });
  problems.throwIfAny();
  return resolved;
}

/** Whether an item is a path. */
function isPath(name: PermissionName, item: string): boolean {
  return name === "read" || name === "write" || name === "ffi" || (name === "run" && isCommandPath(item));
}
