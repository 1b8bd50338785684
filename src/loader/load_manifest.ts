import { PlugmapError, printable, quote } from "../errors.ts";
import { computeIntegrity, parseIntegrity, verifyIntegrity } from "../integrity/mod.ts";
import type { IntegrityMetadata } from "../integrity/mod.ts";
import { defaultManifestLimits, parseManifest } from "../manifest/mod.ts";
import type { Manifest } from "../manifest/mod.ts";
import { readPermissions } from "../permissions/mod.ts";
import { fetchBytes } from "./fetch.ts";
import type { Fetcher } from "./fetch.ts";
import { folderOf, pathOf, readFile } from "./files.ts";
import type { Folder } from "./files.ts";
import { fetchJsrFile, jsrFileUrl, resolveVersion } from "./jsr.ts";
import { locate } from "./location.ts";
import type { JsrReference } from "./location.ts";
import type { Store } from "./store.ts";

/** What loading needs beside the plugin itself. */
export interface Sources extends Fetcher {
  readonly store: Store;
  /** Base URL of the JSR registry. */
  readonly registry: string;
}

/** A manifest whose bytes were checked against their pin, if there is one. */
export interface ManifestFile {
  readonly manifest: Manifest;
  /** Where it is; its relative paths are resolved against this. */
  readonly url: string;
  /** The folder that it is in, if that is on this machine. */
  readonly folder?: Folder;
  /** Integrity metadata of the exact bytes. */
  readonly digest: string;
  /** False for a local manifest that nothing pins. */
  readonly pinned: boolean;
  /** Bytes of the manifest. */
  readonly size: number;
}

/**
 * Gets a manifest, checks it against its pin and parses it. What comes over the network has to be pinned; what lies on
 * the host's own disk may be, because who can change it there can change the import map beside it as well.
 *
 * @param target What the import map, or the caller, says where the plugin is.
 * @param pin Integrity metadata, or undefined without any.
 * @throws {PlugmapError} `integrity-missing`, `integrity-invalid`, `integrity-mismatch`; what locating, fetching, reading
 * and parsing throw.
 */
export async function loadManifest(target: string, pin: string | undefined, sources: Sources): Promise<ManifestFile> {
  const location = locate(target);
  const cap = sources.limits.manifestSize;
  const pins = pin === undefined ? undefined : parseIntegrity(pin, target);
  if (location.kind === "file") {
    const path = pathOf(location.manifest);
    const folder = folderOf(path, sources.runtime);
    const bytes = readFile(path, cap, folder);
    if (pins !== undefined) verifyIntegrity(bytes, pins, location.manifest);
    return { ...manifestFile(location.manifest, bytes, pins !== undefined, sources), folder };
  }
  if (pins === undefined) throw unpinned(target);
  if (location.kind === "http") {
    const url = location.manifest;
    return manifestFile(url, await loadPinned(url, pins, sources, () => fetchBytes(url, cap, sources)), true, sources);
  }
  return await loadFromJsr(location.jsr, pins, sources);
}

async function loadFromJsr(jsr: JsrReference, pins: IntegrityMetadata, sources: Sources): Promise<ManifestFile> {
  const { registry } = sources;
  const version = await resolveVersion(jsr, registry, sources);
  const url = jsrFileUrl(jsr, version, registry);
  const fetched = () => fetchJsrFile(jsr, version, sources.limits.manifestSize, registry, sources);
  return manifestFile(url, await loadPinned(url, pins, sources, fetched), true, sources);
}

/** Pinned bytes out of the store, or from where they are; what is new is stored once it is verified. */
export async function loadPinned(
  url: string,
  pins: IntegrityMetadata,
  sources: Sources,
  fetched: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const stored = sources.store.get(pins);
  if (stored !== undefined) return stored;
  const bytes = await fetched();
  verifyIntegrity(bytes, pins, url);
  sources.store.put(pins, bytes);
  return bytes;
}

function manifestFile(url: string, bytes: Uint8Array, pinned: boolean, { limits }: Sources): ManifestFile {
  const { manifestSize } = limits;
  const raised = manifestSize === defaultManifestLimits.manifestBytes ? undefined : { manifestBytes: manifestSize };
  return {
    manifest: parseManifest(bytes, { readPermissions, limits: raised }),
    url,
    digest: computeIntegrity(bytes),
    pinned,
    size: bytes.length,
  };
}

function unpinned(target: string): PlugmapError {
  return new PlugmapError("integrity-missing", `${quote(target)} comes over the network and nothing pins it`, {
    mend: `Review the plugin, print its hash with "plugmap hash ${
      printable(target)
    }", and add it to "integrity" in the import map.`,
  });
}
