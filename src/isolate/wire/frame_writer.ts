import { overLimit } from "./problems.ts";
import { headerBytes, Kind } from "./messages.ts";

const slabBytes = 65_536;
/** What is faster copied than written by itself. */
const smallFrame = 4_096;
/** The longest varint. */
const varintBytes = 5;

const scratch = new Float64Array(1);
const scratchBytes = new Uint8Array(scratch.buffer);

/** Bytes that a varint takes. */
export function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
}

/** Writes a number below 2^32 in groups of seven bits, the lowest first, and returns where it ends. */
export function putVarint(buffer: Uint8Array, position: number, value: number): number {
  while (value >= 0x80) {
    buffer[position++] = value & 0x7f | 0x80;
    value >>>= 7;
  }
  buffer[position++] = value;
  return position;
}

/**
 * Writes frames one behind the other into one piece of memory, so that all of a tick go out in one write. What has been
 * taken is never written to again: the system may not have sent it yet.
 */
export class FrameWriter {
  /** Where the frame is written, for those who write more than a few bytes; {@linkcode reserve} first. */
  buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  position = 0;

  readonly #limit: number;
  /** Where the frames begin that are complete and not taken. */
  #batchStart = 0;
  #frameStart = 0;
  /** What goes out before those frames. */
  #chunks: Uint8Array[] = [];
  /** Byte arrays of the frame, each with the header of its own frame. */
  #attachments: Uint8Array[] = [];
  #attached = 0;

  /** @param limit Bytes that a message can have. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Begins a frame. Nothing is sent of it before {@linkcode commit}. */
  begin(kind: number): void {
    this.#frameStart = this.position;
    this.reserve(headerBytes + 1);
    this.position += headerBytes;
    this.buffer[this.position++] = kind;
  }

  /** Makes room for this many bytes at {@linkcode position}. */
  reserve(bytes: number): void {
    if (this.position + bytes > this.buffer.length) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const written = this.position - this.#frameStart;
    // A text asks for three times what it takes, at most.
    this.#check((written + bytes) / 3);
    if (this.#frameStart > this.#batchStart) {
      this.#chunks.push(this.buffer.subarray(this.#batchStart, this.#frameStart));
    }
    const grown = new Uint8Array(Math.max(slabBytes, written * 2, written + bytes));
    grown.set(this.buffer.subarray(this.#frameStart, this.position));
    this.buffer = grown;
    this.position = written;
    this.#batchStart = this.#frameStart = 0;
  }

  #check(bytes: number): void {
    if (bytes + this.#attached <= this.#limit) return;
    throw overLimit(`A message is larger than ${this.#limit} bytes`, "Send a stream, or several smaller messages.");
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.position++] = value;
  }

  /** See {@linkcode putVarint}. */
  varint(value: number): void {
    this.reserve(varintBytes);
    this.position = putVarint(this.buffer, this.position, value);
  }

  float(value: number): void {
    this.reserve(8);
    scratch[0] = value;
    this.buffer.set(scratchBytes, this.position);
    this.position += 8;
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.position);
    this.position += bytes.length;
  }

  /** Sends bytes before the frame, without copying them. */
  attach(bytes: Uint8Array): void {
    this.#attached += bytes.length + 1;
    this.#check(0);
    this.#attachments.push(attachmentHeader(bytes.length), bytes);
  }

  /** Whether bytes are to go out as they are: the sooner, the less can their owner change them before. */
  get hasAttachments(): boolean {
    return this.#attachments.length > 0;
  }

  /**
   * Completes the frame, for {@linkcode commit} or {@linkcode detach}.
   *
   * @returns The size of the message, as the other side will count it: payloads without their lengths.
   */
  complete(): number {
    const length = this.position - this.#frameStart - headerBytes;
    this.#check(length);
    writeLength(this.buffer, this.#frameStart, length);
    return length + this.#attached;
  }

  /**
   * Adds the frame to those that are to be taken.
   *
   * @param copies Whether attachments have to wait, so that their owner could change them.
   */
  commit(copies: boolean): void {
    if (!this.hasAttachments) return;
    this.#sealBatch(this.#frameStart);
    this.#chunks.push(...this.#takeAttachments(copies));
  }

  /** Takes the frame out with copies of all bytes, to be sent later: see {@linkcode append}. */
  detach(): Uint8Array[] {
    const frame = this.buffer.subarray(this.#frameStart, this.position);
    this.#sealBatch(this.#frameStart);
    this.#batchStart = this.position;
    return [...this.#takeAttachments(true), frame];
  }

  /** Gives up the frame. */
  rollback(): void {
    this.position = this.#frameStart;
    this.#takeAttachments(false);
  }

  /** Adds a frame that was detached. */
  append(chunks: readonly Uint8Array[]): void {
    const [first, ...others] = chunks;
    if (first !== undefined && others.length === 0 && first.length < smallFrame) {
      this.#frameStart = this.position;
      return this.bytes(first);
    }
    this.#sealBatch(this.position);
    this.#chunks.push(...chunks);
  }

  /** Takes all frames that are complete. */
  take(): Uint8Array[] {
    this.#sealBatch(this.position);
    const chunks = this.#chunks;
    this.#chunks = [];
    // A large message should not hold its memory for good.
    if (this.buffer.length > slabBytes) {
      this.buffer = new Uint8Array(0);
      this.position = this.#batchStart = 0;
    }
    return chunks;
  }

  #sealBatch(end: number): void {
    if (end > this.#batchStart) this.#chunks.push(this.buffer.subarray(this.#batchStart, end));
    this.#batchStart = end;
  }

  #takeAttachments(copies: boolean): Uint8Array[] {
    const attachments = this.#attachments;
    if (attachments.length > 0) this.#attachments = [];
    this.#attached = 0;
    return copies ? attachments.map((bytes) => bytes.slice()) : attachments;
  }
}

function attachmentHeader(length: number): Uint8Array {
  const header = new Uint8Array(headerBytes + 1);
  writeLength(header, 0, length + 1);
  header[headerBytes] = Kind.attachment;
  return header;
}

function writeLength(bytes: Uint8Array, at: number, length: number): void {
  bytes[at] = length;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length >>> 16;
  bytes[at + 3] = length >>> 24;
}
