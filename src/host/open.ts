/**
 * What a host needs before the first plugin: runtime, import map, policy, store, listings.
 */
import process from "node:process";
import { join } from "@std/path/join";
import { closest } from "../document.ts";
import { PlugmapError, quote } from "../errors.ts";
import type { HookSpecs } from "../hooks/mod.ts";
import { resolveIntegrity } from "../import_map/mod.ts";
import type { ImportMap } from "../import_map/mod.ts";
import { defaultJsrUrl, noStore, openStore, Semaphore } from "../loader/mod.ts";
import type { Sources } from "../loader/mod.ts";
import { isPluginName } from "../manifest/mod.ts";
import type { Policy } from "../permissions/mod.ts";
import { detectRuntime } from "../runtime/detect.ts";
import type { RuntimeAdapter } from "../runtime/types.ts";
import { environment, findImportMap, findPolicy, missingImportMap } from "./discover.ts";
import type { FoundMap, FoundPolicy } from "./discover.ts";
import { Isolation } from "./isolation.ts";
import { openLock } from "./lock_file.ts";
import { readLimits } from "./options.ts";
import type { HostOptions } from "./options.ts";
import type { Ground } from "./prepare.ts";
import type { Listing } from "./record.ts";
import { RevocationWatch } from "./revocation_watch.ts";
import { readLockOption, readRevocationOption } from "./update_options.ts";
import { plugmapVersion } from "./version.ts";

/** An opened host: where everything is from, and what plugins are checked against. */
export interface Opened {
  readonly runtime: RuntimeAdapter;
  /** Undefined when none was needed and none was found. */
  readonly found: FoundMap | undefined;
  readonly policy: FoundPolicy;
  /** Folder of the store, if there is one. */
  readonly store: string | undefined;
  readonly ground: Ground;
  readonly listings: readonly Listing[];
}

const listingPrefix = "plugins/";

/**
 * @param needsMap Whether it is an error when no import map is found.
 * @param report Receives problems that stop nothing.
 * @throws {PlugmapError} What is wrong with import map, policy or options: without them nothing can be checked.
 */
export async function open<Specs extends HookSpecs, Context>(
  options: Omit<HostOptions<Specs, Context>, "hooks">,
  needsMap: boolean,
  report: (problem: PlugmapError) => void,
): Promise<Opened> {
  const limits = readLimits(options.limits);
  const runtime = await detectRuntime();
  const warn = (warning: string): void => report(new PlugmapError("import-map-invalid", warning));
  const found = findImportMap(options.importMap, runtime, warn);
  if (found === undefined && needsMap) throw missingImportMap(runtime);
  const folder = found?.folder ?? process.cwd();
  const policy = findPolicy(options.policy, folder, runtime);
  const store = storeFolder(options.store, folder, runtime);
  const sources: Sources = {
    limits,
    redirects: [...policy.policy.redirects],
    places: new Semaphore(limits.concurrency),
    runtime,
    store: store === undefined ? noStore : openStore(store, report),
    registry: registryUrl(runtime),
  };
  const lock = openLock(readLockOption(options.lock), folder, runtime);
  const watched = readRevocationOption(options.revocations);
  const revocations = watched && new RevocationWatch(watched, sources, lock, report);
  const ground: Ground = {
    sources,
    policy: policy.policy,
    gate: { lock, revocations, report },
    isolation: new Isolation(options.isolation, {
      policy: policy.policy,
      runtime,
      report,
      onPermissionRequest: options.onPermissionRequest,
      audit: options.audit,
    }),
    engines: { plugmap: plugmapVersion, [runtime.name]: runtime.version, host: options.version },
  };
  const listings = found === undefined ? [] : listingsOf(found.map, report);
  reportMisspelt(policy.policy, listings, report);
  return { runtime, found, policy, store, ground, listings };
}

/**
 * Under a misspelt name in the policy a plugin has the default grant, which may demand less of it. A name may be of a plugin
 * that is loaded by its URL, or by another host, so this stops nothing.
 */
function reportMisspelt(
  { plugins }: Policy,
  listings: readonly Listing[],
  report: (problem: PlugmapError) => void,
): void {
  const listed = new Set(listings.map(({ name }) => name));
  const without = [...listed].filter((name) => !plugins.has(name));
  for (const name of plugins.keys()) {
    const meant = listed.has(name) ? undefined : closest(name, without);
    if (meant === undefined) continue;
    const problem = `The policy has a grant for ${quote(name)}, which the import map does not list`;
    report(new PlugmapError("policy-invalid", problem, { mend: `Did you mean ${quote(meant)}?` }));
  }
}

/** Every exact `plugins/<name>` of the map, in its order. */
function listingsOf(map: ImportMap, report: (problem: PlugmapError) => void): Listing[] {
  const listings: Listing[] = [];
  for (const [specifier, source] of map.imports) {
    if (!specifier.startsWith(listingPrefix)) continue;
    const name = specifier.slice(listingPrefix.length);
    if (!isPluginName(name)) {
      report(
        new PlugmapError("import-map-invalid", `${quote(specifier)} does not list a plugin`, {
          mend: 'Plugin names are lower-case, like those of packages: "weather", "@acme/weather".',
        }),
      );
      continue;
    }
    listings.push({ name, source, pin: source === null ? undefined : pinOf(source, map) });
  }
  return listings;
}

/** A pin may stand beside the address as it is written, or beside the manifest that it leads to. */
function pinOf(source: string, map: ImportMap): string | undefined {
  const manifest = source.endsWith("/") ? `${source}plugin.json` : source;
  for (const url of [source, manifest]) {
    if (map.integrity.has(url)) return resolveIntegrity(url, map);
  }
  return undefined;
}

function storeFolder(given: string | false | undefined, folder: string, runtime: RuntimeAdapter): string | undefined {
  if (given !== undefined) return given === false ? undefined : given;
  const path = join(folder, ".plugmap");
  // Without a word from the user, a store that may not be written is no store, and no question at the terminal.
  return runtime.may({ name: "write", path }) && runtime.may({ name: "read", path }) ? path : undefined;
}

function registryUrl(runtime: RuntimeAdapter): string {
  const given = environment("JSR_URL", runtime);
  if (given === undefined) return defaultJsrUrl;
  if (!URL.canParse(given) || !/^https?:/.test(given)) {
    throw new PlugmapError("option-invalid", `JSR_URL is ${quote(given)}, which is not a URL of a registry`);
  }
  return given.endsWith("/") ? given : `${given}/`;
}
