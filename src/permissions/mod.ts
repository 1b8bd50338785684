/**
 * What plugins ask for and what a host grants them: permissions in Deno's terms, the policy, builtins.
 *
 * @module
 */

export { type BuiltinRequirement, builtinRequirement, checkBuiltin } from "./builtins.ts";
export { diffPermissions, missingPermissions } from "./containment.ts";
export { parsePermissions, permissionNames, readPermissions } from "./descriptors.ts";
export { grantFor, parsePolicy } from "./policy.ts";
export { requirePermissions } from "./require.ts";
export { resolvePermissions } from "./resolve.ts";
export type { Grant, Missing, PermissionItems, PermissionName, PermissionSet, Policy, Tier } from "./types.ts";
