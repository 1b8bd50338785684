import { PlugmapError, quote } from "../errors.ts";
import { createHooks } from "../hooks/mod.ts";
import type { Dispatcher, HookCalls, HookSpecs } from "../hooks/mod.ts";
import { loadManifest } from "../loader/mod.ts";
import { requireUnneeded } from "./activate.ts";
import type { Stage } from "./activate.ts";
import { Lifecycle, undisposed } from "./lifecycle.ts";
import { open } from "./open.ts";
import type { Opened } from "./open.ts";
import { checkLoadOptions, checkOptions, contextMaker, readAnswer } from "./options.ts";
import type { HostOptions } from "./options.ts";
import { reportOf } from "./record.ts";
import { takeOutRevoked } from "./revoke.ts";
import type { Listing, PluginRecord } from "./record.ts";
import type { HostReport, PluginReport } from "./states.ts";
import { plugmapVersion } from "./version.ts";

/** Options of {@linkcode Host.loadPlugin}. */
export interface LoadPluginOptions {
  /** Integrity metadata of the manifest; what comes over the network needs one. */
  readonly integrity?: string;
}

/** An application's plugins: loaded, called, inspected and disposed of. */
export interface Host<Specs extends HookSpecs> {
  /** The hooks as functions, by name. */
  readonly hooks: HookCalls<Specs>;
  /**
   * The dispatcher behind the hooks: for monitors, for hooks that are declared later, and for implementations of the
   * host's own. What the host has loaded is better left to the host.
   */
  readonly dispatcher: Dispatcher<Specs>;
  /**
   * Loads every plugin that the import map lists and the host enables. One that fails is reported as `failed`, with the
   * reason, and the others go on. Loading again tries those that are not active.
   *
   * @returns What {@linkcode inspect} tells afterwards.
   * @throws {PlugmapError} What is wrong with options, import map or policy; never what is wrong with a plugin.
   */
  load(): Promise<HostReport>;
  /**
   * Loads one plugin, and what it depends on.
   *
   * @param nameOrUrl A name in the import map, or where a manifest is: an absolute URL, or a `jsr:` package.
   * @returns What is known of it.
   * @throws {PlugmapError} What is wrong with it.
   */
  loadPlugin(nameOrUrl: string | URL, options?: LoadPluginOptions): Promise<PluginReport>;
  /**
   * Takes a plugin out: its hooks are unregistered, then it is disposed of.
   *
   * @returns Whether it was active.
   * @throws {PlugmapError} `plugin-needed` while others depend on it; `dispose-failed` after it was taken out all the same.
   */
  unload(name: string): Promise<boolean>;
  /**
   * Loads a plugin anew from where it is now. The new one takes the old one's place when it is ready, and not at all if
   * anything is wrong with it. Plugins that imported the old one keep it until they are reloaded themselves.
   *
   * @throws {PlugmapError} What is wrong with the new one; the old one then goes on, unless it was revoked, or what it needs.
   */
  reload(name: string): Promise<PluginReport>;
  /** Names of the active plugins, in the order of registration. */
  plugins(): readonly string[];
  /** What the host knows, as plain data. Before {@linkcode load} it says nothing of import map and plugins. */
  inspect(): HostReport;
  /**
   * Disposes of all plugins, the last registered first. The host cannot be used afterwards. Closing again waits for the
   * same, and does not tell again what went wrong. A host with isolated plugins has to be closed: as long as their
   * processes run, the program does not come to its end.
   *
   * @throws {PlugmapError} `dispose-failed`, after all were disposed of.
   */
  close(): Promise<void>;
  /** The same as {@linkcode close}, at the end of the block that declared the host with `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a host: the one who declares hooks, loads plugins and calls them. Nothing is read and nothing runs before
 * {@linkcode Host.load}.
 *
 * @param options The hooks, and what differs from the default; see {@linkcode HostOptions}.
 * @throws {PlugmapError} `option-invalid`, `hook-spec-invalid`.
 *
 * @example A host without plugins
 * ```ts
 * import { createHost, defineHooks, hook } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const hooks = defineHooks({ greeting: hook<{ name: string }, string>() });
 * await using host = createHost({ hooks, importMap: { imports: {} }, store: false });
 * await host.load();
 *
 * assertEquals(host.hooks.greeting({ name: "Ada" }), []);
 * ```
 */
export function createHost<const Specs extends HookSpecs, Context = undefined>(
  options: HostOptions<Specs, Context>,
): Host<Specs> {
  checkOptions(options);
  return new PluginHost(options);
}

/** Problems that are kept for {@linkcode Host.inspect}. */
const mostProblems = 1_000;

class PluginHost<Specs extends HookSpecs, Context> implements Host<Specs> {
  readonly hooks: HookCalls<Specs>;
  readonly dispatcher: Dispatcher<Specs>;
  readonly #options: HostOptions<Specs, Context>;
  readonly #lifecycle: Lifecycle<Specs>;
  /** The newest of them: a process that crashes now and then makes one each time, for as long as the host runs. */
  #problems: string[] = [];
  #opened: Opened | undefined;
  #closing: Promise<void> | undefined;
  /** Loading, unloading and closing change the same tables, so they take turns. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: HostOptions<Specs, Context>) {
    this.#options = options;
    const { hooks, report } = options;
    this.dispatcher = createHooks(hooks, report === undefined ? {} : { onDiagnostic: report });
    this.#lifecycle = new Lifecycle(this.dispatcher);
    this.hooks = this.dispatcher.call;
  }

  load(): Promise<HostReport> {
    return this.#inTurn(async () => {
      const { listings } = await this.#open(true);
      const enabled = new Set(listings.filter(this.#isEnabled(listings)));
      const wanted: PluginRecord[] = [];
      for (const listing of listings) {
        const record = this.#lifecycle.recordOf(listing);
        if (record.state === "active") continue;
        if (enabled.has(listing)) wanted.push(record);
        else record.state = "disabled";
      }
      await this.#lifecycle.load(wanted, this.#stage());
      await this.#takeOutRevoked();
      return this.inspect();
    });
  }

  loadPlugin(nameOrUrl: string | URL, options: LoadPluginOptions = {}): Promise<PluginReport> {
    return this.#inTurn(async () => {
      checkLoadOptions(nameOrUrl, options);
      const { listings } = await this.#open(false);
      const listing = await this.#listingOf(String(nameOrUrl), options, listings);
      const record = this.#lifecycle.recordOf(listing);
      const follow = (name: string): PluginRecord | undefined => {
        const dependency = listings.find((candidate) => candidate.name === name);
        return dependency === undefined ? undefined : this.#lifecycle.recordOf(dependency);
      };
      if (record.state !== "active") await this.#lifecycle.load([record], this.#stage(), follow);
      await this.#takeOutRevoked();
      if (record.error !== undefined) throw record.error;
      return reportOf(record);
    });
  }

  unload(name: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const { records } = this.#lifecycle;
      const record = records.get(name);
      if (record?.running === undefined) return false;
      requireUnneeded(name, records.values());
      await this.#lifecycle.takeOut(record, this.#stage(), true);
      return true;
    });
  }

  reload(name: string): Promise<PluginReport> {
    return this.#inTurn(async () => {
      const record = this.#lifecycle.records.get(name);
      if (record?.running === undefined) {
        throw new PlugmapError("plugin-unknown", `No plugin ${quote(name)} is active`, { mend: "Load it first." });
      }
      const next = await this.#lifecycle.replace(record, this.#stage()).finally(() => this.#takeOutRevoked());
      if (next.error !== undefined) throw next.error;
      return reportOf(next);
    });
  }

  plugins(): readonly string[] {
    return this.#active().map(({ listing }) => listing.name);
  }

  inspect(): HostReport {
    const opened = this.#opened;
    return {
      plugmap: plugmapVersion,
      runtime: { name: opened?.runtime.name ?? "unknown", version: opened?.runtime.version ?? "unknown" },
      importMap: { path: opened?.found?.path, foundBy: opened?.found?.foundBy ?? "none" },
      policy: opened?.policy.path,
      lock: opened?.ground.gate.lock?.path,
      store: opened?.store,
      plugins: [...this.#lifecycle.records.values()].map(reportOf),
      problems: [...this.#problems],
    };
  }

  close(): Promise<void> {
    if (this.#closing !== undefined) return this.#closing.catch(() => {});
    this.#opened?.ground.gate.revocations?.stop();
    this.#closing = this.#inTurn(async () => {
      const failures: PlugmapError[] = [];
      const active = this.#active().toReversed();
      const stage = active.length === 0 ? undefined : this.#stage();
      for (const record of active) {
        await this.#lifecycle.takeOut(record, stage!).catch((error) => failures.push(error));
      }
      this.#opened?.ground.isolation.close();
      if (failures.length > 0) throw undisposed(failures);
    });
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#closing !== undefined) return Promise.reject(new PlugmapError("host-closed", "The host is closed"));
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #open(needsMap: boolean): Promise<Opened> {
    if (this.#opened === undefined || (needsMap && this.#opened.found === undefined)) {
      this.#problems = [];
      const opened = await open(this.#options, needsMap, (problem) => this.#report(problem));
      this.#opened?.ground.gate.revocations?.stop();
      this.#opened?.ground.isolation.close();
      this.#opened = opened;
      const { revocations } = this.#opened.ground.gate;
      if (this.#closing === undefined) revocations?.start(() => this.#inTurn(() => this.#takeOutRevoked()));
    }
    return this.#opened;
  }

  /** By the newest list that there is: one that was got for a plugin counts for those that are active as well. */
  #takeOutRevoked(): Promise<void> {
    return takeOutRevoked(this.#active(), this.#lifecycle, this.#stage());
  }

