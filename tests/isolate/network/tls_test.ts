import { describe, it } from "node:test";
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { createServer as createHttpServer } from "node:https";
import { createServer } from "node:tls";
import type { AddressInfo, Server } from "node:net";
import type { HostSocket } from "../../../src/isolate/network/child/socket.ts";
import { certificate, key } from "./certificate.ts";
import { startNetwork } from "./network_pair.ts";

interface Tls {
  connect(...args: unknown[]): HostSocket;
}

function tlsOf(network: ReturnType<typeof startNetwork>): Tls {
  return network.builtin("tls") as unknown as Tls;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

describe("tls.connect() of an isolated plugin", () => {
  it("speaks TLS with those whose certificate the host or the plugin trusts", async () => {
    const server = createServer({ cert: certificate, key, ALPNProtocols: ["chat"] }, (socket) => {
      socket.on("error", () => {});
      socket.on("data", (data) => socket.end(`got ${data}`));
    });
    server.on("tlsClientError", () => {});
    const port = await listen(server);
    using network = startNetwork([`localhost:${port}`]);
    const { connect } = tlsOf(network);
    const trusting = { ca: certificate, ALPNProtocols: ["chat"] };
    for (const args of [[{ host: "localhost", port, ...trusting }], [port, "localhost", trusting]]) {
      const socket = connect(...args, () => socket.write("a"));
      let text = "";
      socket.setEncoding("utf8").on("data", (piece) => text += piece);
      await new Promise((resolve, reject) => socket.on("close", resolve).on("error", reject));
      assertEquals([text, socket.authorized, socket.alpnProtocol], ["got a", true, "chat"]);
    }
    const failure = (options: object): Promise<Error & { code?: string }> =>
      new Promise((resolve, reject) => {
        connect({ host: "localhost", port, ...options }).on("error", resolve).on("secureConnect", reject);
      });
    assertMatch((await failure({})).message, /self.signed|certificate|UnknownIssuer/i);
    await failure({ ca: certificate, servername: "elsewhere.test" });
    assertEquals((await failure({ ca: certificate, servername: "127.0.0.1" })).code, "isolate-protocol");
    assertEquals((await failure({ host: "127.0.0.1" })).code, "permission-denied");
    const careless = connect({ host: "localhost", port, rejectUnauthorized: false });
    await new Promise((resolve, reject) => careless.on("secureConnect", resolve).on("error", reject));
    assertEquals(careless.authorized, false);
    careless.destroy();
    for (const option of ["socket", "key", "cert", "pfx", "checkServerIdentity"]) {
      const error = assertThrows(() => connect({ host: "localhost", port, [option]: {} }), TypeError) as Error;
      assertStringIncludes(error.message, option);
    }
    server.close();
  });
});

describe("wss: of an isolated plugin", () => {
  it("is refused by the host when the certificate is nobody's", async () => {
    const server = createHttpServer({ cert: certificate, key });
    server.on("tlsClientError", () => {});
    let upgrades = 0;
    server.on("upgrade", (request, socket) => {
      upgrades++;
      const accept = createHash("sha1").update(request.headers["sec-websocket-key"]!).digest("base64");
      socket.end(
        `HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
    });
    const port = await listen(server as unknown as Server);
    using network = startNetwork([`localhost:${port}`]);
    const socket = new network.network.WebSocket(`wss://localhost:${port}/`);
    const message = await new Promise<string>((resolve) => {
      socket.onerror = (event) => resolve((event as ErrorEvent).message);
    });
    assertMatch(message, /self.signed|certificate|UnknownIssuer/i);
    assertEquals(upgrades, 0);
    server.close();
  });
});
