import { permissionNames } from "../../permissions/mod.ts";
import type { PermissionItems, PermissionSet } from "../../permissions/mod.ts";
import { addressFrom } from "./address.ts";
import { lockFormat } from "./parse.ts";
import type { Lock } from "./types.ts";

/**
 * A lock as text, in the one form that it has: sorted, so that a change of one plugin is a change in one place.
 *
 * @param lock The lock.
 * @param options `base`: URL that it will have; local plugins are told from there.
 * @returns JSON text that {@linkcode parseLock} reads.
 *
 * @example Write what was read
 * ```ts
 * import { parseLock, serializeLock } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const base = "file:///app/plugins.lock.json";
 *
 * assertEquals(serializeLock(parseLock(`{"plugins":{},"format":1}`, { base }), { base }), `{
 *   "format": 1,
 *   "plugins": {}
 * }
 * `);
 * ```
 */
export function serializeLock({ plugins, rotations, revocations }: Lock, options: { readonly base: string }): string {
  const entries = sorted(plugins).map(
    ([name, { url, version, digest, highest, permissions, signer }]): [string, object] => {
      const address = addressFrom(url, options.base);
      return [name, { digest, highest, permissions: plain(permissions), signer, url: address, version }];
    },
  );
  const document = {
    format: lockFormat,
    plugins: Object.fromEntries(entries),
    ...revocations.size > 0 && { revocations: Object.fromEntries(sorted(revocations)) },
    ...rotations.size > 0 && { rotations: Object.fromEntries(sorted(rotations)) },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function sorted<Value>(table: ReadonlyMap<string, Value>): [string, Value][] {
  return [...table].sort(([left], [right]) => left < right ? -1 : 1);
}

/** Only what is asked for, each item once. */
function plain(permissions: PermissionSet): Record<string, PermissionItems> {
  const asked = [...permissionNames].sort().flatMap((name): [string, PermissionItems][] => {
    const items = permissions[name];
    if (items === true) return [[name, true]];
    return items.length === 0 ? [] : [[name, [...new Set(items)].sort()]];
  });
  return Object.fromEntries(asked);
}
