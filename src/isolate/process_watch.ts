import { clearInterval, setInterval } from "node:timers";
import { PlugmapError } from "../errors.ts";
import type { IsolatedProcess } from "./isolated_process.ts";
import type { Launch } from "./launch.ts";
import type { IsolationLimits } from "./limits.ts";
import { processMemory } from "./process_memory.ts";

/** What is watched, and who is told. */
export interface WatchOptions {
  readonly process: IsolatedProcess;
  readonly launch: Pick<Launch, "limitsMemory">;
  readonly limits: Pick<IsolationLimits, "heartbeat" | "idle" | "memory">;
  /** Whether somebody waits for the process. */
  readonly isBusy: () => boolean;
  /** Called when nobody has needed the process for as long as it may be idle. */
  readonly onIdle: () => void;
}

/** Milliseconds between two looks at most. */
const mostBetween = 500;

/** Looks after a process while it runs: that it answers, takes no more memory than it may, and is needed. */
export class ProcessWatch {
  readonly #options: WatchOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #idleSince: number;
  #askedAt: number;
  #doubt: Promise<void> | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#idleSince = this.#askedAt = performance.now();
    const { heartbeat, idle } = options.limits;
    this.#timer = setInterval(() => this.#look(), Math.min(heartbeat, idle || heartbeat, mostBetween)).unref();
  }

  /** Settles when it is known whether the process still answers, while that is in doubt: one that does not is none to call. */
  get doubt(): Promise<void> | undefined {
    return this.#doubt;
  }

  /** Notes that the process was of use. */
  noteUse(): void {
    this.#idleSince = performance.now();
  }

  /** Ends the process if it does not answer. */
  askWhetherAlive(): void {
    this.#doubt ??= this.#checkHeartbeat().finally(() => this.#doubt = undefined);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { limits: { heartbeat, idle }, isBusy, onIdle } = this.#options;
    const now = performance.now();
    if (isBusy()) this.#idleSince = now;
    if (idle > 0 && now - this.#idleSince >= idle) return onIdle();
    this.#checkMemory();
    if (now - this.#askedAt < heartbeat) return;
    this.#askedAt = now;
    this.askWhetherAlive();
  }

  #checkMemory(): void {
    const { process, launch } = this.#options;
    if (!launch.limitsMemory) this.#limitMemory(processMemory(process.pid));
  }

  async #checkHeartbeat(): Promise<void> {
    const { process, launch, limits: { heartbeat } } = this.#options;
    try {
      const used = await process.ping(heartbeat);
      if (!launch.limitsMemory) this.#limitMemory(used);
    } catch (error) {
      // What the host has to decide first is no fault of the process; and one that has ended says itself why.
      if (process.asking || (error as PlugmapError).code !== "isolate-timeout") return;
      const problem = `Its process was ended because it did not answer for ${heartbeat} ms`;
      const mend = "Look for a loop in it that does not end.";
      process.kill(new PlugmapError("isolate-crashed", problem, { mend }));
      await process.ended;
    }
  }

  /** @param used Bytes, if they are known. */
  #limitMemory(used: number = 0): void {
    const { process, limits: { memory } } = this.#options;
    if (used <= memory) return;
    const [most, found] = [memory, used].map((bytes) => `${Math.ceil(bytes / 2 ** 20)} MiB`);
    const problem = `Its process was ended because it took ${found} of memory, of ${most}`;
    const mend = 'Raise the limit "memory" of isolated plugins if it needs that much.';
    process.kill(new PlugmapError("isolate-crashed", problem, { mend }));
  }
}
