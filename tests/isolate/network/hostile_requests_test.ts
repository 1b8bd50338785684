import { describe, it } from "node:test";
import process from "node:process";
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { networkMethods } from "../../../src/isolate/network/mod.ts";
import type { FetchedMessage } from "../../../src/isolate/network/messages.ts";
import { redirectTo, reply, serve, silent, stalling, startServer } from "../../support/server.ts";
import { startNetwork } from "./network_pair.ts";

/** A request, as a process sends it that speaks for itself. */
function request(url: unknown, changes: object = {}): object {
  return { url, method: "GET", headers: [], body: undefined, ...changes };
}

/** The code of the error that a call ends with. */
async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  const error = await assertRejects(() => call) as Error & { code?: string };
  assert(!error.stack?.includes("/src/"), "The stack tells of the host's files");
  return error.code;
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of body) text += decoder.decode(piece, { stream: true });
  return text;
}

async function* pieces(...items: unknown[]): AsyncGenerator<unknown> {
  for (const item of items) yield await Promise.resolve(item);
}

describe("a request to the host", () => {
  it("goes where it is granted, and nowhere else, however the host is written", async () => {
    await using server = await startServer({ "/": serve("secret") });
    const { port } = new URL(server.url);
    using granted = startNetwork([`127.0.0.1:${port}`]);
    for (const host of ["127.0.0.1", "0x7f.1", "2130706433", "127.1", "0177.0.0.1", "１２７.0.0.1", "127.0.0.1."]) {
      const answer = await granted.call(networkMethods.fetch, request(`http://${host}:${port}/`));
      assertEquals((answer as { status: number }).status, 200);
    }
    using denied = startNetwork(["example.com", "*.example.com", "10.0.0.0/8", "[::1]:1", `localhost:1`]);
    const before = server.requests.length;
    for (
      const host of [
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "127.1",
        "0177.0.0.1",
        "１２７.0.0.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:0001]",
        "[::1]",
        "localhost",
        "LOCALHOST.",
        "0.0.0.0",
        "example.com.127.0.0.1",
        "notexample.com",
        "example.com.evil.test",
        "xn--exmple-cua.com",
        "exämple.com",
        "example。com.evil.test",
      ]
    ) {
      if (!URL.canParse(`http://${host}:${port}/`)) continue;
      assertEquals(
        await codeOf(denied.call(networkMethods.fetch, request(`http://${host}:${port}/`))),
        "permission-denied",
      );
    }
    assertEquals(server.requests.length, before);
  });

  it("is told what to add to manifest and policy when it is denied", async () => {
    using network = startNetwork([]);
    const error = await assertRejects(() => network.call(networkMethods.fetch, request("https://API.Example.com/a?b")));
    assertEquals(
      (error as Error).message,
      '[permission-denied] The plugin may not connect to "api.example.com:443". Ask for it in the manifest and grant it ' +
        'to the plugin in plugins.policy.json: "permissions": { "net": ["api.example.com:443"] }.',
    );
  });

  it("is refused for hosts that are more than one, even where all is granted", async () => {
    for (const granted of [true, ["*.example.com", "example.com"]] as const) {
      using network = startNetwork(granted);
      for (const url of ["http://*.example.com/", "http://example.com:0/"]) {
        assertEquals(await codeOf(network.call(networkMethods.fetch, request(url))), "isolate-protocol");
      }
    }
  });

  it("is refused when it is none of HTTP", async () => {
    using network = startNetwork(true);
    const bad: unknown[] = [
      "file:///etc/passwd",
      "data:text/plain,x",
      "ftp://example.com/",
      "s3://bucket/key",
      "unix:/run/docker.sock",
      "http+unix://x/",
      "http://example.com:65536/",
      "http://[::1%25eth0]/",
      "http://a:b@example.com/",
      "http://example.com@evil.test/",
      "http://exa mple.com/",
      "//example.com/",
      "",
      `http://example.com/${"a".repeat(70_000)}`,
      1,
      null,
      undefined,
      {},
      new URL("http://example.com/"),
    ];
    for (const url of bad) {
      assertEquals(await codeOf(network.call(networkMethods.fetch, request(url))), "isolate-protocol", String(url));
    }
    for (const message of [undefined, null, 1, "http://example.com/", [], new Map([["url", "http://example.com/"]])]) {
      assertEquals(await codeOf(network.call(networkMethods.fetch, message)), "isolate-protocol");
    }
  });

  it("is refused with a method, header or body that could become something else on its way", async () => {
    await using server = await startServer({ "/": serve("x") });
    using network = startNetwork([server.host]);
    const bad: object[] = [
      { method: "GET / HTTP/1.1\r\nHost: evil.test\r\n\r\nGET" },
      { method: "CONNECT" },
      { method: "TRACE" },
      { method: "get" },
      { method: "" },
      { method: 1 },
      { method: "A".repeat(100) },
      { headers: [["x", "a\r\nb: c"]] },
      { headers: [["x", "a\nb: c"]] },
      { headers: [["x", "a\0"]] },
      { headers: [["x\r\ny", "a"]] },
      { headers: [["x y", "a"]] },
      { headers: [["", "a"]] },
      { headers: [["x", "€"]] },
      { headers: [["x"]] },
      { headers: [["x", 1]] },
      { headers: [["x", "y", "z"]] },
      { headers: "x: y" },
      { headers: { x: "y" } },
      { headers: [["x", "a".repeat(70_000)]] },
      { headers: Array.from({ length: 9 }, (_, index) => [`x${index}`, "a".repeat(8_000)]) },
      { headers: Array.from({ length: 300 }, (_, index) => [`x${index}`, "a"]) },
      { headers: undefined },
      { body: new Uint8Array(1) },
      { method: "HEAD", body: pieces() },
      { method: "POST", body: "text" },
      { method: "POST", body: [1] },
      { method: "POST", body: { unix: "/run/docker.sock" } },
    ];
    for (const changes of bad) {
      assertEquals(await codeOf(network.call(networkMethods.fetch, request(server.url, changes))), "isolate-protocol");
    }
    assertEquals(server.requests, []);
  });

  it("is not sent with another method than the one that is asked for", async () => {
    const methods: unknown[] = [];
    await using server = await startServer({
      "/": ({ method }, response) => void (methods.push(method), response.end()),
    });
    using network = startNetwork([server.host]);
    for (const method of ["PROPFIND", "FROBNICATE"]) {
      await network.call(networkMethods.fetch, request(server.url, { method })).catch(() => {});
    }
    assertEquals(methods, ["PROPFIND"]);
  });

  it("has no say in where a message ends and which host it is for", async () => {
    await using server = await startServer({
      "/": (incoming, response) => {
        let body = "";
        incoming.on("data", (text) => body += text).on("end", () => {
          response.end(JSON.stringify({ headers: incoming.headers, body }));
        });
      },
    });
    using network = startNetwork([server.host]);
    const headers = [
      ["Host", "evil.test"],
      ["Content-Length", "3"],
      ["TRANSFER-ENCODING", "identity"],
      ["Connection", "upgrade"],
      ["Upgrade", "x"],
      ["Proxy-Authorization", "x"],
      ["X-Kept", "yes"],
    ];
    const smuggled = "abcGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    for (const body of [new TextEncoder().encode(smuggled), pieces(new TextEncoder().encode(smuggled))]) {
      const answer = await network.host.fetch(request(server.url, { method: "POST", headers, body }) as never);
      const seen = JSON.parse(await textOf(answer.body!));
      assertEquals(seen.body, smuggled);
      assertEquals([seen.headers.host, seen.headers["x-kept"]], [server.host, "yes"]);
      assertEquals([seen.headers.upgrade, seen.headers["proxy-authorization"]], [undefined, undefined]);
    }
    assertEquals(server.requests, ["/", "/"]);
  });

  it("is answered by a redirect as it is, not by what that leads to", async () => {
    await using other = await startServer({ "/": serve("secret") });
    await using server = await startServer({ "/": redirectTo(other.url) });
    using network = startNetwork([server.host]);
    const answer = await network.host.fetch(request(server.url) as never);
    assertEquals([answer.status, answer.headers.find(([name]) => name === "location")?.[1]], [302, other.url]);
    assertEquals(other.requests, []);
  });

  it("fails when its body has an item that is no bytes, and the rest is not asked for", async () => {
    await using server = await startServer({ "/": silent });
    using network = startNetwork([server.host]);
    let isEnded = false;
    async function* body(): AsyncGenerator<unknown> {
      try {
        yield "text";
        yield new Uint8Array(1);
      } finally {
        isEnded = true;
      }
    }
    await assertRejects(() =>
      network.call(networkMethods.fetch, request(server.url, { method: "POST", body: body() }))
    );
    // The end of a stream is told on its own.
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert(isEnded);
  });

  it("is refused when what it has to keep of a body at once is large, so that many such take no memory", async () => {
    await using server = await startServer({ "/": serve("x"), "/stalls": stalling("x") });
    using network = startNetwork([server.host]);
    const large = new Uint8Array(2 ** 18 + 1);
    const post = (path: string, body: unknown): Promise<FetchedMessage> =>
      network.host.fetch(request(server.url + path, { method: "POST", body }) as never);
    assertEquals(await codeOf(post("", large)), "isolate-protocol");
    assertEquals(server.requests, []);
    await assertRejects(async () => await textOf((await post("stalls", pieces(large.subarray(1), large))).body!));
  });

  it("waits for its turn when there are many, and is refused when too many answers lie unread", async () => {
    let open = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    await using server = await startServer({
      "/held": (_request, response) => {
        most = Math.max(most, ++open);
        waiting.push(() => {
          open--;
          response.end("x");
        });
      },
      "/endless": stalling("x"),
      "/": serve("x"),
    });
    using network = startNetwork([server.host]);
    const held = Array.from({ length: 250 }, async () => {
      const { body } = await network.host.fetch(request(`${server.url}held`) as never);
      assertEquals(await textOf(body!), "x");
    });
    for (let answered = 0; answered < held.length;) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      for (const answer of waiting.splice(0)) {
        answer();
        answered++;
      }
    }
    assert(most <= 64, `${most} at once`);
    await Promise.all(held);
    const unread = [];
    for (let count = 0; count < 200; count++) {
      unread.push(await network.host.fetch(request(`${server.url}endless`) as never));
    }
    assertEquals(await codeOf(network.call(networkMethods.fetch, request(server.url))), "isolate-limit");
    await unread[0]!.body![Symbol.asyncIterator]().return!();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals((await network.host.fetch(request(server.url) as never)).status, 200);
  });

  it("is given up when the process is gone, also in the middle of an answer", async () => {
    let closed = 0;
    await using server = await startServer({
      "/": (_request, response) => {
        response.on("close", () => closed++);
        response.writeHead(200).write("x");
      },
      "/silent": (_request, response) => void response.on("close", () => closed++),
    });
    const network = startNetwork([server.host]);
    await network.host.fetch(request(server.url) as never);
    network.host.fetch(request(`${server.url}silent`) as never).catch(() => {});
    while (server.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    network.end();
    for (let tries = 0; closed < 2 && tries < 400; tries++) await new Promise((resolve) => setTimeout(resolve, 5));
    assertEquals(closed, 2);
  });

  it("fails with what went wrong when nobody answers", async () => {
    const server = await startServer();
    using network = startNetwork([server.host]);
    await server.close();
    const error = await assertRejects(() => network.call(networkMethods.fetch, request(server.url)), TypeError);
    assertMatch((error as Error).message, /./);
  });

  it("does not tell of the host's proxy when that cannot be found", async () => {
    const { HTTP_PROXY } = process.env;
    process.env.HTTP_PROXY = "http://user:sesame@proxy.corporation.invalid:3128";
    try {
      using network = startNetwork(true);
      const call = network.call(networkMethods.fetch, request("http://example.invalid/"));
      const { message } = await assertRejects(() => call, TypeError) as Error;
      assert(!/corporation|sesame|user/.test(message), message);
    } finally {
      if (HTTP_PROXY === undefined) delete process.env.HTTP_PROXY;
      else process.env.HTTP_PROXY = HTTP_PROXY;
    }
  });

  it("is refused by the host itself where nothing is granted, which has no shims for it either", async () => {
    await using server = await startServer({ "/": reply(200) });
    using network = startNetwork([]);
    assertEquals(await network.call(networkMethods.shims, undefined), undefined);
    assertEquals(await codeOf(network.call(networkMethods.fetch, request(server.url))), "permission-denied");
    using other = startNetwork(true);
    assertNotEquals(await other.call(networkMethods.shims, undefined), undefined);
  });
});
