import { currentKey } from "../signatures/mod.ts";
import { higherVersion } from "./compare.ts";
import type { Lock } from "./types.ts";

/** A lock that says nothing. */
export const emptyLock: Lock = { plugins: new Map(), rotations: new Map(), revocations: new Map() };

/**
 * What a lock says after a host has recorded more: the approved plugins are those of the update, and nothing that only ever
 * goes one way goes back, whatever another host has recorded meanwhile.
 */
export function mergeLock(lock: Lock, update: Partial<Lock>): Lock {
  const plugins = new Map(lock.plugins);
  for (const [name, entry] of update.plugins ?? []) {
    plugins.set(name, { ...entry, highest: higherVersion(entry.highest, plugins.get(name)?.highest ?? entry.highest) });
  }
  const revocations = new Map(lock.revocations);
  for (const [key, sequence] of update.revocations ?? []) {
    revocations.set(key, Math.max(sequence, revocations.get(key) ?? 0));
  }
  const rotations = new Map(lock.rotations);
  for (const [from, to] of update.rotations ?? []) {
    // The first rotation of a key is the one that counts: a second one is by someone who has found the old key. And one that
    // leads back, as of a plugin that was verified at the same time, would leave no key to trust.
    if (!rotations.has(from) && currentKey(to, rotations) !== from) rotations.set(from, to);
  }
  return { plugins, rotations, revocations };
}
