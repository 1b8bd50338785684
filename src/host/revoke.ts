/**
 * Taking plugins out that were revoked while they were active.
 */
import type { PlugmapError } from "../errors.ts";
import type { HookSpecs } from "../hooks/mod.ts";
import type { Stage } from "./activate.ts";
import type { ManifestFile } from "../loader/mod.ts";
import type { Manifest } from "../manifest/mod.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { dependencyFailed } from "./plan.ts";
import type { PluginRecord } from "./record.ts";

/**
 * Takes out those that were revoked, and those that depend on one of them: the code of what they import is part of theirs.
 *
 * @param active Active plugins, in the order of registration.
 */
export async function takeOutRevoked<Specs extends HookSpecs>(
  active: readonly PluginRecord[],
  lifecycle: Lifecycle<Specs>,
  stage: Stage,
): Promise<void> {
  const { revocations, report } = stage.gate;
  const errors = new Map<string, PlugmapError>();
  const note = (refuse: (file: ManifestFile) => PlugmapError | undefined): void => {
    for (const { running } of active) {
      const { file } = running!.prepared;
      const error = errors.has(file.manifest.name) ? undefined : refuse(file);
      if (error !== undefined) errors.set(file.manifest.name, error);
    }
  };
  note(({ manifest: { name, version }, digest }) => revocations?.refusalOf({ name, version, digest }));
  for (let known = -1; known < errors.size;) {
    known = errors.size;
    note(({ manifest }) => failureThrough(manifest, errors));
  }
  for (const record of active.toReversed()) {
    const error = errors.get(record.listing.name);
    // A process may have ended meanwhile, and its plugin with it.
    if (error === undefined || record.running === undefined) continue;
    await lifecycle.takeOut(record, stage).catch(report);
    record.state = "failed";
    record.error = error;
    report(error);
  }
}

function failureThrough(
  { name, dependencies }: Manifest,
  errors: ReadonlyMap<string, PlugmapError>,
): PlugmapError | undefined {
  const dependency = [...dependencies.keys()].find((each) => errors.has(each));
  return dependency === undefined ? undefined : dependencyFailed(name, dependency, errors.get(dependency)!);
}
