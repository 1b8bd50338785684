import type { Trust } from "./types.ts";

/**
 * The key that has taken the place of another in the end: itself if none has.
 *
 * @param rotations From key to key.
 * @returns The key, or undefined where the rotations go round in a circle.
 */
export function currentKey(key: string, rotations: ReadonlyMap<string, string>): string | undefined {
  const seen = new Set([key]);
  // A set is walked in the order of insertion, also past what is added meanwhile.
  for (const each of seen) {
    const next = rotations.get(each);
    if (next === undefined) return each;
    if (seen.has(next)) return undefined;
    seen.add(next);
  }
  return undefined;
}

/** The keys that are trusted now; undefined in the place of one that is lost in a circle. */
export function trustedKeys({ keys, rotations = new Map() }: Trust): readonly (string | undefined)[] {
  return keys.map((key) => currentKey(key, rotations));
}

/** What a rotation signs. No JSON document begins so: a signature of a file is never one of a rotation. */
export function rotationBytes(from: string, to: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`plugmap key rotation\n${from}\n${to}\n`);
}
