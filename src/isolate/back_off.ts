import type { IsolationLimits } from "./limits.ts";

/** When a process that has ended by itself may be started again, and when not any more. */
export class BackOff {
  readonly #limits: Pick<IsolationLimits, "crashes" | "crashWindow" | "shortestWait" | "longestWait">;
  #crashes: number[] = [];

  constructor(limits: Pick<IsolationLimits, "crashes" | "crashWindow" | "shortestWait" | "longestWait">) {
    this.#limits = limits;
  }

  /**
   * Notes that the process has ended.
   *
   * @param now Milliseconds on a clock that does not go back.
   * @returns How many milliseconds to wait before it is started again, or undefined if it should not be.
   */
  crashed(now: number): number | undefined {
    const { crashes, crashWindow, shortestWait, longestWait } = this.#limits;
    this.#crashes = [...this.#crashes.filter((time) => now - time < crashWindow), now];
    if (this.#crashes.length > crashes) return undefined;
    return Math.min(shortestWait * 2 ** (this.#crashes.length - 1), longestWait);
  }
}
