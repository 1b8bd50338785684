import { hash } from "node:crypto";
import { PlugmapError, quote } from "../errors.ts";
import type { IntegrityAlgorithm, IntegrityHash } from "./types.ts";

/** The known algorithms, the weakest first. */
export const algorithms: readonly IntegrityAlgorithm[] = ["sha256", "sha384", "sha512"];

/** Bytes in a digest of each algorithm. */
export const digestLengths: Readonly<Record<IntegrityAlgorithm, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/**
 * Computes the integrity metadata that pins some bytes.
 *
 * @param bytes The bytes.
 * @param algorithm The hash algorithm.
 * @returns The metadata, such as `sha384-…`, as import maps and manifests hold it.
 * @throws {PlugmapError} `integrity-invalid` when the algorithm is not one that integrity metadata can name.
 *
 * @example Pin a module
 * ```ts
 * import { checkIntegrity, computeIntegrity } from "@plugmap/plugmap";
 * import { assert } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("export default 1;");
 * const pin = computeIntegrity(bytes);
 *
 * assert(pin.startsWith("sha384-"));
 * assert(checkIntegrity(bytes, pin));
 * ```
 */
export function computeIntegrity(bytes: Uint8Array, algorithm: IntegrityAlgorithm = "sha384"): string {
  if (!algorithms.includes(algorithm)) {
    throw new PlugmapError("integrity-invalid", `Algorithm ${quote(String(algorithm))} cannot be used for integrity`, {
      mend: `Use one of ${algorithms.join(", ")}.`,
    });
  }
  return formatHash(digestOf(bytes, algorithm));
}

/** The digest of some bytes. One-shot `hash` is the fastest call that both runtimes have; WebCrypto is asynchronous. */
export function digestOf(bytes: Uint8Array, algorithm: IntegrityAlgorithm): IntegrityHash {
  return { algorithm, digest: hash(algorithm, bytes, "buffer") };
}

/** A hash as integrity metadata writes it. */
export function formatHash({ algorithm, digest }: IntegrityHash): string {
  return `${algorithm}-${digest.toBase64()}`;
}
