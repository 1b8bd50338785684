import type { PlugmapError } from "../../errors.ts";
import type { Load } from "./allowance.ts";
import type { WireLimits } from "./limits.ts";
import { Kind } from "./messages.ts";
import { overLimit, violation } from "./problems.ts";
import type { Sender } from "./sender.ts";

/** What streams need to receive. */
interface Way {
  readonly sender: Sender;
  readonly load: Load;
  readonly limits: WireLimits;
  forget(id: number): void;
}

interface Waiting {
  resolve(result: IteratorResult<unknown, undefined>): void;
  reject(error: unknown): void;
}

const done: IteratorResult<unknown, undefined> = { done: true, value: undefined };

/** One stream from the other side. */
class IncomingStream {
  readonly #id: number;
  readonly #way: Way;
  #unread: { readonly value: unknown; readonly weight: number }[] = [];
  #waiting: Waiting[] = [];
  /** What the other side may still send. */
  #items = 0;
  #bytes = 0;
  /** What has been read since the last credit. */
  #readItems = 0;
  #readBytes = 0;
  #isStarted = false;
  /** Whether `stop` was sent. */
  #isStopped = false;
  /** Whether `end` or `fail` came. */
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(id: number, way: Way) {
    this.#id = id;
    this.#way = way;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    const item = this.#unread.shift();
    if (item !== undefined) {
      this.#read(item.weight);
      if (this.#isOver && this.#unread.length === 0) this.#stop();
      return Promise.resolve({ done: false, value: item.value });
    }
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(error);
    }
    if (this.#isOver || this.#isStopped) return Promise.resolve(done);
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#give(this.#way.limits.streamItems, this.#way.limits.streamBytes);
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Wants no more items. */
  cancel(): void {
    this.#dropUnread();
    this.#failure = undefined;
    this.#stop();
    this.#endWaiting();
  }

  #dropUnread(): void {
    for (const { weight } of this.#unread) this.#way.load.give(weight);
    this.#unread = [];
  }

  #stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#way.sender.control(Kind.stop, this.#id);
    if (this.#isOver) this.#way.forget(this.#id);
  }

  #endWaiting(): void {
    const [first, ...others] = this.#waiting;
    this.#waiting = [];
    if (this.#failure === undefined) first?.resolve(done);
    else if (first !== undefined) {
      first.reject(this.#failure.error);
      this.#failure = undefined;
    }
    for (const { resolve } of others) resolve(done);
  }

  #read(weight: number): void {
    const { load, limits } = this.#way;
    load.give(weight);
    this.#readItems++;
    this.#readBytes += weight;
    // Each half, so that neither side has to wait for the other as long as both keep up.
    if (this.#readItems * 2 < limits.streamItems && this.#readBytes * 2 < limits.streamBytes) return;
    if (!this.#isOver && !this.#isStopped) this.#give(this.#readItems, this.#readBytes);
    this.#readItems = this.#readBytes = 0;
  }

  #give(items: number, bytes: number): void {
    this.#items += items;
    this.#bytes += bytes;
    this.#way.sender.control(Kind.credit, this.#id, items, bytes);
  }

  /** Checks an item, before its value is decoded. */
  expectItem(): void {
    if (this.#isOver) throw violation(`Stream ${this.#id} goes on after its end`);
    if (this.#items <= 0 || this.#bytes <= 0) throw violation(`Stream ${this.#id} has no credit for an item`);
  }

  push(value: unknown, weight: number): void {
    this.#items--;
    this.#bytes -= weight;
    if (this.#isStopped) return;
    this.#way.load.take(weight);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#unread.push({ value, weight });
    else {
      this.#read(weight);
      waiting.resolve({ done: false, value });
    }
  }

  end(failure?: { readonly error: unknown }): void {
    if (this.#isOver) throw violation(`Stream ${this.#id} ends twice`);
    this.#isOver = true;
    if (this.#isStopped) return this.#way.forget(this.#id);
    this.#failure = failure;
    if (this.#unread.length > 0) return;
    this.#stop();
    this.#endWaiting();
  }

  /** The channel is gone. */
  close(error: PlugmapError): void {
    if (this.#isOver || this.#isStopped) return;
    this.#isOver = this.#isStopped = true;
    this.#failure = { error };
    this.#endWaiting();
  }
}

/** What the receiver of a stream has in its hands. */
class Items implements AsyncIterableIterator<unknown, undefined> {
  readonly #stream: IncomingStream;

  constructor(stream: IncomingStream) {
    this.#stream = stream;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return this.#stream.next();
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    this.#stream.cancel();
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

/** The streams from the other side. */
export class IncomingStreams {
  readonly #streams = new Map<number, IncomingStream>();
  readonly #way: Way;
  /** Streams that nobody has read to their end, and nobody can any more. */
  readonly #lost: FinalizationRegistry<IncomingStream> = new FinalizationRegistry((stream) => stream.cancel());

  constructor(way: Omit<Way, "forget">) {
    this.#way = { ...way, forget: (id) => this.#streams.delete(id) };
  }

  /** How many are open. */
  get size(): number {
    return this.#streams.size;
  }

  /**
   * Takes a stream that came in a message.
   *
   * @throws {PlugmapError} `isolate-protocol` when its number is in use, `isolate-limit` when too many are open.
   */
  accept(id: number): AsyncIterable<unknown> {
    if (this.#streams.has(id)) throw violation(`Stream ${id} is opened twice`);
    if (this.#streams.size >= this.#way.limits.streams) {
      throw overLimit(`The other side has more than ${this.#way.limits.streams} streams open`);
    }
    const stream = new IncomingStream(id, this.#way);
    this.#streams.set(id, stream);
    const items = new Items(stream);
    this.#lost.register(items, stream);
    return items;
  }

  /** @throws {PlugmapError} `isolate-protocol` for a stream that is not open. */
  expect(id: number): IncomingStream {
    const stream = this.#streams.get(id);
    if (stream === undefined) throw violation(`A message is for stream ${id}, which is not open`);
    return stream;
  }

  /** Ends all streams with an error for those who read them. */
  close(error: PlugmapError): void {
    for (const stream of this.#streams.values()) stream.close(error);
    this.#streams.clear();
  }
}
