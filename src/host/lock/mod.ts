/**
 * `plugins.lock.json`: what was approved of each plugin, and what is compared with it. Nothing here reads or writes.
 *
 * @module
 */

export { compareLock } from "./compare.ts";
export { parseLock } from "./parse.ts";
export { serializeLock } from "./serialize.ts";
export type { FoundPlugin, Lock, LockChange, LockChangeKind, LockEntry, LockVerdict } from "./types.ts";
