import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { networkMethods } from "../../../src/isolate/network/mod.ts";
import type { HostSocket } from "../../../src/isolate/network/child/socket.ts";
import { until } from "../../support/isolated.ts";
import { startNetwork } from "./network_pair.ts";

interface TcpServer extends AsyncDisposable {
  readonly port: number;
  readonly host: string;
  readonly sockets: Socket[];
}

/** A TCP server on a free port of 127.0.0.1. */
async function startTcpServer(onSocket: (socket: Socket) => void): Promise<TcpServer> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, host: `127.0.0.1:${port}`, sockets, [Symbol.asyncDispose]: close };
}

interface Net {
  connect(...args: unknown[]): HostSocket;
  Socket: new () => HostSocket;
  createServer: unknown;
  isIP(text: string): number;
}

/** `node:net` as a plugin gets it. */
function netOf(network: ReturnType<typeof startNetwork>): Net {
  return network.builtin("net") as unknown as Net;
}

/** All that a socket receives, once it has closed. */
function received(socket: HostSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setEncoding("utf8").on("data", (piece) => text += piece).on("close", () => resolve(text)).on(
      "error",
      reject,
    );
  });
}

const mebibyte = 2 ** 20;

async function* nothing(): AsyncGenerator<Uint8Array> {}

it("isolate-limit: a connection that the process cannot be told of is closed", async () => {
  const ended: number[] = [];
  await using server = await startTcpServer((socket) => {
    const place = server.sockets.length;
    socket.on("end", () => ended.push(place)).resume();
  });
  // Of the streams that it takes, the first connection has the only one.
  using process = startNetwork([server.host], 1);
  const silence = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
  const open = (outgoing: AsyncIterable<Uint8Array>): Promise<unknown> =>
    process.call(networkMethods.openSocket, { host: "127.0.0.1", port: server.port, outgoing });
  await open(nothing());
  await until(() => ended.length === 1, "the first one has sent all");
  assertEquals((await assertRejects(() => open(silence)) as { code?: unknown }).code, "isolate-limit");
  await until(() => ended.length === 2, "the second one is closed");
});

