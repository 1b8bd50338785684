import { compare } from "@std/semver/compare";
import type { Comparator } from "@std/semver/types";
import { parseVersion, parseVersionRange } from "../../manifest/versions.ts";
import type { Revocation, RevocationList } from "./types.ts";

/** A plugin that may have been revoked. */
export interface RevocationSubject {
  /** The plugin's name. */
  readonly name: string;
  /** The plugin's version. */
  readonly version: string;
  /** Integrity metadata of its manifest. */
  readonly digest: string;
}

/**
 * Looks a plugin up in a list of revocations.
 *
 * Versions are compared as semver orders them, prereleases too: `<2.0.0` covers `2.0.0-beta.1`, which it would not where a
 * range says what may be installed.
 *
 * @param list The list.
 * @param plugin The plugin.
 * @returns The first revocation that covers it, if any does.
 *
 * @example Look a plugin up
 * ```ts
 * import { findRevocation } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const bad = { name: "weather", versions: "<2.0.0", digest: undefined, reason: "Has a back door" };
 * const list = { sequence: 1, issued: 0, expires: 0, revoked: [bad] };
 *
 * assertEquals(findRevocation(list, { name: "weather", version: "2.0.0-beta.1", digest: "sha384-…" }), bad);
 * assertEquals(findRevocation(list, { name: "weather", version: "2.0.0", digest: "sha384-…" }), undefined);
 * ```
 */
export function findRevocation(list: RevocationList, plugin: RevocationSubject): Revocation | undefined {
  return list.revoked.find(({ name, versions, digest }) =>
    (name === undefined || name === plugin.name) &&
    (digest === undefined || digest === plugin.digest) &&
    (versions === undefined || covers(versions, plugin.version))
  );
}

function covers(versions: string, text: string): boolean {
  const [range, version] = [parseVersionRange(versions), parseVersion(text)];
  // Neither can be; and what cannot be compared is not cleared by that.
  if (range === undefined || version === undefined) return true;
  return range.some((comparators) =>
    comparators.every((each) => isAny(each) || meets(compare(version, each), each.operator))
  );
}

/** How `@std/semver` writes "*". */
function isAny({ major, minor, patch }: Comparator): boolean {
  return Number.isNaN(major) && Number.isNaN(minor) && Number.isNaN(patch);
}

function meets(order: number, operator: Comparator["operator"]): boolean {
  switch (operator) {
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "!=":
      return order !== 0;
    default:
      return order === 0;
  }
}
