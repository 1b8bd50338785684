import { PlugmapError, quote } from "../errors.ts";
import { digestOf, formatHash } from "./digest.ts";
import { parseIntegrity } from "./parse.ts";
import type { IntegrityHash, IntegrityMetadata } from "./types.ts";

/**
 * Tells whether bytes have a pinned hash.
 *
 * @param bytes The bytes.
 * @param metadata The pin, as text or parsed.
 * @returns Whether they have it.
 * @throws {PlugmapError} `integrity-invalid` when the text has no usable hash; see {@linkcode parseIntegrity}.
 *
 * @example Check bytes before using them
 * ```ts
 * import { checkIntegrity } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const pinOfNothing = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
 *
 * assertEquals(checkIntegrity(new Uint8Array(), pinOfNothing), true);
 * assertEquals(checkIntegrity(new Uint8Array([1]), pinOfNothing), false);
 * ```
 */
export function checkIntegrity(bytes: Uint8Array, metadata: string | IntegrityMetadata): boolean {
  const pins = typeof metadata === "string" ? parseIntegrity(metadata) : metadata;
  return isPinned(digestOf(bytes, pins[0].algorithm), pins);
}

/**
 * Makes sure that bytes have a pinned hash.
 *
 * @param bytes The bytes.
 * @param metadata The pin, as text or parsed.
 * @param what What the bytes are, named in errors: a path or URL.
 * @throws {PlugmapError} `integrity-mismatch` when they do not have it; `integrity-invalid` when the text has no usable
 * hash, see {@linkcode parseIntegrity}.
 *
 * @example Refuse bytes that were changed
 * ```ts
 * import { computeIntegrity, PlugmapError, verifyIntegrity } from "@plugmap/plugmap";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const pin = computeIntegrity(new TextEncoder().encode("export default 1;"));
 * const changed = new TextEncoder().encode("export default 2;");
 *
 * const error = assertThrows(() => verifyIntegrity(changed, pin, "./one.js"), PlugmapError);
 * assertEquals(error.code, "integrity-mismatch");
 * ```
 */
export function verifyIntegrity(bytes: Uint8Array, metadata: string | IntegrityMetadata, what: string): void {
  const pins = typeof metadata === "string" ? parseIntegrity(metadata, what) : metadata;
  const actual = digestOf(bytes, pins[0].algorithm);
  if (isPinned(actual, pins)) return;
  const others = pins.length === 1 ? "" : ` (or one of ${pins.length - 1} more)`;
  throw new PlugmapError(
    "integrity-mismatch",
    `${quote(what)} has ${formatHash(actual)} where ${formatHash(pins[0])}${others} is pinned`,
    { mend: "Restore the bytes that were pinned, or review the change and pin the new hash." },
  );
}

function isPinned({ algorithm, digest }: IntegrityHash, pins: IntegrityMetadata): boolean {
  return pins.some((pin) => pin.algorithm === algorithm && isEqual(pin.digest, digest));
}

/** Compares every byte, whatever the first ones say. The loop costs a fraction of a call to `timingSafeEqual`. */
function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length;
  for (let index = 0; index < left.length; index++) difference |= left[index]! ^ right[index]!;
  return difference === 0;
}
