import { PlugmapError, quote } from "../../errors.ts";
import { decodePublicKey } from "../../public_key.ts";
import { currentKey, rotationBytes, trustedKeys } from "./rotations.ts";
import type { Signature, Signer, Trust } from "./types.ts";

/**
 * Verifies that bytes were signed with a trusted key, or with one that has taken the place of a trusted key.
 *
 * A rotation counts if it is signed with a key that is trusted at that moment. From then on the key that was given up is
 * not trusted any more: neither to sign files, nor to name yet another one. Rotations of other keys are of no concern.
 *
 * @param bytes The bytes of the signed file, all of them.
 * @param signature What its signature file says.
 * @param trust Whose signature counts.
 * @returns Who signed, and which rotations are new.
 * @throws {PlugmapError} `signature-invalid`.
 *
 * @example Sign and verify
 * ```ts
 * import { generateSigningKey, parseSignature, signBytes, verifySignature } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const { privateKey, publicKey } = await generateSigningKey();
 * const bytes = new TextEncoder().encode("{}");
 * const file = await signBytes(bytes, privateKey);
 *
 * const { key } = await verifySignature(bytes, parseSignature(file), { keys: [publicKey] });
 * assertEquals(key, publicKey);
 * ```
 */
export async function verifySignature(bytes: Uint8Array, signature: Signature, trust: Trust): Promise<Signer> {
  const known = new Map(trust.rotations);
  const added = new Map<string, string>();
  const trusted = (): readonly (string | undefined)[] => trustedKeys({ keys: trust.keys, rotations: known });
  for (const { from, to, signature: proof } of signature.rotations) {
    if (!trusted().includes(from)) continue;
    if (currentKey(to, known) === from) {
      throw new PlugmapError("signature-invalid", `Key ${quote(to)} was given up and cannot replace ${quote(from)}`);
    }
    await requireSigned(rotationBytes(from, to), proof, from, "The rotation of");
    known.set(from, to);
    added.set(from, to);
  }
  const { key } = signature;
  if (!trusted().includes(key)) throw untrusted(key, known);
  await requireSigned(bytes, signature.signature, key, "The signature with");
  return { key, rotations: added };
}

async function requireSigned(bytes: Uint8Array, signature: BufferSource, key: string, what: string): Promise<void> {
  const told = `${what} key ${quote(key)}`;
  let isSigned: boolean;
  try {
    const imported = await crypto.subtle.importKey("raw", decodePublicKey(key)!, "Ed25519", false, ["verify"]);
    isSigned = await crypto.subtle.verify("Ed25519", imported, signature, new Uint8Array(bytes));
  } catch (cause) {
    throw new PlugmapError("signature-invalid", `${told} cannot be verified`, { cause });
  }
  if (isSigned) return;
  throw new PlugmapError("signature-invalid", `${told} is not one of these bytes`, {
    mend: "Have the publisher sign the file as it is now, and replace both files together.",
  });
}

function untrusted(key: string, known: ReadonlyMap<string, string>): PlugmapError {
  const successor = known.get(key);
  return successor === undefined
    ? new PlugmapError("signature-invalid", `Key ${quote(key)} has signed it, which is not one of those demanded`, {
      mend: "Make sure whose key it is before you trust it.",
    })
    : new PlugmapError(
      "signature-invalid",
      `Key ${quote(key)} has signed it, which was replaced by ${quote(successor)}`,
      {
        mend: "Have the publisher sign it with the key in use.",
      },
    );
}
