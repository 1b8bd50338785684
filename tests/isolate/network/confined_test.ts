import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { redirectTo, serve, startServer } from "../../support/server.ts";
import { loadIsolated } from "../../support/isolated.ts";
import { createPluginFolder } from "../../support/plugin_folder.ts";
import { confined, runConfined } from "./confined_plugin.ts";

const mebibyte = 2 ** 20;

describe("an isolated plugin on Bun", () => {
  it("has fetch(), streams included, where it is granted, and not where a redirect leads", confined, async () => {
    await using other = await startServer({ "/": serve("secret") });
    await using server = await startServer({
      "/": serve("hello", { "x-a": "1" }),
      "/there": redirectTo("/"),
      "/away": redirectTo(other.url),
      "/length": (request, response) => {
        let length = 0;
        request.on("data", (piece) => length += piece.length).on("end", () => response.end(String(length)));
      },
      "/large": serve(new Uint8Array(50 * mebibyte)),
    });
    const body = `
      const response = await fetch(input + "there");
      const denied = await fetch(input + "away").catch(({ name, code, message }) => [name, code, message]);
      const before = process.memoryUsage.rss();
      let length = 0;
      for await (const piece of (await fetch(input + "large")).body) length += piece.length;
      let left = 800;
      const sent = new ReadableStream({ pull(controller) {
        if (left-- > 0) controller.enqueue(new Uint8Array(65536)); else controller.close();
      } });
      const up = await fetch(input + "length", { method: "POST", body: sent });
      const got = [response.url, response.redirected, response.headers.get("x-a"), await response.text()];
      return { got, denied, length, up: await up.text(), grown: process.memoryUsage.rss() - before };`;
    const result = await runConfined([server.host], body, server.url) as Record<string, unknown>;
    assertEquals(result.got, [server.url, true, "1", "hello"]);
    const [name, code, message] = result.denied as string[];
    assertEquals([name, code], ["PlugmapError", "permission-denied"]);
    assertStringIncludes(message!, other.host);
    assertEquals(other.requests, []);
    assertEquals([result.length, result.up], [50 * mebibyte, String(800 * 65_536)]);
    assert(result.grown as number < 40 * mebibyte, `It has grown by ${result.grown} bytes`);
  });

  it("has WebSocket, node:net and what of other builtins needs no sockets", confined, async () => {
    await using server = await startServer({ "/": serve("hello") });
    const body = `
      const [host, port] = input.split(":");
      const socket = net.connect(Number(port), host);
      socket.end("GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n");
      let text = "";
      for await (const piece of socket.setEncoding("utf8")) text += piece;
      const events = await new Promise((resolve) => {
        const events = [];
        const web = new WebSocket("ws://" + input);
        web.onerror = ({ message }) => events.push(message);
        web.onclose = ({ code }) => resolve([...events, code]);
      });
      let refused;
      try { get("http://" + input); } catch (error) { refused = [error.code, STATUS_CODES[200]]; }
      const connect = await Promise.try(() => Bun.connect({ hostname: host, port, socket: {} })).catch(({ code }) => code);
      return { text, events, refused, connect };`;
    const imports = `import net from "node:net"; import { get, STATUS_CODES } from "node:http";`;
    const result = await runConfined([server.host], body, server.host, imports) as Record<string, unknown>;
    assertMatch(result.text as string, /^HTTP\/1.1 200 OK[^]*hello/);
    assertEquals(result.events, ['Expected 101 status code, the server says "HTTP/1.1 200 OK"', 1006]);
    assertEquals([result.refused, result.connect], [["permission-denied", "OK"], "permission-denied"]);
  });

  it(
    "learns what to ask for where nothing is granted, and needs no grant for what is no network",
    confined,
    async () => {
      const body = `
      const tell = ({ code, message }) => [code, message];
      const fetched = await fetch("https://api.example.com/").catch(tell);
      const requested = await fetch(new Request("http://api.example.com:8080/")).catch(tell);
      let opened;
      try { new WebSocket("wss://api.example.com/"); } catch (error) { opened = tell(error); }
      return [fetched, requested, opened, await (await fetch("data:text/plain,here")).text()];`;
      const [fetched, requested, opened, data] = await runConfined([], body) as [string[], string[], string[], string];
      for (const [told, host] of [[fetched, "443"], [requested, "8080"], [opened, "443"]] as const) {
        assertEquals(told[0], "permission-denied");
        assertStringIncludes(told[1]!, `"permissions": { "net": ["api.example.com:${host}"] }`);
      }
      assertEquals(data, "here");
    },
  );

  it("reaches nothing by itself, whatever it is granted", confined, async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const body = `
      const own = process.getBuiltinModule("node:net");
      const tries = {
        socket: () => new Promise((resolve, reject) => own.connect(input, "127.0.0.1", resolve).on("error", reject)),
        fetch: () => Bun.fetch("http://127.0.0.1:" + input),
        listen: () => new Promise((resolve, reject) => own.createServer().on("error", reject).listen(0, resolve)),
      };
      const made = {};
      for (const [name, run] of Object.entries(tries)) made[name] = await run().then(() => "reached", () => "refused");
      return made;`;
    for (const net of [[], true] as const) {
      assertEquals(await runConfined(net, body, port), { socket: "refused", fetch: "refused", listen: "refused" });
    }
    assertEquals(connections, 0);
    server.close();
  });

  it("does not get a spare process that was started for what another plugin is granted", confined, async () => {
    await using server = await startServer({ "/": serve("hello") });
    const code =
      `export default { hooks: { one: ({ url }: { url: string }) => fetch(url).then((response) => response.text()) } };`;
    const granted = { permissions: { net: [server.host] } };
    using first = createPluginFolder({ "mod.ts": code }, { name: "first", ...granted });
    using second = createPluginFolder({ "mod.ts": code }, { name: "second", permissions: {} });
    const policy = { plugins: { first: { tier: "isolated", ...granted }, second: { tier: "isolated" } } };
    for (const [plugin, answer] of [[first, "hello"], [second, "permission-denied"]] as const) {
      await using host = await loadIsolated([first, second], { policy, isolation: { spares: 2 } });
      const other = plugin === first ? "second" : "first";
      await host.unload(other);
      const told = await host.hooks.one({ url: server.url }).catch((error) => String(error.cause?.code ?? error));
      assertEquals(told, answer);
    }
  });
});
