import process from "node:process";
import type { ByteQueue } from "./frames.ts";

/** How a WebSocket is asked for. */
export interface Handshake {
  readonly url: URL;
  readonly protocols: readonly string[];
  /** Further headers. */
  readonly headers: Headers;
}

const longestHead = 65_536;
const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Headers that the handshake itself sets. */
const own = /^(?:host|connection|upgrade|content-length|transfer-encoding|sec-websocket-.*)$/;

/** The request for a WebSocket, and what answers it (RFC 6455, section 4.1). */
export function writeHandshake({ url, protocols, headers }: Handshake): { request: Uint8Array; accept: string } {
  const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
  ];
  if (protocols.length > 0) lines.push(`Sec-WebSocket-Protocol: ${protocols.join(", ")}`);
  for (const [name, value] of headers) {
    if (!own.test(name)) lines.push(`${name}: ${value}`);
  }
  return {
    request: new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`),
    // Loading it takes a while, and not every process opens a WebSocket.
    accept: process.getBuiltinModule("node:crypto").createHash("sha1").update(key + guid).digest("base64"),
  };
}

/**
 * Reads the answer.
 *
 * @returns The protocol that the server has chosen, if any; `undefined` while something of the answer is missing.
 * @throws When the answer is no.
 */
export function readHandshake(queue: ByteQueue, accept: string, protocols: readonly string[]): string | undefined {
  const text = new TextDecoder("latin1").decode(queue.peek(Math.min(queue.length, longestHead)));
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) {
    if (queue.length < longestHead) return undefined;
    throw new Error("The answer of the server is too long");
  }
  const [status, ...lines] = text.slice(0, end).split("\r\n");
  if (!/^HTTP\/1\.1 101(?: |$)/.test(status!)) throw new Error(`Expected 101 status code, the server says "${status}"`);
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  const isUpgrade = headers.get("upgrade")?.toLowerCase() === "websocket" &&
    /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(headers.get("connection") ?? "");
  if (!isUpgrade || headers.get("sec-websocket-accept") !== accept) {
    throw new Error("The server does not speak WebSocket");
  }
  if (headers.has("sec-websocket-extensions")) throw new Error("The server wants an extension");
  const protocol = headers.get("sec-websocket-protocol") ?? "";
  if (protocol !== "" && !protocols.includes(protocol)) throw new Error("The server wants another protocol");
  queue.take(end + 4);
  return protocol;
}
