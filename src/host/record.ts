import type { PlugmapError } from "../errors.ts";
import type { Registration } from "../hooks/mod.ts";
import type { ManifestFile, Modules } from "../loader/mod.ts";
import type { IsolatedPlugin, Launch, PermissionReport } from "../isolate/mod.ts";
import { parsePermissions, permissionNames } from "../permissions/mod.ts";
import type { Grant, PermissionSet } from "../permissions/mod.ts";
import type { PluginExport } from "../runtime/plugin_export.ts";
import type { LinkedPlugin } from "../runtime/types.ts";
import type { Admitted } from "./admission.ts";
import { errorReport } from "./states.ts";
import type { PluginReport, PluginState, PluginTimings } from "./states.ts";

/** What an import map, or a caller, says of a plugin. */
export interface Listing {
  readonly name: string;
  /** The address; null where a rule of the import map forbids it. */
  readonly source: string | null;
  /** Integrity metadata, or undefined without any. */
  readonly pin: string | undefined;
}

/** A plugin that may run: everything about it was checked. */
export interface Prepared {
  readonly file: ManifestFile;
  readonly grant: Grant;
  /** How it is started, if that is in a process of its own. */
  readonly launch: Launch | undefined;
  readonly admitted: Admitted;
  readonly modules: Modules;
}

/** A plugin that runs. */
export interface Running {
  readonly prepared: Prepared;
  readonly linked: LinkedPlugin;
  /** Its process, if it has one of its own. */
  readonly isolated: IsolatedPlugin | undefined;
  /** The plugins that it may import, by name. */
  readonly imports: ReadonlyMap<string, Running>;
  registration: Registration;
  /** Names of the hooks that it implements. */
  readonly hooks: readonly string[];
  readonly plugin: PluginExport;
}

type MutableTimings = { -readonly [Part in keyof PluginTimings]: PluginTimings[Part] };

/** All that a host keeps of one plugin. */
export interface PluginRecord {
  readonly listing: Listing;
  state: PluginState;
  error: PlugmapError | undefined;
  /** The manifest, as soon as it is verified: it is told of a plugin that is refused later, too. */
  file: ManifestFile | undefined;
  grant: Grant | undefined;
  launch: Launch | undefined;
  prepared: Prepared | undefined;
  running: Running | undefined;
  readonly timings: MutableTimings;
}

export function createRecord(listing: Listing): PluginRecord {
  return {
    listing,
    state: "listed",
    error: undefined,
    file: undefined,
    grant: undefined,
    launch: undefined,
    prepared: undefined,
    running: undefined,
    timings: { manifest: undefined, modules: undefined, run: undefined, setup: undefined },
  };
}

/** What holds a plugin in the host's own process. */
const unenforced: readonly PermissionReport[] = permissionNames.map((permission) => ({
  permission,
  level: "not enforceable",
  by: "nothing: the plugin runs in the host's process",
}));

const noPermissions: PermissionSet = parsePermissions({}, "");

/** Notes how long a part of loading took, from `began` by the clock of `performance` until now. */
export function noteTime({ timings }: PluginRecord, part: keyof PluginTimings, began: number): void {
  timings[part] = Math.round((performance.now() - began) * 1000) / 1000;
}

/** The record as plain data. */
export function reportOf(record: PluginRecord): PluginReport {
  const { listing, state, error, file, grant, launch, prepared, running, timings } = record;
  const modules = (running?.prepared ?? prepared)?.modules;
  let size = 0;
  for (const module of modules?.values() ?? []) size += module.bytes.length;
  return {
    name: listing.name,
    state,
    source: String(listing.source),
    manifestUrl: file?.url,
    version: file?.manifest.version,
    digest: file?.digest,
    pinned: file?.pinned ?? listing.pin !== undefined,
    signer: (running?.prepared ?? prepared)?.admitted.signer,
    tier: grant?.tier,
    enforcement: launch?.report ?? (grant?.tier === "trusted" ? unenforced : []),
    process: running?.isolated?.status,
    permissions: file?.manifest.permissions ?? noPermissions,
    hooks: running?.hooks ?? file?.manifest.hooks ?? [],
    modules: { count: modules?.size ?? 0, size },
    timings: { ...timings },
    error: error === undefined ? undefined : errorReport(error),
  };
}
