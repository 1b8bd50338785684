import { below, describe, type Place, Problems, readRecord, readString } from "../document.ts";
import { quote } from "../errors.ts";
import { formatHostPattern, parseHostPattern } from "./hosts.ts";
import { type ItemFault, itemFault } from "./item_fault.ts";
import type { PermissionItems, PermissionName, PermissionSet } from "./types.ts";

/** The kinds of permission, in the order in which they are told. */
export const permissionNames: readonly PermissionName[] = [
  "read",
  "write",
  "net",
  "env",
  "run",
  "sys",
  "ffi",
  "import",
];

/** Kinds that amount to everything: what is run or loaded is not confined, so each item has to be named. */
export const fullAccess: ReadonlySet<PermissionName> = new Set(["run", "ffi"]);

/** What Deno 2.9 takes for `--allow-sys`. */
export const systemKinds: readonly string[] = [
  "hostname",
  "inspector",
  "osRelease",
  "osUptime",
  "loadavg",
  "networkInterfaces",
  "systemMemoryInfo",
  "uid",
  "gid",
  "cpus",
  "homedir",
  "getegid",
  "statfs",
  "getPriority",
  "setPriority",
  "userInfo",
  "setegid",
  "seteuid",
  "setgid",
  "setuid",
  "ca",
];

const none: readonly string[] = Object.freeze([]);

/** The one spelling of an item of each kind, or what is wrong with it. */
const parseItem: Readonly<Record<PermissionName, (item: string) => string | ItemFault>> = {
  read: parsePath,
  write: parsePath,
  net: parseHost,
  env: parseVariable,
  run: parseCommand,
  sys: parseSystemKind,
  ffi: parsePath,
  import: parseHost,
};

/**
 * Parses permission descriptors, which have Deno's names and shapes: for each kind `true`, `false` or a list.
 *
 * `run` and `ffi` amount to full access, since what is run or loaded is not confined. They are only ever asked for and
 * granted by name, in a list; `true` is refused.
 *
 * @param value The descriptors, as parsed JSON.
 * @param pointer JSON pointer of where they stand.
 * @returns All eight kinds; what is left out or `false` is an empty list. Hosts are in normal form, paths as written.
 * @throws {PlugmapError} `permission-invalid`, with the JSON pointer of the place.
 *
 * @example Parse what a plugin asks for
 * ```ts
 * import { parsePermissions } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const asked = parsePermissions({ net: ["API.example.com:443"], env: true }, "/permissions");
 * assertEquals(asked.net, ["api.example.com:443"]);
 * assertEquals(asked.env, true);
 * assertEquals(asked.run, []);
 * ```
 */
export function parsePermissions(value: unknown, pointer: string): PermissionSet {
  const problems = new Problems("permission-invalid");
  const permissions = readPermissions(value, pointer, problems);
  problems.throwIfAny();
  return permissions;
}

/**
 * {@linkcode parsePermissions} as a part of a larger document: problems are noted, all with the code
 * `permission-invalid`, and what is left is returned.
 *
 * @param value The descriptors, as parsed JSON.
 * @param place Where they stand.
 * @param problems Where problems are noted.
 * @returns All eight kinds.
 */
export function readPermissions(value: unknown, place: Place, problems: Problems): PermissionSet {
  const own = problems.withCode("permission-invalid");
  const members = readRecord(value, place, permissionNames, own);
  if (members === undefined || members.size === 0) return nothingAsked;
  return permissionSet((name) =>
    members.has(name) ? readItems(name, members.get(name), below(place, name), own) : none
  );
}

/** What most plugins ask for. */
const nothingAsked: PermissionSet = permissionSet(() => none);

/** A set with what `itemsOf` gives for each kind. */
export function permissionSet(itemsOf: (name: PermissionName) => PermissionItems): PermissionSet {
  const entries = permissionNames.map((name) => [name, Object.freeze(itemsOf(name))]);
  return Object.freeze(Object.fromEntries(entries));
}

function readItems(name: PermissionName, value: unknown, place: Place, problems: Problems): PermissionItems {
  if (value === false) return none;
  if (value === true && !fullAccess.has(name)) return true;
  if (value === true) {
    problems.add(place, `All of ${quote(name)} is full access, which cannot be asked for or granted as a whole`, {
      mend: `List what is meant by name, such as ${name === "run" ? `"run": ["git"]` : `"ffi": ["./libgreet.so"]`}.`,
    });
    return none;
  }
  if (!Array.isArray(value)) {
    problems.add(place, `Expected true, false or an array of strings, found ${describe(value)}`);
    return none;
  }
  return Array.from(value, (element, index) => readItem(name, element, below(place, index), problems));
}

function readItem(name: PermissionName, value: unknown, place: Place, problems: Problems): string {
  const text = readString(value, place, problems);
  if (text === undefined) return "";
  const item = text.includes("\0") ? itemFault(text, "has a NUL character", "Remove it.") : parseItem[name](text);
  if (typeof item === "string") return item;
  problems.add(place, item.text, { mend: item.mend });
  return "";
}

function parsePath(item: string): string | ItemFault {
  if (item.includes("://")) return itemFault(item, "is a URL, not a path", "Write the path of a file or folder.");
  return /^[A-Za-z]:(?![\\/])/.test(item)
    ? itemFault(
      item,
      "is relative to the working folder of a drive",
      `Write a separator after the drive, such as "C:/".`,
    )
    : item;
}

function parseHost(item: string): string | ItemFault {
  const pattern = parseHostPattern(item);
  return pattern.kind === "fault" ? pattern : formatHostPattern(pattern);
}

function parseVariable(item: string): string | ItemFault {
  if (item === "*") return itemFault(item, "means all variables", `Write "env": true.`);
  if (item.includes("=")) return itemFault(item, "cannot name a variable", "Write the name only.");
  return /\*./.test(item)
    ? itemFault(item, `has "*" before its end`, `Write a name, or the start of names and "*".`)
    : item;
}

function parseCommand(item: string): string | ItemFault {
  if (item.includes("*")) return itemFault(item, "names no command", "Name each command; there are no wildcards.");
  return isCommandPath(item) ? parsePath(item) : item;
}

/** Whether an item of `run` is a path; otherwise it is a name, to be found where the system finds commands. */
export function isCommandPath(item: string): boolean {
  return /[\\/]/.test(item);
}

function parseSystemKind(item: string): string | ItemFault {
  // Deno has renamed this one, and takes both.
  if (item === "username") return "userInfo";
  if (systemKinds.includes(item)) return item;
  return itemFault(item, "is no kind of system information", `Known are ${systemKinds.map(quote).join(", ")}.`);
}
