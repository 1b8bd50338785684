/**
 * From verified modules to an active plugin: link, run, set up, register; or nothing of it.
 */
import { PlugmapError, quote } from "../errors.ts";
import type { Dispatcher, HookSpecs, Registration } from "../hooks/mod.ts";
import { createGraph } from "../loader/mod.ts";
import type { LinkedPlugin, RuntimeAdapter } from "../runtime/types.ts";
import { withDeadline } from "./deadline.ts";
import type { Ground } from "./prepare.ts";
import { implementedHooks, readPluginExport } from "./plugin_export.ts";
import { noteTime } from "./record.ts";
import type { PluginExport, PluginRecord, Prepared, Running } from "./record.ts";

/** What plugins run in. */
export interface Stage extends Ground {
  readonly runtime: RuntimeAdapter;
  readonly dispatcher: Dispatcher<HookSpecs>;
  /** Names of the hooks that replay, and wait for it. */
  readonly replaying: ReadonlySet<string>;
  /** What setup receives as `context.host`. */
  readonly context: unknown;
}

/** A plugin that was set up, and not yet registered. */
export interface Started {
  readonly prepared: Prepared;
  readonly linked: LinkedPlugin;
  readonly plugin: PluginExport;
}

/**
 * Runs the modules and the setup.
 *
 * @param dependencies Linked plugins that this one may import, by name.
 * @throws {PlugmapError} What went wrong, naming plugin and step. Nothing of the plugin is left then.
 */
export async function start(
  record: PluginRecord,
  prepared: Prepared,
  dependencies: ReadonlyMap<string, LinkedPlugin>,
  stage: Stage,
): Promise<Started> {
  const { file, modules } = prepared;
  const plugin = file.manifest.name;
  const { limits, registry } = stage.sources;
  const linked = link();
  try {
    const exported = readPluginExport(await run(linked, record, limits.run), file.manifest);
    if (exported.setup !== undefined) await setUp(exported, record, prepared, stage);
    return { prepared, linked, plugin: exported };
  } catch (error) {
    linked.unlink();
    throw PlugmapError.within(error, "module-invalid", { plugin, step: "run" });
  }

  function link(): LinkedPlugin {
    try {
      return stage.runtime.link(createGraph(file, modules, dependencies, registry));
    } catch (error) {
      throw PlugmapError.within(error, "module-invalid", { plugin, step: "link" });
    }
  }
}

async function run(linked: LinkedPlugin, record: PluginRecord, limit: number): Promise<unknown> {
  const began = performance.now();
  try {
    return await withDeadline(
      linked.evaluate(),
      limit,
      () =>
        new PlugmapError("run-timeout", `Its modules did not finish running within ${limit} ms`, {
          mend: "Look for a top-level await that never settles.",
        }),
    );
  } finally {
    noteTime(record, "run", began);
  }
}

async function setUp(
  { setup, dispose }: PluginExport,
  record: PluginRecord,
  { file }: Prepared,
  stage: Stage,
): Promise<void> {
  if (setup === undefined) return;
  const { name, version } = file.manifest;
  const limit = stage.sources.limits.setup;
  const began = performance.now();
  // Called from inside a promise, so that what it throws and what it rejects with arrive the same way.
  const settled = new Promise((resolve) => resolve(setup(Object.freeze({ name, version, host: stage.context }))));
  const context = { plugin: name, step: "setup" } as const;
  try {
    await withDeadline(settled, limit, () =>
      new PlugmapError("setup-timeout", `It is not done within ${limit} ms`, {
        ...context,
        mend: "Look for a promise in setup that never settles, or raise the host's limit.",
      }));
  } catch (error) {
    // A setup that comes through too late has made what only dispose can take back.
    settled.then(() => dispose?.()).catch(() => {});
    throw PlugmapError.within(error, "setup-failed", context);
  } finally {
    noteTime(record, "setup", began);
  }
}

/**
 * Registers what was set up. Historic hooks replay to it what was called before.
 *
 * @param replace Whether it takes the place of the plugin of its name.
 * @throws {PlugmapError} What the hooks refuse; the plugin is then disposed of.
 */
export async function register(started: Started, stage: Stage, replace: boolean): Promise<Running> {
  const { name } = started.prepared.file.manifest;
  let registration: Registration;
  try {
    registration = await catchUp(name, started.plugin.hooks, stage, replace);
    if (!stage.dispatcher.has(name)) {
      throw new PlugmapError("plugin-blocked", "The host's dispatcher has it blocked or unregistered", {
        mend: "Unblock it before it is loaded.",
      });
    }
  } catch (error) {
    await release(started, stage).catch(() => {});
    throw PlugmapError.within(error, "hook-impl-invalid", { plugin: name, step: "register" });
  }
  return { ...started, registration, hooks: stage.dispatcher.hooksOf(name) ?? [] };
}

/** Registers a plugin, and does not wait for ever for what historic hooks have to replay to it. */
function catchUp(name: string, hooks: object, stage: Stage, replace: boolean): Promise<Registration> {
  const { dispatcher, replaying, sources } = stage;
  if (!implementedHooks(hooks).some((hook) => replaying.has(hook))) {
    return dispatcher.registerAsync(name, hooks, { replace });
  }
  const controller = new AbortController();
  const limit = sources.limits.setup;
  return withDeadline(dispatcher.registerAsync(name, hooks, { replace, signal: controller.signal }), limit, () => {
    controller.abort();
    return new PlugmapError("setup-timeout", `It is not done within ${limit} ms with what was called before it came`, {
      mend: "Look for a promise that never settles in what it does for historic hooks, or raise the host's limit.",
    });
  });
}

/**
 * Disposes of a plugin that is no longer registered.
 *
 * @throws {PlugmapError} `dispose-failed`, after everything was let go of.
 */
export async function release({ prepared, linked, plugin }: Started, { sources }: Stage): Promise<void> {
  const { name } = prepared.file.manifest;
  const limit = sources.limits.dispose;
  const context = { plugin: name, step: "dispose" } as const;
  try {
    if (plugin.dispose === undefined) return;
    const { dispose } = plugin;
    const settled = new Promise((resolve) => resolve(dispose()));
    await withDeadline(
      settled,
      limit,
      () => new PlugmapError("dispose-failed", `It is not done within ${limit} ms`, context),
    );
  } catch (error) {
    throw PlugmapError.within(error, "dispose-failed", context);
  } finally {
    linked.unlink();
  }
}

/** @throws {PlugmapError} `plugin-needed` when active plugins cannot do without this one. */
export function requireUnneeded(name: string, records: Iterable<PluginRecord>): void {
  const needing = [...records].filter(({ running }) =>
    running?.prepared.file.manifest.dependencies.get(name)?.optional === false
  );
  if (needing.length === 0) return;
  const names = needing.map(({ listing }) => quote(listing.name)).join(", ");
  throw new PlugmapError("plugin-needed", `${names} cannot do without it`, {
    plugin: name,
    step: "dispose",
    mend: "Unload what depends on it first.",
  });
}
