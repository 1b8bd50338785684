/**
 * Whether a plugin that is what its pins say, and is granted what it asks for, may be loaded now: it is not revoked, its
 * publisher has signed it, and it is what was approved (threats T13, T14 and T16).
 */
import { PlugmapError, quote } from "../errors.ts";
import { urlBeside } from "../loader/mod.ts";
import type { ManifestFile } from "../loader/mod.ts";
import type { Grant } from "../permissions/mod.ts";
import { inFile } from "./discover.ts";
import { compareLock } from "./lock/mod.ts";
import type { Lock } from "./lock/mod.ts";
import { emptyLock } from "./lock/merge.ts";
import type { LockFile } from "./lock_file.ts";
import type { RevocationWatch } from "./revocation_watch.ts";
import { parseSignature, signatureSize, trustedKeys, verifySignature } from "./signatures/mod.ts";
import type { Signer, Trust } from "./signatures/mod.ts";

/** What plugins have to pass. Each part is there if the host asks for it. */
export interface Gate {
  readonly lock: LockFile | undefined;
  readonly revocations: RevocationWatch | undefined;
  /** Receives problems that stop nothing. */
  readonly report: (problem: PlugmapError) => void;
}

/** A plugin that may be loaded. */
export interface Admitted {
  /** The key that it is signed with, if the policy demands that it is signed. */
  readonly signer: string | undefined;
  /** What the lock is to say once the plugin is active. */
  readonly update: Partial<Lock>;
}

/**
 * @throws {PlugmapError} `plugin-revoked`, `revocation-invalid`, `signature-missing`, `signature-invalid`, `lock-downgrade`,
 * `lock-changed` or `lock-widened`.
 */
export async function admit(file: ManifestFile, { signers }: Grant, { lock, revocations }: Gate): Promise<Admitted> {
  const { name, version } = file.manifest;
  await revocations?.require({ name, version, digest: file.digest });
  const signer = signers.length === 0 ? undefined : await requireSigner(file, signers, lock?.lock);
  const plugins = lock === undefined ? undefined : await requireApproval(file, signer?.key, lock);
  return { signer: signer?.key, update: { ...plugins && { plugins }, ...signer && { rotations: signer.rotations } } };
}

/** Has the lock say what is active now. A lock that cannot be written, or whoever is told so, stops nothing. */
export async function record({ update }: Admitted, { lock, report }: Gate): Promise<void> {
  if (lock === undefined || Object.values(update).every(({ size }) => size === 0)) return;
  await lock.record(update).catch(report).catch(() => {});
}

async function requireSigner(file: ManifestFile, keys: readonly string[], lock: Lock = emptyLock): Promise<Signer> {
  const trust: Trust = { keys, rotations: lock.rotations };
  const { digest, signer } = lock.plugins.get(file.manifest.name) ?? {};
  // These bytes were verified before, and a host has to start without a network, too.
  if (digest === file.digest && signer !== undefined && trustedKeys(trust).includes(signer)) {
    return { key: signer, rotations: new Map() };
  }
  let bytes: Uint8Array;
  try {
    bytes = await file.beside(".sig", signatureSize);
  } catch (error) {
    const { problem, cause } = PlugmapError.within(error, "fetch-failed", {});
    throw new PlugmapError("signature-missing", `The policy demands a signature, and it cannot be had: ${problem}`, {
      mend: 'It has to lie beside the manifest, as "plugin.json.sig"; have the publisher put it there.',
      cause: cause ?? error,
    });
  }
  const signature = inFile(urlBeside(file.url, ".sig"), () => parseSignature(bytes));
  return await verifySignature(file.bytes, signature, trust);
}

async function requireApproval(
  file: ManifestFile,
  signer: string | undefined,
  lockFile: LockFile,
): Promise<Lock["plugins"] | undefined> {
  const { lock, choice } = lockFile;
  const { manifest: { name, version, permissions }, url, digest } = file;
  const locked = lock.plugins.get(name);
  const { entry, recorded, change } = compareLock(name, locked, { url, version, digest, permissions, signer });
  if (recorded) return undefined;
  if (change !== undefined) await lockFile.requireApproval(change);
  else if (choice.mode === "frozen" && locked?.digest !== digest) throw unlisted(file, locked !== undefined);
  return new Map([[name, entry]]);
}

function unlisted({ manifest: { version }, digest }: ManifestFile, isKnown: boolean): PlugmapError {
  const what = isKnown ? `version ${quote(version)} with manifest ${digest}` : "the plugin";
  return new PlugmapError("lock-changed", `The lock is frozen and does not have ${what}`, {
    mend: 'Load it once with the lock in mode "update", and review what that writes.',
  });
}
