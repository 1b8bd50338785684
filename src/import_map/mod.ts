/**
 * WHATWG import maps: parse, resolve, merge, serialize. Pure; one import map works the same on every runtime.
 *
 * @module
 */

export { mergeImportMaps } from "./merge.ts";
export { parseImportMap } from "./parse.ts";
export { resolveIntegrity, resolveSpecifier } from "./resolve.ts";
export { serializeImportMap } from "./serialize.ts";
export type { ImportMap, ImportMapJson, ImportMapOptions, ResolvedModule, RuleTable, SpecifierMap } from "./types.ts";
