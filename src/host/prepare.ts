/**
 * Everything about a plugin that can be checked without running it: manifest, name, engines, permissions, modules.
 */
import { PlugmapError, quote } from "../errors.ts";
import type { Step } from "../errors.ts";
import { loadManifest, loadModules } from "../loader/mod.ts";
import type { ManifestFile, Modules, Sources } from "../loader/mod.ts";
import { checkEngines } from "../manifest/mod.ts";
import type { EngineVersions } from "../manifest/mod.ts";
import { isGranted } from "../permissions/granted.ts";
import { grantFor, permissionNames, requirePermissions, resolvePermissions } from "../permissions/mod.ts";
import type { Grant, PermissionSet, Policy } from "../permissions/mod.ts";
import type { Launch } from "../isolate/mod.ts";
import { admit } from "./admission.ts";
import type { Gate } from "./admission.ts";
import { requireEnforcement } from "./isolation.ts";
import type { Isolation } from "./isolation.ts";
import { noteTime } from "./record.ts";
import type { PluginRecord, Prepared } from "./record.ts";

/** What plugins are checked against. */
export interface Ground {
  readonly sources: Sources;
  readonly policy: Policy;
  readonly gate: Gate;
  readonly isolation: Isolation;
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
    const granted = requireGrant(file, grant);
    record.grant = grant;
    const launch = await planTier(file, grant, granted, ground);
    record.launch = launch;
    step = "verify";
    const admitted = await admit(file, grant, ground.gate);
    step = "fetch";
    return { file, grant, launch, admitted, modules: await readModules(record, file, ground) };
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

/** What it asks for, all of which is granted, with absolute paths. */
function requireGrant({ manifest, url }: ManifestFile, grant: Grant): PermissionSet {
  const asked = manifest.permissions;
  if (!permissionNames.some((name) => isGranted(asked[name]))) return asked;
  const resolved = resolvePermissions(asked, new URL(".", url).href, "/permissions");
  requirePermissions(manifest.name, resolved, grant);
  return resolved;
}

/** How it is started in a process of its own, if it is to be. */
async function planTier(
  { manifest }: ManifestFile,
  { tier }: Grant,
  granted: PermissionSet,
  { policy, isolation, engines }: Ground,
): Promise<Launch | undefined> {
  if (tier === "isolated") return await isolation.plan(manifest, granted, engines);
  requireEnforcement(policy);
  return undefined;
}
