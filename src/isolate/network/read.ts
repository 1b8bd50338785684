/**
 * Reading what a process says. It may be hostile, so each part is looked at before it is used.
 *
 * @module
 */
import { PlugmapError } from "../../errors.ts";
import { type Bytes, mostPieceBytes } from "./messages.ts";

/** A message is not what {@linkcode import("./messages.ts")} says: only a process that speaks by itself sends such. */
export function malformed(problem: string): PlugmapError {
  return new PlugmapError("isolate-protocol", problem);
}

/** The parts of a message. */
export function readParts(message: unknown): Readonly<Record<string, unknown>> {
  if (typeof message === "object" && message !== null) return message as Record<string, unknown>;
  throw malformed("A message is no object");
}

/** A text of bounded length. */
export function readText(value: unknown, what: string, longest: number): string {
  if (typeof value === "string" && value.length <= longest) return value;
  throw malformed(`${what} is no text of at most ${longest} characters`);
}

/** A list of bounded length. */
export function readList(value: unknown, what: string, longest: number): readonly unknown[] {
  if (Array.isArray(value) && value.length <= longest) return value;
  throw malformed(`${what} are no list of at most ${longest}`);
}

/** A stream, of which nothing is known but that it has items. */
export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** Bytes that are few enough to be kept for as long as a connection takes. */
export function isPiece(value: unknown): value is Uint8Array<ArrayBuffer> {
  // Memory that is shared does not come over a channel.
  return value instanceof Uint8Array && value.length <= mostPieceBytes;
}

/** Takes the bytes of a stream, one piece at a time. */
export class IncomingBytes {
  readonly #items: AsyncIterator<unknown>;

  constructor(stream: AsyncIterable<unknown>) {
    this.#items = stream[Symbol.asyncIterator]();
  }

  /**
   * @returns The next piece, or `undefined` at the end.
   * @throws What the sender failed with; {@linkcode malformed} for what is no bytes, or too many at once.
   */
  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { done, value } = await this.#items.next();
    if (done) return undefined;
    if (isPiece(value)) return value;
    this.cancel();
    throw malformed(`A stream of bytes has an item that is no Uint8Array of at most ${mostPieceBytes} bytes`);
  }

  /** Tells the sender that no more is wanted. */
  cancel(): void {
    this.#items.return?.();
  }
}

/**
 * A stream to send. Unlike a generator, it learns that it is not wanted even if nobody has begun to read it.
 *
 * @param next Gives the next piece, or `undefined` at the end.
 * @param cancel Called at most once, when no more is wanted. Not after an end or an error.
 */
export function outgoingBytes(next: () => Promise<Uint8Array | undefined>, cancel: () => void): Bytes {
  let isOver = false;
  const iterator: AsyncIterableIterator<Uint8Array, undefined> = {
    async next() {
      if (isOver) return { done: true, value: undefined };
      let isLast = true;
      try {
        const value = await next();
        isLast = value === undefined;
        return value === undefined ? { done: true, value } : { done: false, value };
      } finally {
        isOver ||= isLast;
      }
    },
    return() {
      if (!isOver) {
        isOver = true;
        cancel();
      }
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return iterator;
    },
  };
  return iterator;
}
