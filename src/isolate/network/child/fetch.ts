/**
 * `fetch` of a process without a network: what the fetch standard says of requests, redirects and responses, around the
 * requests that the host makes.
 *
 * @module
 */
import { noBody, readBody, type RequestBody, streamOf } from "./body.ts";
import type { FetchedMessage } from "../messages.ts";
import type { HostNetwork } from "./types.ts";

type Fetch = typeof globalThis.fetch;
/** Options that the runtime has beside those of the standard. */
interface Options extends RequestInit {
  /** Whether the body of the response is decoded. */
  readonly decompress?: boolean;
  readonly unix?: unknown;
  readonly proxy?: unknown;
  readonly tls?: unknown;
  readonly verbose?: unknown;
}

/** What a request has become after some redirects. */
interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: RequestBody;
}

/** Fetch standard, section 4.4. */
const mostRedirects = 20;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Options by which a request would reach something else than its URL says, or be told to standard error. */
const refused = ["unix", "proxy", "tls", "verbose"] as const;

/** Headers that tell of a body, and go with it. */
const ofBody = ["content-encoding", "content-language", "content-location", "content-type", "content-length"];
/** Headers that are for one origin only. */
const secret = ["authorization", "cookie", "proxy-authorization"];

/**
 * Makes a `fetch`.
 *
 * @param native The runtime's, for what needs no network.
 */
export function createFetch(host: HostNetwork, native: Fetch): Fetch {
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const options: Options = init ?? {};
    const unavailable = refused.find((name) => options[name] !== undefined && options[name] !== false);
    if (unavailable !== undefined) throw new TypeError(`An isolated plugin cannot use the fetch option ${unavailable}`);
    const request = new Request(input, options);
    const { protocol } = new URL(request.url);
    if (!/^https?:$/.test(protocol)) {
      // They read what the process has or may read.
      if (/^(?:data|blob|file):$/.test(protocol)) return await native(input, options);
      throw new TypeError(`fetch() cannot use the scheme of "${request.url.slice(0, 100)}"`);
    }
    const signal = options.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    return await follow(await firstHop(request, input, options), request.redirect, signal, options, host);
  };
  // Of Bun; it only ever saves time.
  return Object.assign(fetch, { preconnect: () => {} });
}

async function firstHop(request: Request, input: unknown, options: Options): Promise<Hop> {
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  if (url.username !== "" || url.password !== "") {
    const [name, password] = [url.username, url.password].map(decodeURIComponent);
    const bytes = new TextEncoder().encode(`${name}:${password}`);
    if (!headers.has("authorization")) headers.set("authorization", `Basic ${btoa(String.fromCharCode(...bytes))}`);
    url.username = url.password = "";
  }
  if (!headers.has("accept-encoding") && options.decompress !== false) {
    headers.set("accept-encoding", [...formats.keys()].join(", "));
  }
  return { url, method: request.method, headers, body: await readBody(request, isStream(input, options)) };
}

function isStream(input: unknown, { body }: Options): boolean {
  if (body === undefined || body === null) return input instanceof Request;
  return typeof body === "object" && (body instanceof ReadableStream || Symbol.asyncIterator in body);
}

async function follow(
  first: Hop,
  mode: RequestRedirect,
  signal: AbortSignal | undefined,
  options: Options,
  host: HostNetwork,
): Promise<Response> {
  let hop = first;
  for (let count = 0;; count++) {
    const { url, method, headers, body } = hop;
    const message = { url: withoutFragment(url), method, headers: [...headers], body: body.send() };
    const answer = await host.fetch(message, signal);
    const location = redirects.has(answer.status)
      ? answer.headers.find(([name]) => name === "location")?.[1]
      : undefined;
    if (location === undefined || mode === "manual") return respond(answer, hop, count > 0, signal, options);
    await answer.body?.[Symbol.asyncIterator]().return?.();
    if (mode === "error") throw new TypeError(`"${url.origin}" answers with a redirect`);
    if (count === mostRedirects) throw new TypeError(`There are more than ${mostRedirects} redirects`);
    hop = nextHop(hop, answer.status, location);
  }
}

/** Fetch standard, "HTTP-redirect fetch". */
function nextHop({ url, method, headers, body }: Hop, status: number, location: string): Hop {
  const next = URL.parse(location, url);
  if (next === null || !/^https?:$/.test(next.protocol)) throw new TypeError("A redirect leads to no URL of HTTP");
  if (next.username !== "" || next.password !== "") throw new TypeError("A redirect has a user name or password");
  if (status !== 303 && !body.isRepeatable) throw new TypeError("A redirect wants a stream to be sent again");
  if (next.hash === "") next.hash = url.hash;
  const kept = new Headers(headers);
  if (next.origin !== url.origin) { for (const name of secret) kept.delete(name); }
  const becomesGet = status === 303 ? !/^(?:GET|HEAD)$/.test(method) : status < 303 && method === "POST";
  if (!becomesGet) return { url: next, method, headers: kept, body };
  for (const name of ofBody) kept.delete(name);
  return { url: next, method: "GET", headers: kept, body: noBody };
}

function withoutFragment(url: URL): string {
  return url.href.slice(0, url.href.length - url.hash.length).replace(/#$/, "");
}

function respond(
  { status, statusText, headers, body, isEncoded }: FetchedMessage,
  { url }: Hop,
  redirected: boolean,
  signal: AbortSignal | undefined,
  { decompress }: Options,
): Response {
  const init = { status, statusText, headers: headers.map(([name, value]): [string, string] => [name, value]) };
  const stream = body && streamOf(body, signal);
  const response = new Response(isEncoded && decompress !== false ? decode(stream, init.headers) : stream, init);
  return withOrigin(response, withoutFragment(url), redirected);
}

/** What a constructor cannot say of a response. */
function withOrigin(response: Response, url: string, redirected: boolean): Response {
  return Object.defineProperties(response, {
    url: { value: url },
    redirected: { value: redirected },
    clone: { value: () => withOrigin(Response.prototype.clone.call(response), url, redirected) },
  });
}

/** Names of encodings, and what `DecompressionStream` calls them. */
const formats: ReadonlyMap<string, string> = new Map([
  ["gzip", "gzip"],
  ["deflate", "deflate"],
  ["br", "brotli"],
]);

/** Decodes as far as the encodings are known, the last one first. */
function decode(
  body: ReadableStream<Uint8Array> | null,
  headers: readonly [string, string][],
): ReadableStream<Uint8Array> | null {
  if (body === null) return null;
  const encodings = headers.filter(([name]) => name === "content-encoding").flatMap(([, value]) => value.split(","));
  let decoded = body;
  for (const encoding of encodings.reverse()) {
    const format = formats.get(encoding.trim().toLowerCase());
    if (format === undefined) break;
    const decoder = new DecompressionStream(format as CompressionFormat) as ReadableWritablePair<
      Uint8Array,
      Uint8Array
    >;
    decoded = decoded.pipeThrough(decoder);
  }
  return decoded;
}
