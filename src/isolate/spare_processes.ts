import { setTimeout } from "node:timers";
import type { RuntimeAdapter } from "../runtime/types.ts";
import { PlugmapError } from "../errors.ts";
import { IsolatedProcess } from "./isolated_process.ts";
import type { Launch } from "./launch.ts";
import type { IsolationLimits } from "./limits.ts";
import { rehearse } from "./plugin_start.ts";

/** Milliseconds. A process that is started takes the processor from the plugin that just got the one before it. */
const replacementDelay = 100;

/**
 * Processes that are started before they are needed. What a process may do is fixed when it is started, so a spare one is
 * for plugins that are granted the same.
 */
export class SpareProcesses {
  readonly #most: number;
  readonly #limits: IsolationLimits;
  readonly #runtime: RuntimeAdapter;
  readonly #spares = new Map<string, Promise<IsolatedProcess | undefined>>();
  #closed = false;

  /** @param most How many are kept at a time; those for the newest grants. */
  constructor(most: number, limits: IsolationLimits, runtime: RuntimeAdapter) {
    this.#most = most;
    this.#limits = limits;
    this.#runtime = runtime;
  }

  /** Starts one, if there is none for the same grants. */
  prepare(launch: Launch): void {
    if (this.#closed || this.#most === 0) return;
    const key = launch.confinement;
    if (this.#spares.has(key)) return;
    const started = IsolatedProcess.start(launch, this.#limits, this.#runtime)
      .catch(() => undefined);
    // If anything is wrong with it, that shows again when a plugin is started in it.
    started.then((process) => process && rehearse(process, launch, this.#limits.start).catch(() => {}));
    this.#spares.set(key, started);
    started.then((process) => process?.ended.then(() => this.#forget(key, started)));
    const [oldest] = this.#spares.keys();
    if (this.#spares.size > this.#most) this.#drop(oldest!);
  }

  /** One for these grants, if there is one; another is started in its place, once this one has had time to start its plugin. */
  async take(launch: Launch): Promise<IsolatedProcess | undefined> {
    if (this.#most === 0) return undefined;
    const key = launch.confinement;
    const spare = this.#spares.get(key);
    this.#spares.delete(key);
    setTimeout(() => this.prepare(launch), replacementDelay).unref();
    return await spare?.then((process) => process && this.#alive(process));
  }

  /** Ends them all. */
  close(): void {
    this.#closed = true;
    for (const key of [...this.#spares.keys()]) this.#drop(key);
  }

  /** A process can have ended, or hang, without anybody having noticed yet. */
  async #alive(process: IsolatedProcess): Promise<IsolatedProcess | undefined> {
    try {
      await process.ping(this.#limits.start);
      return process;
    } catch {
      process.kill(unneeded());
      return undefined;
    }
  }

  #drop(key: string): void {
    const spare = this.#spares.get(key);
    this.#spares.delete(key);
    spare?.then((process) => process?.kill(unneeded()));
  }

  #forget(key: string, spare: Promise<IsolatedProcess | undefined>): void {
    if (this.#spares.get(key) === spare) this.#spares.delete(key);
  }
}

function unneeded(): PlugmapError {
  return new PlugmapError("isolate-crashed", "The spare process is not needed");
}
