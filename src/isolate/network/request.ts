import { PlugmapError, quote } from "../../errors.ts";
import { isPiece, isStream, malformed, readList, readParts, readText } from "./read.ts";

/** A request that a process wants to be made, checked in all but where it goes. */
export interface CheckedRequest {
  readonly url: URL;
  readonly port: number;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | AsyncIterable<unknown> | undefined;
}

const longestUrl = 65_536;
const mostHeaders = 256;
/** Characters of all names and values together. */
const longestHeaders = 65_536;

/**
 * Headers that say where one message ends and the next begins, or what becomes of the connection. Connections are kept for
 * later requests, so one that ends elsewhere than the host believes would put words into another's mouth. Bun sends what it
 * is given here.
 */
const framing: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Reads a request as a process sends it.
 *
 * @param message What came.
 * @throws {PlugmapError} `isolate-protocol`, `isolate-limit`
 */
export function readRequest(message: unknown): CheckedRequest {
  const parts = readParts(message);
  const url = URL.parse(readText(parts.url, "A URL", longestUrl));
  if (url === null || !/^https?:$/.test(url.protocol)) throw malformed("A request has no URL of HTTP");
  if (url.username !== "" || url.password !== "") throw malformed("A URL has a user name or password");
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const method = readMethod(parts.method);
  const { body } = parts;
  if (body !== undefined && !isPiece(body) && !isStream(body)) {
    throw malformed("A body is neither a piece of bytes nor a stream of them");
  }
  if (body !== undefined && /^(?:GET|HEAD)$/.test(method)) throw malformed(`${method} has no body`);
  return { url, port, method, headers: readHeaders(parts.headers), body };
}

function readMethod(value: unknown): string {
  const method = readText(value, "A method", 32);
  // CONNECT and TRACE make of a connection what a request must not (fetch standard, "forbidden method").
  if (!/^[A-Z-]+$/.test(method) || /^(?:CONNECT|TRACE|TRACK)$/.test(method)) throw malformed("A method is none");
  // Bun makes GET of a method that it does not know.
  if (new Request("http://localhost", { method }).method === method) return method;
  throw new PlugmapError("isolate-value", `The host cannot send requests with the method ${quote(method)}`);
}

function readHeaders(value: unknown): Headers {
  const entries = readList(value, "Headers", mostHeaders);
  const headers = new Headers();
  let size = 0;
  for (const entry of entries) {
    const [name, text] = readList(entry, "A header", 2).map((part) => readText(part, "A header", longestHeaders));
    if (name === undefined || text === undefined) throw malformed("A header is no name with a value");
    size += name.length + text.length;
    if (size > longestHeaders) throw malformed(`Headers are longer than ${longestHeaders} characters`);
    if (!framing.has(name.toLowerCase())) append(headers, name, text);
  }
  return headers;
}

/** Line breaks and whatever else a header cannot have is refused by the runtime's own check. */
function append(headers: Headers, name: string, value: string): void {
  try {
    headers.append(name, value);
  } catch {
    throw malformed(`A header named ${quote(name)} cannot be sent`);
  }
}
