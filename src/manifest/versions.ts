import { format } from "@std/semver/format";
import { isRange } from "@std/semver/is-range";
import { parseRange } from "@std/semver/parse-range";
import { satisfies } from "@std/semver/satisfies";
import { tryParse } from "@std/semver/try-parse";
import type { Range, SemVer } from "@std/semver/types";
import { type Place, type Problems, readString } from "../document.ts";
import { PlugmapError, quote } from "../errors.ts";

/** As in node-semver. */
const longest = 256;

/** Three numbers that a float holds exactly: nearly every version there is, and no work for the full grammar. */
const releaseForm = /^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})$/;

/** A version in its one spelling: no `v` before it, no space around it. */
export function parseVersion(text: string): SemVer | undefined {
  const release = releaseForm.exec(text);
  if (release !== null) {
    const [, major, minor, patch] = release;
    return { major: Number(major), minor: Number(minor), patch: Number(patch), prerelease: [], build: [] };
  }
  const version = text.length <= longest ? tryParse(text) : undefined;
  return version !== undefined && format(version) === text ? version : undefined;
}

/** A range, or `undefined` for what `@std/semver` throws at, and for what it takes to mean "any version": `""`, `"1 ||"`, `" ^1"`. */
export function parseVersionRange(text: string): Range | undefined {
  if (text.length > longest) return undefined;
  try {
    const range = parseRange(text);
    return isRange(range) ? range : undefined;
  } catch {
    return undefined;
  }
}

/** The member of a document that is a version, or `undefined` after noting that it is none. */
export function readVersion(value: unknown, place: Place, problems: Problems): string | undefined {
  const text = readString(value, place, problems);
  if (text === undefined || parseVersion(text) !== undefined) return text;
  problems.add(place, `${quote(text)} is not a semantic version`, { mend: `Write one such as "1.2.3".` });
  return undefined;
}

/** The member of a document that is a range, or `undefined` after noting that it is none. */
export function readRange(value: unknown, place: Place, problems: Problems): string | undefined {
  const text = readString(value, place, problems);
  if (text === undefined || parseVersionRange(text) !== undefined) return text;
  problems.add(place, `${quote(text)} is not a semver range`, {
    mend: `Write one such as "^1.2.0", ">=1.2.0 <3" or "*", without spaces around it.`,
  });
  return undefined;
}

/**
 * Whether a version is in a range, as npm, Deno and Bun see it: a prerelease only is when the range names a prerelease of
 * the same version.
 *
 * @param version A semantic version.
 * @param range A range.
 * @returns Whether it is.
 * @throws {PlugmapError} `option-invalid` when one of them is not what it should be.
 *
 * @example Check a version
 * ```ts
 * import { satisfiesRange } from "@plugmap/plugmap";
 * import { assert } from "@std/assert";
 *
 * assert(satisfiesRange("1.4.0", "^1.2.0"));
 * assert(!satisfiesRange("2.0.0-beta.1", ">=1.2.0"));
 * ```
 */
export function satisfiesRange(version: string, range: string): boolean {
  const parsedVersion = parseVersion(version);
  if (parsedVersion === undefined) {
    throw new PlugmapError("option-invalid", `${quote(version)} is not a semantic version`, {
      mend: `Pass one such as "1.2.3".`,
    });
  }
  const parsedRange = parseVersionRange(range);
  if (parsedRange === undefined) {
    throw new PlugmapError("option-invalid", `${quote(range)} is not a semver range`, {
      mend: `Pass one such as "^1.2.3".`,
    });
  }
  return satisfies(parsedVersion, parsedRange);
}
