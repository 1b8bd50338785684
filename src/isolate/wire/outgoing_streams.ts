import type { Allowance } from "./allowance.ts";
import type { WireLimits } from "./limits.ts";
import { Kind } from "./messages.ts";
import { overLimit, violation } from "./problems.ts";
import type { Sender } from "./sender.ts";

/** What a stream needs to send. */
interface Way {
  readonly sender: Sender;
  readonly allowance: Allowance;
}

/** Credit that no receiver has a reason to give. */
const mostCredit = 2 ** 31;

/** One stream from this side. Nothing is taken from its source before the other side wants it. */
class OutgoingStream {
  readonly #id: number;
  readonly #way: Way;
  readonly #source: AsyncIterable<unknown>;
  #iterator: AsyncIterator<unknown> | undefined;
  #items = 0;
  #bytes = 0;
  /** Bytes that the other side has not read, as far as we know. */
  #unread = 0;
  /** Whether `end` or `fail` was sent. */
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(id: number, way: Way, source: AsyncIterable<unknown>) {
    this.#id = id;
    this.#way = way;
    this.#source = source;
  }

  credit(items: number, bytes: number): void {
    this.#items += items;
    this.#bytes += bytes;
    if (this.#items > mostCredit || this.#bytes > mostCredit) throw violation("A stream is given too much credit");
    const read = Math.min(bytes, this.#unread);
    this.#unread -= read;
    if (read > 0) this.#way.allowance.give(read);
    if (this.#iterator === undefined) this.#run();
    else this.#wake?.();
  }

  /** The other side wants no more, or has read all. */
  stop(): void {
    if (!this.#isOver) {
      this.#finish(Kind.end);
      this.#return();
    }
    this.#way.allowance.give(this.#unread);
    this.#unread = 0;
  }

  /** The channel is gone. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#return();
  }

  #finish(kind: number): void {
    this.#isOver = true;
    this.#way.sender.control(kind, this.#id);
    this.#wake?.();
  }

  /** Lets the source clean up. What goes wrong with that is of no interest to the other side. */
  #return(): void {
    this.#wake?.();
    try {
      const iterator = this.#iterator ?? this.#source[Symbol.asyncIterator]();
      Promise.resolve(iterator.return?.()).catch(() => {});
    } catch {
      // As above.
    }
  }

  async #run(): Promise<void> {
    try {
      this.#iterator = this.#source[Symbol.asyncIterator]();
      while (await this.#until(() => this.#items > 0 && this.#bytes > 0)) {
        const { done, value } = await this.#iterator.next();
        if (this.#isOver) return;
        if (done) return this.#finish(Kind.end);
        if (!await this.#send(value)) return;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Sends an item when there is room for it, and answers whether the stream goes on. */
  async #send(value: unknown): Promise<boolean> {
    const { sender, allowance } = this.#way;
    if (!await this.#until(() => sender.hasRoom && !sender.isBusy)) return false;
    let size: number;
    try {
      size = sender.compose(Kind.item, [this.#id], value, "item");
    } catch (error) {
      this.#return();
      throw error;
    }
    const { weight } = sender;
    if (allowance.fits(weight)) {
      this.#count(weight);
      sender.commit(size);
      return true;
    }
    const held = sender.hold(size);
    if (!await this.#until(() => allowance.fits(weight))) {
      sender.drop(held);
      return false;
    }
    this.#count(weight);
    sender.release(held);
    return true;
  }

  #count(weight: number): void {
    this.#items--;
    this.#bytes -= weight;
    this.#unread += weight;
    this.#way.allowance.take(weight);
  }

  /** Waits for a condition, and answers whether the stream goes on. */
  async #until(condition: () => boolean): Promise<boolean> {
    const { sender, allowance } = this.#way;
    while (!this.#isOver && !condition()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      allowance.wait(resolve);
      if (!sender.hasRoom) sender.whenRoom(resolve);
      if (sender.isBusy) queueMicrotask(resolve);
      await promise;
      allowance.stopWaiting(resolve);
      sender.stopWaiting(resolve);
    }
    this.#wake = undefined;
    return !this.#isOver;
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    const { sender } = this.#way;
    if (sender.isBusy) return queueMicrotask(() => this.#fail(error));
    let size: number;
    try {
      size = sender.compose(Kind.fail, [this.#id], error, "error");
    } catch (unsendable) {
      return this.#fail(new Error((unsendable as Error).message));
    }
    this.#isOver = true;
    sender.commit(size);
  }
}

/** The streams from this side. */
export class OutgoingStreams {
  readonly #streams = new Map<number, OutgoingStream>();
  readonly #way: Way;
  readonly #limits: WireLimits;
  /** Streams that the other side takes. */
  #allowed: number;
  #next = 0;

  constructor(way: Way, limits: WireLimits) {
    this.#way = way;
    this.#limits = limits;
    this.#allowed = limits.streams;
  }

  /** How many are open. */
  get size(): number {
    return this.#streams.size;
  }

  /** Learns how many streams the other side takes. */
  allow(streams: number): void {
    this.#allowed = Math.min(streams, this.#limits.streams);
  }

  /**
   * Opens a stream.
   *
   * @returns Its number.
   * @throws {PlugmapError} `isolate-limit` when too many are open.
   */
  open(source: AsyncIterable<unknown>): number {
    if (this.#streams.size >= this.#allowed) {
      throw overLimit(`${this.#allowed} streams are open`, "Read streams to their end, or end their loops.");
    }
    const id = this.#next;
    this.#next = this.#next + 1 >>> 0;
    this.#streams.set(id, new OutgoingStream(id, this.#way, source));
    return id;
  }

  /** Forgets streams of which the other side has not learned. */
  discard(ids: readonly number[]): void {
    for (const id of ids) this.#streams.delete(id);
  }

  credit(id: number, items: number, bytes: number): void {
    this.#expect(id).credit(items, bytes);
  }

  stop(id: number): void {
    const stream = this.#expect(id);
    this.#streams.delete(id);
    stream.stop();
  }

  #expect(id: number): OutgoingStream {
    const stream = this.#streams.get(id);
    if (stream === undefined) throw violation(`A message is for stream ${id}, which is not open`);
    return stream;
  }

  /** Ends all streams. */
  close(): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }
}
