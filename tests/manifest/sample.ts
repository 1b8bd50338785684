import { assertThrows } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import { type Manifest, type ManifestLimits, type ModuleRecord, parseManifest } from "../../src/manifest/mod.ts";
import { readPermissions } from "../../src/permissions/mod.ts";

/** A record that any module can have. */
export const record: ModuleRecord = {
  integrity: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
  size: 12,
};

/** The least that a manifest says. */
export const least: Readonly<Record<string, unknown>> = {
  name: "weather",
  version: "1.0.0",
  entry: "./mod.ts",
  modules: { "./mod.ts": record },
};

/** Parses JSON text or the bytes of a manifest. */
export function parse(source: string | Uint8Array, limits?: Partial<ManifestLimits>): Manifest {
  const bytes = typeof source === "string" ? new TextEncoder().encode(source) : source;
  return parseManifest(bytes, { readPermissions, limits });
}

/** Parses the least manifest with some members set; `undefined` removes one. */
export function parseWith(members: Record<string, unknown>, limits?: Partial<ManifestLimits>): Manifest {
  return parse(JSON.stringify({ ...least, ...members }), limits);
}

/** The error that refuses the least manifest with some members set. */
export function refusalWith(members: Record<string, unknown>, limits?: Partial<ManifestLimits>): PlugmapError {
  return assertThrows(() => parseWith(members, limits), PlugmapError);
}

/** Code and pointer of {@linkcode refusalWith}. */
export function placeOf(members: Record<string, unknown>, limits?: Partial<ManifestLimits>): [string, string?] {
  const { code, pointer } = refusalWith(members, limits);
  return [code, pointer];
}

/** The members of a manifest with one more module. */
export function withModule(address: string, module: unknown = record): Record<string, unknown> {
  return { modules: { "./mod.ts": record, [address]: module } };
}
