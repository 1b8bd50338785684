/** The kinds of permission, with Deno's names. */
export type PermissionName = "read" | "write" | "net" | "env" | "run" | "sys" | "ffi" | "import";

/** All of a kind, or the items listed. */
export type PermissionItems = true | readonly string[];

/**
 * What is asked for or granted, for every kind; an empty list is nothing. Frozen, and plain JSON, so that a lock can hold
 * it.
 */
export type PermissionSet = Readonly<Record<PermissionName, PermissionItems>>;

/** Something asked for that is not granted. */
export interface Missing {
  /** The kind. */
  readonly permission: PermissionName;
  /** The item, or `true` for all of the kind. */
  readonly item: string | true;
}

/** Where a plugin runs: in the host's process, or in one of its own under exactly what it was granted. */
export type Tier = "trusted" | "isolated";

/** What the policy gives a plugin. */
export interface Grant {
  /** Where it runs. */
  readonly tier: Tier;
  /** What it may do, with paths resolved. Enforced where the tier says so. */
  readonly permissions: PermissionSet;
  /** Public keys of which one has to have signed it; none where it need not be signed. */
  readonly signers: readonly string[];
}

/** What a host grants its plugins. */
export interface Policy {
  /** Grants by the plugin's name. */
  readonly plugins: ReadonlyMap<string, Grant>;
  /** The grant of every other plugin. */
  readonly default: Grant;
  /** Origins that a fetch may be redirected to. */
  readonly redirects: ReadonlySet<string>;
  /** Whether only plugins may run all of whose permissions are enforced. */
  readonly require: "enforced" | undefined;
}
