/**
 * A real HTTP server on this machine, and handlers for the ways in which servers misbehave.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** Answers one request; may leave it unanswered. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server; closed at the end of the block that declared it with `await using`. */
export interface TestServer {
  /** Its origin, without a slash at the end. */
  readonly origin: string;
  /** Its URL, with a slash at the end. */
  readonly url: string;
  /** `host:port`, as permissions name it. */
  readonly host: string;
  /** Path and query of every request, in order. */
  readonly requests: string[];
  /** Adds or replaces a route. */
  route(path: string, handler: Handler): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a server on a free port of 127.0.0.1.
 *
 * @param routes Handlers by exact path, or by the beginning of a path if the key ends with a slash. The longest one
 * counts; anything else is answered with 404.
 */
export async function startServer(routes: Readonly<Record<string, Handler>> = {}): Promise<TestServer> {
  const table = new Map(Object.entries(routes));
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const url = request.url ?? "/";
    requests.push(url);
    (handlerOf(new URL(url, "http://localhost").pathname, table) ?? reply(404, "not found"))(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    origin: `http://${host}`,
    url: `http://${host}/`,
    host,
    requests,
    route: (path, handler) => table.set(path, handler),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function handlerOf(path: string, table: ReadonlyMap<string, Handler>): Handler | undefined {
  const exact = table.get(path);
  if (exact !== undefined) return exact;
  const prefixes = [...table.keys()].filter((key) => key.endsWith("/") && path.startsWith(key));
  return table.get(prefixes.sort((left, right) => right.length - left.length)[0] ?? "");
}

/** Answers with a status and a body. */
export function reply(
  status: number,
  body: string | Uint8Array = "",
  headers: Readonly<Record<string, string>> = {},
): Handler {
  return (_request, response) => void response.writeHead(status, headers).end(body);
}

/** Answers with 200 and a body. */
export function serve(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Handler {
  return reply(200, body, headers);
}

/** Redirects to `location`, which is sent as it is. */
export function redirectTo(location: string, status: 301 | 302 | 303 | 307 | 308 = 302): Handler {
  return reply(status, "", { location });
}

/** Serves the files below a folder, under the path at which it is routed. */
export function serveFolder(folder: string, path: string = "/"): Handler {
  return (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    let body: Uint8Array;
    try {
      body = readFileSync(join(folder, decodeURIComponent(pathname.slice(path.length))));
    } catch {
      return void response.writeHead(404).end("not found");
    }
    response.writeHead(200).end(body);
  };
}

/** Each request gets the next handler; the last one goes on answering. */
export function sequence(...handlers: readonly Handler[]): Handler {
  let next = 0;
  return (request, response) => {
    const handler = handlers[Math.min(next, handlers.length - 1)]!;
    next++;
    handler(request, response);
  };
}

/** Takes the request and never says anything. */
export const silent: Handler = () => {};

/** Sends the head and a part of the body, and never goes on. */
export function stalling(part: string | Uint8Array = ""): Handler {
  return (_request, response) => {
    response.writeHead(200).flushHeaders();
    if (part.length > 0) response.write(part);
  };
}

/** Sends a byte every few milliseconds and never ends. */
export function trickling(milliseconds: number): Handler {
  return (_request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x"), milliseconds);
    response.on("close", () => clearInterval(timer));
  };
}

/** Sends as much as is taken, and never ends. */
export const endless: Handler = (_request, response) => {
  response.writeHead(200);
  const piece = new Uint8Array(16 * 1024);
  const pour = (): void => {
    let taken = true;
    while (taken && !response.destroyed) taken = response.write(piece);
  };
  response.on("drain", pour);
  pour();
};

/** Breaks the connection, before or in the middle of the body. */
export function breaking(part: string | Uint8Array = ""): Handler {
  return (request, response) => {
    if (part.length === 0) return void request.socket.destroy();
    response.writeHead(200, { "content-length": String(part.length + 1) });
    response.write(part, () => request.socket.destroy());
  };
}
