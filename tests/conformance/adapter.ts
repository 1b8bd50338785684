/**
 * What the conformance runner calls, in the signatures that it documents.
 *
 * @module
 */

import { type ImportMap, mergeImportMaps as merge } from "../../src/import_map/mod.ts";
import { checkIntegrity as check } from "../../src/integrity/mod.ts";

export {
  parseImportMap,
  resolveIntegrity,
  resolveSpecifier as resolve,
  serializeImportMap,
} from "../../src/import_map/mod.ts";

/** A specifier resolution record of the HTML standard. */
interface ResolutionRecord {
  readonly serializedBaseURL: string;
  readonly specifier: string;
  readonly asURL: string | null;
}

/** Our records hold the specifier as it was imported; one that is normalized already stays the same. */
export function mergeImportMaps(existing: ImportMap, incoming: ImportMap, resolved: ResolutionRecord[]): ImportMap {
  return merge(
    existing,
    incoming,
    resolved.map(({ specifier, serializedBaseURL: baseUrl }) => ({ specifier, baseUrl })),
  );
}

/**
 * To the standard, empty metadata means that none was given and nothing is to be checked. Plugmap decides that
 * elsewhere: `checkIntegrity` itself refuses empty text; whether something may go without metadata is for its caller.
 */
export function checkIntegrity(bytes: Uint8Array, metadata: string): boolean {
  return /^ *$/.test(metadata) || check(bytes, metadata);
}
