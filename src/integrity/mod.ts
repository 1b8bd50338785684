/**
 * Integrity metadata in the form of Subresource Integrity, read so that what is unusable never passes.
 *
 * @module
 */

export { computeIntegrity } from "./digest.ts";
export { parseIntegrity } from "./parse.ts";
export type { IntegrityAlgorithm, IntegrityHash, IntegrityMetadata } from "./types.ts";
export { checkIntegrity, verifyIntegrity } from "./verify.ts";
