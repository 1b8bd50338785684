/**
 * Everything about a plugin that can be checked without running it: manifest, name, engines, permissions, modules.
 */
import { PlugmapError, quote } from "../errors.ts";
import type { Step } from "../errors.ts";
import { loadManifest, loadModules } from "../loader/mod.ts";
import type { ManifestFile, Sources } from "../loader/mod.ts";
import { checkEngines } from "../manifest/mod.ts";
import type { EngineVersions } from "../manifest/mod.ts";
import { checkTier, grantFor, permissionNames, requirePermissions, resolvePermissions } from "../permissions/mod.ts";
import type { Grant, Policy } from "../permissions/mod.ts";
import { timed } from "./record.ts";
import type { Listing, PluginRecord, Prepared } from "./record.ts";

/** What plugins are checked against. */
export interface Ground {
  readonly sources: Sources;
  readonly policy: Policy;
  readonly engines: EngineVersions;
}

/** @throws {PlugmapError} What is wrong with the plugin, naming it and the step. */
export async function prepare(record: PluginRecord, ground: Ground): Promise<Prepared> {
  const { listing } = record;
  const within = (error: unknown, step: Step): PlugmapError =>
    PlugmapError.within(error, "fetch-failed", { plugin: listing.name, step });
  const file = await timed(record, "manifest", () => readManifest(listing, ground)).catch((error) => {
    throw within(error, "manifest");
  });
  record.file = file;
  try {
    checkEngines(file.manifest, ground.engines);
  } catch (error) {
    throw within(error, "manifest");
  }
  const grant = grantFor(ground.policy, file.manifest.name);
  try {
    requireGrant(file, grant);
  } catch (error) {
    throw within(error, "policy");
  }
  record.grant = grant;
  const modules = await timed(record, "modules", () => loadModules(file, ground.sources)).catch((error) => {
    throw within(error, (error as PlugmapError).code === "integrity-mismatch" ? "verify" : "fetch");
  });
  return { file, grant, modules };
}

/** The manifest of a listed plugin, if it is that plugin's. */
async function readManifest({ name, source, pin }: Listing, { sources }: Ground): Promise<ManifestFile> {
  if (source === null) {
    throw new PlugmapError("import-map-blocked", `The import map forbids ${quote(`plugins/${name}`)}`, {
      mend: "Give the rule an address that is a URL or a path, or remove it.",
    });
  }
  const file = await loadManifest(source, pin, sources);
  if (file.manifest.name !== name) {
    throw new PlugmapError(
      "manifest-mismatch",
      `The manifest at ${quote(file.url)} is of ${quote(file.manifest.name)}`,
      {
        mend: `List it as ${quote(`plugins/${file.manifest.name}`)}, or correct the address.`,
        pointer: "/name",
      },
    );
  }
  return file;
}

function requireGrant({ manifest, url }: ManifestFile, grant: Grant): void {
  checkTier(grant);
  const asked = manifest.permissions;
  if (permissionNames.some((name) => asked[name] === true || asked[name].length > 0)) {
    const folder = new URL(".", url).href;
    requirePermissions(manifest.name, resolvePermissions(asked, folder, "/permissions"), grant);
  }
}
