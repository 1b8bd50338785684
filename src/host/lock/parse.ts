import { below, describe, Problems, readString, readTable } from "../../document.ts";
import type { Place } from "../../document.ts";
import { type PlugmapError, quote } from "../../errors.ts";
import { readPluginName } from "../../manifest/names.ts";
import { readVersion } from "../../manifest/versions.ts";
import { readMembers } from "../../members.ts";
import { readPermissions, resolvePermissions } from "../../permissions/mod.ts";
import { decodeBase64, readPublicKey } from "../../public_key.ts";
import { parseStrictJson } from "../../strict_json.ts";
import type { DocumentKind } from "../../strict_json.ts";
import { currentKey } from "../signatures/mod.ts";
import { higherVersion } from "./compare.ts";
import type { Lock, LockEntry } from "./types.ts";

const document: DocumentKind = { code: "lock-invalid", name: "The lock" };

/** All that a lock can say. */
export const lockMembers: readonly string[] = ["format", "plugins", "revocations", "rotations"];

/** All that it can say of a plugin. */
export const lockEntryMembers: readonly string[] = ["digest", "highest", "permissions", "signer", "url", "version"];

/** The only form there is yet. */
export const lockFormat = 1;

/**
 * Parses a lock. It is written by hosts and reviewed by people, so it is checked like what people write.
 *
 * @param text JSON text.
 * @param options `base`: URL of the lock; relative addresses in it start there.
 * @returns The lock.
 * @throws {PlugmapError} `lock-invalid` or `permission-invalid`, with the JSON pointer of the place.
 *
 * @example Read a lock
 * ```ts
 * import { parseLock } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const lock = parseLock(`{ "format": 1, "plugins": {} }`, { base: "file:///app/plugins.lock.json" });
 *
 * assertEquals(lock.plugins.size, 0);
 * ```
 */
export function parseLock(text: string, options: { readonly base: string }): Lock {
  const problems = new Problems(document.code);
  const { required, optional } = readMembers(parseStrictJson(text, document), "", lockMembers, problems);
  required("format", readFormat);
  const plugins = required("plugins", (value, place) => readPlugins(value, place, options.base, problems));
  const rotations = optional("rotations", readRotations);
  const revocations = optional("revocations", readRevocations);
  problems.throwIfAny();
  return {
    plugins: plugins ?? new Map(),
    rotations: rotations ?? new Map(),
    revocations: revocations ?? new Map(),
  };
}

function readFormat(value: unknown, place: Place, problems: Problems): void {
  if (value === lockFormat) return;
  problems.add(place, `The format is ${describe(value)}, and only ${lockFormat} is known`, {
    mend: "Update Plugmap, or delete the lock and approve all plugins anew.",
  });
}

function readPlugins(value: unknown, parent: Place, base: string, problems: Problems): ReadonlyMap<string, LockEntry> {
  const plugins = new Map<string, LockEntry>();
  for (const [name, member] of readTable(value, parent, problems) ?? []) {
    const place = below(parent, name);
    readPluginName(name, place, problems);
    const entry = readEntry(member, place, base, problems);
    if (entry !== undefined) plugins.set(name, entry);
  }
  return plugins;
}

function readEntry(value: unknown, place: Place, base: string, problems: Problems): LockEntry | undefined {
  const { required, optional } = readMembers(value, place, lockEntryMembers, problems);
  const url = required("url", (text, at) => readUrl(text, at, base, problems));
  const version = required("version", readVersion);
  const digest = required("digest", readDigest);
  const highest = required("highest", readVersion);
  const permissions = readAsked();
  const signer = optional("signer", readPublicKey);
  if (!url || !version || !digest || !highest || !permissions) return undefined;
  const entry: LockEntry = { url, version, digest, highest, permissions, signer };
  if (higherVersion(highest, version) !== highest) {
    problems.add(below(place, "highest"), `${quote(highest)} is lower than the version ${quote(version)}`);
  }
  return entry;

  function readAsked(): LockEntry["permissions"] | undefined {
    const asked = optional("permissions", readPermissions) ?? readPermissions({}, place, problems);
    if (url === undefined) return undefined;
    try {
      resolvePermissions(asked, url, "");
      return asked;
    } catch (error) {
      // Only a relative path of a plugin that has no folder here cannot be resolved.
      problems.add(below(place, "permissions"), (error as PlugmapError).problem);
      return undefined;
    }
  }
}

function readUrl(value: unknown, place: Place, base: string, problems: Problems): string | undefined {
  const text = readString(value, place, problems);
  if (text === undefined) return undefined;
  const url = URL.parse(text, base);
  if (url !== null && /^(?:file|https?):$/.test(url.protocol)) return url.href;
  problems.add(place, `${quote(text)} is not where a manifest can be`);
  return undefined;
}

/** One algorithm in one spelling, so that digests can be compared as text. */
export function readDigest(value: unknown, place: Place, problems: Problems): string | undefined {
  const text = readString(value, place, problems);
  if (text === undefined) return undefined;
  if (text.startsWith("sha384-") && decodeBase64(text.slice("sha384-".length), 64) !== undefined) return text;
  problems.add(place, `Expected the digest of a manifest, found ${describe(text)}`, {
    mend: 'Write "sha384-" and the 64 characters of the digest in base64, as "plugmap hash" prints it.',
  });
  return undefined;
}

function readRotations(value: unknown, parent: Place, problems: Problems): ReadonlyMap<string, string> {
  const rotations = new Map<string, string>();
  for (const [from, member] of readTable(value, parent, problems) ?? []) {
    const place = below(parent, from);
    readPublicKey(from, place, problems);
    const to = readPublicKey(member, place, problems);
    if (to !== undefined) rotations.set(from, to);
  }
  for (const from of rotations.keys()) {
    if (currentKey(from, rotations) !== undefined) continue;
    problems.add(below(parent, from), "The key takes its own place in the end");
  }
  return rotations;
}

function readRevocations(value: unknown, parent: Place, problems: Problems): ReadonlyMap<string, number> {
  const sequences = new Map<string, number>();
  for (const [key, member] of readTable(value, parent, problems) ?? []) {
    const place = below(parent, key);
    readPublicKey(key, place, problems);
    const sequence = readSequence(member, place, problems);
    if (sequence !== undefined) sequences.set(key, sequence);
  }
  return sequences;
}

/** A number that lists of revocations count with. */
export function readSequence(value: unknown, place: Place, problems: Problems): number | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  problems.add(place, `Expected a whole number from 0, found ${describe(value)}`);
  return undefined;
}
