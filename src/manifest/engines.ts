import { satisfies } from "@std/semver/satisfies";
import { PlugmapError, quote } from "../errors.ts";
import type { EngineName, Manifest } from "./types.ts";
import { parseVersion, parseVersionRange } from "./versions.ts";

/** The versions of what runs here. One of `deno` and `bun` is there: the runtime. */
export interface EngineVersions {
  /** Version of Plugmap. */
  readonly plugmap: string;
  /** Version of Deno, if it is the runtime. */
  readonly deno?: string | undefined;
  /** Version of Bun, if it is the runtime. */
  readonly bun?: string | undefined;
  /** Version of the host application, if it has one. */
  readonly host?: string | undefined;
}

/** All that `engines` can name. */
export const engineNames: readonly EngineName[] = ["plugmap", "deno", "bun", "host"];

const runtimeNames: readonly EngineName[] = ["deno", "bun"];

/**
 * Checks that a plugin is for what runs here.
 *
 * A range that it gives for Plugmap or the host must hold. Once it names a runtime it is for the runtimes it names, so
 * the one here must be among them, in its range. A canary or other prerelease of an engine counts as the release it leads
 * to: Bun calls what comes after 1.4.5 `1.4.6-canary.1`, which no range without a prerelease would otherwise admit.
 *
 * @param manifest The plugin's manifest.
 * @param versions What is here.
 * @throws {PlugmapError} `engine-unmet`, listing what is asked for and what is here.
 *
 * @example Check a plugin for Deno
 * ```ts
 * import { checkEngines, parseManifest, PlugmapError, readPermissions } from "@plugmap/plugmap";
 * import { assertThrows } from "@std/assert";
 *
 * const manifest = parseManifest(
 *   new TextEncoder().encode(JSON.stringify({
 *     name: "weather",
 *     version: "1.0.0",
 *     entry: "./mod.ts",
 *     engines: { deno: ">=2.9.0" },
 *     modules: { "./mod.ts": { integrity: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", size: 0 } },
 *   })),
 *   { readPermissions },
 * );
 *
 * checkEngines(manifest, { plugmap: "0.1.0", deno: "2.9.6" });
 * assertThrows(() => checkEngines(manifest, { plugmap: "0.1.0", bun: "1.4.5" }), PlugmapError, "engine-unmet");
 * ```
 */
export function checkEngines(manifest: Manifest, versions: EngineVersions): void {
  const { engines } = manifest;
  if (engines.size === 0) return;
  const isMet = (name: EngineName): boolean => {
    const asked = engines.get(name);
    const here = versions[name];
    return asked !== undefined && here !== undefined && admits(asked, here);
  };
  const namesRuntime = runtimeNames.some((name) => engines.has(name));
  const met = (!engines.has("plugmap") || isMet("plugmap")) && (!engines.has("host") || isMet("host")) &&
    (!namesRuntime || runtimeNames.some(isMet));
  if (met) return;
  const asked = [...engines].map(([name, range]) => `${name} ${quote(range)}`);
  const here = engineNames.filter((name) => versions[name] !== undefined).map((name) =>
    `${name} ${quote(versions[name]!)}`
  );
  throw new PlugmapError("engine-unmet", `The plugin is for ${asked.join(", ")}, while here is ${here.join(", ")}`, {
    pointer: "/engines",
    mend: "Use a version of the plugin that is for what is here, or a version of what is here that the plugin is for.",
  });
}

function admits(range: string, version: string): boolean {
  const [parsedRange, parsedVersion] = [parseVersionRange(range), parseVersion(version)];
  if (parsedRange === undefined || parsedVersion === undefined) return false;
  return satisfies(parsedVersion, parsedRange) || satisfies({ ...parsedVersion, prerelease: [] }, parsedRange);
}
