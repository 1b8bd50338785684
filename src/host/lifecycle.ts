/**
 * The plugins of a host and the ways in which they come and go. Each way leaves a plugin wholly in or wholly out.
 */
import { PlugmapError, quote } from "../errors.ts";
import type { Dispatcher, HookSpecs } from "../hooks/mod.ts";
import type { IsolatedPlugin } from "../isolate/mod.ts";
import { satisfiesRange } from "../manifest/mod.ts";
import type { Manifest } from "../manifest/mod.ts";
import { record as recordAdmitted } from "./admission.ts";
import { register, release, start } from "./activate.ts";
import type { Stage } from "./activate.ts";
import { dependencyFailed, planOrder } from "./plan.ts";
import { prepare } from "./prepare.ts";
import { createRecord } from "./record.ts";
import type { Listing, PluginRecord, Running } from "./record.ts";

/** The records of all plugins that a host knows, and what changes them. Calls must not overlap. */
export class Lifecycle<Specs extends HookSpecs> {
  readonly records: Map<string, PluginRecord> = new Map();
  readonly dispatcher: Dispatcher<Specs>;

  constructor(dispatcher: Dispatcher<Specs>) {
    this.dispatcher = dispatcher;
  }

  /** The record of a listing, made anew if there is none, or if it is of another listing and that is not running. */
  recordOf(listing: Listing): PluginRecord {
    let record = this.records.get(listing.name);
    if (record === undefined || (record.running === undefined && record.listing !== listing)) {
      this.records.set(listing.name, record = createRecord(listing));
    }
    return record;
  }

