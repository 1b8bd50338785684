import type { ErrorCode, PlugmapError, Step } from "../errors.ts";
import type { IsolationStatus, PermissionReport } from "../isolate/mod.ts";
import type { PermissionSet, Tier } from "../permissions/mod.ts";

/**
 * Where a plugin stands. `listed`: the import map names it, nothing was done yet. `disabled`: the host does not want it.
 * `loading`, then `active` or `failed`. `unloaded`: it was active and was taken out.
 */
export type PluginState = "listed" | "disabled" | "loading" | "active" | "failed" | "unloaded";

/** Milliseconds that each part of loading took; undefined for what was not reached or, as a setup, is not there. */
export interface PluginTimings {
  /** Getting, checking and parsing the manifest. */
  readonly manifest: number | undefined;
  /** Getting and checking the modules. */
  readonly modules: number | undefined;
  /** Linking and running the modules. */
  readonly run: number | undefined;
  /** The plugin's setup. */
  readonly setup: number | undefined;
}

/** What a host knows of a plugin, as plain data. */
export interface PluginReport {
  /** The plugin's name. */
  readonly name: string;
  /** Where it stands. */
  readonly state: PluginState;
  /** The address in the import map, or the one passed to `loadPlugin`. */
  readonly source: string;
  /** URL of the manifest. */
  readonly manifestUrl: string | undefined;
  /** Its version; undefined until the manifest has been read. */
  readonly version: string | undefined;
  /** Integrity metadata of the manifest's bytes, which pins all of the plugin. */
  readonly digest: string | undefined;
  /** Whether the import map, or the caller, pins the digest. */
  readonly pinned: boolean;
  /** The key that its publisher has signed it with, where the policy demands that. */
  readonly signer: string | undefined;
  /** Where it runs; undefined until the policy has allowed it to run at all. */
  readonly tier: Tier | undefined;
  /** For each permission what enforces it, and how well; empty until that is decided. */
  readonly enforcement: readonly PermissionReport[];
  /** What is known of the plugin's own process, if it has one. */
  readonly process: IsolationStatus | undefined;
  /** What the plugin asks for. If it is active, all of it was granted; in tier `trusted` none of it is enforced at run time. */
  readonly permissions: PermissionSet;
  /** Names of the hooks that it implements. */
  readonly hooks: readonly string[];
  /** How many modules were verified, and their bytes. */
  readonly modules: { readonly count: number; readonly size: number };
  /** How long each part of loading it took. */
  readonly timings: PluginTimings;
  /** Why it failed, if it did. */
  readonly error: ErrorReport | undefined;
}

/** A {@linkcode PlugmapError} as plain data. */
export interface ErrorReport {
  /** The code, stable across releases. */
  readonly code: ErrorCode;
  /** The stage in which it happened. */
  readonly step: Step | undefined;
  /** All that it says, on one line. */
  readonly message: string;
}

/** What a host knows of itself and its plugins, as plain data that `JSON.stringify` takes. */
export interface HostReport {
  /** Version of Plugmap. */
  readonly plugmap: string;
  /** What the host runs on. */
  readonly runtime: { readonly name: string; readonly version: string };
  /** Which import map was taken, and why that one. */
  readonly importMap: { readonly path: string | undefined; readonly foundBy: string };
  /** Path of the policy, if it is a file. */
  readonly policy: string | undefined;
  /** Path of the lock, if there is one. */
  readonly lock: string | undefined;
  /** Folder of the store, if there is one. */
  readonly store: string | undefined;
  /** What is known of each plugin. */
  readonly plugins: readonly PluginReport[];
  /** Problems that stopped nothing. */
  readonly problems: readonly string[];
}

/** An error as plain data. */
export function errorReport(error: PlugmapError): ErrorReport {
  return { code: error.code, step: error.step, message: error.message };
}
