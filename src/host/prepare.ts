/**
 * Everything about a plugin that can be checked without running it: manifest, name, engines, permissions, modules.
 */
import { PlugmapError, quote } from "../errors.ts";
import type { Step } from "../errors.ts";
import { loadManifest, loadModules } from "../loader/mod.ts";
import type { ManifestFile, Modules, Sources } from "../loader/mod.ts";
import { checkEngines } from "../manifest/mod.ts";
import type { EngineVersions } from "../manifest/mod.ts";
import { checkTier, grantFor, permissionNames, requirePermissions, resolvePermissions } from "../permissions/mod.ts";
import type { Grant, Policy } from "../permissions/mod.ts";
import { noteTime } from "./record.ts";
import type { PluginRecord, Prepared } from "./record.ts";

/** What plugins are checked against. */
export interface Ground {
  readonly sources: Sources;
  readonly policy: Policy;
  readonly engines: EngineVersions;
}

/** @throws {PlugmapError} What is wrong with the plugin, naming it and the step. */
export async function prepare(record: PluginRecord, ground: Ground): Promise<Prepared> {
  const { name } = record.listing;
  let step: Step = "manifest";
  try {
    const file = await readManifest(record, ground);
    record.file = file;
    checkEngines(file.manifest, ground.engines);
    step = "policy";
    const grant = grantFor(ground.policy, file.manifest.name);
    requireGrant(file, grant);
    record.grant = grant;
    step = "fetch";
    return { file, grant, modules: await readModules(record, file, ground) };
  } catch (error) {
    if (step === "fetch" && (error as PlugmapError).code === "integrity-mismatch") step = "verify";
    throw PlugmapError.within(error, "fetch-failed", { plugin: name, step });
  }
}

/** The manifest of a listed plugin, if it is that plugin's. */
async function readManifest(record: PluginRecord, { sources }: Ground): Promise<ManifestFile> {
  const { name, source, pin } = record.listing;
  if (source === null) {
    throw new PlugmapError("import-map-blocked", `The import map forbids ${quote(`plugins/${name}`)}`, {
      mend: "Give the rule an address that is a URL or a path, or remove it.",
    });
  }
  const began = performance.now();
  let file: ManifestFile;
  try {
    file = await loadManifest(source, pin, sources);
  } finally {
    noteTime(record, "manifest", began);
  }
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

async function readModules(record: PluginRecord, file: ManifestFile, { sources }: Ground): Promise<Modules> {
  const began = performance.now();
  try {
    return await loadModules(file, sources);
  } finally {
    noteTime(record, "modules", began);
  }
}

function requireGrant({ manifest, url }: ManifestFile, grant: Grant): void {
  checkTier(grant);
  const asked = manifest.permissions;
  if (permissionNames.some((name) => asked[name] === true || asked[name].length > 0)) {
    const folder = new URL(".", url).href;
    requirePermissions(manifest.name, resolvePermissions(asked, folder, "/permissions"), grant);
  }
}
