import { PlugmapError } from "../../errors.ts";
import { violation } from "./problems.ts";

/** A function that the other side may call, as long as it is not released. */
export class Capability {
  readonly #call: (...args: unknown[]) => unknown;
  #released = false;
  readonly #onRelease = new Set<() => void>();

  /** @param call What a call runs, with the arguments that came. */
  constructor(call: (...args: unknown[]) => unknown) {
    this.#call = call;
  }

  /** Runs the function. */
  call(args: readonly unknown[]): unknown {
    return Reflect.apply(this.#call, undefined, args);
  }

  /** Whether {@linkcode release} was called. */
  get released(): boolean {
    return this.#released;
  }

  /** Takes the function back: further calls of the other side reject with `permission-denied`. */
  release(): void {
    this.#released = true;
    for (const forget of this.#onRelease) forget();
    this.#onRelease.clear();
  }

  /** Lets those know of the release to whom the function was offered. */
  onRelease(forget: () => void): () => void {
    this.#onRelease.add(forget);
    return () => this.#onRelease.delete(forget);
  }
}

/**
 * Marks a function that the other side may call. Where it takes such marks, an async function arrives in its place; a
 * function without a mark cannot be sent.
 *
 * @param call What a call runs. What it returns or throws is sent back.
 * @returns The mark, to be sent in a value at any depth.
 */
export function capability(call: (...args: unknown[]) => unknown): Capability {
  return new Capability(call);
}

/** The functions that one channel's other side may call. */
export class OfferedCapabilities {
  readonly #offered = new Map<number, Capability>();
  readonly #numbers = new Map<Capability, { readonly number: number; readonly unsubscribe: () => void }>();
  #next = 0;

  /** The number by which the other side can call a function; one that is released stays uncallable. */
  offer(offered: Capability): number {
    const known = this.#numbers.get(offered);
    if (known !== undefined) return known.number;
    const number = this.#next++;
    if (offered.released) return number;
    const unsubscribe = offered.onRelease(() => {
      this.#offered.delete(number);
      this.#numbers.delete(offered);
    });
    this.#offered.set(number, offered);
    this.#numbers.set(offered, { number, unsubscribe });
    return number;
  }

  /** The number that the next function will have. */
  get next(): number {
    return this.#next;
  }

  /** Takes functions back of which the other side has not learned, from a number on. */
  withdraw(from: number): void {
    for (const [offered, { number, unsubscribe }] of this.#numbers) {
      if (number < from) continue;
      unsubscribe();
      this.#numbers.delete(offered);
      this.#offered.delete(number);
    }
    this.#next = from;
  }

  /**
   * What runs when the other side calls a function.
   *
   * @throws {PlugmapError} `isolate-protocol` for a number that was never offered.
   */
  handler(number: number): (args: unknown) => unknown {
    if (number >= this.#next) throw violation(`A call is for function ${number}, which was not offered`);
    const offered = this.#offered.get(number);
    return (args) => {
      if (offered === undefined) {
        throw new PlugmapError("permission-denied", "The function was released", {
          mend: "Do not keep it for longer than it is meant for.",
        });
      }
      return offered.call(args as unknown[]);
    };
  }

  /** Forgets all functions. */
  close(): void {
    for (const { unsubscribe } of this.#numbers.values()) unsubscribe();
    this.#numbers.clear();
    this.#offered.clear();
  }
}
