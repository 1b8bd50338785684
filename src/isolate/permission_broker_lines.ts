import { brokerFault } from "./permission_broker_messages.ts";

/**
 * Puts lines together out of the pieces in which they arrive. Deno waits for an answer before it asks again, so there is at
 * most one line, and nothing after it.
 */
export class QuestionReader {
  readonly #most: number;
  #pieces: Uint8Array[] = [];
  #length = 0;

  /** @param most Bytes of a line. */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * @returns The line, once it is complete.
   * @throws {PlugmapError} `isolate-protocol` for a line that is too long or not UTF-8, and for what follows one.
   */
  add(piece: Uint8Array): string | undefined {
    const end = piece.indexOf(newline);
    this.#length += piece.length;
    if (this.#length > this.#most) throw brokerFault(`Its runtime sent a line of more than ${this.#most} bytes`);
    if (end === -1) {
      this.#pieces.push(piece.slice());
      return undefined;
    }
    if (end !== piece.length - 1) throw brokerFault("Its runtime asked before it had its answer");
    const line = this.#decode(piece.subarray(0, end));
    this.#pieces = [];
    this.#length = 0;
    return line;
  }

  #decode(last: Uint8Array): string {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    try {
      return this.#pieces.map((piece) => decoder.decode(piece, { stream: true })).join("") + decoder.decode(last);
    } catch {
      throw brokerFault("Its runtime sent a line that is not UTF-8");
    }
  }
}

const newline = 0x0a;
