/**
 * From verified modules to an active plugin: link, run, set up, register; or nothing of it.
 */
import { PlugmapError, quote } from "../errors.ts";
import type { Dispatcher, HookSpecs, Registration } from "../hooks/mod.ts";
import type { IsolatedPlugin } from "../isolate/mod.ts";
import { createGraph } from "../loader/mod.ts";
import { implementedHooks, readPluginExport } from "../runtime/plugin_export.ts";
import type { PluginExport } from "../runtime/plugin_export.ts";
import type { LinkedPlugin, RuntimeAdapter } from "../runtime/types.ts";
import { withDeadline } from "./deadline.ts";
import type { Ground } from "./prepare.ts";
import type { PluginIdentity } from "./options.ts";
import { noteTime } from "./record.ts";
import type { PluginRecord, Prepared, Running } from "./record.ts";

/** What plugins run in. */
export interface Stage extends Ground {
  readonly runtime: RuntimeAdapter;
  readonly dispatcher: Dispatcher<HookSpecs>;
  /** Names of the hooks that replay, and wait for it. */
  readonly replaying: ReadonlySet<string>;
  /** What the setup of a plugin receives as `context.host`. */
  readonly contextFor: (plugin: PluginIdentity) => unknown;
  /** Takes a plugin out whose process is not started again. */
  readonly giveUp: (isolated: IsolatedPlugin, error: PlugmapError) => void;
}

/** A plugin that was set up, and not yet registered. */
export type Started = Omit<Running, "registration" | "hooks">;

/**
 * Runs the modules and the setup, in this process or in one of the plugin's own.
 *
 * @param imports Active plugins that this one may import, by name.
 * @throws {PlugmapError} What went wrong, naming plugin and step. Nothing of the plugin is left then.
 */
export async function start(
  record: PluginRecord,
  prepared: Prepared,
  imports: ReadonlyMap<string, Running>,
  stage: Stage,
): Promise<Started> {
  const { limits } = stage.sources;
  const { name } = prepared.file.manifest;
  const apart = prepared.launch && await import("./isolated.ts");
  const isolated = await apart?.isolate(prepared, prepared.launch!, imports, stage);
  const linked = isolated === undefined ? link(prepared, imports, stage) : apart!.linkOf(isolated);
  try {
    const plugin = isolated === undefined
      ? readPluginExport(await run(linked.evaluate(), record, limits.run), prepared.file.manifest)
      : await apart!.isolatedExport(isolated, prepared, stage, () => timed(isolated.start(), record));
    if (plugin.setup !== undefined) await setUp(plugin, record, prepared, stage);
    return { prepared, linked, isolated, imports, plugin };
  } catch (error) {
    linked.unlink();
    throw PlugmapError.within(error, "module-invalid", { plugin: name, step: "run" });
  }
}

function link({ file, modules }: Prepared, imports: ReadonlyMap<string, Running>, stage: Stage): LinkedPlugin {
  // What runs in another process cannot be imported into this one.
  const here = [...imports].map(([name, { linked, isolated }]) => [name, isolated === undefined ? linked : undefined]);
  try {
    return stage.runtime.link(
      createGraph(file, modules, new Map(here as [string, LinkedPlugin | undefined][]), stage.sources.registry),
    );
  } catch (error) {
    throw PlugmapError.within(error, "module-invalid", { plugin: file.manifest.name, step: "link" });
  }
}

function run<Value>(running: Promise<Value>, record: PluginRecord, limit: number): Promise<Value> {
  const late = (): PlugmapError =>
    new PlugmapError("run-timeout", `Its modules did not finish running within ${limit} ms`, {
      mend: "Look for a top-level await that never settles.",
    });
  return timed(withDeadline(running, limit, late), record);
}

async function timed<Value>(running: Promise<Value>, record: PluginRecord): Promise<Value> {
  const began = performance.now();
  try {
    return await running;
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
  const settled = new Promise((resolve) => {
    resolve(setup(Object.freeze({ name, version, host: stage.contextFor({ name, version }) })));
  });
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
