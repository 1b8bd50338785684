import { describe, it } from "node:test";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { assertEquals } from "@std/assert";
import { createPlugin } from "../host/sample_plugins.ts";
import { loadIsolated } from "../support/isolated.ts";

// T20: a page that a plugin serves on the host's machine is of the same site as pages of the host, shares their cookies
// whatever the port is, and looks as if it were the host's. No part of a host shows pages of plugins, and none must come by
// itself.

const source = `const builtin = (name) => globalThis.process.getBuiltinModule(name);
const page = "<script>parent.postMessage(document.cookie, '*')</script>";
const started = [];
const listening = (server, port) => new Promise((resolve, reject) => {
  started.push(() => server.close());
  server.on("error", reject);
  server.listen(port, "127.0.0.1", resolve);
});
const ways = {
  net: (port) => listening(builtin("node:net").createServer(), port),
  http: (port) => listening(builtin("node:http").createServer((_, response) => response.end(page)), port),
  http2: (port) => listening(builtin("node:http2").createServer(), port),
  serve(port) {
    const options = { port, hostname: "127.0.0.1" };
    const answer = () => new Response(page);
    if (globalThis.Deno === undefined) {
      const server = globalThis.Bun.serve({ ...options, fetch: answer });
      started.push(() => server.stop(true));
    } else {
      const server = globalThis.Deno.serve({ ...options, onListen() {} }, answer);
      started.push(() => server.shutdown());
    }
  },
};
export default { hooks: {
  one: async ({ way, port }) => void await ways[way](port),
  all: async () => { for (const stop of started.splice(0)) await stop(); },
} };`;

const ways = ["net", "http", "http2", "serve"];

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function isServed(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => resolve(false));
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** The ways by which the plugin comes to serve something. */
async function waysOpen(tier: "trusted" | "isolated", net: readonly string[]): Promise<string[]> {
  const permissions = { net };
  using plugin = createPlugin("server", source, { permissions });
  await using host = await loadIsolated([plugin], {
    policy: { default: { tier, permissions } },
    isolation: { limits: { shortestWait: 1, crashes: 100 } },
  });
  const open: string[] = [];
  for (const way of ways) {
    const port = await findFreePort();
    // Refused here or there, or by the end of the process: what counts is whether somebody answers.
    await host.hooks.one({ way, port }).catch(() => {});
    if (await isServed(port)) open.push(way);
    await host.hooks.all({}).catch(() => {});
  }
  return open;
}

describe("T20, web pages of a plugin", () => {
  it("are served by a trusted one, as by the host itself", async () => {
    assertEquals(await waysOpen("trusted", []), ways);
  });

  it("are not served by an isolated one that is granted nothing", async () => {
    assertEquals(await waysOpen("isolated", []), []);
  });

  it("are not served by an isolated one that may connect to another host", async () => {
    assertEquals(await waysOpen("isolated", ["example.org:443"]), []);
  });
});
