/** Things by small numbers, which are used again. */
export class Slots<Item> {
  readonly #items: (Item | undefined)[] = [];
  readonly #free: number[] = [];

  /** Things that are in. */
  get size(): number {
    return this.#items.length - this.#free.length;
  }

  /** Puts a thing in, and returns its number. */
  add(item: Item): number {
    const number = this.#free.pop();
    if (number === undefined) return this.#items.push(item) - 1;
    this.#items[number] = item;
    return number;
  }

  get(number: number): Item | undefined {
    return this.#items[number];
  }

  /** Takes a thing out that is in. */
  remove(number: number): void {
    this.#items[number] = undefined;
    this.#free.push(number);
  }

  /** All things, and their numbers. */
  *entries(): Generator<[number, Item]> {
    for (const [number, item] of this.#items.entries()) if (item !== undefined) yield [number, item];
  }
}
