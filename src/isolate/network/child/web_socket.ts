/**
 * `WebSocket` of a process without a network, over a connection of the host's. The protocol is spoken here and not by the
 * host, so that what a server sends takes the memory of the process that wants it, and no more than it has room for.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers";
import type { OpenedSocketMessage } from "../messages.ts";
import { ByteQueue, Opcode, ProtocolFault, readFrame, writeFrame } from "./frames.ts";
import { readHandshake, writeHandshake } from "./handshake.ts";
import { OutgoingPieces } from "./pieces.ts";
import type { HostNetwork } from "./types.ts";
import { readProtocols, readUrl } from "./web_socket_arguments.ts";

/** What the runtime takes as its second argument. */
type Choice = string | readonly string[] | {
  readonly protocols?: string | readonly string[];
  readonly headers?: HeadersInit;
};
type Listener = ((event: never) => unknown) | null;

/** Milliseconds that a server has to answer a close. */
const closing = 3_000;
const state = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;

/** Makes the class for a process. */
export function createWebSocket(host: HostNetwork): typeof globalThis.WebSocket {
  class WebSocket extends HostWebSocket {
    constructor(url: string | URL, choice?: Choice) {
      super(host, url, choice);
    }
  }
  for (const target of [WebSocket, WebSocket.prototype]) {
    for (const [name, value] of Object.entries(state)) Object.defineProperty(target, name, { value, enumerable: true });
  }
  for (const name of ["open", "message", "error", "close"]) defineListener(WebSocket.prototype, name);
  return WebSocket as unknown as typeof globalThis.WebSocket;
}

/** `onopen` and its like. */
function defineListener(prototype: EventTarget, name: string): void {
  const listeners = new WeakMap<EventTarget, { call: Listener; listen: (event: Event) => void }>();
  Object.defineProperty(prototype, `on${name}`, {
    enumerable: true,
    configurable: true,
    get(this: EventTarget): Listener {
      return listeners.get(this)?.call ?? null;
    },
    set(this: EventTarget, value: unknown) {
      const old = listeners.get(this);
      if (old !== undefined) this.removeEventListener(name, old.listen);
      listeners.delete(this);
      if (typeof value !== "function") return;
      const listen = (event: Event): void => Reflect.apply(value, this, [event]);
      listeners.set(this, { call: value as Listener, listen });
      this.addEventListener(name, listen);
    },
  });
}

class HostWebSocket extends EventTarget {
  readonly url: string;
  protocol = "";
  readonly extensions = "";
  binaryType: "blob" | "arraybuffer" | "nodebuffer" = "blob";
  readyState: number = state.CONNECTING;
  bufferedAmount = 0;

  readonly #url: URL;
  readonly #protocols: readonly string[];
  readonly #outgoing = new OutgoingPieces();
  readonly #abort = new AbortController();
  readonly #queue = new ByteQueue();
  readonly #accept: string;
  #incoming: AsyncIterator<Uint8Array> | undefined;
  /** The parts of a message, and what it is. */
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #opcode: number = Opcode.continuation;
  #closeCode: number | undefined;
  #closeReason = "";
  #isCloseSent = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Settles when all blobs, and what follows them, have been sent. */
  #blobs: Promise<void> | undefined;

  constructor(host: HostNetwork, url: string | URL, choice: Choice = []) {
    super();
    this.#url = readUrl(url);
    this.url = this.#url.href;
    const { protocols = [], headers }: Exclude<Choice, string | readonly string[]> =
      typeof choice === "object" && !Array.isArray(choice) ? choice as object : { protocols: choice as string };
    this.#protocols = readProtocols(protocols);
    const { request, accept } = writeHandshake({
      url: this.#url,
      protocols: this.#protocols,
      headers: new Headers(headers),
    });
    this.#accept = accept;
    this.#outgoing.add(request, () => {});
    this.#run(host);
  }

  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    if (this.readyState === state.CONNECTING) throw new DOMException("Not connected yet", "InvalidStateError");
    if (data instanceof Blob) {
      this.#afterBlobs(async () => this.#sendMessage(Opcode.binary, new Uint8Array(await data.arrayBuffer())));
      return;
    }
    const isBytes = data instanceof ArrayBuffer || ArrayBuffer.isView(data);
    const bytes = isBytes ? bytesOf(data).slice() : new TextEncoder().encode(data);
    const opcode = isBytes ? Opcode.binary : Opcode.text;
    if (this.#blobs === undefined) this.#sendMessage(opcode, bytes);
    else this.#afterBlobs(() => this.#sendMessage(opcode, bytes));
  }

