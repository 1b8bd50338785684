/**
 * From a place named in an import map to verified modules: locate, fetch or read with limits, verify, store, close the
 * graph. Nothing here runs a plugin.
 *
 * @module
 */

export { fetchBytes } from "./fetch.ts";
export { folderOf, pathOf, readFile } from "./files.ts";
export type { Folder } from "./files.ts";
export { createGraph } from "./graph.ts";
export { defaultJsrUrl, fetchJsrFile, resolveVersion } from "./jsr.ts";
export { defaultLimits } from "./limits.ts";
export type { Limits } from "./limits.ts";
export { loadManifest, urlBeside } from "./load_manifest.ts";
export type { ManifestFile, Sources } from "./load_manifest.ts";
export { loadModules } from "./load_modules.ts";
export type { Modules } from "./load_modules.ts";
export { locate, parseJsr } from "./location.ts";
export { kindOf } from "./media.ts";
export { jsrFileUrl } from "./module_url.ts";
export { Semaphore } from "./semaphore.ts";
export { noStore, openStore } from "./store.ts";
export type { Store } from "./store.ts";
