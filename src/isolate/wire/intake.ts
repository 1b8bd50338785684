import { clearTimeout, setImmediate, setTimeout } from "node:timers";
import type { ByteChannel } from "./channel.ts";
import { FrameReader } from "./frame_reader.ts";
import type { WireLimits } from "./limits.ts";
import { Kind } from "./messages.ts";

/** Messages between two looks at the clock; a large one is followed by a look. */
const messagesPerLook = 16;
const largeMessage = 65_536;

/** Messages that come in bursts are fine up to the number of this fraction of a second. */
const burst = 0.1;

/** Reads messages off a channel, no faster than this side can afford. */
export class Intake {
  readonly #channel: ByteChannel;
  readonly #limits: WireLimits;
  readonly #take: (message: FrameReader) => void;
  readonly #fail: (error: unknown) => void;
  readonly #frames: FrameReader;
  #isPaused = false;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Unasked messages that may be taken before the clock is looked at. */
  #tokens: number;
  #countedAt: number = performance.now();
  readonly #goOn = (): void => {
    if (this.#isClosed) return;
    this.#isPaused = false;
    this.#run();
    // The run can have paused it again.
    if (!this.#isPaused) this.#channel.resume();
  };

  /**
   * @param take Called with each message.
   * @param fail Called with what is wrong with what has come, or what `take` throws.
   */
  constructor(
    channel: ByteChannel,
    limits: WireLimits,
    take: (message: FrameReader) => void,
    fail: (error: unknown) => void,
  ) {
    this.#channel = channel;
    this.#limits = limits;
    this.#take = take;
    this.#fail = fail;
    this.#frames = new FrameReader(limits.messageBytes);
    this.#tokens = this.#mostTokens;
  }

  get #mostTokens(): number {
    return Math.max(1, this.#limits.callsPerSecond * burst);
  }

  /** Takes bytes of the channel. */
  receive(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#frames.push(bytes);
    if (this.#isPaused) this.#frames.keep();
    else this.#run();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #run(): void {
    try {
      this.#takeAll();
    } catch (error) {
      this.#fail(error);
    }
  }

  #takeAll(): void {
    const frames = this.#frames;
    // Most runs end before the clock is worth a look.
    let start: number | undefined;
    let untilLook = messagesPerLook;
    while (frames.next()) {
      this.#take(frames);
      if (this.#isClosed) return;
      if (isUnasked(frames.kind) && --this.#tokens < 1 && !this.#refill()) return;
      if (--untilLook > 0 && frames.size < largeMessage) continue;
      untilLook = messagesPerLook;
      const now = performance.now();
      start ??= now;
      if (now - start < this.#limits.turn) continue;
      this.#pause();
      setImmediate(this.#goOn);
      return;
    }
  }

  #pause(): void {
    this.#frames.keep();
    if (!this.#isPaused) this.#channel.pause();
    this.#isPaused = true;
  }

  /** Counts what time has added; pauses until there is some when it has added nothing. */
  #refill(): boolean {
    const now = performance.now();
    const { callsPerSecond } = this.#limits;
    this.#tokens = Math.min(this.#mostTokens, this.#tokens + (now - this.#countedAt) / 1000 * callsPerSecond);
    this.#countedAt = now;
    if (this.#tokens >= 1) return true;
    this.#pause();
    this.#timer = setTimeout(this.#goOn, Math.ceil((1 - this.#tokens) / callsPerSecond * 1000));
    return false;
  }
}

/** Answers and items are asked for, and a stream can end only once. */
function isUnasked(kind: number): boolean {
  return kind === Kind.call || kind === Kind.invoke || kind === Kind.cancel || kind === Kind.credit;
}
