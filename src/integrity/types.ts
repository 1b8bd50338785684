/** A hash algorithm that integrity metadata can name. */
export type IntegrityAlgorithm = "sha256" | "sha384" | "sha512";

/** One digest that bytes may have. */
export interface IntegrityHash {
  /** The algorithm that makes the digest. */
  readonly algorithm: IntegrityAlgorithm;
  /** The digest; its length is that of the algorithm. */
  readonly digest: Uint8Array;
}

/** The digests of which the bytes must have one. All are of one algorithm, and there is always at least one. */
export type IntegrityMetadata = readonly [IntegrityHash, ...IntegrityHash[]];
