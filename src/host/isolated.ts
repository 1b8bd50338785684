/**
 * An isolated plugin as the host sees it: the same setup, hooks and dispose as of any other, in another process.
 */
import { PlugmapError } from "../errors.ts";
import { proxiedImpls, sharedContext } from "../isolate/mod.ts";
import type { IsolatedPlugin, Launch, PluginModules, StartedMessage } from "../isolate/mod.ts";
import type { PluginExport } from "../runtime/plugin_export.ts";
import type { LinkedPlugin } from "../runtime/types.ts";
import type { Stage } from "./activate.ts";
import { syncHooksOf } from "./isolation.ts";
import type { Prepared, Running } from "./record.ts";

/** A plugin that is to run in a process of its own, with copies of the plugins that it may import. */
export async function isolate(
  prepared: Prepared,
  launch: Launch,
  imports: ReadonlyMap<string, Running>,
  { isolation, sources, gate, giveUp }: Stage,
): Promise<IsolatedPlugin> {
  const { name } = prepared.file.manifest;
  const told = (error: PlugmapError): PlugmapError =>
    PlugmapError.within(error, error.code, { plugin: name, step: "run" });
  const plugins = [...withImports(imports), prepared].map(modulesOf);
  const isolated = await isolation.create(launch, plugins, sources.registry, {
    runLimit: sources.limits.run,
    setupLimit: sources.limits.setup,
    onCrash: (error) => gate.report(told(error)),
    onGivenUp: (error) => giveUp(isolated, told(error)),
  });
  return isolated;
}

/** What may be imported, and what that imports in turn, each after what it imports itself. */
function withImports(imports: ReadonlyMap<string, Running>, found: Set<Prepared> = new Set()): Set<Prepared> {
  for (const { prepared, imports: further } of imports.values()) {
    withImports(further, found);
    found.add(prepared);
  }
  return found;
}

function modulesOf({ file, modules }: Prepared): PluginModules {
  return { manifest: file.manifest, url: file.url, modules: [...modules.values()] };
}

/** What stands for its modules in the host: they are not here. */
export function linkOf(isolated: IsolatedPlugin): LinkedPlugin {
  return {
    evaluate: () => Promise.reject(new PlugmapError("module-unsupported", "It runs in a process of its own")),
    unlink: () => isolated.end(),
  };
}

/**
 * What the plugin is. Where its manifest tells what it implements, that is taken as given, and its process is started
 * when it is needed. Otherwise it is started now, to say so itself.
 *
 * @throws {PlugmapError} `hook-async`, and why it cannot be started.
 */
export async function isolatedExport(
  isolated: IsolatedPlugin,
  { file: { manifest } }: Prepared,
  { contextFor, dispatcher }: Stage,
  start: () => Promise<StartedMessage>,
): Promise<PluginExport> {
  const { name, version } = manifest;
  const hooksOf = (impls: StartedMessage["impls"]): object =>
    proxiedImpls(name, isolated, impls, syncHooksOf(dispatcher));
  const setUp = (): Promise<void> =>
    isolated.setUp({ name, version, host: sharedContext(contextFor({ name, version })) });
  const dispose = (): Promise<void> => isolated.dispose();
  if (manifest.impls !== undefined) {
    // Whether it has a setup and a dispose shows when it is started.
    await setUp();
    return { setup: undefined, hooks: hooksOf(manifest.impls), dispose };
  }
  const { impls, hasSetup, hasDispose } = await start();
  return { setup: hasSetup ? setUp : undefined, hooks: hooksOf(impls), dispose: hasDispose ? dispose : undefined };
}
