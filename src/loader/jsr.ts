/**
 * The read side of JSR's registry protocol: `meta.json` lists versions, `<version>_meta.json` lists files with checksums,
 * files are beside them. Versions are immutable, which is why one that is named exactly needs no look at `meta.json`.
 */
import { canParse, format, maxSatisfying, parse, parseRange } from "@std/semver";
import type { SemVer } from "@std/semver";
import { PlugmapError, quote } from "../errors.ts";
import { verifyIntegrity } from "../integrity/mod.ts";
import { fetchBytes } from "./fetch.ts";
import type { Fetcher } from "./fetch.ts";
import type { JsrReference } from "./location.ts";
import { exactVersion, jsrFileUrl } from "./module_url.ts";

/** Where packages are when `JSR_URL` does not say otherwise. */
export const defaultJsrUrl = "https://jsr.io/";

interface PackageMetadata {
  readonly versions?: Readonly<Record<string, { readonly yanked?: unknown } | null>> | null;
}

interface VersionMetadata {
  readonly manifest?: Readonly<Record<string, { readonly checksum?: unknown } | null>> | null;
}

/**
 * The newest version that fits, yanked ones only if no other does.
 *
 * @throws {PlugmapError} `package-unresolved` when none does, and what fetching throws.
 */
export async function resolveVersion(reference: JsrReference, registry: string, fetcher: Fetcher): Promise<string> {
  const exact = exactVersion(reference);
  if (exact !== undefined) return exact;
  const label = `@${reference.scope}/${reference.name}`;
  const url = new URL(`${label}/meta.json`, registry).href;
  const { versions } = await fetchJson<PackageMetadata>(url, fetcher);
  const known = Object.entries(versions ?? {}).filter(([version]) => canParse(version));
  const range = tryRange(reference.range, label);
  const pick = (yanked: boolean): SemVer | undefined =>
    maxSatisfying(
      known.filter(([, version]) => (version?.yanked === true) === yanked).map(([version]) => parse(version)),
      range,
    );
  const found = pick(false) ?? pick(true);
  if (found === undefined) {
    const published = known.map(([version]) => version).join(", ") || "nothing";
    throw new PlugmapError("package-unresolved", `No version of ${quote(label)} fits ${quote(reference.range)}`, {
      mend: `The registry has ${quote(published)}.`,
    });
  }
  return format(found);
}

function tryRange(range: string, label: string): ReturnType<typeof parseRange> {
  try {
    return parseRange(range);
  } catch (cause) {
    throw new PlugmapError("package-unresolved", `${quote(range)} is not a range of versions of ${quote(label)}`, {
      mend: 'Write a semver range such as "^1.2.0".',
      cause,
    });
  }
}

/**
 * A file of a package, checked against the checksum in the registry's own metadata. The pin of the import map or the
 * manifest is checked besides; this one tells a broken registry from a wrong pin.
 *
 * @throws {PlugmapError} `package-unresolved` when the version has no such file, `integrity-mismatch`, and what fetching throws.
 */
export async function fetchJsrFile(
  reference: JsrReference,
  version: string,
  cap: number,
  registry: string,
  fetcher: Fetcher,
): Promise<Uint8Array> {
  const label = `@${reference.scope}/${reference.name}@${version}`;
  const metadataUrl = new URL(`@${reference.scope}/${reference.name}/${version}_meta.json`, registry).href;
  const { manifest } = await fetchJson<VersionMetadata>(metadataUrl, fetcher);
  const path = `/${reference.path}`;
  const checksum = Object.hasOwn(manifest ?? {}, path) ? manifest![path]?.checksum : undefined;
  const hex = typeof checksum === "string" ? /^sha256-([0-9a-f]{64})$/.exec(checksum)?.[1] : undefined;
  if (hex === undefined) {
    throw new PlugmapError("package-unresolved", `${quote(label)} has no file ${quote(path)}`, {
      mend: 'Check that the package was published with its "plugin.json" included.',
    });
  }
  const url = jsrFileUrl(reference, version, registry);
  const bytes = await fetchBytes(url, cap, fetcher);
  verifyIntegrity(bytes, [{ algorithm: "sha256", digest: Uint8Array.fromHex(hex) }], url);
  return bytes;
}

async function fetchJson<Shape extends object>(url: string, fetcher: Fetcher): Promise<Shape> {
  const bytes = await fetchBytes(url, fetcher.limits.metadataSize, fetcher);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null) {
    throw new PlugmapError("package-unresolved", `${quote(url)} is not metadata of a JSR package`, {
      mend: "Check JSR_URL.",
    });
  }
  return value as Shape;
}
