import { overLimit } from "./problems.ts";

/** What a value takes in memory, however few bytes it had: an empty object has two, and an engine takes 56 for it. */
const valueBytes = 64;

/** What a message counts where it waits to be worked on. Both sides have to come to the same. */
export function weightOf(bytes: number, values: number): number {
  return Math.max(bytes, values * valueBytes);
}

/** What the other side has said that it works on at the same time, and how much of it is used. */
export class Allowance {
  /** Calls. Before the other side has said hello, it takes one: no side takes fewer, whatever its limits are. */
  calls = 1;
  bytes = 0;
  usedCalls = 0;
  #usedBytes = 0;
  readonly #waiting = new Set<() => void>();

  /** Whether a message of this size may be sent; one that is alone may always. */
  fits(size: number): boolean {
    return this.#usedBytes === 0 || this.#usedBytes + size <= this.bytes;
  }

  take(size: number): void {
    this.#usedBytes += size;
  }

  give(size: number): void {
    this.#usedBytes -= size;
    this.notify();
  }

  /** Calls those who wait for room; each has to ask whether there is enough. */
  notify(): void {
    if (this.#waiting.size === 0) return;
    for (const look of [...this.#waiting]) look();
  }

  wait(look: () => void): void {
    this.#waiting.add(look);
  }

  stopWaiting(look: () => void): void {
    this.#waiting.delete(look);
  }
}

/**
 * A message of no more may come whatever waits: how many calls may be at work bounds those as well, and what asks whether
 * this side is alive must not be what ends it.
 */
const negligible = 256;

/** The same of this side: what the other one must not go beyond. */
export class Load {
  readonly #bytes: number;
  #used = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** @throws {PlugmapError} `isolate-limit` when the other side has sent more than it was told that it may. */
  take(size: number): void {
    if (this.#used > 0 && size > negligible && this.#used + size > this.#bytes) {
      throw overLimit(`More than ${this.#bytes} bytes wait to be worked on`);
    }
    this.#used += size;
  }

  give(size: number): void {
    this.#used -= size;
  }
}
