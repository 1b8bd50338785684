import { weightOf } from "./allowance.ts";
import type { OfferedCapabilities } from "./capability.ts";
import type { ByteChannel } from "./channel.ts";
import { FrameWriter } from "./frame_writer.ts";
import type { WireLimits } from "./limits.ts";
import { headerBytes } from "./messages.ts";
import { ValueEncoder } from "./value_encoder.ts";

/** A message that waits for its turn. */
export interface HeldMessage {
  readonly chunks: readonly Uint8Array[];
  readonly size: number;
  /** Streams in it. */
  readonly streams: readonly number[];
}

/** What a sender needs of its peer for what is in values. */
export interface SenderPorts {
  /** The functions that have been sent. */
  readonly offered: OfferedCapabilities;
  /** The number of a stream that is about to be sent. */
  openStream(items: AsyncIterable<unknown>): number;
  /** A message was given up: its streams need not be kept. */
  discardStreams(streams: readonly number[]): void;
}

/** Bytes that are not held back until the end of the tick. */
const fullBatch = 262_144;
const noStreams: readonly number[] = [];

/** Sends messages: those of one tick in one write, and none while the channel asks to wait. */
export class Sender {
  readonly #channel: ByteChannel;
  readonly #limits: WireLimits;
  readonly #ports: SenderPorts;
  readonly #writer: FrameWriter;
  readonly #encoder: ValueEncoder;

  #isBusy = false;
  #size = 0;
  #isClosed = false;
  #isScheduled = false;
  #isBlocked = false;
  /** Bytes that the channel has not taken, or has asked to wait with. */
  #queued = 0;
  /** Bytes of messages that wait for their turn. */
  #held = 0;
  readonly #waiting = new Set<() => void>();
  #opened: number[] = [];
  readonly #flushLater = (): void => {
    this.#isScheduled = false;
    this.#flush();
  };

  constructor(channel: ByteChannel, limits: WireLimits, ports: SenderPorts) {
    this.#channel = channel;
    this.#limits = limits;
    this.#ports = ports;
    this.#writer = new FrameWriter(limits.messageBytes);
    this.#encoder = new ValueEncoder(this.#writer, limits, {
      openStream: (items) => {
        const stream = ports.openStream(items);
        this.#opened.push(stream);
        return stream;
      },
      offer: (offered) => ports.offered.offer(offered),
    });
  }

  /** Whether a value is being encoded: what its getters do must wait, see {@linkcode whenFree}. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** What the message that was composed last counts on the other side. */
  get weight(): number {
    return weightOf(this.#size, this.#encoder.count);
  }

  /** Whether there is room for messages that could also be refused or wait. */
  get hasRoom(): boolean {
    return this.#queued + this.#held <= this.#limits.queuedBytes;
  }

  /** Runs an action once there is room, unless the sender is closed before. */
  whenRoom(action: () => void): void {
    this.#waiting.add(action);
  }

  /** Does not run an action any more. */
  stopWaiting(action: () => void): void {
    this.#waiting.delete(action);
  }

  /** Sends a message of numbers alone. */
  control(kind: number, ...numbers: number[]): void {
    if (this.#isClosed) return;
    if (this.#isBusy) return queueMicrotask(() => this.control(kind, ...numbers));
    this.#writer.begin(kind);
    for (const number of numbers) this.#writer.varint(number);
    this.commit(this.#writer.complete());
  }

  /**
   * Prepares a message that ends with a value; {@linkcode commit} or {@linkcode hold} has to follow at once.
   *
   * @returns The size of the message.
   * @throws {PlugmapError} `isolate-value` or `isolate-limit` when the value cannot be sent; nothing is, then.
   */
  compose(kind: number, numbers: readonly number[], value: unknown, root: string): number {
    this.#isBusy = true;
    const firstOffered = this.#ports.offered.next;
    try {
      this.#writer.begin(kind);
      for (const number of numbers) this.#writer.varint(number);
      this.#encoder.encode(value, root);
      return this.#size = this.#writer.complete();
    } catch (error) {
      this.#writer.rollback();
      this.#ports.discardStreams(this.#takeOpened());
      this.#ports.offered.withdraw(firstOffered);
      throw error;
    } finally {
      this.#isBusy = false;
    }
  }

  /** Sends what was composed. */
  commit(size: number): void {
    this.#queued += size + headerBytes;
    if (this.#opened.length > 0) this.#takeOpened();
    const isUrgent = this.#writer.hasAttachments || this.#queued > fullBatch;
    this.#writer.commit(this.#isBlocked);
    if (isUrgent) this.#flush();
    else this.#schedule();
  }

  /** Takes out what was composed, to be sent by {@linkcode release}. */
  hold(size: number): HeldMessage {
    this.#held += size;
    return { chunks: this.#writer.detach(), size, streams: this.#takeOpened() };
  }

  /** Sends what was held. */
  release(message: HeldMessage): void {
    this.#held -= message.size;
    this.#queued += message.size + headerBytes;
    if (this.#isBusy) return queueMicrotask(() => this.#append(message));
    this.#append(message);
  }

  #append({ chunks }: HeldMessage): void {
    this.#writer.append(chunks);
    this.#schedule();
  }

  /** Gives up what was held. */
  drop(message: HeldMessage): void {
    this.#held -= message.size;
    this.#ports.discardStreams(message.streams);
  }

  /** Hands over what is left, and sends nothing any more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isBlocked = false;
    this.#flush();
    this.#isClosed = true;
    this.#waiting.clear();
  }

  #takeOpened(): readonly number[] {
    if (this.#opened.length === 0) return noStreams;
    const opened = this.#opened;
    this.#opened = [];
    return opened;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(this.#flushLater);
  }

  #flush(): void {
    if (this.#isBlocked || this.#isClosed || this.#isBusy) return;
    const chunks = this.#writer.take();
    if (chunks.length === 0) return;
    const sent = this.#queued;
    const settled = this.#channel.write(chunks);
    if (settled === undefined) return this.#subtract(sent);
    this.#isBlocked = true;
    settled.then(() => {
      this.#isBlocked = false;
      this.#subtract(sent);
      this.#flush();
    });
  }

  #subtract(sent: number): void {
    this.#queued -= sent;
    for (const action of [...this.#waiting]) {
      // What the first ones send may fill the queue again.
      if (!this.hasRoom) return;
      this.#waiting.delete(action);
      action();
    }
  }
}
