/**
 * Lists of revocations: what was revoked, and whether a plugin is on one. Nothing here fetches or verifies.
 *
 * @module
 */

export { findRevocation } from "./find.ts";
export type { RevocationSubject } from "./find.ts";
export { parseRevocations } from "./parse.ts";
export type { Revocation, RevocationList } from "./types.ts";
