/**
 * Landlock: which files a process may open, by the kernel's own rules (Documentation/userspace-api/landlock.rst).
 *
 * @module
 */
import { isGranted } from "../../permissions/granted.ts";
import type { PermissionItems } from "../../permissions/types.ts";
import type { RuntimeFiles } from "./runtime_files.ts";

/** What can be done to files. */
export type FileAccess =
  | "execute"
  | "writeFile"
  | "readFile"
  | "readFolder"
  | "removeFolder"
  | "removeFile"
  | "makeCharacterDevice"
  | "makeFolder"
  | "makeFile"
  | "makeSocket"
  | "makePipe"
  | "makeBlockDevice"
  | "makeLink"
  | "refer"
  | "truncate"
  | "controlDevice";

/** LANDLOCK_ACCESS_FS_*: what can be done to files. */
export const fileAccess: Readonly<Record<FileAccess, number>> = {
  execute: 1 << 0,
  writeFile: 1 << 1,
  readFile: 1 << 2,
  readFolder: 1 << 3,
  removeFolder: 1 << 4,
  removeFile: 1 << 5,
  makeCharacterDevice: 1 << 6,
  makeFolder: 1 << 7,
  makeFile: 1 << 8,
  makeSocket: 1 << 9,
  makePipe: 1 << 10,
  makeBlockDevice: 1 << 11,
  makeLink: 1 << 12,
  refer: 1 << 13,
  truncate: 1 << 14,
  controlDevice: 1 << 15,
};

/** What a ruleset withholds but where a rule grants it: `struct landlock_ruleset_attr`. */
export interface Withheld {
  /** LANDLOCK_ACCESS_FS_*. */
  readonly files: number;
  /** LANDLOCK_ACCESS_NET_*. */
  readonly network: number;
  /** LANDLOCK_SCOPE_*. */
  readonly scopes: number;
  /** How many bytes of the structure the kernel knows. */
  readonly size: number;
}

/** The newest ABI whose rights are known here. */
const newestAbi = 7;

const { refer, truncate, controlDevice } = fileAccess;
const all = (1 << 16) - 1;

/** Everything that an ABI can withhold. */
export function withheldBy(abi: number): Withheld {
  const known = Math.min(abi, newestAbi);
  const unknown = (known < 2 ? refer : 0) | (known < 3 ? truncate : 0) | (known < 5 ? controlDevice : 0);
  return {
    files: all & ~unknown,
    // LANDLOCK_ACCESS_NET_BIND_TCP and _CONNECT_TCP.
    network: known < 4 ? 0 : 3,
    // LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET and _SIGNAL.
    scopes: known < 6 ? 0 : 3,
    size: known < 4 ? 8 : known < 6 ? 16 : 24,
  };
}

/** What Landlock holds, and else the filter has to. Before ABI 2, files cannot be moved to another folder at all. */
export interface Held {
  /** Whether Landlock sees files being cut off. */
  readonly truncationHeld: boolean;
  /** Whether Landlock keeps signals from processes outside. */
  readonly signalsHeld: boolean;
  /** Whether Landlock keeps symbolic links from being made. */
  readonly linksHeld: boolean;
}

/**
 * What Landlock holds itself. The filter always refuses sockets and the control of devices, which Landlock can withhold from
 * ABI 4 and 5 on, so those need no more.
 */
export function heldBy(abi: number): Held {
  return { truncationHeld: abi >= 3, signalsHeld: abi >= 6, linksHeld: true };
}

/** The rights that a file can have; the others are those of folders. */
export const rightsOfFiles: number = fileAccess.execute | fileAccess.writeFile | fileAccess.readFile | truncate |
  controlDevice;

/** Something that may be done beneath a path. */
export interface PathRule {
  readonly path: string;
  /** LANDLOCK_ACCESS_FS_*. */
  readonly rights: number;
  /** Whether the process cannot be started without it. What is granted may be missing; it is then not granted. */
  readonly needed: boolean;
  /**
   * Whether links on the way may be followed. Granted paths are resolved: where there is a link in one all the same, somebody
   * has put it there since, and it may well have been a plugin that moved a folder with a link in it.
   */
  readonly follow: boolean;
}

const reading = fileAccess.readFile | fileAccess.readFolder;
const writing = fileAccess.writeFile | fileAccess.removeFolder | fileAccess.removeFile | fileAccess.makeFolder |
  fileAccess.makeFile | refer | truncate;
const running = fileAccess.execute | fileAccess.readFile;

/** What is granted of the file system. */
export interface FileGrants {
  readonly read: PermissionItems;
  readonly write: PermissionItems;
  readonly run: PermissionItems;
}

/**
 * Where Bun learns how far its stack reaches, without which it does not start, and how much memory it uses. They are the
 * process's own: the launcher has the id that Bun will have.
 */
const ownFiles: readonly string[] = ["/proc/self/maps", "/proc/self/stat", "/proc/self/statm"];

/**
 * The rules that let Bun start, and let it do what is granted.
 *
 * A symbolic link can only be made by who may write everywhere, as on Deno: a program outside that follows it does what the
 * plugin may not.
 *
 * @param grants Absolute paths, resolved, or `true`.
 * @param runtime What Bun needs.
 * @param abi What the kernel can do; other rights are left out, and what they are for is refused by the filter.
 */
export function pathRules(grants: FileGrants, runtime: RuntimeFiles, abi: number): PathRule[] {
  const { files } = withheldBy(abi);
  const rules = new Map<string, PathRule>();
  const add = (path: string, rights: number, needed: boolean, follow: boolean = needed): void => {
    const before = rules.get(path);
    rules.set(path, {
      path,
      rights: ((before?.rights ?? 0) | rights) & files,
      needed: needed || before?.needed === true,
      follow: follow || before?.follow === true,
    });
  };
  for (const path of [runtime.bun, runtime.linker]) add(path, running, true);
  for (const path of runtime.libraries) add(path, fileAccess.readFile, true);
  for (const path of ownFiles) add(path, fileAccess.readFile, true);
  for (const path of pathsOf(grants.read)) add(path, reading, false);
  for (const path of pathsOf(grants.write)) add(path, writing, false);
  if (grants.write === true) add("/", fileAccess.makeLink, false);
  for (const path of pathsOf(grants.run)) add(path, running, false);
  if (isGranted(grants.run)) {
    for (const path of filesOfPrograms(runtime)) add(path, reading, false, true);
    add("/dev/null", fileAccess.readFile | fileAccess.writeFile, false);
  }
  return [...rules.values()];
}

function pathsOf(items: PermissionItems): readonly string[] {
  return items === true ? ["/"] : items;
}

/** What programs need beside themselves: the libraries, the index by which they are found, and a file to ignore. */
export function filesOfPrograms({ libraries, linker }: RuntimeFiles): Set<string> {
  const folders = [linker, ...libraries].map((path) => path.slice(0, path.lastIndexOf("/")));
  return new Set(["/etc/ld.so.cache", ...folders]);
}