  /** What a blob holds takes time to read; what follows it must not overtake it. */
  #afterBlobs(send: () => void | Promise<void>): void {
    const blobs = this.#blobs = (this.#blobs ?? Promise.resolve()).then(send).catch((error) => this.#fail(error)).then(
      () => {
        if (this.#blobs === blobs) this.#blobs = undefined;
      },
    );
  }

  close(code?: number, reason = ""): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(`The close code ${code} is neither 1000 nor from 3000 to 4999`, "InvalidAccessError");
    }
    const text = new TextEncoder().encode(reason);
    if (text.length > 123) throw new DOMException("The reason is longer than 123 bytes", "SyntaxError");
    if (this.readyState >= state.CLOSING) return;
    if (this.readyState === state.CONNECTING) {
      this.readyState = state.CLOSING;
      return this.terminate();
    }
    const payload = code === undefined ? new Uint8Array(0) : withCode(code, text);
    if (this.#blobs === undefined) this.#sendClose(payload);
    else this.#afterBlobs(() => this.#sendClose(payload));
  }

  /** Closes the connection at once. */
  terminate(): void {
    this.#abort.abort();
    this.#incoming?.return?.();
  }

  async #run(host: HostNetwork): Promise<void> {
    try {
      const { hostname, port, protocol } = this.#url;
      const isSecure = protocol === "wss:";
      const opened = await host.openSocket({
        host: hostname,
        port: Number(port || (isSecure ? 443 : 80)),
        tls: isSecure
          ? { serverName: undefined, protocols: ["http/1.1"], authorities: [], isUnverified: false }
          : undefined,
        outgoing: this.#outgoing.stream,
      }, this.#abort.signal);
      await this.#receive(opened);
      this.#ended();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #receive({ incoming }: OpenedSocketMessage): Promise<void> {
    const items = this.#incoming = incoming[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = await items.next();
      if (done) break;
      // After goodbye, the server closes the connection, once it has read what was sent.
      if (this.#closeCode !== undefined) continue;
      this.#queue.add(value);
      if (this.readyState === state.CONNECTING && !this.#open()) continue;
      for (let frame; (frame = readFrame(this.#queue)) !== undefined;) {
        this.#take(frame.opcode, frame.payload, frame.isFinal);
        if (this.#closeCode !== undefined) break;
        // Each message is a task of its own: whoever waits for the next one has to be there when it comes.
        if (frame.opcode < Opcode.close) await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
    if (this.readyState === state.CONNECTING) throw new Error("The server has closed the connection");
  }

  #open(): boolean {
    const protocol = readHandshake(this.#queue, this.#accept, this.#protocols);
    if (protocol === undefined) return false;
    this.protocol = protocol;
    this.readyState = state.OPEN;
    this.dispatchEvent(new Event("open"));
    return true;
  }

  #take(opcode: number, payload: Uint8Array<ArrayBuffer>, isFinal: boolean): void {
    if (opcode === Opcode.close) return this.#readClose(payload);
    if (opcode === Opcode.ping) this.#sendFrame(Opcode.pong, payload);
    if (opcode >= Opcode.close) return;
    const isFirst = opcode !== Opcode.continuation;
    if (isFirst !== (this.#opcode === Opcode.continuation)) throw new ProtocolFault(1002, "A message is cut wrongly");
    if (isFirst) this.#opcode = opcode;
    this.#parts.push(payload);
    if (!isFinal) return;
    const whole = this.#parts.length === 1 ? payload : joined(this.#parts);
    const isText = this.#opcode === Opcode.text;
    this.#parts = [];
    this.#opcode = Opcode.continuation;
    if (this.readyState === state.OPEN) {
      const data = isText ? decodeText(whole) : this.#binary(whole);
      this.dispatchEvent(new MessageEvent("message", { data, origin: this.#url.origin }));
    }
  }

  #binary(bytes: Uint8Array<ArrayBuffer>): unknown {
    if (this.binaryType === "blob") return new Blob([bytes]);
    return this.binaryType === "arraybuffer" ? bytes.buffer : Buffer.from(bytes.buffer);
  }

  #readClose(payload: Uint8Array<ArrayBuffer>): void {
    if (payload.length === 1) throw new ProtocolFault(1002, "A close frame is cut off");
    const code = payload.length === 0 ? undefined : new DataView(payload.buffer).getUint16(0);
    if (code !== undefined && !isCloseCode(code)) throw new ProtocolFault(1002, "A close code is none");
    this.#closeReason = decodeText(payload.subarray(2));
    this.#closeCode = code ?? 1005;
    this.#sendClose(payload);
    this.#outgoing.end();
  }

  #sendMessage(opcode: number, payload: Uint8Array): void {
    this.bufferedAmount += payload.length;
    if (this.readyState !== state.OPEN) return;
    this.#outgoing.add(writeFrame(opcode, payload), () => this.bufferedAmount -= payload.length);
  }

  #sendFrame(opcode: number, payload: Uint8Array): void {
    if (!this.#isCloseSent) this.#outgoing.add(writeFrame(opcode, payload), () => {});
  }

  #sendClose(payload: Uint8Array): void {
    this.#sendFrame(Opcode.close, payload);
    this.#isCloseSent = true;
    this.readyState = state.CLOSING;
    this.#timer ??= setTimeout(() => this.terminate(), closing);
  }

  #ended(): void {
    this.#finish(this.#closeCode ?? 1006, this.#closeReason, this.#closeCode !== undefined);
  }

  #fail(error: unknown): void {
    if (this.readyState === state.CLOSED) return;
    const fault = error instanceof ProtocolFault ? error : undefined;
    if (fault !== undefined) this.#sendFrame(Opcode.close, withCode(fault.closeCode, new Uint8Array(0)));
    const message = error instanceof Error ? error.message : String(error);
    this.readyState = state.CLOSING;
    this.dispatchEvent(new ErrorEvent("error", { message, error }));
    this.#finish(fault?.closeCode ?? 1006, message, false);
  }

  #finish(code: number, reason: string, wasClean: boolean): void {
    clearTimeout(this.#timer);
    this.#outgoing.end();
    this.readyState = state.CLOSED;
    // A close frame may be on its way, to tell a server what it did wrong.
    if (wasClean || code === 1006) this.terminate();
    else setTimeout(() => this.terminate(), closing);
    this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean }));
  }
}

function isCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function withCode(code: number, reason: Uint8Array): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff, ...reason);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const queue = new ByteQueue();
  for (const part of parts) queue.add(part);
  return queue.take(queue.length);
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ProtocolFault(1007, "A text is not UTF-8");
  }
}
