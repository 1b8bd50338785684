/** Which plugins were revoked, and why. They are told by name, perhaps with versions, or by digest, or by both. */
export interface Revocation {
  /** The plugin's name. */
  readonly name: string | undefined;
  /** The semver range of the versions; all of them unless given. */
  readonly versions: string | undefined;
  /** Digest of the manifest. */
  readonly digest: string | undefined;
  /** Why, for whoever reads the error. */
  readonly reason: string;
}

/** A list of revocations. */
export interface RevocationList {
  /** Counts the lists: a later one has a higher number. */
  readonly sequence: number;
  /** When it was made, in milliseconds as `Date.now` counts them. */
  readonly issued: number;
  /** From when on it cannot be relied on. */
  readonly expires: number;
  /** What is revoked. */
  readonly revoked: readonly Revocation[];
}
