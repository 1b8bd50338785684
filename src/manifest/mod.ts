/**
 * The manifest of a plugin: what `plugin.json` may say, and whether it suits what runs here.
 *
 * @module
 */

export type { Place, Problems } from "../document.ts";
export { checkEngines, type EngineVersions } from "./engines.ts";
export { defaultManifestLimits, type ManifestLimits } from "./limits.ts";
export { parseManifest } from "./parse.ts";
export { isPluginName } from "./names.ts";
export { satisfiesRange } from "./versions.ts";
export type {
  DeclaredImpl,
  Dependency,
  EngineName,
  Manifest,
  ManifestOptions,
  ModuleRecord,
  PermissionReader,
} from "./types.ts";
