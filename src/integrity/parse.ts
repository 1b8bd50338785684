import { PlugmapError, quote } from "../errors.ts";
import { algorithms, digestLengths } from "./digest.ts";
import type { IntegrityAlgorithm, IntegrityHash, IntegrityMetadata } from "./types.ts";

/**
 * Parses integrity metadata: hashes such as `sha384-…`, separated by whitespace. As in Subresource Integrity, hashes of
 * the strongest algorithm alone count, any one of them may match, a hash of an unknown algorithm beside a usable one is
 * ignored, and so is what follows a `?`.
 *
 * Where Subresource Integrity finds nothing usable it lets the bytes pass; here that is an error. A hash that names the
 * strongest algorithm and has no well-formed digest never gives way to one of a weaker algorithm. A digest is
 * well-formed in one spelling only: the standard base64 alphabet, padded, of full length, the unused bits zero.
 *
 * Otherwise as https://w3c.github.io/webappsec-subresource-integrity/ (Level 2, editor's draft of 2026-03-20).
 *
 * @param metadata The text.
 * @param what What the metadata is for, named in errors: a path or URL.
 * @returns The hashes that count; never empty.
 * @throws {PlugmapError} `integrity-invalid` when no hash is usable.
 *
 * @example Only the strongest algorithm counts
 * ```ts
 * import { computeIntegrity, parseIntegrity } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("export default 1;");
 * const both = `${computeIntegrity(bytes, "sha256")} ${computeIntegrity(bytes, "sha512")}`;
 * const metadata = parseIntegrity(both);
 *
 * assertEquals(metadata.map(({ algorithm }) => algorithm), ["sha512"]);
 * ```
 */
export function parseIntegrity(metadata: string, what?: string): IntegrityMetadata {
  // Nearly all metadata is one hash, and a plugin has one for each module.
  const only = splitToken(metadata);
  const [single] = only.algorithm === undefined ? [] : readHash(only.algorithm, only.value);
  return single === undefined ? parseTokens(metadata, what) : [single];
}

function parseTokens(metadata: string, what: string | undefined): IntegrityMetadata {
  // ASCII whitespace, not only spaces: else a leading tab would hide a hash (nodejs/undici#5567).
  const tokens = metadata.split(/[\t\n\f\r ]+/).filter((token) => token !== "").map(splitToken);
  const strongest = algorithms.findLast((algorithm) => tokens.some((token) => token.algorithm === algorithm));
  const subject = (): string =>
    `Integrity metadata ${quote(metadata)}${what === undefined ? "" : ` of ${quote(what)}`}`;
  if (strongest === undefined) {
    const flaw = tokens.length === 0 ? "is empty" : "names no known algorithm";
    throw new PlugmapError("integrity-invalid", `${subject()} ${flaw}`, { mend: mendFor("sha384") });
  }
  const candidates = tokens.filter(({ algorithm }) => algorithm === strongest);
  const [first, ...others] = candidates.flatMap(({ value }) => readHash(strongest, value));
  if (first === undefined) {
    throw new PlugmapError("integrity-invalid", `${subject()} has no well-formed ${strongest} digest`, {
      mend: mendFor(strongest),
    });
  }
  return [first, ...others];
}

/** Parts a token at its first dash, without its options. The algorithm is undefined when it is none of ours. */
function splitToken(token: string): { algorithm: IntegrityAlgorithm | undefined; value: string } {
  const options = token.indexOf("?");
  const expression = options === -1 ? token : token.slice(0, options);
  const dash = expression.indexOf("-");
  const name = dash === -1 ? expression : expression.slice(0, dash);
  const algorithm = algorithms.find((known) => known === name.toLowerCase());
  return { algorithm, value: expression.slice(name.length + 1) };
}

/**
 * The hash, or nothing when its digest is malformed. Strict decoding refuses every spelling but the canonical one, but
 * for whitespace, which would make the text too long for its digest.
 */
function readHash(algorithm: IntegrityAlgorithm, value: string): IntegrityHash[] {
  if (value.length !== charactersOf(algorithm)) return [];
  try {
    const digest = Uint8Array.fromBase64(value, { lastChunkHandling: "strict" });
    return digest.length === digestLengths[algorithm] ? [{ algorithm, digest }] : [];
  } catch {
    return [];
  }
}

function mendFor(algorithm: IntegrityAlgorithm): string {
  const characters = charactersOf(algorithm);
  return `Write it as "${algorithm}-" and the ${characters} characters of the digest in padded standard base64.`;
}

/** Length of a digest in padded base64. */
function charactersOf(algorithm: IntegrityAlgorithm): number {
  return Math.ceil(digestLengths[algorithm] / 3) * 4;
}
