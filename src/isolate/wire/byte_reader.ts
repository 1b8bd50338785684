import { violation } from "./problems.ts";

const scratch = new Float64Array(1);
const scratchBytes = new Uint8Array(scratch.buffer);

/** Reads the payload of a frame, and nothing beyond its end. */
export class ByteReader {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  end = 0;

  /** Goes to a part of other bytes. */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  byte(): number {
    if (this.position >= this.end) throw violation("A message ends too early");
    return this.bytes[this.position++]!;
  }

  /** A number below 2^32, in its shortest form only. */
  varint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let factor = 0x80; factor <= 0x1000_0000; factor *= 0x80) {
      byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte >= 0x80) continue;
      if (byte === 0 || value > 0xffff_ffff) break;
      return value;
    }
    throw violation("A number is not in its shortest form, or is too large");
  }

  float(): number {
    const start = this.skip(8);
    for (let index = 0; index < 8; index++) scratchBytes[index] = this.bytes[start + index]!;
    return scratch[0]!;
  }

  /** Passes over bytes that must be there, and returns where they begin. */
  skip(count: number): number {
    if (count > this.remaining) throw violation("A message announces more than it has");
    const start = this.position;
    this.position += count;
    return start;
  }
}
