import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A server that attacks are aimed at. */
export interface TargetServer {
  /** 0 for a socket with a name. */
  readonly port: number;
  /** What reached it. */
  readonly heard: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts a server that speaks HTTP, events and WebSocket, and tells who it is.
 *
 * @param name What it says.
 * @param where A port of 127.0.0.1, or the path of a Unix socket.
 * @param other The port that `/redirect` leads to.
 */
export async function startTarget(name: string, where: number | string = 0, other: number = 0): Promise<TargetServer> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    heard.push(pathname);
    if (pathname === "/redirect") return void response.writeHead(302, { location: `http://127.0.0.1:${other}/` }).end();
    if (pathname === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      return void response.write("data: event\n\n");
    }
    const isModule = pathname === "/module.js";
    response.writeHead(200, { "content-type": isModule ? "text/javascript" : "text/plain" });
    response.end(isModule ? "export default 42" : name);
  });
  // Those that became WebSockets are not closed with the server.
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
  server.on("upgrade", (request, socket) => {
    heard.push("a WebSocket");
    // RFC 6455, section 4.2.2.
    const text = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(text).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    if (typeof where === "string") server.listen(where, resolve);
    else server.listen(where, "127.0.0.1", resolve);
  });
  return {
    port: typeof where === "string" ? 0 : (server.address() as AddressInfo).port,
    heard,
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      return closed;
    },
  };
}
