import type { PermissionItems } from "./types.ts";

/** Whether anything is granted. */
export function isGranted(items: PermissionItems): boolean {
  return items === true || items.length > 0;
}
