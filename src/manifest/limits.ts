import { PlugmapError } from "../errors.ts";

/** Caps on a manifest and on what it lists, against endless data: each is known before anything is fetched. */
export interface ManifestLimits {
  /** Bytes of the manifest itself. */
  readonly manifestBytes: number;
  /** How many modules it lists. */
  readonly modules: number;
  /** Bytes of one module. */
  readonly moduleBytes: number;
  /** Bytes of all modules together. */
  readonly totalBytes: number;
}

const mebibyte = 1024 * 1024;

/** The caps that hold unless others are given. */
export const defaultManifestLimits: ManifestLimits = Object.freeze({
  manifestBytes: 2 * mebibyte,
  modules: 10_000,
  moduleBytes: 64 * mebibyte,
  totalBytes: 256 * mebibyte,
});

/**
 * The caps to hold.
 *
 * @param given Those that differ from the default.
 * @returns All of them.
 * @throws {PlugmapError} `option-invalid` for one that is no number: it would cap nothing.
 */
export function manifestLimits(given?: Partial<ManifestLimits>): ManifestLimits {
  if (given === undefined) return defaultManifestLimits;
  const limits: { -readonly [Name in keyof ManifestLimits]: number } = { ...defaultManifestLimits };
  for (const name of Object.keys(limits) as (keyof ManifestLimits)[]) {
    const limit = given[name] ?? limits[name];
    if (!(limit >= 0)) {
      throw new PlugmapError("option-invalid", `The cap "${name}" is not a number from 0 up`, {
        mend: "Pass a number, or leave it out for the default.",
      });
    }
    limits[name] = limit;
  }
  return limits;
}
