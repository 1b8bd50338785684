/**
 * Public keys as text, in the one spelling that policies, options, locks and signatures have: `ed25519-`, then the 32 bytes
 * of an Ed25519 key in base64. OpenSSL prints the same base64 behind `MCowBQYDK2VwAyEA`.
 *
 * @module
 */

import { describe, type Place, type Problems, readString } from "./document.ts";

const prefix = "ed25519-";

/** Length of 32 bytes in padded base64. */
const characters = 44;

/** The bytes of a key, or `undefined` for text that is not one. */
export function decodePublicKey(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!text.startsWith(prefix)) return undefined;
  return decodeBase64(text.slice(prefix.length), characters);
}

/** A key as text. */
export function encodePublicKey(bytes: Uint8Array): string {
  return prefix + bytes.toBase64();
}

/** Bytes in the one spelling that base64 has for them, of a known length; `undefined` for any other text. */
export function decodeBase64(text: string, length: number): Uint8Array<ArrayBuffer> | undefined {
  if (text.length !== length) return undefined;
  try {
    // Strict decoding still skips spaces, with which too few characters are left.
    const bytes = Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
    return bytes.toBase64() === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** The member of a document that is a key, or `undefined` after noting that it is none. */
export function readPublicKey(value: unknown, place: Place, problems: Problems): string | undefined {
  const text = readString(value, place, problems);
  if (text === undefined || decodePublicKey(text) !== undefined) return text;
  problems.add(place, `Expected a public key, found ${describe(text)}`, {
    mend: `Write "${prefix}" and the ${characters} characters of an Ed25519 key in base64.`,
  });
  return undefined;
}