  #report(problem: PlugmapError): void {
    this.#problems.push(problem.message);
    if (this.#problems.length > mostProblems) this.#problems.shift();
    try {
      this.#options.report?.(problem);
    } catch {
      // Whoever is told of what stops nothing stops nothing either.
    }
  }

  /** The active plugins in the order of registration; last those that someone else has unregistered. */
  #active(): PluginRecord[] {
    const { records } = this.#lifecycle;
    const names = new Set([...this.dispatcher.plugins(), ...records.keys()]);
    return [...names].flatMap((name) => records.get(name) ?? []).filter(({ running }) => running !== undefined);
  }

  #stage(): Stage {
    const { ground, runtime } = this.#opened!;
    // What plugins register is checked when they do, whatever the types of the host say.
    const dispatcher = this.dispatcher as unknown as Dispatcher<HookSpecs>;
    const waiting = dispatcher.inspect().filter(({ spec }) => spec?.async && spec.historic !== undefined);
    const replaying = new Set(waiting.map(({ name }) => name));
    const giveUp: Stage["giveUp"] = (isolated, error) => {
      this.#inTurn(() => Promise.resolve(this.#lifecycle.giveUp(isolated, error))).catch(() => {});
      ground.gate.report(error);
    };
    return { ...ground, runtime, dispatcher, replaying, contextFor: contextMaker(this.#options), giveUp };
  }

  #isEnabled(listings: readonly Listing[]): (listing: Listing) => boolean {
    const { enabled } = this.#options;
    if (enabled === undefined) return () => true;
    if (typeof enabled === "function") return ({ name }) => readAnswer(enabled(name), name);
    const unknown = enabled.find((name) => !listings.some((listing) => listing.name === name));
    if (unknown !== undefined) {
      throw new PlugmapError("plugin-unknown", `Option "enabled" names ${quote(unknown)}, which is not listed`, {
        mend: "List it in the import map, or correct the name.",
      });
    }
    return ({ name }) => enabled.includes(name);
  }

