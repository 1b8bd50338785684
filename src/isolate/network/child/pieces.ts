import { type Bytes, mostPieceBytes } from "../messages.ts";

interface Piece {
  readonly bytes: Uint8Array;
  /** Called when it was taken, or when it never will be. */
  readonly taken: () => void;
}

/** Cuts bytes into what may be sent at once. */
export function* piecesOf(bytes: Uint8Array): Generator<Uint8Array, undefined> {
  for (let start = 0; start < bytes.length; start += mostPieceBytes) {
    yield bytes.subarray(start, start + mostPieceBytes);
  }
}

/** Bytes on their way to the host, which takes them piece by piece. */
export class OutgoingPieces {
  readonly #pieces: Piece[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;

  /** Adds bytes. They are copied, as the caller may go on to use its memory. */
  add(bytes: Uint8Array, taken: () => void): void {
    if (this.#isOver) return taken();
    const pieces = [...piecesOf(bytes.slice())];
    const last = pieces.pop() ?? bytes;
    for (const piece of pieces) this.#pieces.push({ bytes: piece, taken: () => {} });
    this.#pieces.push({ bytes: last, taken });
    this.#wake?.();
  }

  /** No piece will follow. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  /** The stream. */
  readonly stream: Bytes = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        while (this.#pieces.length === 0 && !this.#isOver) {
          await new Promise<void>((resolve) => this.#wake = resolve);
        }
        const piece = this.#pieces.shift();
        piece?.taken();
        return piece === undefined ? { done: true, value: undefined } : { done: false, value: piece.bytes };
      },
      return: () => {
        this.end();
        for (const { taken } of this.#pieces.splice(0)) taken();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}
