import { PlugmapError, printable, quote } from "../errors.ts";
import { missingPermissions } from "./containment.ts";
import { fullAccess } from "./descriptors.ts";
import type { Grant, Missing, PermissionName, PermissionSet } from "./types.ts";

/**
 * Checks that a plugin is granted all that it asks for.
 *
 * @param pluginName The plugin's name.
 * @param asked What its manifest asks for, with paths resolved.
 * @param grant What the policy gives it.
 * @throws {PlugmapError} `permission-missing`, listing exactly what is missing and the lines that would grant it.
 *
 * @example See what to add to the policy
 * ```ts
 * import { grantFor, parsePermissions, parsePolicy, PlugmapError, requirePermissions } from "@plugmap/plugmap";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const policy = parsePolicy({ plugins: {} }, { base: "file:///app/" });
 * const asked = parsePermissions({ net: ["api.example.com:443"] }, "/permissions");
 * const error = assertThrows(() => requirePermissions("weather", asked, grantFor(policy, "weather")), PlugmapError);
 * assertEquals(error.problem, `The policy does not grant net "api.example.com:443"`);
 * assertEquals(
 *   error.mend,
 *   `Add to "plugins"."weather"."permissions" in plugins.policy.json: "net": ["api.example.com:443"].`,
 * );
 * ```
 */
export function requirePermissions(pluginName: string, asked: PermissionSet, grant: Pick<Grant, "permissions">): void {
  const missing = missingPermissions(asked, grant.permissions);
  if (missing.length === 0) return;
  const byKind = Map.groupBy(missing, ({ permission }) => permission);
  const lines = [...byKind].map(([permission, items]) => policyLine(permission, items));
  const mends = [`Add to "plugins".${quote(pluginName)}."permissions" in plugins.policy.json: ${lines.join(", ")}.`];
  for (const permission of fullAccess) {
    if (byKind.has(permission)) mends.push(`Mind that ${quote(permission)} is full access, which no "true" includes.`);
  }
  throw new PlugmapError("permission-missing", `The policy does not grant ${missing.map(tellMissing).join(", ")}`, {
    pointer: "/permissions",
    mend: mends.join(" "),
  });
}

/** What is missing, in words. */
export function tellMissing({ permission, item }: Missing): string {
  return item === true ? `all of ${permission}` : `${permission} ${quote(item)}`;
}

function policyLine(permission: PermissionName, missing: readonly Missing[]): string {
  const items = missing.map(({ item }) => item);
  return printable(
    `"${permission}": ${items.includes(true) ? "true" : `[${items.map((item) => JSON.stringify(item)).join(", ")}]`}`,
  );
}
