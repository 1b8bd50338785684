import { describe, it } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { startServer } from "../../support/server.ts";
import { startNetwork } from "./network_pair.ts";

/** A server whose every byte the test decides, after the handshake. */
interface RawServer extends AsyncDisposable {
  readonly url: string;
  readonly host: string;
  readonly requests: IncomingMessage[];
}

/** How the handshake is answered. */
interface Answer {
  readonly status?: string;
  readonly accept?: string;
  readonly headers?: readonly string[];
}

async function startRawServer(onSocket: (socket: Socket) => void, answer: Answer = {}): Promise<RawServer> {
  const requests: IncomingMessage[] = [];
  const sockets: Socket[] = [];
  const server = createServer();
  server.on("upgrade", (request: IncomingMessage, socket: Socket) => {
    requests.push(request);
    sockets.push(socket);
    socket.on("error", () => {});
    const key = request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const accept = answer.accept ?? createHash("sha1").update(key).digest("base64");
    const head = [
      `HTTP/1.1 ${answer.status ?? "101 Switching Protocols"}`,
      "Upgrade: WebSocket",
      "connection: keep-alive, upgrade",
      `Sec-WebSocket-Accept: ${accept}`,
      ...answer.headers ?? [],
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `ws://${host}/`, host, requests, [Symbol.asyncDispose]: close };
}

/** A frame of a server. */
function frame(opcode: number, payload: string | Uint8Array, isFinal: boolean = true): Uint8Array {
  const bytes = Buffer.from(payload);
  const length = bytes.length < 126
    ? [bytes.length]
    : bytes.length < 65_536
    ? [126, bytes.length >> 8, bytes.length & 255]
    : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => bytes.length >> shift & 255)];
  return Buffer.concat([Buffer.from([(isFinal ? 0x80 : 0) | opcode, ...length]), bytes]);
}

/** What a client sends, without masks: `[first byte, payload]` of each frame. */
function readFrames(socket: Socket, onFrame: (first: number, payload: Buffer) => void): void {
  let queue = Buffer.alloc(0);
  socket.on("data", (piece: Buffer) => {
    queue = Buffer.concat([queue, piece]);
    for (;;) {
      if (queue.length < 6) return;
      assert((queue[1]! & 0x80) !== 0, "A frame of a client is not masked");
      const short = queue[1]! & 0x7f;
      const start = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (queue.length < start + 4) return;
      const length = short === 126 ? queue.readUInt16BE(2) : short === 127 ? Number(queue.readBigUInt64BE(2)) : short;
      if (queue.length < start + 4 + length) return;
      const mask = queue.subarray(start, start + 4);
      const payload = Buffer.from(queue.subarray(start + 4, start + 4 + length)).map((byte, at) =>
        byte ^ mask[at & 3]!
      );
      const first = queue[0]!;
      queue = queue.subarray(start + 4 + length);
      onFrame(first, Buffer.from(payload));
    }
  });
}

/** Sends all that comes back, as a server does that speaks the protocol well enough. */
function echo(socket: Socket): void {
  readFrames(socket, (first, payload) => {
    socket.write(frame(first & 15, payload));
    if ((first & 15) === 8) socket.end();
  });
}

/** Everything that happens to a socket, once it is closed. */
function eventsOf(socket: WebSocket): Promise<unknown[]> {
  const events: unknown[] = [];
  return new Promise((resolve) => {
    socket.onopen = () => events.push("open");
    socket.onmessage = ({ data }) => events.push(data);
    socket.onerror = () => events.push("error");
    socket.onclose = ({ code, reason, wasClean }) => {
      events.push([code, wasClean ? reason : wasClean]);
      resolve(events);
    };
  });
}

function next(socket: WebSocket, event: "open" | "message" | "close" | "error"): Promise<MessageEvent> {
  return new Promise((resolve) => socket.addEventListener(event, resolve as EventListener, { once: true }));
}

