/**
 * HTTP requests on behalf of a process: one request, one answer. Redirects are for the process to follow, with a request
 * for each hop, so that there is one way to a server and one check in it (threat T5).
 *
 * @module
 */
import process from "node:process";
import { quote } from "../../errors.ts";
import type { IncomingCall } from "../wire/mod.ts";
import type { Connections } from "./connections.ts";
import type { NetworkGrant } from "./grant.ts";
import type { FetchedMessage } from "./messages.ts";
import { bareError } from "./problem.ts";
import { IncomingBytes, outgoingBytes } from "./read.ts";
import { type CheckedRequest, readRequest } from "./request.ts";

/** What becomes of requests. */
export interface Exchanges {
  readonly grant: NetworkGrant;
  readonly connections: Connections;
}

/**
 * Bun takes `decompress`, and can leave bodies as they are. Decoding one is for the process that wants it: a few kilobytes
 * can become gigabytes (threat T11).
 */
const leavesEncoded = "bun" in process.versions;
const asIs: RequestInit & { readonly decompress: boolean } = {
  redirect: "manual",
  // Nothing of the host's goes with it.
  credentials: "omit",
  cache: "no-store",
  referrerPolicy: "no-referrer",
  decompress: false,
};

/** Answers that have no body, whatever the server says (fetch standard, "null body status"). */
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Makes a request.
 *
 * @param message A {@linkcode import("./messages.ts").FetchMessage}, as far as the process is honest.
 * @throws {PlugmapError} `permission-denied`, `isolate-limit`, `isolate-protocol`
 * @throws {TypeError} when there is no answer, with the code of what went wrong.
 */
export async function exchange(
  message: unknown,
  { signal }: IncomingCall,
  { grant, connections }: Exchanges,
): Promise<FetchedMessage> {
  const request = readRequest(message);
  const upload = new Upload(request.body);
  const controller = new AbortController();
  let close = (): void => {};
  const stop = (): void => {
    controller.abort(signal.reason);
    upload.cancel();
    close();
  };
  try {
    grant.require(request.url.hostname, request.port);
    const response = await connections.request(() => {
      signal.throwIfAborted();
      close = connections.open();
      signal.addEventListener("abort", stop, { once: true });
      return send(request, upload, controller.signal);
    });
    return answer(response, request.method, stop);
  } catch (error) {
    stop();
    throw error;
  }
}

async function send(
  { url, method, headers }: CheckedRequest,
  { body }: Upload,
  signal: AbortSignal,
): Promise<Response> {
  const duplex = body instanceof ReadableStream ? { duplex: "half" } : {};
  try {
    return await fetch(url.href, { ...asIs, ...duplex, method, headers, signal, ...body !== undefined && { body } });
  } catch (error) {
    throw withoutProxy(error, url.hostname);
  }
}

/** Bun names the host that it cannot look up. If that is the host's proxy, it is not for the process to know. */
function withoutProxy(error: unknown, asked: string): unknown {
  const { hostname, code } = Object(error) as { hostname?: unknown; code?: unknown };
  if (hostname === undefined || hostname === asked) return error;
  return Object.assign(new TypeError(`A name on the way to ${quote(asked)} cannot be looked up`), { code });
}

function answer(response: Response, method: string, stop: () => void): FetchedMessage {
  const { status, statusText, headers, body } = response;
  if (status < 200 || status > 599) throw new TypeError(`The server answers with status ${status}`);
  const head = { status, statusText, headers: [...headers], isEncoded: leavesEncoded };
  if (body === null || method === "HEAD" || withoutBody.has(status)) {
    stop();
    return { ...head, body: null };
  }
  const reader = body.getReader();
  const next = async (): Promise<Uint8Array | undefined> => {
    try {
      const { done, value } = await reader.read();
      if (done) stop();
      return value;
    } catch (error) {
      stop();
      throw bareError(error);
    }
  };
  return { ...head, body: outgoingBytes(next, stop) };
}

/** The body of a request, as what `fetch` takes. */
class Upload {
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined;
  readonly #bytes: IncomingBytes | undefined;

  constructor(body: CheckedRequest["body"]) {
    if (body === undefined || body instanceof Uint8Array) {
      this.body = body;
      return;
    }
    const bytes = this.#bytes = new IncomingBytes(body);
    this.body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        let piece = await bytes.next();
        // An empty piece would end a body that is sent in chunks.
        while (piece?.length === 0) piece = await bytes.next();
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
      cancel: () => bytes.cancel(),
    }, { highWaterMark: 0 });
  }

  /** Tells the process that no more is wanted. */
  cancel(): void {
    this.#bytes?.cancel();
  }
}
