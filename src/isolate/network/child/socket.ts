/**
 * `net.Socket` of a process without a network: a duplex stream over a connection of the host's.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import type { OpenedSocketMessage, TlsMessage } from "../messages.ts";
import { OutgoingPieces } from "./pieces.ts";
import type { HostNetwork } from "./types.ts";

/** Where to connect to, in the shapes that `net.connect` takes. */
export interface ConnectOptions {
  readonly host?: string;
  readonly port?: number | string;
  readonly path?: unknown;
  readonly signal?: AbortSignal;
  readonly timeout?: number;
  readonly allowHalfOpen?: boolean;
}

/** A TCP connection that the host keeps. */
export class HostSocket extends Duplex {
  connecting = false;
  remoteAddress: string | undefined;
  remotePort: number | undefined;
  bytesRead = 0;
  bytesWritten = 0;
  timeout: number | undefined;
  /** For TLS: the chosen protocol, and whether the certificate was checked. */
  alpnProtocol: string | false = false;
  authorized = false;
  encrypted: true | undefined;

  readonly #host: HostNetwork;
  readonly #outgoing = new OutgoingPieces();
  readonly #abort = new AbortController();
  #incoming: AsyncIterator<Uint8Array> | undefined;
  #isReading = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HostNetwork, options: ConnectOptions = {}) {
    super({
      allowHalfOpen: options.allowHalfOpen ?? false,
      ...options.signal !== undefined && { signal: options.signal },
    });
    this.#host = host;
    if (options.timeout !== undefined) this.setTimeout(options.timeout);
  }

  /** Whether there is no connection yet. */
  get pending(): boolean {
    return this.#incoming === undefined;
  }

  /** What can be done with it now. */
  get readyState(): string {
    if (this.connecting) return "opening";
    if (this.pending || this.destroyed) return "closed";
    if (this.readable) return this.writable ? "open" : "readOnly";
    return this.writable ? "writeOnly" : "closed";
  }

  get remoteFamily(): string | undefined {
    return this.remoteAddress && (this.remoteAddress.includes(":") ? "IPv6" : "IPv4");
  }

  /** Connects, as `net.Socket.connect` does. */
  connect(...args: unknown[]): this {
    const { options, listener } = readConnectArguments(args);
    return this.open(options, undefined, listener);
  }

  /** Connects, with TLS or without. */
  open(options: ConnectOptions, tls: TlsMessage | undefined, listener: (() => void) | undefined): this {
    if (options.path !== undefined) throw new TypeError("An isolated plugin cannot connect to a Unix domain socket");
    const port = Number(options.port);
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      throw Object.assign(new RangeError(`Port should be > 0 and < 65536. Received ${String(options.port)}.`), {
        code: "ERR_SOCKET_BAD_PORT",
      });
    }
    if (listener !== undefined) this.once(tls === undefined ? "connect" : "secureConnect", listener);
    this.connecting = true;
    const message = { host: options.host ?? "localhost", port, tls, outgoing: this.#outgoing.stream };
    this.#host.openSocket(message, this.#abort.signal).then(
      (opened) => this.#opened(opened, tls),
      (error) => this.destroy(error),
    );
    return this;
  }

  #opened({ incoming, remoteAddress, remotePort, protocol }: OpenedSocketMessage, tls: TlsMessage | undefined): void {
    const items = incoming[Symbol.asyncIterator]();
    if (this.destroyed) return void items.return?.();
    this.#incoming = items;
    this.connecting = false;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    if (tls !== undefined) {
      this.encrypted = true;
      this.authorized = !tls.isUnverified;
      this.alpnProtocol = protocol ?? false;
    }
    this.emit("connect");
    if (tls !== undefined) this.emit("secureConnect");
    this.emit("ready");
    if (this.#isReading) this.#pull();
  }

  override _read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    if (this.#incoming !== undefined) this.#pull();
  }

  async #pull(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#incoming!.next();
        if (this.destroyed) return;
        this.#touch();
        if (done) return void this.push(null);
        this.bytesRead += value.length;
        if (!this.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength))) break;
      }
      this.#isReading = false;
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: () => void): void {
    this.bytesWritten += chunk.length;
    this.#touch();
    this.#outgoing.add(chunk, callback);
  }

  override _final(callback: () => void): void {
    this.#outgoing.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.connecting = false;
    this.#abort.abort(error ?? undefined);
    this.#outgoing.end();
    this.#incoming?.return?.();
    callback(error);
  }

  /** Tells after how many milliseconds without traffic `timeout` is emitted; 0 is never. */
  setTimeout(milliseconds: number, listener?: () => void): this {
    this.timeout = milliseconds;
    if (listener !== undefined) this.once("timeout", listener);
    this.#touch();
    return this;
  }

  #touch(): void {
    clearTimeout(this.#timer);
    if (this.timeout) this.#timer = setTimeout(() => this.emit("timeout"), this.timeout);
  }

  /** Ends it once what was written has been sent. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  /** Ends it at once. */
  resetAndDestroy(): this {
    return this.destroy();
  }

  // What the system would be told, the host decides. The process lives as long as its host wants.
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  address(): object {
    return {};
  }
}

/** The arguments of `net.connect`: options, or a port and perhaps a host; and perhaps a listener. */
export function readConnectArguments(
  args: readonly unknown[],
): { options: ConnectOptions; listener: (() => void) | undefined } {
  const last = args.at(-1);
  const listener = typeof last === "function" ? last as () => void : undefined;
  const [first, second] = args;
  if (typeof first === "object" && first !== null) return { options: first, listener };
  if (typeof first === "string" && !/^\d+$/.test(first)) return { options: { path: first }, listener };
  return {
    options: { port: first as number, ...typeof second === "string" && { host: second } },
    listener,
  };
}
