import type { PermissionName } from "../permissions/types.ts";

/** How well a permission is held. */
export type EnforcementLevel = "enforced" | "approximate" | "not enforceable";

/** What enforces a permission. */
export interface PermissionReport {
  /** The permission. */
  readonly permission: PermissionName;
  /** Whether exactly what was granted can be done, or a little more, or everything. */
  readonly level: EnforcementLevel;
  /** The mechanism. */
  readonly by: string;
  /** What can be done nevertheless. */
  readonly remark?: string;
}