describe("WebSocket of an isolated plugin", () => {
  it("sends and receives texts and bytes of every length", async () => {
    await using server = await startRawServer(echo, { headers: ["Sec-WebSocket-Protocol: b"] });
    using network = startNetwork([server.host]);
    const { WebSocket } = network.network;
    const socket = new WebSocket(`${server.url}path?query#hash`.replace("ws:", "http:"), ["a", "b"]);
    assertEquals([socket.readyState, socket.url], [WebSocket.CONNECTING, `${server.url}path?query`]);
    assertEquals([WebSocket.OPEN, socket.OPEN, socket.CLOSING, socket.CLOSED], [1, 1, 2, 3]);
    assertThrows(() => socket.send("early"), DOMException);
    await next(socket, "open");
    assertEquals([socket.readyState, socket.protocol, socket.extensions], [1, "b", ""]);
    const [request] = server.requests;
    assertEquals([request!.url, request!.headers.host], ["/path?query", server.host]);
    assertEquals(request!.headers["sec-websocket-protocol"], "a, b");
    for (const length of [0, 1, 125, 126, 65_535, 65_536, 300_000]) {
      socket.send("é".repeat(length));
      assertEquals((await next(socket, "message")).data, "é".repeat(length));
      socket.binaryType = "arraybuffer";
      socket.send(new Uint8Array(length).fill(length));
      const { data } = await next(socket, "message");
      assertEquals(new Uint8Array(data), new Uint8Array(length).fill(length));
    }
    assertEquals(socket.bufferedAmount, 0);
    socket.binaryType = "blob";
    for (
      const data of [
        Uint8Array.of(1, 2, 3).buffer,
        new DataView(Uint8Array.of(0, 1, 2, 3).buffer, 1),
        new Blob([Uint8Array.of(1, 2, 3)]),
      ]
    ) {
      socket.send(data);
      const message = await next(socket, "message");
      assertInstanceOf(message.data, Blob);
      assertEquals(new Uint8Array(await message.data.arrayBuffer()), Uint8Array.of(1, 2, 3));
      assertEquals(message.origin, `ws://${server.host}`);
    }
    socket.send(new Blob(["first"]));
    socket.send("second");
    assertInstanceOf((await next(socket, "message")).data, Blob);
    assertEquals((await next(socket, "message")).data, "second");
    const events = eventsOf(socket);
    socket.close(3000, "done");
    assertEquals(socket.readyState, 2);
    assertEquals(await events, [[3000, "done"]]);
    assertEquals(socket.readyState, 3);
  });

  it("speaks with the WebSocket server of the runtime", async () => {
    const { port, stop } = await startRuntimeServer();
    try {
      using network = startNetwork([`127.0.0.1:${port}`]);
      const socket = new network.network.WebSocket(`ws://127.0.0.1:${port}/`);
      await next(socket, "open");
      for (const text of ["", "short", "x".repeat(200_000)]) {
        socket.send(text);
        assertEquals((await next(socket, "message")).data, text);
      }
      const events = eventsOf(socket);
      socket.close();
      assertEquals((await events).map((event) => (event as unknown[])[0]), [1005]);
    } finally {
      await stop();
    }
  });

  it("puts messages together, answers pings, and hears goodbyes", async () => {
    const pongs: string[] = [];
    await using server = await startRawServer((socket) => {
      readFrames(socket, (first, payload) => {
        if ((first & 15) === 10) pongs.push(payload.toString());
        if ((first & 15) === 8) socket.end();
      });
      const bytes = Buffer.concat([
        frame(1, "one, ", false),
        frame(9, "ping"),
        frame(0, "tw\u00f6"),
        frame(10, "unasked"),
        frame(1, ""),
        frame(8, Buffer.concat([Buffer.from([4004 >> 8, 4004 & 255]), Buffer.from("gone")])),
      ]);
      for (const byte of bytes) socket.write(Uint8Array.of(byte));
    });
    using network = startNetwork([server.host]);
    const events = eventsOf(new network.network.WebSocket(server.url));
    assertEquals(await events, ["open", "one, twö", "", [4004, "gone"]]);
    assertEquals(pongs, ["ping"]);
  });

  it("closes when the server does not keep to the protocol", async () => {
    const faults: [string, Uint8Array, number][] = [
      ["reserved bit", Uint8Array.of(0xc1, 0), 1002],
      ["masked", Uint8Array.of(0x81, 0x80, 0, 0, 0, 0), 1002],
      ["unknown opcode", Uint8Array.of(0x83, 0), 1002],
      ["long ping", frame(9, "x".repeat(126)), 1002],
      ["ping in parts", frame(9, "x", false), 1002],
      ["continues nothing", frame(0, "x"), 1002],
      ["text within text", Buffer.concat([frame(1, "a", false), frame(1, "b")]), 1002],
      ["no UTF-8", frame(1, Uint8Array.of(0xff)), 1007],
      ["endless", Uint8Array.of(0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255), 1009],
      ["close of one byte", frame(8, "x"), 1002],
      ["impossible close code", frame(8, Uint8Array.of(1005 >> 8, 1005 & 255)), 1002],
      ["cut off", Uint8Array.of(0x82), 1006],
    ];
    for (const [name, bytes, code] of faults) {
      await using server = await startRawServer((socket) => {
        socket.resume();
        socket.end(bytes);
      });
      using network = startNetwork([server.host]);
      const events = await eventsOf(new network.network.WebSocket(server.url));
      assertEquals(events.at(-1), [code, false], name);
    }
  });

  it("does not open when the handshake is answered wrongly", async () => {
    const answers: Answer[] = [
      { status: "200 OK" },
      { status: "302 Found", headers: ["Location: ws://127.0.0.1:1/"] },
      { accept: "AAAA" },
      { headers: ["Sec-WebSocket-Protocol: other"] },
      { headers: ["Sec-WebSocket-Extensions: permessage-deflate"] },
      { headers: [`X: ${"x".repeat(70_000)}`] },
    ];
    for (const answer of answers) {
      await using server = await startRawServer((socket) => void socket.resume(), answer);
      using network = startNetwork([server.host]);
      const events = await eventsOf(new network.network.WebSocket(server.url));
      assertEquals(events, ["error", [1006, false]]);
    }
    await using plain = await startServer({});
    using network = startNetwork([plain.host, "127.0.0.1:1"]);
    for (const host of [plain.host, "127.0.0.1:1"]) {
      assertEquals(await eventsOf(new network.network.WebSocket(`ws://${host}/`)), ["error", [1006, false]]);
    }
  });

  it("is refused where it is not granted", async () => {
    using network = startNetwork(["example.com"]);
    const socket = new network.network.WebSocket("wss://evil.test/");
    const error = await next(socket, "error") as unknown as ErrorEvent;
    assertEquals((error.error as { code?: string }).code, "permission-denied");
    assert(error.message.includes('"evil.test:443"'));
  });

  it("throws for arguments that are none", () => {
    using network = startNetwork(true);
    const { WebSocket } = network.network;
    for (const url of ["", "nothing", "ftp://example.com/", "ws://"]) {
      assertThrows(() => new WebSocket(url), DOMException);
    }
    for (const protocols of ["a b", "a\r\nX: y", ["a", "a"], [""]]) {
      assertThrows(() => new WebSocket("ws://example.com/", protocols), DOMException);
    }
    assertThrows(() => new WebSocket("ws://127.0.0.1:1/", { headers: { "x": "a\r\nb: c" } } as never), TypeError);
    const socket = new WebSocket("ws://127.0.0.1:1/");
    for (const code of [0, 1001, 2999, 5000, 1006]) assertThrows(() => socket.close(code), DOMException);
    assertThrows(() => socket.close(1000, "x".repeat(124)), DOMException);
  });

  it("can be closed before it is open, and at once", async () => {
    await using server = await startRawServer((socket) => void socket.resume());
    using network = startNetwork([server.host]);
    const early = new network.network.WebSocket(server.url);
    const events = eventsOf(early);
    early.close();
    assertEquals(await events, ["error", [1006, false]]);
    const open = new network.network.WebSocket(server.url);
    await next(open, "open");
    const rest = eventsOf(open);
    (open as WebSocket & { terminate(): void }).terminate();
    assertEquals(await rest, [[1006, false]]);
  });
});

/** The runtime's own server, which knows nothing of this client. */
async function startRuntimeServer(): Promise<{ port: number; stop(): unknown }> {
  const { Bun: bun, Deno: deno } = globalThis as unknown as { Bun?: BunServer; Deno?: DenoServer };
  if (bun !== undefined) {
    const server = bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request, server) => void server.upgrade(request),
      websocket: { message: (socket, data) => void socket.send(data) },
    });
    return { port: server.port, stop: () => server.stop(true) };
  }
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = deno!.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => resolve(port) }, (request) => {
    const { socket, response } = deno!.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  });
  return { port: await promise, stop: () => server.shutdown() };
}

interface BunServer {
  serve(options: {
    port: number;
    hostname: string;
    fetch(request: Request, server: { upgrade(request: Request): boolean }): void;
    websocket: { message(socket: { send(data: unknown): void }, data: unknown): void };
  }): { port: number; stop(now: boolean): void };
}

interface DenoServer {
  serve(
    options: { port: number; hostname: string; onListen(address: { port: number }): void },
    handler: (request: Request) => Response,
  ): { shutdown(): Promise<void> };
  upgradeWebSocket(request: Request): { socket: WebSocket; response: Response };
}