  async #listingOf(wanted: string, { integrity }: LoadPluginOptions, listings: readonly Listing[]): Promise<Listing> {
    const { records } = this.#lifecycle;
    const known = [...listings, ...Array.from(records.values(), ({ listing }) => listing)];
    const named = known.find(({ name }) => name === wanted);
    if (named !== undefined && integrity === undefined) return named;
    if (named !== undefined) {
      throw new PlugmapError("option-invalid", `Option "integrity" is given for ${quote(wanted)}, which is a name`, {
        mend: 'A listed plugin is pinned in "integrity" of the import map. Pass a URL to load another one.',
      });
    }
    const url = URL.parse(wanted)?.href;
    if (url === undefined) {
      throw new PlugmapError("plugin-unknown", `No plugin ${quote(wanted)} is listed in the import map`, {
        mend: "Pass its name as the import map has it, or the absolute URL of its manifest.",
      });
    }
    return known.find(({ source, pin }) => source === url && pin === integrity) ?? await this.#nameless(url, integrity);
  }

  /** The listing of a plugin that no import map names. Its name is in the manifest, whose verified bytes alone are believed. */
  async #nameless(url: string, integrity: string | undefined): Promise<Listing> {
    const { ground: { sources }, listings } = this.#opened!;
    const { manifest: { name } } = await loadManifest(url, integrity, sources).catch((error) => {
      throw PlugmapError.within(error, "fetch-failed", { step: "manifest" });
    });
    const listed = listings.some((listing) => listing.name === name);
    if (listed || this.#lifecycle.records.get(name)?.running !== undefined) {
      const why = listed ? "which the import map lists" : "which is active";
      throw new PlugmapError("plugin-duplicate", `The manifest at ${quote(url)} is of ${quote(name)}, ${why}`, {
        plugin: name,
        step: "manifest",
        mend: listed ? "Load it by its name." : "Unload the active one first.",
      });
    }
    return { name, source: url, pin: integrity };
  }
}
