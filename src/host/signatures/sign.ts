import { messageOf, PlugmapError } from "../../errors.ts";
import { encodePublicKey } from "../../public_key.ts";
import { rotationBytes } from "./rotations.ts";
import type { Rotation } from "./types.ts";

/** A key to sign with, and the one that belongs to it. */
export interface SigningKey {
  /** The private key in PEM (PKCS #8), as OpenSSL reads and writes it: a secret. */
  readonly privateKey: string;
  /** The public key, for policies. */
  readonly publicKey: string;
}

const [head, tail] = ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"];

/**
 * Makes a new Ed25519 key.
 *
 * @returns Both of its parts.
 *
 * @example Make a key
 * ```ts
 * import { generateSigningKey } from "@plugmap/plugmap";
 * import { assert } from "@std/assert";
 *
 * const { publicKey } = await generateSigningKey();
 *
 * assert(publicKey.startsWith("ed25519-"));
 * ```
 */
export async function generateSigningKey(): Promise<SigningKey> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  const bytes = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { privateKey: `${head}\n${bytes.toBase64()}\n${tail}\n`, publicKey: encodePublicKey(raw) };
}

/**
 * Signs a file.
 *
 * @param bytes The bytes of the file, all of them.
 * @param privateKey A private key in PEM.
 * @param rotations Statements that lead from a key that is trusted to this one, the oldest first.
 * @returns The bytes of the signature file, which has the name of the file and `.sig`.
 * @throws {PlugmapError} `signature-invalid` for a text that is no Ed25519 key.
 *
 * @example Sign a manifest
 * ```ts
 * import { generateSigningKey, parseSignature, signBytes } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const { privateKey, publicKey } = await generateSigningKey();
 * const file = await signBytes(new TextEncoder().encode("{}"), privateKey);
 *
 * assertEquals(parseSignature(file).key, publicKey);
 * ```
 */
export async function signBytes(
  bytes: Uint8Array,
  privateKey: string,
  rotations: readonly Rotation[] = [],
): Promise<Uint8Array> {
  const { key, publicKey } = await readPrivateKey(privateKey);
  const document = {
    key: publicKey,
    signature: await sign(bytes, key),
    ...rotations.length > 0 && {
      rotations: rotations.map(({ from, to, signature }) => ({ from, to, signature: signature.toBase64() })),
    },
  };
  return new TextEncoder().encode(`${JSON.stringify(document, null, 2)}\n`);
}

/**
 * States that another key takes the place of this one.
 *
 * @param privateKey The key that is given up, in PEM.
 * @param publicKey The key to trust in its place.
 * @returns The statement, for {@linkcode signBytes} with the new key.
 * @throws {PlugmapError} `signature-invalid` for a text that is no Ed25519 key.
 *
 * @example Go over to a new key
 * ```ts
 * import { generateSigningKey, parseSignature, signBytes, signRotation, verifySignature } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const [old, next] = [await generateSigningKey(), await generateSigningKey()];
 * const bytes = new TextEncoder().encode("{}");
 * const rotation = await signRotation(old.privateKey, next.publicKey);
 * const file = await signBytes(bytes, next.privateKey, [rotation]);
 *
 * const { key } = await verifySignature(bytes, parseSignature(file), { keys: [old.publicKey] });
 * assertEquals(key, next.publicKey);
 * ```
 */
export async function signRotation(privateKey: string, publicKey: string): Promise<Rotation> {
  const { key, publicKey: from } = await readPrivateKey(privateKey);
  const signature = Uint8Array.fromBase64(await sign(rotationBytes(from, publicKey), key));
  return { from, to: publicKey, signature };
}

async function sign(bytes: Uint8Array, key: CryptoKey): Promise<string> {
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key, new Uint8Array(bytes))).toBase64();
}

async function readPrivateKey(pem: string): Promise<{ key: CryptoKey; publicKey: string }> {
  try {
    const start = pem.indexOf(head);
    const bytes = Uint8Array.fromBase64(pem.slice(start + head.length, pem.indexOf(tail, start)));
    const key = await crypto.subtle.importKey("pkcs8", bytes, "Ed25519", true, ["sign"]);
    const { x } = await crypto.subtle.exportKey("jwk", key);
    return { key, publicKey: encodePublicKey(Uint8Array.fromBase64(x!, { alphabet: "base64url" })) };
  } catch (cause) {
    throw new PlugmapError("signature-invalid", `The private key cannot be read: ${messageOf(cause)}`, {
      mend: 'Take one that "plugmap keygen" or generateSigningKey has made, in PEM.',
      cause,
    });
  }
}
