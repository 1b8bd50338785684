/** A statement that one key has taken the place of another, signed with the other. */
export interface Rotation {
  /** The key that is given up, and has signed this. */
  readonly from: string;
  /** The key to trust in its place. */
  readonly to: string;
  /** 64 bytes. */
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** What a signature file says: who signed the file beside it, and how the key came to be trusted. */
export interface Signature {
  /** The public key that belongs to the signature. */
  readonly key: string;
  /** 64 bytes, of all the bytes of the file. */
  readonly signature: Uint8Array<ArrayBuffer>;
  /** Rotations that may have led to the key, the oldest first. */
  readonly rotations: readonly Rotation[];
}

/** Whose signature counts. */
export interface Trust {
  /** The trusted public keys. */
  readonly keys: readonly string[];
  /** Rotations that were seen before, from key to key. A key that was given up is not trusted any more. */
  readonly rotations?: ReadonlyMap<string, string>;
}

/** A signature that counts. */
export interface Signer {
  /** The key that signed. */
  readonly key: string;
  /** Rotations that were not known before. */
  readonly rotations: ReadonlyMap<string, string>;
}
