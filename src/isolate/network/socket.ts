/**
 * TCP connections on behalf of a process, with TLS if it wants.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { connect as connectSecurely, type TLSSocket } from "node:tls";
import { quote } from "../../errors.ts";
import type { IncomingCall } from "../wire/mod.ts";
import type { Exchanges } from "./exchange.ts";
import type { OpenedSocketMessage } from "./messages.ts";
import { bareError } from "./problem.ts";
import { IncomingBytes, isStream, malformed, outgoingBytes, readList, readParts, readText } from "./read.ts";

interface CheckedSocket {
  /** As a URL has it: with brackets around an IPv6 address. */
  readonly hostname: string;
  readonly port: number;
  readonly tls: CheckedTls | undefined;
  readonly outgoing: AsyncIterable<unknown>;
}

interface CheckedTls {
  readonly servername: string | undefined;
  readonly ALPNProtocols: string[] | undefined;
  readonly ca: string[] | undefined;
  readonly rejectUnauthorized: boolean;
}

const longestName = 1_024;
const longestCertificate = 65_536;

/**
 * Opens a connection.
 *
 * @param message An {@linkcode import("./messages.ts").OpenSocketMessage}, as far as the process is honest.
 * @throws {PlugmapError} `permission-denied`, `isolate-limit`, `isolate-protocol`
 * @throws The system's error when there is no connection.
 */
export async function openSocket(
  message: unknown,
  { signal }: IncomingCall,
  { grant, connections }: Exchanges,
): Promise<OpenedSocketMessage> {
  const { hostname, port, tls, outgoing } = readSocket(message);
  const upload = new IncomingBytes(outgoing);
  let socket: Socket | undefined;
  let close = (): void => {};
  const stop = (): void => {
    upload.cancel();
    socket?.destroy();
    close();
  };
  try {
    grant.require(hostname, port);
    signal.throwIfAborted();
    close = connections.open();
    socket = begin(hostname, port, tls);
    socket.once("close", stop);
    signal.addEventListener("abort", stop, { once: true });
    await connected(socket, tls === undefined ? "connect" : "secureConnect");
  } catch (error) {
    stop();
    throw error;
  }
  const { remoteAddress = "", remotePort = port } = socket;
  const protocol = (socket as Partial<TLSSocket>).alpnProtocol || undefined;
  send(upload, socket).catch(stop);
  return { incoming: receive(socket), remoteAddress, remotePort, protocol };
}

function begin(hostname: string, port: number, tls: CheckedTls | undefined): Socket {
  const place = { host: hostname.replace(/^\[|\]$/g, ""), port, allowHalfOpen: true };
  if (tls === undefined) return connect(place);
  return connectSecurely({ ...place, ...tls });
}

function readSocket(message: unknown): CheckedSocket {
  const { host, port, tls, outgoing } = readParts(message);
  if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw malformed("A port is none");
  }
  if (!isStream(outgoing)) throw malformed("A connection has nothing to send");
  const hostname = readHost(host);
  return { hostname, port, tls: tls === undefined ? undefined : readTls(tls, hostname), outgoing };
}

/** What is checked must be what is connected to, so a host is first brought into the one form that URLs have. */
function readHost(value: unknown): string {
  const text = readText(value, "A host", longestName);
  const host = text.includes(":") && !text.startsWith("[") ? `[${text}]` : text;
  const url = /^(?:\[[\da-f:.]+\]|[^\s/?#@:\\[\]%]+)$/i.test(host) ? URL.parse(`http://${host}/`) : null;
  if (url === null) throw malformed(`${quote(text)} is no host`);
  return url.hostname;
}

function readTls(value: unknown, hostname: string): CheckedTls {
  const { serverName, protocols, authorities, isUnverified } = readParts(value);
  const names = readList(protocols, "Protocols", 16).map((name) => readText(name, "A protocol", 255));
  const certificates = readList(authorities, "Authorities", 64);
  const ca = certificates.map((text) => readText(text, "A certificate", longestCertificate));
  return {
    servername: readServerName(serverName, hostname),
    ALPNProtocols: names.length === 0 ? undefined : names,
    ca: ca.length === 0 ? undefined : ca,
    rejectUnauthorized: isUnverified !== true,
  };
}

/** Only names are told to servers, not addresses (RFC 6066, section 3). Without one, the certificate has to be the host's. */
function readServerName(value: unknown, hostname: string): string | undefined {
  const expected = value === undefined ? hostname : readHost(value);
  if (!/^\[|^[\d.]+$/.test(expected)) return expected;
  if (expected !== hostname) throw malformed("A certificate is to be for another address than the one of the host");
  return undefined;
}

function connected(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once(event, resolve);
  // Kept, for errors after it: they end the streams of the socket.
  socket.on("error", reject);
  socket.once("close", () => reject(new Error("The connection was closed before it was there")));
  return promise;
}

/** What a socket receives, taken when it is wanted. The socket's own iterator would close it at the end of what comes. */
function receive(socket: Socket): OpenedSocketMessage["incoming"] {
  let failure: Error | undefined;
  let wake = (): void => {};
  for (const event of ["readable", "end", "close"]) socket.on(event, () => wake());
  socket.once("error", (error) => failure = error);
  const next = async (): Promise<Uint8Array | undefined> => {
    for (;;) {
      const piece: Uint8Array | null = socket.read();
      if (piece !== null) return new Uint8Array(piece);
      if (failure !== undefined) throw bareError(failure);
      if (socket.readableEnded || socket.destroyed) return undefined;
      await new Promise<void>((resolve) => wake = resolve);
    }
  };
  return outgoingBytes(next, () => socket.destroy());
}

async function send(upload: IncomingBytes, socket: Socket): Promise<void> {
  for (;;) {
    const piece = await upload.next();
    if (piece === undefined) return void socket.end();
    if (socket.destroyed) return upload.cancel();
    if (!socket.write(piece)) await writable(socket);
  }
}

function writable(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const settle = (): void => {
    socket.off("drain", settle).off("close", settle);
    resolve();
  };
  socket.on("drain", settle).on("close", settle);
  return promise;
}
