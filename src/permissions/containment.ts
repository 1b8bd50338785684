import { isCommandPath, permissionNames } from "./descriptors.ts";
import { coversHost, parseHostPattern } from "./hosts.ts";
import { coversPath } from "./paths.ts";
import type { Missing, PermissionName, PermissionSet } from "./types.ts";

/** Whether an item that is granted covers one that is asked for, for each kind. */
const covers: Readonly<Record<PermissionName, (granted: string, asked: string) => boolean>> = {
  read: coversPath,
  write: coversPath,
  net: coversHostText,
  env: coversVariable,
  run: coversCommand,
  sys: (granted, asked) => granted === asked,
  ffi: coversPath,
  import: coversHostText,
};

/**
 * What is asked for and not granted. Containment is Deno's, kind by kind:
 *
 * - `read`, `write`, `ffi`: a path covers itself and what is below it, by whole segments.
 * - `net`, `import`: a host covers itself; without a port, on every port; `*.example.com` covers `example.com` and what is
 *   below it; `10.0.0.0/8` covers the addresses and networks in it. A name never covers an address.
 * - `env`: a name covers itself, `AWS_*` every name and pattern that begins with `AWS_`. Case counts on every system.
 * - `run`: a path covers that path, a name that name.
 *
 * It differs where Deno 2.9 is looser or stricter than set inclusion: `FOO` does not cover `FOO*`, and a wildcard or
 * network covers a narrower one.
 *
 * @param asked What is asked for, with paths resolved.
 * @param granted What is granted, with paths resolved. A relative path covers nothing and is covered by nothing.
 * @returns What is missing, each item once; nothing if all is granted.
 *
 * @example See what is missing
 * ```ts
 * import { missingPermissions, parsePermissions } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const asked = parsePermissions({ net: ["api.example.com:443", "example.org"], read: ["/data/today"] }, "");
 * const granted = parsePermissions({ net: ["*.example.com"], read: ["/data"] }, "");
 * assertEquals(missingPermissions(asked, granted), [{ permission: "net", item: "example.org" }]);
 * ```
 */
export function missingPermissions(asked: PermissionSet, granted: PermissionSet): Missing[] {
  return permissionNames.flatMap((permission): Missing[] => {
    const [wanted, given] = [asked[permission], granted[permission]];
    if (given === true) return [];
    if (wanted === true) return [{ permission, item: true }];
    return [...new Set(wanted)]
      .filter((item) => !given.some((grant) => covers[permission](grant, item)))
      .map((item) => ({ permission, item }));
  });
}

/**
 * How what a plugin asks for has changed, such as with an update of it.
 *
 * @param before What it asked for.
 * @param after What it asks for now.
 * @returns What is new, and what has gone.
 *
 * @example Notice that an update asks for more
 * ```ts
 * import { diffPermissions, parsePermissions } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const before = parsePermissions({ net: ["example.com:443"] }, "");
 * const after = parsePermissions({ net: ["example.com"] }, "");
 * assertEquals(diffPermissions(before, after), { added: [{ permission: "net", item: "example.com" }], removed: [] });
 * ```
 */
export function diffPermissions(before: PermissionSet, after: PermissionSet): { added: Missing[]; removed: Missing[] } {
  return { added: missingPermissions(after, before), removed: missingPermissions(before, after) };
}

function coversHostText(granted: string, asked: string): boolean {
  const [hosts, host] = [parseHostPattern(granted), parseHostPattern(asked)];
  return hosts.kind !== "fault" && host.kind !== "fault" && coversHost(hosts, host);
}

function coversVariable(granted: string, asked: string): boolean {
  return granted.endsWith("*") ? asked.startsWith(granted.slice(0, -1)) : asked === granted;
}

function coversCommand(granted: string, asked: string): boolean {
  return isCommandPath(granted) && isCommandPath(asked)
    ? coversPath(granted, asked) && coversPath(asked, granted)
    : granted === asked;
}
