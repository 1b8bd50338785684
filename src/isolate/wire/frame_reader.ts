import { headerBytes, helloBytes, Kind, lastKind } from "./messages.ts";
import { overLimit, violation } from "./problems.ts";
import { attachmentBytes } from "./tags.ts";

const noBytes = new Uint8Array(0);

/**
 * Cuts a stream of bytes into messages. What is announced is checked before memory is set aside for it, and a frame that
 * is complete is read where it is.
 */
export class FrameReader {
  /** The message that {@linkcode next} has found: its kind, and the bytes that follow it. */
  kind = 0;
  bytes: Uint8Array = noBytes;
  start = 0;
  end = 0;
  /** Byte arrays that came for this message. */
  attachments: ArrayBuffer[] = [];
  /** Bytes of the message, as its sender has counted them. */
  size = 0;

  readonly #messageBytes: number;
  /** Until the other side has said hello, nothing else is taken. */
  #greeted = false;

  #chunk: Uint8Array = noBytes;
  #position = 0;
  /** Whether the chunk is somebody else's. */
  #isLent = false;
  readonly #later: Uint8Array[] = [];

  /** A header of which some bytes are missing. */
  readonly #header = new Uint8Array(headerBytes + 1);
  #headerLength = 0;
  /** The frame that is being filled, and how far it is. */
  #partial: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;
  #attached: ArrayBuffer[] = [];
  #attachedBytes = 0;

  constructor(messageBytes: number) {
    this.#messageBytes = messageBytes;
  }

  /** Adds bytes, lent until {@linkcode next} finds no more messages or {@linkcode keep} is called. */
  push(bytes: Uint8Array): void {
    if (this.#position === this.#chunk.length && this.#later.length === 0) {
      this.#chunk = bytes;
      this.#position = 0;
      this.#isLent = true;
    } else this.#later.push(bytes.slice());
  }

  /** Copies what has not been read of the bytes that were lent. */
  keep(): void {
    if (!this.#isLent) return;
    this.#chunk = this.#chunk.slice(this.#position);
    this.#position = 0;
    this.#isLent = false;
  }

  /**
   * Goes to the next message.
   *
   * @returns Whether there is one; otherwise more bytes are needed.
   */
  next(): boolean {
    for (;;) {
      if (this.#position === this.#chunk.length) {
        const next = this.#later.shift();
        this.#chunk = next ?? noBytes;
        this.#position = 0;
        this.#isLent = false;
        if (next === undefined) return false;
      }
      const isComplete = this.#partial === undefined ? this.#begin() : this.#fill(this.#partial);
      if (isComplete && this.kind !== Kind.attachment) return true;
    }
  }

  /** Reads a header, and the frame too if it is all here. */
  #begin(): boolean {
    const chunk = this.#chunk;
    if (this.#headerLength === 0 && chunk.length - this.#position > headerBytes) {
      const length = this.#open(chunk, this.#position);
      this.#position += headerBytes + 1;
      return this.#body(length);
    }
    while (this.#headerLength <= headerBytes) {
      if (this.#position === chunk.length) return false;
      this.#header[this.#headerLength++] = chunk[this.#position++]!;
    }
    this.#headerLength = 0;
    return this.#body(this.#open(this.#header, 0));
  }

  /** Checks a header, and returns how many bytes follow it. */
  #open(bytes: Uint8Array, at: number): number {
    const length = (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24) >>> 0;
    const kind = bytes[at + headerBytes]!;
    if (length === 0) throw violation("A frame is empty");
    if (kind > lastKind) throw violation(`A message has the unknown kind ${kind}`);
    if (!this.#greeted && (kind !== Kind.hello || length > helloBytes)) {
      throw violation("The other side does not begin with a hello");
    }
    if (length + this.#attachedBytes > this.#messageBytes) {
      throw overLimit(`A message of ${length + this.#attachedBytes} bytes is larger than ${this.#messageBytes} bytes`);
    }
    if (kind === Kind.attachment && length - 1 < attachmentBytes) throw violation("An attachment is too small");
    this.#greeted = true;
    this.kind = kind;
    return length - 1;
  }

  #body(length: number): boolean {
    if (this.kind !== Kind.attachment && this.#chunk.length - this.#position >= length) {
      this.#finish(this.#chunk, this.#position, length);
      this.#position += length;
      return true;
    }
    this.#partial = new Uint8Array(length);
    this.#filled = 0;
    return false;
  }

  #fill(partial: Uint8Array<ArrayBuffer>): boolean {
    const step = Math.min(partial.length - this.#filled, this.#chunk.length - this.#position);
    partial.set(this.#chunk.subarray(this.#position, this.#position + step), this.#filled);
    this.#filled += step;
    this.#position += step;
    if (this.#filled < partial.length) return false;
    this.#partial = undefined;
    if (this.kind === Kind.attachment) {
      this.#attached.push(partial.buffer);
      this.#attachedBytes += partial.length + 1;
    } else this.#finish(partial, 0, partial.length);
    return true;
  }

  #finish(bytes: Uint8Array, start: number, length: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = start + length;
    this.size = length + 1 + this.#attachedBytes;
    this.attachments = this.#attached;
    if (this.#attachedBytes > 0) {
      this.#attached = [];
      this.#attachedBytes = 0;
    }
  }
}
