import type { Arguments } from "./plan.ts";

/** Called with each result of a historic call, and with the plugin that gave it. */
export type OnResult = (this: void, result: unknown, plugin: string) => void;

/** A recorded call. */
export interface HistoryRecord {
  /** A copy of the arguments, so that what becomes of the original does not matter. */
  readonly args: Arguments;
  readonly onResult: OnResult | undefined;
  /** Grows with each record. */
  readonly serial: number;
}

/** The recorded calls of a historic hook, oldest first. */
export class History {
  #records: HistoryRecord[] = [];
  #serial = 0;

  /** Records a call. */
  record(args: Arguments, onResult: OnResult | undefined): HistoryRecord {
    const record: HistoryRecord = { args: Object.freeze({ ...args }), onResult, serial: this.#serial++ };
    this.#records.push(record);
    return record;
  }

  /** Forgets the oldest calls above a limit, once a new one has succeeded: one that fails must not push any out. */
  trim(limit: number): void {
    if (this.#records.length > limit) this.#records = this.#records.slice(-limit);
  }

  /** Forgets one call, because it failed. */
  takeBack(record: HistoryRecord): void {
    this.#records = this.#records.filter((other) => other !== record);
  }

  clear(): void {
    this.#records = [];
  }

  list(): readonly Arguments[] {
    return this.#records.map(({ args }) => args);
  }

  /** The newest record. */
  get last(): HistoryRecord | undefined {
    return this.#records.at(-1);
  }

  /** The record that follows another, which may be forgotten by now; the oldest one after nothing. */
  after(previous: HistoryRecord | undefined): HistoryRecord | undefined {
    if (previous === undefined) return this.#records[0];
    let low = 0;
    for (let high = this.#records.length; low < high;) {
      const middle = (low + high) >> 1;
      if (this.#records[middle]!.serial <= previous.serial) low = middle + 1;
      else high = middle;
    }
    return this.#records[low];
  }
}