  /**
   * Loads plugins. What goes wrong with one is in its record afterwards; nothing is thrown.
   *
   * @param follow Names further plugins to load because a loaded one depends on them.
   */
  async load(
    wanted: readonly PluginRecord[],
    stage: Stage,
    follow: (dependency: string) => PluginRecord | undefined = () => undefined,
  ): Promise<void> {
    const loading = new Set(wanted);
    for (let fresh = [...loading]; fresh.length > 0;) {
      await Promise.all(fresh.map((record) => this.#prepare(record, stage)));
      const needed = fresh.flatMap(({ prepared }) => [...prepared?.file.manifest.dependencies.keys() ?? []]);
      fresh = [...new Set(needed.flatMap((name) => follow(name) ?? []))]
        .filter((record) => !loading.has(record) && record.state !== "active");
      for (const record of fresh) loading.add(record);
    }
    await this.#activateAll(loading, stage);
  }

  /**
   * Takes an active plugin out, hooks first, so that none of them runs on what dispose took down.
   *
   * @param drain Whether to let it answer first what it was called for: its process ends with it.
   * @throws {PlugmapError} `dispose-failed`, with the plugin out all the same.
   */
  async takeOut(record: PluginRecord, stage: Stage, drain = false): Promise<void> {
    const running = record.running!;
    running.registration.unregister();
    record.state = "unloaded";
    record.running = undefined;
    record.prepared = undefined;
    if (drain) await running.isolated?.drain(stage.sources.limits.dispose);
    try {
      await release(running, stage);
    } catch (error) {
      record.error = error as PlugmapError;
      throw error;
    }
  }

  /** Takes a plugin out whose process is not started again. What it implements is gone, and the others go on. */
  giveUp(isolated: IsolatedPlugin, error: PlugmapError): void {
    // It may have been replaced or unloaded meanwhile.
    const record = [...this.records.values()].find(({ running }) => running?.isolated === isolated);
    if (record === undefined) return;
    record.running!.registration.unregister();
    record.running!.linked.unlink();
    fail(record, error);
  }

  /**
   * Loads an active plugin anew and puts the new one in its place.
   *
   * @throws {PlugmapError} What is wrong with the new one, the old one being as it was; or `dispose-failed` of the old one.
   */
  async replace(old: PluginRecord, stage: Stage): Promise<PluginRecord> {
    const next = createRecord(old.listing);
    const { name } = old.listing;
    const before = old.running!;
    next.prepared = await prepare(next, stage);
    const { manifest } = next.prepared.file;
    const { failures } = planOrder(this.#activeManifests().set(name, manifest), new Map());
    // That another plugin cannot do with the new one is no less a reason than what is wrong with itself.
    const [failure] = [...failures.values()].sort((error) => error.plugin === name ? -1 : 1);
    if (failure !== undefined) throw failure;
    const started = await start(next, next.prepared, this.#importable(manifest), stage);
    next.running = await register(started, stage, true);
    next.prepared = undefined;
    next.state = "active";
    this.records.set(name, next);
    await recordAdmitted(started.prepared.admitted, stage.gate);
    // Who called the old one gets its answers: they were asked for before there was a new one (T25).
    await before.isolated?.drain(stage.sources.limits.dispose);
    await release(before, stage);
    return next;
  }

  async #prepare(record: PluginRecord, stage: Stage): Promise<void> {
    record.state = "loading";
    record.error = undefined;
    record.file =
      record.grant =
      record.launch =
      record.prepared =
        undefined;
    try {
      record.prepared = await prepare(record, stage);
    } catch (error) {
      fail(record, error as PlugmapError);
    }
  }

  async #activateAll(loading: ReadonlySet<PluginRecord>, stage: Stage): Promise<void> {
    const manifests = this.#activeManifests();
    const failed = new Map<string, PlugmapError>();
    for (const { listing, prepared, error } of loading) {
      if (prepared !== undefined) manifests.set(listing.name, prepared.file.manifest);
      else failed.set(listing.name, error!);
    }
    const { order, failures } = planOrder(manifests, failed);
    for (const [name, error] of failures) {
      const record = this.records.get(name)!;
      if (loading.has(record)) fail(record, error);
    }
    const activating = new Map<string, Promise<void>>();
    let before: Promise<void> = Promise.resolve();
    for (const name of order) {
      const record = this.records.get(name)!;
      if (!loading.has(record)) continue;
      const activation = this.#activate(record, activating, before, stage);
      activating.set(name, activation);
      before = activation;
    }
    // Each waits for the one before it, so the last is last.
    await before;
  }

  /**
   * Starts a plugin as soon as those it depends on are active, and registers it when its turn has come: plugins start
   * side by side, but the order of registration, on which that of the hooks rests, is always that of the plan.
   */
  async #activate(
    record: PluginRecord,
    activating: ReadonlyMap<string, Promise<void>>,
    turn: Promise<unknown>,
    stage: Stage,
  ): Promise<void> {
    const prepared = record.prepared!;
    const { manifest } = prepared.file;
    try {
      if (manifest.dependencies.size > 0) {
        await Promise.all([...manifest.dependencies.keys()].map((name) => activating.get(name)));
        this.#requireDependencies(manifest);
      }
      const started = await start(record, prepared, this.#importable(manifest), stage);
      await turn;
      record.running = await register(started, stage, false);
      record.prepared = undefined;
      record.state = "active";
      await recordAdmitted(prepared.admitted, stage.gate);
    } catch (error) {
      fail(record, error as PlugmapError);
      await turn;
    }
  }

  #requireDependencies({ name, dependencies }: Manifest): void {
    for (const [dependency, { optional }] of dependencies) {
      const { running, error } = this.records.get(dependency) ?? {};
      if (!optional && running === undefined) throw dependencyFailed(name, dependency, error!);
    }
  }

  /** What a plugin may import. An optional dependency of a version that it is not made for is one that is not there. */
  #importable({ dependencies }: Manifest): ReadonlyMap<string, Running> {
    const importable = new Map<string, Running>();
    for (const [name, { version }] of dependencies) {
      const running = this.records.get(name)?.running;
      if (running === undefined) continue;
      if (satisfiesRange(running.prepared.file.manifest.version, version)) importable.set(name, running);
    }
    return importable;
  }

  #activeManifests(): Map<string, Manifest> {
    const manifests = new Map<string, Manifest>();
    for (const [name, { running }] of this.records) {
      if (running !== undefined) manifests.set(name, running.prepared.file.manifest);
    }
    return manifests;
  }
}

function fail(record: PluginRecord, error: PlugmapError): void {
  record.state = "failed";
  record.error = error;
  record.running = undefined;
}

/** What is thrown when several plugins could not be disposed of: nothing of what they said is lost. */
export function undisposed(failures: readonly PlugmapError[]): PlugmapError {
  const [only] = failures;
  if (failures.length === 1) return only!;
  const names = failures.map(({ plugin }) => quote(plugin!)).join(", ");
  return new PlugmapError("dispose-failed", `Plugins ${names} could not be disposed of`, {
    cause: new AggregateError(failures),
  });
}