describe("net.connect() of an isolated plugin", () => {
  it("gives a socket that sends, receives, and ends in both directions", async () => {
    await using server = await startTcpServer((socket) => {
      let text = "";
      socket.setEncoding("utf8").on("data", (piece) => text += piece).on("end", () => socket.end(`got ${text}`));
    });
    using network = startNetwork([server.host]);
    const { connect, Socket, isIP } = netOf(network);
    for (
      const open of [
        (listener: () => void) => connect(server.port, "127.0.0.1", listener),
        (listener: () => void) => connect({ port: server.port, host: "127.0.0.1" }, listener),
        (listener: () => void) => new Socket().connect(server.port, "127.0.0.1", listener),
      ]
    ) {
      const socket = open(() => socket.end("b"));
      const answer = received(socket);
      assertEquals([socket.connecting, socket.pending, socket.readyState], [true, true, "opening"]);
      socket.write("a");
      assertEquals(await answer, "got ab");
      assertEquals([socket.remoteAddress, socket.remotePort, socket.remoteFamily], ["127.0.0.1", server.port, "IPv4"]);
      assertEquals([socket.bytesWritten, socket.bytesRead, socket.destroyed], [2, 6, true]);
    }
    assertEquals(isIP("127.0.0.1"), 4);
  });

  it("moves no more than is wanted, in both directions", async () => {
    let sent = 0;
    let taken = 0;
    const size = 50 * mebibyte;
    await using server = await startTcpServer((socket) => {
      const piece = new Uint8Array(65_536);
      const pour = (): void => {
        while (sent < size) {
          sent += piece.length;
          if (!socket.write(piece)) return;
        }
        socket.end();
      };
      socket.on("drain", pour);
      pour();
      setTimeout(() => socket.on("data", ({ length }) => taken += length), 300);
    });
    using network = startNetwork([server.host]);
    const socket = netOf(network).connect(server.port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    let written = 0;
    while (socket.write(new Uint8Array(65_536))) written += 65_536;
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert(written < 25 * mebibyte && sent < 25 * mebibyte, `${written} and ${sent} bytes went nowhere`);
    let read = 0;
    for await (const { length } of socket) read += length;
    assertEquals(read, size);
    assert(taken > 0);
  });

  it("sends what is written at once whole, however long it is", async () => {
    let taken = 0;
    await using server = await startTcpServer((socket) => {
      socket.on("data", ({ length }) => taken += length).on("end", () => socket.end(String(taken)));
    });
    using network = startNetwork([server.host]);
    const socket = netOf(network).connect(server.port, "127.0.0.1");
    const answer = received(socket);
    socket.write(new Uint8Array(3 * mebibyte));
    socket.write("");
    socket.end("a");
    assertEquals(await answer, String(3 * mebibyte + 1));
  });

  it("fails with a coded error where it is not granted or nobody listens", async () => {
    const server = await startTcpServer(() => {});
    using network = startNetwork([server.host, "127.0.0.2"]);
    const { connect } = netOf(network);
    await server[Symbol.asyncDispose]();
    const failure = (...args: unknown[]): Promise<Error & { code?: string }> =>
      new Promise((resolve) => connect(...args).once("error", resolve));
    const denied = await failure({ host: "127.0.0.1", port: 1 });
    assertEquals(denied.code, "permission-denied");
    assertStringIncludes(denied.message, '"127.0.0.1:1"');
    assertEquals((await failure(server.port, "localhost")).code, "permission-denied");
    assertEquals((await failure(server.port, "127.0.0.1")).code, "ECONNREFUSED");
    assertThrows(() => connect("/run/docker.sock"), TypeError, "Unix");
    assertThrows(() => connect({ path: "/run/docker.sock" }), TypeError, "Unix");
    for (const port of [0, 65_536, -1, 1.5, "x"]) assertThrows(() => connect({ host: "127.0.0.1", port }), RangeError);
  });

  it("ends the connection of the host when the socket is destroyed, its signal aborts, or the process is gone", async () => {
    await using server = await startTcpServer((socket) => void socket.resume());
    const network = startNetwork([server.host]);
    const { connect } = netOf(network);
    const controller = new AbortController();
    const sockets = [
      connect({ host: "127.0.0.1", port: server.port }),
      connect({ host: "127.0.0.1", port: server.port, signal: controller.signal }),
      connect({ host: "127.0.0.1", port: server.port }),
    ];
    for (const socket of sockets) socket.on("error", () => {});
    while (sockets.some((socket) => socket.pending)) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = (): number => server.sockets.filter((socket) => socket.readableEnded || socket.destroyed).length;
    for (
      const [count, close] of [() => sockets[0]!.destroy(), () => controller.abort(), () => network.end()].entries()
    ) {
      close();
      for (let tries = 0; closed() <= count && tries < 400; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assertEquals(closed(), count + 1);
    }
  });

  it("tells of silence", async () => {
    await using server = await startTcpServer(() => {});
    using network = startNetwork([server.host]);
    const socket = netOf(network).connect(server.port, "127.0.0.1").setTimeout(20);
    await new Promise((resolve) => socket.once("timeout", resolve));
    socket.destroy();
  });
});

describe("builtins of the network", () => {
  it("are there, and what the host cannot do says so when it is used", () => {
    using network = startNetwork(["example.com"]);
    for (
      const [name, member] of [
        ["net", "createServer"],
        ["tls", "createServer"],
        ["http", "request"],
        ["https", "get"],
        ["http2", "connect"],
        ["dgram", "createSocket"],
        ["dns", "lookup"],
        ["dns/promises", "resolve4"],
      ] as const
    ) {
      const module = network.builtin(name) as Record<string, () => unknown>;
      const error = assertThrows(() => module[member]!()) as Error & { code: string; mend: string };
      assertEquals(error.code, "permission-denied");
      assertStringIncludes(error.message, `node:${name}.${member}`);
      assertStringIncludes(error.mend, "fetch");
      assertEquals((module.default as unknown as typeof module)[member], module[member]);
    }
    const http = network.builtin("http") as unknown as { STATUS_CODES: Record<number, string> };
    assertEquals(http.STATUS_CODES[404], "Not Found");
  });
});

describe("a socket that a process asks the host for", () => {
  it("is refused unless host and port are one place that is granted", async () => {
    await using server = await startTcpServer(() => {});
    using network = startNetwork([`[::1]:${server.port}`, "*.example.com", "10.0.0.0/8"]);
    const open = (message: unknown): Promise<unknown> => network.call(networkMethods.openSocket, message);
    const codeOf = async (message: unknown): Promise<unknown> =>
      (await assertRejects(() => open(message)) as { code?: string }).code;
    const { port } = server;
    for (
      const host of [
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "localhost",
        "LOCALHOST.",
        "::ffff:127.0.0.1",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "::",
        "evilexample.com",
        "example.com.evil.test",
        "xn--exmple-cua.com",
      ]
    ) {
      assertEquals(await codeOf({ host, port, tls: undefined, outgoing: nothing() }), "permission-denied", host);
    }
    for (
      const host of [
        "*.example.com",
        "10.0.0.0/8",
        "10.0.0.0/32",
        "a@127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1#",
        "127.0.0.1\r\n",
        "::1%eth0",
        "[::1]:1",
        "",
        " ",
        "/run/docker.sock",
        "a".repeat(2_000),
        1,
        undefined,
        null,
        { toString: 1 },
      ]
    ) {
      assertEquals(
        await codeOf({ host, port, tls: undefined, outgoing: nothing() }),
        "isolate-protocol",
        JSON.stringify(host),
      );
    }
    for (const bad of [0, 65_536, -1, 1.5, Number.NaN, "80", undefined]) {
      const message = { host: "a.example.com", port: bad, tls: undefined, outgoing: nothing() };
      assertEquals(await codeOf(message), "isolate-protocol");
    }
    const good = { host: "a.example.com", port, tls: undefined, outgoing: nothing() };
    for (
      const changes of [
        { outgoing: undefined },
        { outgoing: new Uint8Array(1) },
        { tls: 1 },
        { tls: { protocols: [1], authorities: [] } },
        { tls: { protocols: "h2", authorities: [] } },
        { tls: { protocols: [], authorities: ["x".repeat(100_000)] } },
        { tls: { protocols: [], authorities: [], serverName: "a b" } },
      ]
    ) {
      assertEquals(await codeOf({ ...good, ...changes }), "isolate-protocol");
    }
    for (const message of [undefined, null, 1, []]) assertEquals(await codeOf(message), "isolate-protocol");
    assertEquals(server.sockets.length, 0);
  });

  it("is closed when what it has to keep at once is large, so that many such take no memory", async () => {
    let received = 0;
    await using server = await startTcpServer((socket) => void socket.on("data", ({ length }) => received += length));
    using network = startNetwork([server.host]);
    const large = new Uint8Array(2 ** 18 + 1);
    async function* outgoing(): AsyncGenerator<Uint8Array> {
      yield large.subarray(1);
      yield large;
    }
    const { incoming } = await network.host.openSocket({
      host: "127.0.0.1",
      port: server.port,
      tls: undefined,
      outgoing: outgoing(),
    });
    for await (const _ of incoming) assert(false, "Something came");
    assert(received <= 2 ** 18, `${received} bytes were sent`);
  });

  it("is refused when there are too many", async () => {
    await using server = await startTcpServer(() => {});
    using network = startNetwork([server.host]);
    const message = (): unknown => ({ host: "127.0.0.1", port: server.port, tls: undefined, outgoing: nothing() });
    const calls = Array.from({ length: 210 }, () => network.call(networkMethods.openSocket, message()));
    const settled = await Promise.allSettled(calls);
    assertEquals(settled.filter(({ status }) => status === "fulfilled").length, 200);
    for (const result of settled) {
      if (result.status === "rejected") assertEquals(result.reason.code, "isolate-limit");
    }
  });
});
