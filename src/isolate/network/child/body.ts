import { type Bytes, type FetchMessage, mostPieceBytes } from "../messages.ts";
import { piecesOf } from "./pieces.ts";

/** The body of a request, which redirects may want again. */
export interface RequestBody {
  /** Whether it can be sent again. */
  readonly isRepeatable: boolean;
  /** The body, as it is sent. */
  send(): FetchMessage["body"];
}

/**
 * Reads the body of a request.
 *
 * @param request The request, whose body is used up.
 * @param isStream Whether it was made of a stream, which may never end.
 */
export async function readBody(request: Request, isStream: boolean): Promise<RequestBody> {
  if (request.body === null) return noBody;
  if (isStream) {
    const stream = request.body;
    return { isRepeatable: false, send: () => piecesOfStream(stream) };
  }
  const bytes = new Uint8Array(await request.arrayBuffer());
  return { isRepeatable: true, send: () => bytes.length <= mostPieceBytes ? bytes : piecesOfBytes(bytes) };
}

/** No body. */
export const noBody: RequestBody = { isRepeatable: true, send: () => undefined };

async function* piecesOfBytes(bytes: Uint8Array): Bytes {
  yield* piecesOf(bytes);
}

/** A stream in pieces. Unlike a generator, it cancels the stream even if nobody has begun to read it. */
function piecesOfStream(stream: ReadableStream<unknown>): Bytes {
  const reader = stream.getReader();
  let pieces = piecesOf(new Uint8Array(0));
  const iterator: AsyncIterableIterator<Uint8Array, undefined> = {
    async next() {
      for (;;) {
        const piece = pieces.next();
        if (!piece.done) return piece;
        const { done, value } = await reader.read();
        if (done) return { done, value: undefined };
        if (!(value instanceof Uint8Array)) {
          await reader.cancel();
          throw new TypeError("A stream that is a body has an item that is no Uint8Array");
        }
        pieces = piecesOf(value);
      }
    },
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

/** How much of a body is taken before anybody reads it, so that short ones that nobody reads do not stay open. */
const readAhead = 2 ** 16;

/**
 * A stream of what comes.
 *
 * @param signal Ends it with its reason.
 */
export function streamOf(bytes: Bytes, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  const items = bytes[Symbol.asyncIterator]();
  let stopListening = (): void => {};
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (signal === undefined) return;
      const abort = (): void => {
        controller.error(signal.reason);
        items.return?.();
      };
      stopListening = () => signal.removeEventListener("abort", abort);
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
    },
    async pull(controller) {
      try {
        const { done, value } = await items.next();
        if (signal?.aborted) return;
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      stopListening();
    },
    async cancel() {
      stopListening();
      await items.return?.();
    },
  }, new ByteLengthQueuingStrategy({ highWaterMark: readAhead }));
}
