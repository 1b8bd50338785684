/** How many questions are answered in a second. */
export class Pace {
  readonly #most: number;
  readonly #now: () => number;
  #second = -Infinity;
  #count = 0;

  /** @param now Milliseconds on a clock that does not go back. */
  constructor(most: number, now: () => number = () => performance.now()) {
    this.#most = most;
    this.#now = now;
  }

  /** Counts a question. @returns Milliseconds by which its answer is to be held back. */
  next(): number {
    const now = this.#now();
    if (now - this.#second >= 1000) {
      this.#second = now;
      this.#count = 0;
    }
    return ++this.#count <= this.#most ? 0 : this.#second + 1000 - now;
  }
}
