/**
 * Ed25519 signatures in files beside what is signed, and rotations of the keys. Nothing here reads or writes files.
 *
 * @module
 */

export { parseSignature, signatureSize } from "./parse.ts";
export { currentKey, trustedKeys } from "./rotations.ts";
export { generateSigningKey, signBytes, signRotation } from "./sign.ts";
export type { SigningKey } from "./sign.ts";
export type { Rotation, Signature, Signer, Trust } from "./types.ts";
export { verifySignature } from "./verify.ts";
