import {
  below,
  describe,
  type Place,
  pointerTo,
  Problems,
  readRecord,
  readString,
  readStrings,
  readTable,
} from "../document.ts";
import { quote } from "../errors.ts";
import { readPublicKey } from "../public_key.ts";
import { type DocumentKind, parseStrictJson } from "../strict_json.ts";
import { fullAccess, permissionSet, readPermissions } from "./descriptors.ts";
import { resolvePermissions } from "./resolve.ts";
import type { Grant, PermissionSet, Policy, Tier } from "./types.ts";

const document: DocumentKind = { code: "policy-invalid", name: "The policy" };

/** All that a policy can say. */
export const policyMembers: readonly string[] = ["$schema", "plugins", "default", "redirects", "require"];

/** All that a grant can say. */
export const grantMembers: readonly string[] = ["tier", "permissions", "signers"];

const tiers: readonly string[] = ["trusted", "isolated"];

/** Everything that can be granted without a name. */
const everything: PermissionSet = permissionSet((name) => fullAccess.has(name) ? [] : true);

const nothing: Grant = Object.freeze({ tier: "trusted", permissions: permissionSet(() => []), signers: [] });

/**
 * Parses a policy: what a host grants its plugins, in a file that people review.
 *
 * A plugin without an entry has the grant `default`; so does an entry that lacks a member, for that member. What neither
 * says is tier `trusted`, no permission and no need of a signature. `"permissions": true` grants everything but `run` and
 * `ffi`, which amount to full access and are only granted by name.
 *
 * @param value JSON text, or an object of the same shape.
 * @param options `base`: URL of the policy, or of its folder with a slash at its end; relative paths start there.
 * @returns The policy.
 * @throws {PlugmapError} `policy-invalid` or `permission-invalid`, with the JSON pointer of the place; `option-invalid` when
 * `base` is no URL.
 *
 * @example Grant one plugin one folder
 * ```ts
 * import { grantFor, parsePolicy } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const policy = parsePolicy(`{ "plugins": { "notes": { "permissions": { "read": ["./notes"] } } } }`, {
 *   base: "file:///app/",
 * });
 * assertEquals(grantFor(policy, "notes").permissions.read, ["/app/notes"]);
 * assertEquals(grantFor(policy, "weather").permissions.read, []);
 * ```
 */
export function parsePolicy(value: unknown, options: { readonly base: string }): Policy {
  const json = typeof value === "string" ? parseStrictJson(value, document) : value;
  const problems = new Problems(document.code);
  const members = readRecord(json, "", policyMembers, problems) ?? new Map<string, unknown>();
  if (members.has("$schema")) readString(members.get("$schema"), "/$schema", problems);
  const read = (grant: unknown, place: Place, fallback: Grant): Grant =>
    readGrant(grant, place, fallback, options.base, problems);
  const fallback = members.has("default") ? read(members.get("default"), "/default", nothing) : nothing;
  const plugins = new Map<string, Grant>();
  const entries = members.has("plugins") ? readTable(members.get("plugins"), "/plugins", problems) : undefined;
  for (const [name, grant] of entries ?? []) plugins.set(name, read(grant, below("/plugins", name), fallback));
  const redirects = members.has("redirects") ? readOrigins(members.get("redirects"), "/redirects", problems) : [];
  const demand = members.has("require") ? readDemand(members.get("require"), "/require", problems) : undefined;
  problems.throwIfAny();
  return Object.freeze({ plugins, default: fallback, redirects: new Set(redirects), require: demand });
}

/**
 * The grant of a plugin.
 *
 * @param policy The policy.
 * @param pluginName The plugin's name.
 * @returns Its own grant, or the policy's default.
 *
 * @example Fall back to the default
 * ```ts
 * import { grantFor, parsePolicy } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const policy = parsePolicy({ default: { permissions: { env: ["LANG"] } } }, { base: "file:///app/" });
 * assertEquals(grantFor(policy, "weather").permissions.env, ["LANG"]);
 * ```
 */
export function grantFor(policy: Policy, pluginName: string): Grant {
  return policy.plugins.get(pluginName) ?? policy.default;
}

function readGrant(value: unknown, place: Place, fallback: Grant, base: string, problems: Problems): Grant {
  const members = readRecord(value, place, grantMembers, problems) ?? new Map<string, unknown>();
  const read = <T>(name: string, absent: T, readMember: (value: unknown, place: Place) => T): T =>
    members.has(name) ? readMember(members.get(name), below(place, name)) : absent;
  return Object.freeze({
    tier: read("tier", fallback.tier, (tier, at) => readTier(tier, at, problems)),
    permissions: read(
      "permissions",
      fallback.permissions,
      (permissions, at) =>
        permissions === true
          ? everything
          : resolvePermissions(readPermissions(permissions, at, problems), base, pointerTo(at)),
    ),
    signers: read("signers", fallback.signers, (signers, at) => readSigners(signers, at, problems)),
  });
}

function readDemand(value: unknown, place: Place, problems: Problems): "enforced" | undefined {
  if (value === "enforced") return value;
  problems.add(place, `Expected "enforced", found ${describe(value)}`, { mend: "Leave it out to demand nothing." });
  return undefined;
}

function readTier(value: unknown, place: Place, problems: Problems): Tier {
  if (tiers.includes(value as string)) return value as Tier;
  problems.add(place, `Expected a tier, found ${describe(value)}`, {
    mend: `Tiers are ${tiers.map(quote).join(" and ")}.`,
  });
  return "trusted";
}

/** A list without a key would be satisfied by nobody, or by everybody; whoever means everybody writes false. */
function readSigners(value: unknown, place: Place, problems: Problems): readonly string[] {
  if (value === false) return [];
  if (!Array.isArray(value) || value.length === 0) {
    problems.add(place, `Expected false or an array of public keys, found ${describe(value)}`, {
      mend: "List the keys of which one has to have signed the plugin, or write false if it need not be signed.",
    });
    return [];
  }
  // By index, so that a hole in the array is seen.
  return Object.freeze(Array.from(value, (key, index) => readPublicKey(key, below(place, index), problems) ?? ""));
}

function readOrigins(value: unknown, place: Place, problems: Problems): string[] {
  const origins = readStrings(value, place, problems) ?? [];
  for (const [index, text] of origins.entries()) {
    const origin = originOf(text);
    if (origin === text) continue;
    problems.add(below(place, index), `${quote(text)} is not an origin`, {
      mend: `Write one such as ${quote(origin ?? "https://cdn.example")}.`,
    });
  }
  return origins;
}

function originOf(text: string): string | undefined {
  const url = URL.parse(text);
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  // A URL can have a host with an asterisk, but whoever writes one means many.
  return isWeb && !url.host.includes("*") ? url.origin : undefined;
}
