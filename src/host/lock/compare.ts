import { compare } from "@std/semver/compare";
import { PlugmapError, quote } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";
import { parseVersion } from "../../manifest/versions.ts";
import { diffPermissions, missingPermissions, parsePermissions, resolvePermissions } from "../../permissions/mod.ts";
import type { Missing, PermissionSet } from "../../permissions/mod.ts";
import { tellMissing } from "../../permissions/require.ts";
import type { FoundPlugin, LockChange, LockChangeKind, LockEntry, LockVerdict } from "./types.ts";

/**
 * Compares a plugin with what was approved of it (threats T13 and T14).
 *
 * The approved bytes pass, and so does a version higher than all that were loaded before, if it asks for no more. A lower
 * version, other bytes under the same version, and more permissions need a decision. What was never seen passes: the first
 * use is what the lock trusts.
 *
 * @param plugin Name of the plugin.
 * @param locked Its entry in the lock, if there is one.
 * @param found What is there now.
 * @returns What the lock says, and would come to say.
 * @throws {PlugmapError} `option-invalid` for a version that is not one.
 *
 * @example Notice an older version
 * ```ts
 * import { compareLock, parsePermissions } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const url = "https://plugins.example/weather/plugin.json";
 * const permissions = parsePermissions({}, "");
 * const { entry } = compareLock("weather", undefined, { url, version: "2.0.0", digest: "sha384-two", permissions });
 * const { change } = compareLock("weather", entry, { url, version: "1.9.0", digest: "sha384-one", permissions });
 *
 * assertEquals(change?.kind, "downgrade");
 * ```
 */
export function compareLock(plugin: string, locked: LockEntry | undefined, found: FoundPlugin): LockVerdict {
  const { url, version, digest, permissions } = found;
  // Another host may not have asked who signed the same bytes.
  const signer = found.signer ?? (locked?.digest === digest ? locked.signer : undefined);
  const highest = locked === undefined ? version : higherVersion(locked.highest, version);
  const entry: LockEntry = { url, version, digest, permissions, signer, highest };
  if (locked === undefined) return { entry, recorded: false, change: undefined };
  const { added } = diffPermissions(resolved(locked), resolved(found));
  const kind = kindOf(locked, found, added);
  const recorded = kind === undefined && locked.digest === digest && locked.url === url && locked.signer === signer;
  return { entry, recorded, change: kind && { plugin, kind, from: locked, to: found, added } };
}

function kindOf(locked: LockEntry, found: FoundPlugin, added: readonly Missing[]): LockChangeKind | undefined {
  if (found.digest !== locked.digest) {
    if (order(found.version, locked.version) === 0) return "changed";
    const toHighest = order(found.version, locked.highest);
    // The highest version, when a lower one was approved since: its bytes are no longer known.
    if (toHighest <= 0) return toHighest < 0 ? "downgrade" : "changed";
  }
  return added.length > 0 ? "widened" : undefined;
}

/** The higher of two versions, the first of two that are equal. */
export function higherVersion(first: string, second: string): string {
  return order(first, second) < 0 ? second : first;
}

/** As semver orders versions: what follows a "+" does not count, so it is no way to a second build of a version. */
function order(left: string, right: string): number {
  const [one, other] = [left, right].map((version) => {
    const parsed = parseVersion(version);
    if (parsed === undefined) throw new PlugmapError("option-invalid", `${quote(version)} is not a semantic version`);
    return parsed;
  });
  return compare(one!, other!);
}

/** Paths as they were meant where the plugin lay: a plugin that moves asks for other files in the same words. */
function resolved({ url, permissions }: FoundPlugin): PermissionSet {
  return resolvePermissions(permissions, new URL(".", url).href, "/permissions");
}

const codes: Readonly<Record<LockChangeKind, ErrorCode>> = {
  changed: "lock-changed",
  downgrade: "lock-downgrade",
  widened: "lock-widened",
};

/** The error for a change that nobody approved. What is new, and compared to what, is part of it. */
export function refusalOf({ plugin, kind, from, to, added }: LockChange, cause?: unknown): PlugmapError {
  const [before, after] = [from.version, to.version].map(quote);
  const problems: Readonly<Record<LockChangeKind, string>> = {
    changed: `Version ${after} has manifest ${to.digest} where ${from.digest} of version ${before} is approved`,
    downgrade: `Version ${after} is lower than ${quote(from.highest)}, which was loaded before`,
    widened: `Version ${after} is not approved as it is`,
  };
  const widening = added.length === 0
    ? ""
    : `; it asks for ${tell(added)}, where version ${before} was approved with ${tellAll(from.permissions)}`;
  return new PlugmapError(codes[kind], problems[kind] + widening, {
    plugin,
    step: "verify",
    mend: `Review the change. To approve it, answer with true in "approve" of the option "lock", or take ${
      quote(plugin)
    } out of the lock.`,
    cause,
  });
}

function tell(items: readonly Missing[]): string {
  return items.map(tellMissing).join(", ");
}

const none: PermissionSet = parsePermissions({}, "");

function tellAll(permissions: PermissionSet): string {
  return tell(missingPermissions(permissions, none)) || "no permission";
}
