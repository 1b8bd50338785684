import { below, describe, Problems, readString } from "../../document.ts";
import type { Place } from "../../document.ts";
import { quote } from "../../errors.ts";
import { readPluginName } from "../../manifest/names.ts";
import { readRange } from "../../manifest/versions.ts";
import { readMembers } from "../../members.ts";
import { decodeUtf8, parseStrictJson } from "../../strict_json.ts";
import type { DocumentKind } from "../../strict_json.ts";
import { readDigest, readSequence } from "../lock/parse.ts";
import type { Revocation, RevocationList } from "./types.ts";

const document: DocumentKind = { code: "revocation-invalid", name: "The list of revocations" };

/** All that a list can say. */
export const revocationListMembers: readonly string[] = ["format", "sequence", "issued", "expires", "revoked"];

/** All that it can say of a plugin. */
export const revocationMembers: readonly string[] = ["name", "versions", "digest", "reason"];

/** The only form there is yet. */
const knownFormat = 1;

/**
 * Parses a list of revocations. Who signed it, and whether it is still good, is not looked at.
 *
 * @param bytes The file, as it was signed.
 * @returns What it says.
 * @throws {PlugmapError} `revocation-invalid`, with the JSON pointer of the place.
 *
 * @example Read a list
 * ```ts
 * import { findRevocation, parseRevocations } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const list = parseRevocations(new TextEncoder().encode(`{
 *   "format": 1,
 *   "sequence": 7,
 *   "issued": "2030-01-01T00:00:00Z",
 *   "expires": "2030-02-01T00:00:00Z",
 *   "revoked": [{ "name": "weather", "versions": "<1.2.3", "reason": "Sends what it reads to strangers" }]
 * }`));
 *
 * const found = findRevocation(list, { name: "weather", version: "1.2.0", digest: "sha384-…" });
 * assertEquals(found?.reason, "Sends what it reads to strangers");
 * ```
 */
export function parseRevocations(bytes: Uint8Array): RevocationList {
  const problems = new Problems(document.code);
  const json = parseStrictJson(decodeUtf8(bytes, document), document);
  const { required } = readMembers(json, "", revocationListMembers, problems);
  required("format", readFormat);
  const sequence = required("sequence", readSequence);
  const issued = required("issued", readTime);
  const expires = required("expires", readTime);
  const revoked = required("revoked", readRevoked);
  problems.throwIfAny();
  return { sequence: sequence!, issued: issued!, expires: expires!, revoked: revoked! };
}

function readFormat(value: unknown, place: Place, problems: Problems): void {
  if (value !== knownFormat) problems.add(place, `The format is ${describe(value)}, and only ${knownFormat} is known`);
}

/** A moment in the one spelling that is the same everywhere: UTC, to the second. */
function readTime(value: unknown, place: Place, problems: Problems): number | undefined {
  const text = readString(value, place, problems);
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  // Date.parse takes much that is no such text, and makes the second of March of the thirtieth of February.
  if (!Number.isNaN(time) && new Date(time).toISOString() === text.replace(/Z$/, ".000Z")) return time;
  problems.add(place, `${quote(text)} is not a time`, { mend: 'Write one such as "2030-01-31T12:00:00Z".' });
  return undefined;
}

function readRevoked(value: unknown, parent: Place, problems: Problems): readonly Revocation[] {
  if (!Array.isArray(value)) {
    problems.add(parent, `Expected an array, found ${describe(value)}`);
    return [];
  }
  return value.map((each: unknown, index) => readRevocation(each, below(parent, index), problems));
}

function readRevocation(value: unknown, place: Place, problems: Problems): Revocation {
  const { required, optional } = readMembers(value, place, revocationMembers, problems);
  const name = optional("name", readPluginName);
  const versions = optional("versions", readRange);
  const digest = optional("digest", readDigest);
  const reason = required("reason", readString) ?? "";
  if (name === undefined && digest === undefined) problems.add(place, 'It has neither "name" nor "digest"');
  if (versions !== undefined && name === undefined) problems.add(place, 'It has "versions" of no "name"');
  return { name, versions, digest, reason };
}
