import { below, describe, Problems, readString } from "../../document.ts";
import type { Place } from "../../document.ts";
import { PlugmapError } from "../../errors.ts";
import { readMembers } from "../../members.ts";
import { decodeBase64, readPublicKey } from "../../public_key.ts";
import { decodeUtf8, parseStrictJson } from "../../strict_json.ts";
import type { DocumentKind } from "../../strict_json.ts";
import type { Rotation, Signature } from "./types.ts";

const document: DocumentKind = { code: "signature-invalid", name: "The signature" };

/** All that a signature file can say. */
export const signatureMembers: readonly string[] = ["key", "signature", "rotations"];

/** All that it can say of a rotation. */
export const rotationMembers: readonly string[] = ["from", "to", "signature"];

/** Most bytes of a signature file. */
export const signatureSize: number = 16 * 1024;

/** Most rotations in one. */
const mostRotations = 16;

/** Length of 64 bytes in padded base64. */
const characters = 88;

/**
 * Parses a signature file, such as `plugin.json.sig`. Nothing is verified yet.
 *
 * @param bytes The file.
 * @returns What it says.
 * @throws {PlugmapError} `signature-invalid`, with the JSON pointer of the place.
 *
 * @example Refuse what is no signature
 * ```ts
 * import { parseSignature, PlugmapError } from "@plugmap/plugmap";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => parseSignature(new TextEncoder().encode("{}")), PlugmapError, "signature-invalid");
 * ```
 */
export function parseSignature(bytes: Uint8Array): Signature {
  if (bytes.length > signatureSize) {
    throw new PlugmapError(document.code, `The signature has ${bytes.length} bytes, and ${signatureSize} is the cap`);
  }
  const problems = new Problems(document.code);
  const json = parseStrictJson(decodeUtf8(bytes, document), document);
  const { required, optional } = readMembers(json, "", signatureMembers, problems);
  const key = required("key", readPublicKey);
  const signature = required("signature", readSignatureBytes);
  const rotations = optional("rotations", readRotations) ?? [];
  problems.throwIfAny();
  return { key: key!, signature: signature!, rotations };
}

function readSignatureBytes(value: unknown, place: Place, problems: Problems): Uint8Array<ArrayBuffer> | undefined {
  const text = readString(value, place, problems);
  if (text === undefined) return undefined;
  const bytes = decodeBase64(text, characters);
  if (bytes === undefined) problems.add(place, `Expected 64 bytes in base64, found ${describe(text)}`);
  return bytes;
}

function readRotations(value: unknown, parent: Place, problems: Problems): readonly Rotation[] {
  if (!Array.isArray(value) || value.length > mostRotations) {
    problems.add(parent, `Expected an array of at most ${mostRotations} rotations, found ${describe(value)}`);
    return [];
  }
  return value.flatMap((each: unknown, index): Rotation[] => {
    const { required } = readMembers(each, below(parent, index), rotationMembers, problems);
    const [from, to] = [required("from", readPublicKey), required("to", readPublicKey)];
    const signature = required("signature", readSignatureBytes);
    return from && to && signature ? [{ from, to, signature }] : [];
  });
}
