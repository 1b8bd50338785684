import { type FrameWriter, putVarint, varintSize } from "./frame_writer.ts";
import { violation } from "./problems.ts";
import { shortText, Tag } from "./tags.ts";

const encoder = new TextEncoder();
// ignoreBOM leaves a byte order mark in the text.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Texts below this length are written and read byte by byte, which is faster than the way into the runtime and back. */
const fewBytes = shortText;

/** Writes a text with its tag. */
export function writeText(writer: FrameWriter, text: string): void {
  if (text.length >= fewBytes || !writeAscii(writer, text)) writeAnyText(writer, text);
}

/** Writes a short text that is ASCII, and nothing of any other. */
function writeAscii(writer: FrameWriter, text: string): boolean {
  const { length } = text;
  writer.reserve(length + 1);
  const { buffer, position } = writer;
  buffer[position] = shortText + length;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) return false;
    buffer[position + 1 + index] = code;
  }
  writer.position = position + 1 + length;
  return true;
}

function writeAnyText(writer: FrameWriter, text: string): void {
  // Room for tag and length as they are if the text is ASCII.
  const guess = 1 + varintSize(text.length);
  writer.reserve(guess + text.length);
  writer.position += guess;
  let written = 0;
  for (let rest = text;;) {
    const step = encoder.encodeInto(rest, writer.buffer.subarray(writer.position));
    written += step.written;
    writer.position += step.written;
    if (step.read === rest.length) break;
    rest = rest.slice(step.read);
    // A code unit takes three bytes at most.
    writer.reserve(3 * rest.length);
  }

  const header = written < fewBytes ? 1 : 1 + varintSize(written);
  if (header > guess) writer.reserve(header - guess);
  const end = writer.position;
  writer.position -= guess + written;
  // The encoder writes U+FFFD, which is three bytes, for a lone surrogate.
  if (written !== text.length && !text.isWellFormed()) return writeBrokenText(writer, text);
  if (header !== guess) writer.buffer.copyWithin(writer.position + header, end - written, end);
  writeHeader(writer, written);
  writer.position += written;
}

function writeHeader(writer: FrameWriter, bytes: number): void {
  const { buffer } = writer;
  if (bytes < fewBytes) buffer[writer.position++] = shortText + bytes;
  else {
    buffer[writer.position++] = Tag.text;
    writer.position = putVarint(buffer, writer.position, bytes);
  }
}

function writeBrokenText(writer: FrameWriter, text: string): void {
  writer.byte(Tag.brokenText);
  writer.varint(text.length);
  writer.reserve(2 * text.length);
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    writer.buffer[writer.position++] = unit;
    writer.buffer[writer.position++] = unit >>> 8;
  }
}

const rememberedTexts = 512;
const longestRemembered = 32;

/** Reads texts, and remembers short ones: names of properties come again and again. */
export class TextReader {
  readonly #remembered: string[] = new Array(rememberedTexts).fill("");

  /** The text of UTF-8 bytes. */
  utf8(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return "";
    if (length > longestRemembered) return decode(bytes.subarray(start, end));
    const hash = (bytes[start]! * 31 + bytes[start + (length >> 1)]!) * 31 + bytes[end - 1]! * 7 + length;
    const place = hash & rememberedTexts - 1;
    const remembered = this.#remembered[place]!;
    if (isSame(remembered, bytes, start, length)) return remembered;
    let text = "";
    for (let index = start; index < end; index++) {
      const byte = bytes[index]!;
      // What isSame compares is ASCII only.
      if (byte >= 0x80) return decode(bytes.subarray(start, end));
      text += String.fromCharCode(byte);
    }
    return this.#remembered[place] = text;
  }

  /** The text of UTF-16 code units. */
  utf16(bytes: Uint8Array): string {
    let text = "";
    for (let start = 0; start < bytes.length; start += 8192) {
      const units: number[] = [];
      const end = Math.min(start + 8192, bytes.length);
      for (let index = start; index < end; index += 2) units.push(bytes[index]! | bytes[index + 1]! << 8);
      text += String.fromCharCode(...units);
    }
    if (text.isWellFormed()) throw violation("A text comes as UTF-16 without need");
    return text;
  }
}

function isSame(text: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw violation("A text is not UTF-8");
  }
}
