/**
 * Frames of WebSocket (RFC 6455, section 5), as a client writes and reads them.
 *
 * @module
 */

/** What a frame is. */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One frame. */
export interface Frame {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** The other side does not keep to the protocol: what a connection is closed with. */
export class ProtocolFault extends Error {
  readonly closeCode: number;

  constructor(closeCode: number, message: string) {
    super(message);
    this.closeCode = closeCode;
  }
}

/** A frame as bytes, masked as those of a client have to be. */
export function writeFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = new Uint8Array(6 + extended + length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) view.setUint16(2, length);
  if (extended === 8) view.setBigUint64(2, BigInt(length));
  const mask = crypto.getRandomValues(frame.subarray(2 + extended, 6 + extended));
  const start = 6 + extended;
  for (let index = 0; index < length; index++) frame[start + index] = payload[index]! ^ mask[index & 3]!;
  return frame;
}

/** Gathers bytes until there are enough. */
export class ByteQueue {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  /** Takes bytes, of which there must be enough. */
  take(count: number): Uint8Array<ArrayBuffer> {
    const bytes = this.peek(count);
    this.#length -= count;
    for (let left = count; left > 0;) {
      const first = this.#chunks[0]!;
      if (first.length > left) this.#chunks[0] = first.subarray(left);
      else this.#chunks.shift();
      left -= first.length;
    }
    return bytes;
  }

  /** A copy of the first bytes. */
  peek(count: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(count);
    let filled = 0;
    for (const chunk of this.#chunks) {
      if (filled === count) break;
      const part = chunk.subarray(0, count - filled);
      bytes.set(part, filled);
      filled += part.length;
    }
    return bytes;
  }
}

/**
 * Takes the next frame.
 *
 * @returns The frame, or `undefined` while bytes of it are missing.
 * @throws {ProtocolFault}
 */
export function readFrame(queue: ByteQueue): Frame | undefined {
  if (queue.length < 2) return undefined;
  const head = queue.peek(Math.min(queue.length, 10));
  const [first, second] = [head[0]!, head[1]!];
  const opcode = first & 0x0f;
  const isFinal = (first & 0x80) !== 0;
  if ((first & 0x70) !== 0) throw new ProtocolFault(1002, "A frame uses an extension that was not agreed upon");
  if ((second & 0x80) !== 0) throw new ProtocolFault(1002, "A frame of the server is masked");
  if ((opcode > 2 && opcode < 8) || opcode > 10) throw new ProtocolFault(1002, "A frame is of an unknown kind");
  const short = second & 0x7f;
  if (opcode >= 8 && (short > 125 || !isFinal)) {
    throw new ProtocolFault(1002, "A control frame is too long or in parts");
  }
  const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
  if (head.length < 2 + extended) return undefined;
  const view = new DataView(head.buffer);
  const length = extended === 0 ? short : extended === 2 ? view.getUint16(2) : Number(view.getBigUint64(2));
  if (length > 2 ** 31) throw new ProtocolFault(1009, "A frame is too long");
  if (queue.length < 2 + extended + length) return undefined;
  queue.take(2 + extended);
  return { isFinal, opcode, payload: queue.take(length) };
}
