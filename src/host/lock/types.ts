import type { Missing, PermissionSet } from "../../permissions/mod.ts";

/** A plugin as it was found: what of it a lock compares. */
export interface FoundPlugin {
  /** URL of the manifest, with ranges of versions resolved. */
  readonly url: string;
  /** The plugin's version. */
  readonly version: string;
  /** Integrity metadata of the manifest's bytes, which pins all of the plugin. */
  readonly digest: string;
  /** What the manifest asks for, as written: relative paths start from `url`. */
  readonly permissions: PermissionSet;
  /** The key that it is signed with, where the policy demands one. */
  readonly signer?: string | undefined;
}

/** A plugin as it was approved. */
export interface LockEntry extends FoundPlugin {
  /** The highest version that was ever loaded; a lower one may have been approved since. */
  readonly highest: string;
}

/** What a host remembers from one start to the next, in `plugins.lock.json`. */
export interface Lock {
  /** The approved plugins, by name. */
  readonly plugins: ReadonlyMap<string, LockEntry>;
  /** Keys that were given up, each with the one that took its place. */
  readonly rotations: ReadonlyMap<string, string>;
  /** The highest sequence number of a list of revocations, by the key that it is checked against. */
  readonly revocations: ReadonlyMap<string, number>;
}

/** In which way a plugin is not what was approved. */
export type LockChangeKind = "changed" | "downgrade" | "widened";

/** A change that needs a decision. */
export interface LockChange {
  /** Name of the plugin. */
  readonly plugin: string;
  /**
   * `downgrade`: its version is lower than one that was loaded before. `changed`: other bytes under the same version.
   * `widened`: a newer version asks for more.
   */
  readonly kind: LockChangeKind;
  /** What was approved. */
  readonly from: LockEntry;
  /** What is there now. */
  readonly to: FoundPlugin;
  /** What it asks for beyond what was approved, of whatever kind the change is. */
  readonly added: readonly Missing[];
}

/** What a lock says of a plugin. */
export interface LockVerdict {
  /** The entry that the plugin has, or gets once it is approved and loaded. */
  readonly entry: LockEntry;
  /** Whether the lock already says just that. */
  readonly recorded: boolean;
  /** What has to be approved first, if anything has to. */
  readonly change: LockChange | undefined;
}
