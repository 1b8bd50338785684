import type { Bytes, FetchMessage } from "../messages.ts";

/** The body of a request, which redirects may want again. */
export interface RequestBody {
  /** Whether it can be sent again. */
  readonly isRepeatable: boolean;
  /** The body, as it is sent. */
  send(): FetchMessage["body"];
}

/** Bytes that are sent in one message, as far as there are not more. */
const pieceBytes = 2 ** 18;

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
    return { isRepeatable: false, send: () => stream as unknown as Bytes };
  }
  const bytes = new Uint8Array(await request.arrayBuffer());
  return { isRepeatable: true, send: () => bytes.length <= pieceBytes ? bytes : piecesOf(bytes) };
}

/** No body. */
export const noBody: RequestBody = { isRepeatable: true, send: () => undefined };

async function* piecesOf(bytes: Uint8Array): Bytes {
  for (let start = 0; start < bytes.length; start += pieceBytes) yield bytes.subarray(start, start + pieceBytes);
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
