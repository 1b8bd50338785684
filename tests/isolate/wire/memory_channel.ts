import type { ByteChannel, ByteReceiver } from "../../../src/isolate/wire/mod.ts";

/** How a pair of channels behaves. */
export interface MemoryOptions {
  /** Bytes that arrive at once at most. Default: all of a write. */
  readonly pieces?: number;
}

/** One end of a channel in memory. What is written arrives in later tasks, in order, and in bytes of its own. */
export class MemoryChannel implements ByteChannel {
  /** The size of each write, in chunks. */
  readonly writes: number[] = [];
  /** All that happened here, by name, in order. */
  readonly events: string[] = [];
  isClosed = false;
  isPaused = false;
  other!: MemoryChannel;
  readonly #pieces: number;
  #receiver: ByteReceiver | undefined;
  #arrived: Uint8Array[] = [];
  #isDelivering = false;
  #full: PromiseWithResolvers<void> | undefined;
  /** Whether writes are to wait, until {@linkcode drain}. */
  #isFull = false;
  /** What was written. */
  readonly chunks: Uint8Array[] = [];

  constructor({ pieces = Number.POSITIVE_INFINITY }: MemoryOptions = {}) {
    this.#pieces = pieces;
  }

  write(chunks: readonly Uint8Array[]): void | Promise<void> {
    if (this.isClosed) return;
    this.writes.push(chunks.length);
    for (const chunk of chunks) {
      this.chunks.push(chunk.slice());
      this.other.arrive(chunk.slice());
    }
    if (!this.#isFull) return;
    this.#full ??= Promise.withResolvers();
    return this.#full.promise;
  }

  /** Makes the next writes wait. */
  fill(): void {
    this.#isFull = true;
  }

  /** Lets those that wait go on. */
  drain(): void {
    this.#isFull = false;
    this.#full?.resolve();
    this.#full = undefined;
  }

  /** Puts bytes into the channel, as the other side could. */
  arrive(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length;) {
      const end = Math.min(start + this.#pieces, bytes.length);
      this.#arrived.push(bytes.slice(start, end));
      start = end;
    }
    this.#deliver();
  }

  start(receiver: ByteReceiver): void {
    this.#receiver = receiver;
    this.#deliver();
  }

  pause(): void {
    this.events.push("pause");
    this.isPaused = true;
  }

  resume(): void {
    this.events.push("resume");
    this.isPaused = false;
    this.#deliver();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    // After what was written.
    setTimeout(() => this.other.end(), 0);
  }

  /** Ends the channel, as a process that dies. */
  end(cause?: unknown): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#receiver?.onEnd(cause);
  }

  #deliver(): void {
    if (this.#isDelivering || this.#receiver === undefined) return;
    this.#isDelivering = true;
    setTimeout(() => {
      this.#isDelivering = false;
      let next = 0;
      while (next < this.#arrived.length && !this.isPaused && !this.isClosed) {
        const bytes = this.#arrived[next++]!;
        this.#receiver!.onBytes(bytes);
        // They were lent.
        bytes.fill(0xee);
      }
      this.#arrived.splice(0, next);
    }, 0);
  }
}

/** Two ends of one channel. */
export function createChannels(options?: MemoryOptions): [MemoryChannel, MemoryChannel] {
  const left = new MemoryChannel(options);
  const right = new MemoryChannel(options);
  left.other = right;
  right.other = left;
  return [left, right];
}

/** Bytes one behind the other. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, position);
    position += chunk.length;
  }
  return bytes;
}
