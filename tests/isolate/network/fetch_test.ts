import { describe, it } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import process from "node:process";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Handler, TestServer } from "../../support/server.ts";
import { breaking, redirectTo, reply, serve, silent, startServer } from "../../support/server.ts";
import { startNetwork } from "./network_pair.ts";

/** Answers with what was asked. */
const echo: Handler = (request, response) => {
  const chunks: Uint8Array[] = [];
  request.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
    const { method, headers } = request;
    response.end(JSON.stringify({ method, headers, body: new TextDecoder().decode(Buffer.concat(chunks)) }));
  });
};

interface Echo {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A network that reaches these servers. */
function reaching(...servers: readonly TestServer[]): ReturnType<typeof startNetwork> {
  return startNetwork(servers.map(({ host }) => host));
}

const mebibyte = 2 ** 20;

describe("fetch() of an isolated plugin", () => {
  it("gives a Response like any other", async () => {
    await using server = await startServer({
      "/a": (_request, response) => {
        response.writeHead(201, [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"], ["X-Kind", "one"]].flat());
        response.end("text");
      },
    });
    using network = reaching(server);
    const response = await network.network.fetch(`${server.url}a?b#c`);
    assertInstanceOf(response, Response);
    assertEquals([response.status, response.statusText, response.ok], [201, "Created", true]);
    assertEquals([response.url, response.redirected], [`${server.url}a?b`, false]);
    assertEquals(response.headers.getSetCookie(), ["a=1", "b=2"]);
    assertEquals(response.headers.get("x-kind"), "one");
    const clone = response.clone();
    assertEquals([clone.url, await clone.text(), await response.text()], [response.url, "text", "text"]);
  });

  it("takes what fetch() takes", async () => {
    await using server = await startServer({ "/": echo });
    using network = reaching(server);
    const send = async (...args: Parameters<typeof fetch>): Promise<Echo> =>
      await (await network.network.fetch(...args)).json();
    const form = new FormData();
    form.set("field", "value");
    const bodies: [BodyInit, string, string | undefined][] = [
      ["text", "text", undefined],
      [new URLSearchParams({ a: "b c" }), "a=b+c", "application/x-www-form-urlencoded;charset=UTF-8"],
      [new Blob(["blob"], { type: "a/b" }), "blob", "a/b"],
      [new TextEncoder().encode("bytes"), "bytes", undefined],
      [new TextEncoder().encode("buffer").buffer, "buffer", undefined],
      [new DataView(new TextEncoder().encode("-view").buffer, 1), "view", undefined],
    ];
    for (const [body, sent, type] of bodies) {
      const seen = await send(server.url, { method: "POST", body });
      assertEquals(seen.body, sent);
      if (type !== undefined) assertEquals(seen.headers["content-type"], type);
      assertEquals(seen.headers["content-length"], String(sent.length));
    }
    const multipart = await send(server.url, { method: "POST", body: form });
    assertStringIncludes(multipart.headers["content-type"]!, "multipart/form-data; boundary=");
    assertStringIncludes(multipart.body, 'name="field"');

    const request = new Request(new URL(server.url), { method: "PUT", headers: { "x-a": "1" }, body: "kept" });
    const seen = await send(request);
    assertEquals([seen.method, seen.headers["x-a"], seen.body], ["PUT", "1", "kept"]);
    const changed = await send(new Request(server.url, { headers: { "x-a": "1" } }), { headers: { "x-b": "2" } });
    assertEquals([changed.headers["x-a"], changed.headers["x-b"]], [undefined, "2"]);
    const named = await send(server.url.replace("//", "//us%40er:pass@"));
    assertEquals(named.headers.authorization, `Basic ${btoa("us@er:pass")}`);
    assertEquals((await network.network.fetch(server.url, { method: "HEAD" })).body, null);
  });

  it("needs no host for data and blobs, and refuses other schemes and other ways to connect", async () => {
    using network = startNetwork([]);
    const { fetch } = network.network;
    assertEquals(await (await fetch("data:text/plain,here")).text(), "here");
    assertEquals(await (await fetch(URL.createObjectURL(new Blob(["blob"])))).text(), "blob");
    await assertRejects(() => fetch("ftp://example.com/"), TypeError, "ftp:");
    for (
      const option of [{ unix: "/run/docker.sock" }, { proxy: "http://x" }, { tls: { ca: "" } }, { verbose: true }]
    ) {
      await assertRejects(() => fetch("http://example.com/", option as RequestInit), TypeError, Object.keys(option)[0]);
    }
    const denied = await assertRejects(() => fetch("http://example.com/")) as Error & { code: string };
    assertEquals([denied.code, denied.name], ["permission-denied", "PlugmapError"]);
    assertStringIncludes(denied.message, '"example.com:80"');
    assertStringIncludes(denied.stack!, "permission-denied");
  });

  it("follows redirects as the standard says, each of them only where it is granted", async () => {
    await using other = await startServer({ "/": echo });
    await using secret = await startServer({ "/": serve("secret") });
    await using server = await startServer({
      "/echo": echo,
      "/301": redirectTo("/echo", 301),
      "/302": redirectTo("/echo", 302),
      "/303": redirectTo("/echo", 303),
      "/307": redirectTo("/echo", 307),
      "/308": redirectTo("/308b", 308),
      "/308b": redirectTo("echo", 308),
      "/away": redirectTo(other.url, 307),
      "/secret": redirectTo(secret.url),
      "/file": redirectTo("file:///etc/passwd"),
      "/named": redirectTo("http://a:b@example.com/"),
      "/loop": redirectTo("/loop"),
      "/nowhere": reply(302, "stays"),
    });
    using network = reaching(server, other);
    const { fetch } = network.network;
    const post = { method: "POST", body: "sent", headers: { "content-type": "a/b", "x-a": "1" } };
    for (
      const [path, init, method, body] of [
        ["301", post, "GET", ""],
        ["302", post, "GET", ""],
        ["302", { ...post, method: "PUT" }, "PUT", "sent"],
        ["303", { ...post, method: "PUT" }, "GET", ""],
        ["303", { method: "GET" }, "GET", ""],
        ["307", post, "POST", "sent"],
        ["308", post, "POST", "sent"],
      ] as const
    ) {
      const response = await fetch(server.url + path, init);
      assertEquals([response.redirected, response.url], [true, `${server.url}echo`]);
      const seen: Echo = await response.json();
      assertEquals([seen.method, seen.body], [method, body]);
      assertEquals(seen.headers["content-type"], body === "" ? undefined : "a/b");
    }
    assertEquals(await (await fetch(`${server.url}303`, { method: "HEAD" })).text(), "");

    const headers = { authorization: "Basic x", cookie: "a=1", "x-a": "1" };
    const near: Echo = await (await fetch(`${server.url}307`, { headers })).json();
    assertEquals([near.headers.authorization, near.headers.cookie], ["Basic x", "a=1"]);
    const away: Echo = await (await fetch(`${server.url}away`, { headers })).json();
    assertEquals([away.headers.authorization, away.headers.cookie, away.headers["x-a"]], [undefined, undefined, "1"]);

    const denied = await assertRejects(() => fetch(`${server.url}secret`)) as Error & { code: string };
    assertEquals(denied.code, "permission-denied");
    assertStringIncludes(denied.message, secret.host);
    assertEquals(secret.requests, []);
    await assertRejects(() => fetch(`${server.url}file`), TypeError, "no URL of HTTP");
    await assertRejects(() => fetch(`${server.url}named`), TypeError, "user name");
    await assertRejects(() => fetch(`${server.url}loop`), TypeError, "20 redirects");
    assertEquals(server.requests.filter((path) => path === "/loop").length, 21);
    assertEquals(await (await fetch(`${server.url}nowhere`)).text(), "stays");

    const manual = await fetch(`${server.url}301`, { redirect: "manual" });
    assertEquals([manual.status, manual.headers.get("location"), manual.redirected], [301, "/echo", false]);
    await assertRejects(() => fetch(`${server.url}301`, { redirect: "error" }), TypeError, "redirect");
    const stream = { method: "POST", body: new Blob(["x"]).stream(), duplex: "half" };
    await assertRejects(() => fetch(`${server.url}307`, stream), TypeError, "stream");
  });

  it("decodes bodies in the plugin's process, unless it is told not to", async () => {
    const encoded = { gzip: gzipSync("decoded"), br: brotliCompressSync("decoded") };
    await using server = await startServer({
      "/gzip": serve(encoded.gzip, { "content-encoding": "gzip" }),
      "/br": serve(encoded.br, { "content-encoding": "br" }),
      "/broken": serve("not gzip", { "content-encoding": "gzip" }),
      "/empty": reply(204, "", { "content-encoding": "gzip" }),
    });
    using network = reaching(server);
    const { fetch } = network.network;
    for (const name of ["gzip", "br"]) assertEquals(await (await fetch(server.url + name)).text(), "decoded");
    assertEquals(await (await fetch(`${server.url}empty`)).text(), "");
    await assertRejects(async () => await (await fetch(`${server.url}broken`)).text());
    // Deno decodes by itself, and cannot be kept from it.
    if (!("bun" in process.versions)) return;
    const raw = await fetch(`${server.url}gzip`, { decompress: false } as RequestInit);
    assertEquals(await raw.bytes(), new Uint8Array(encoded.gzip));
  });

  it("streams both ways, no faster than the other side takes it", async () => {
    let sent = 0;
    let received = 0;
    const size = 50 * mebibyte;
    await using server = await startServer({
      "/down": (_request, response) => {
        const piece = new Uint8Array(65_536).fill(7);
        const pour = (): void => {
          while (sent < size) {
            sent += piece.length;
            if (!response.write(piece)) return;
          }
          response.end();
        };
        response.on("drain", pour);
        pour();
      },
      "/up": (request, response) => {
        setTimeout(() => {
          request.on("data", ({ length }) => received += length).on("end", () => response.end(String(received)));
        }, 300);
      },
    });
    using network = reaching(server);
    const { fetch } = network.network;
    const response = await fetch(`${server.url}down`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert(sent < 25 * mebibyte, `${sent} bytes were sent before any was read`);
    let read = 0;
    for await (const piece of response.body!) read += piece.length;
    assertEquals(read, size);

    let made = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        made += 65_536;
        controller.enqueue(new Uint8Array(65_536));
        if (made === size) controller.close();
      },
    }, { highWaterMark: 0 });
    const answer = fetch(`${server.url}up`, { method: "POST", body, duplex: "half" } as RequestInit);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert(made < 25 * mebibyte, `${made} bytes were made before any was taken`);
    assertEquals(await (await answer).text(), String(size));
    const large = await fetch(`${server.url}up`, { method: "POST", body: new Uint8Array(3 * mebibyte) });
    assertEquals(await large.text(), String(received));
  });

  it("sends streams whose items are of any size, and nothing but bytes", async () => {
    await using server = await startServer({
      "/up": (request, response) => {
        let length = 0;
        request.on("data", (piece) => length += piece.length).on("end", () => response.end(String(length)));
      },
    });
    using network = reaching(server);
    const send = (...items: unknown[]): Promise<Response> => {
      const body = new ReadableStream({
        pull(controller) {
          if (items.length === 0) controller.close();
          else controller.enqueue(items.shift());
        },
      });
      return network.network.fetch(`${server.url}up`, { method: "POST", body, duplex: "half" } as RequestInit);
    };
    const sizes = [1, 0, 3 * mebibyte + 1, 2];
    const answer = await send(...sizes.map((size) => new Uint8Array(size)));
    assertEquals(await answer.text(), String(3 * mebibyte + 4));
    await assertRejects(() => send(new Uint8Array(1), { length: 1 }), TypeError);
  });

  it("is aborted by its signal, before and after the answer, and the server sees it", async () => {
    const closed: string[] = [];
    const noticing = (handler: Handler): Handler => (request, response) => {
      response.on("close", () => closed.push(request.url!));
      handler(request, response);
    };
    await using server = await startServer({
      "/silent": noticing(silent),
      "/endless": noticing((_request, response) => void response.writeHead(200).write(new Uint8Array(mebibyte))),
    });
    using network = reaching(server);
    const { fetch } = network.network;
    const reason = new Error("enough");
    await assertRejects(() => fetch(server.url, { signal: AbortSignal.abort(reason) }), Error, "enough");
    assertEquals(server.requests, []);

    const early = new AbortController();
    const waiting = fetch(`${server.url}silent`, { signal: early.signal });
    setTimeout(() => early.abort(reason), 50);
    assertEquals(await assertRejects(() => waiting), reason);

    const late = new AbortController();
    const response = await fetch(new Request(`${server.url}endless`, { signal: late.signal }));
    const reader = response.body!.getReader();
    await reader.read();
    late.abort(reason);
    await assertRejects(async () => {
      while (!(await reader.read()).done);
    });
    const unwanted = await fetch(`${server.url}endless`);
    await unwanted.body!.cancel();
    for (let tries = 0; closed.length < 3 && tries < 4000; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assertEquals(closed, ["/silent", "/endless", "/endless"]);
  });

  it("does not keep short answers open that nobody reads", async () => {
    await using server = await startServer({ "/": serve("x".repeat(1000)) });
    using network = reaching(server);
    for (let count = 0; count < 300; count++) assert((await network.network.fetch(server.url)).ok);
  });

  it("passes on what goes wrong in the middle of a body", async () => {
    await using server = await startServer({
      "/": breaking("x"),
      "/echo": echo,
    });
    using network = reaching(server);
    const response = await network.network.fetch(server.url);
    await assertRejects(() => response.text());
    const failing = new ReadableStream({ pull: (controller) => controller.error(new Error("no more")) });
    await assertRejects(() =>
      network.network.fetch(`${server.url}echo`, { method: "POST", body: failing, duplex: "half" } as RequestInit)
    );
  });
});
