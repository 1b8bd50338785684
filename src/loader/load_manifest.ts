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
import { fetchJsrFile, resolveVersion } from "./jsr.ts";
import { locate } from "./location.ts";
import type { JsrReference } from "./location.ts";
import { jsrFileUrl } from "./module_url.ts";
import type { Store } from "./store.ts";

/** What loading needs beside the plugin itself. */
export interface Sources extends Fetcher {
  readonly store: Store;
  /** Base URL of the JSR registry. */
  readonly registry: string;
}

/** A manifest, and what its paths mean. */
export interface Located {
  readonly manifest: Manifest;
  /** Where it is; its relative paths are resolved against this. */
  readonly url: string;
  /** The folder that it is in, if that is on this machine. */
  readonly folder?: Folder;
}

/** A manifest whose bytes were checked against their pin, if there is one. */
export interface ManifestFile extends Located {
  /** Integrity metadata of the exact bytes. */
  readonly digest: string;
  /** False for a local manifest that nothing pins. */
  readonly pinned: boolean;
  /** The manifest as it was hashed. */
  readonly bytes: Uint8Array;
  /**
   * Gets another file from where the manifest is.
   *
   * @param suffix What its name has after the manifest's.
   * @param cap Most bytes that are taken.
   * @throws {PlugmapError} What fetching and reading throw, also when there is none.
   */
  beside(suffix: string, cap: number): Promise<Uint8Array>;
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
    const beside: Beside = (suffix, cap) => Promise.try(readFile, path + suffix, cap, folder);
    return { ...manifestFile(location.manifest, bytes, pins !== undefined, beside, sources), folder };
  }
  if (pins === undefined) throw unpinned(target);
  if (location.kind === "http") {
    const url = location.manifest;
    const bytes = await loadPinned(url, pins, sources, () => fetchBytes(url, cap, sources));
    const beside: Beside = (suffix, cap) => fetchBytes(urlBeside(url, suffix), cap, sources);
    return manifestFile(url, bytes, true, beside, sources);
  }
  return await loadFromJsr(location.jsr, pins, sources);
}

async function loadFromJsr(jsr: JsrReference, pins: IntegrityMetadata, sources: Sources): Promise<ManifestFile> {
  const { registry } = sources;
  const version = await resolveVersion(jsr, registry, sources);
  const url = jsrFileUrl(jsr, version, registry);
  const fetched = (reference: JsrReference, cap: number) => fetchJsrFile(reference, version, cap, registry, sources);
  const bytes = await loadPinned(url, pins, sources, () => fetched(jsr, sources.limits.manifestSize));
  const beside: Beside = (suffix, cap) => fetched({ ...jsr, path: jsr.path + suffix }, cap);
  return manifestFile(url, bytes, true, beside, sources);
}

/** The same URL with more at the end of its path, before the query that it may have. */
export function urlBeside(file: string, suffix: string): string {
  const url = new URL(file);
  url.pathname += suffix;
  return url.href;
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

type Beside = ManifestFile["beside"];

function manifestFile(
  url: string,
  bytes: Uint8Array,
  pinned: boolean,
  beside: Beside,
  { limits }: Sources,
): ManifestFile {
  const { manifestSize } = limits;
  const raised = manifestSize === defaultManifestLimits.manifestBytes ? undefined : { manifestBytes: manifestSize };
  return {
    manifest: parseManifest(bytes, { readPermissions, limits: raised }),
    url,
    digest: computeIntegrity(bytes),
    pinned,
    bytes,
    beside,
  };
}

function unpinned(target: string): PlugmapError {
  return new PlugmapError("integrity-missing", `${quote(target)} comes over the network and nothing pins it`, {
    mend: `Review the plugin, print its hash with "plugmap hash ${
      printable(target)
    }", and add it to "integrity" in the import map.`,
  });
}
