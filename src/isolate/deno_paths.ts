/**
 * Deno follows a symbolic link inside of a granted folder to wherever it leads (seen on 2.9.6). So a granted folder is
 * looked through for links that lead out before a plugin gets it. The plugin itself cannot make any: that takes
 * permission to read and write everywhere.
 *
 * @module
 */

import { readdirSync, readlinkSync, realpathSync } from "node:fs";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { resolve } from "@std/path/resolve";
import { PlugmapError, quote } from "../errors.ts";
import type { PermissionItems, PermissionSet } from "../permissions/mod.ts";
import { coversPath } from "../permissions/paths.ts";
import type { RuntimeAdapter } from "../runtime/types.ts";

/** Files and folders that are looked at before a grant counts as too large to look through. */
const most = 20_000;

/** Paths for Deno's flags, and what could not be made sure of. */
export interface DenoPaths {
  readonly read: PermissionItems;
  readonly write: PermissionItems;
  readonly remarks: readonly string[];
}

/** Granted folders of one kind, as they are looked through. */
interface Search {
  readonly granted: readonly string[];
  /** Whether a plugin can move what is in them. */
  readonly writable: boolean;
  readonly host: RuntimeAdapter;
  readonly remarks: Set<string>;
}

/** @throws {PlugmapError} `permission-invalid` for a link that leads out of what is granted, or could be moved so that it does. */
export function denoPaths({ read, write }: PermissionSet, host: RuntimeAdapter): DenoPaths {
  const remarks = new Set<string>();
  const checked = (items: PermissionItems, writable: boolean): PermissionItems => {
    if (items === true) return true;
    const real = items.map((path) => realPath(path, host, remarks));
    const granted = [...new Set([...items, ...real])];
    for (const path of new Set(real)) requireContained(path, { granted, writable, host, remarks });
    return granted;
  };
  return { read: checked(read, false), write: checked(write, true), remarks: [...remarks] };
}

function realPath(path: string, host: RuntimeAdapter, remarks: Set<string>): string {
  if (!host.may({ name: "read", path })) {
    remarks.add(`The host may not look for links in ${quote(path)} that lead out of it.`);
    return path;
  }
  try {
    return realpathSync(path);
  } catch {
    // What is not there yet leads nowhere.
    return path;
  }
}

function requireContained(root: string, search: Search): void {
  const { host, remarks } = search;
  let seen = 0;
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of list(folder, host)) {
      const path = join(folder, entry.name);
      if (++seen > most) {
        remarks.add(`${quote(root)} has too many files to look for links that lead out of it.`);
        return;
      }
      if (entry.isSymbolicLink()) requireInside(path, root, search);
      else if (entry.isDirectory()) folders.push(path);
    }
  }
}

function list(folder: string, host: RuntimeAdapter): ReturnType<typeof entries> {
  try {
    return host.may({ name: "read", path: folder }) ? entries(folder) : [];
  } catch {
    // A file, or nothing, or a folder that the plugin could not read either.
    return [];
  }
}

function entries(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}

function requireInside(link: string, root: string, { granted, writable }: Search): void {
  const target = targetOf(link);
  const refuse = (problem: string): never => {
    throw new PlugmapError("permission-invalid", `In ${quote(root)} the link ${quote(link)} ${problem}`, {
      mend: "Remove the link, or grant what it leads to as well: Deno would follow it.",
    });
  };
  if (!granted.some((path) => coversPath(path, target))) refuse(`leads out, to ${quote(target)}`);
  // A folder with the link in it can be moved up, and the link leads to somewhere else then.
  if (writable && readlinkSync(link).split(/[\\/]/).includes("..")) refuse("could be moved so that it leads out");
}

/** Where a link leads; one that leads to nothing would lead there as soon as there is something, or make it. */
function targetOf(link: string): string {
  try {
    return realpathSync(link);
  } catch {
    return resolve(dirname(link), readlinkSync(link));
  }
}
