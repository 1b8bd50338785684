import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { fetchBytes } from "../../src/loader/fetch.ts";
import { breaking, redirectTo, reply, sequence, serve, startServer } from "../support/server.ts";
import { createFetcher, failureOf } from "./sources.ts";

const decoder = new TextDecoder();
/** A pause that no test would get through: longer than the time there is in total. */
const endlessly = { backoff: 2 ** 31 - 1 };

describe("what is asked for again", () => {
  for (const status of [429, 500, 502, 503, 504]) {
    it(`status ${status}, until there is a success`, async () => {
      await using server = await startServer({ "/x": sequence(reply(status), reply(status, "busy"), serve("x")) });
      assertEquals(decoder.decode(await fetchBytes(`${server.url}x`, 10, createFetcher())), "x");
      assertEquals(server.requests.length, 3);
    });
  }

  it("a connection that is reset before there is an answer", async () => {
    await using server = await startServer({ "/x": sequence(breaking(), serve("x")) });
    assertEquals(decoder.decode(await fetchBytes(`${server.url}x`, 10, createFetcher())), "x");
  });

  it("a connection that is reset in a body: nothing of the first try is left in the second", async () => {
    await using server = await startServer({ "/x": sequence(breaking("abc"), serve("xyz")) });
    assertEquals(decoder.decode(await fetchBytes(`${server.url}x`, 10, createFetcher())), "xyz");
  });

  it("a body without the end that its encoding promises", async () => {
    await using server = await startServer({
      "/x": sequence((request, response) => {
        response.writeHead(200, { "transfer-encoding": "chunked" });
        response.write("abc", () => request.socket.end());
      }, serve("xyz")),
    });
    assertEquals(decoder.decode(await fetchBytes(`${server.url}x`, 10, createFetcher())), "xyz");
  });

  it("what a redirect leads to, from the start", async () => {
    await using server = await startServer({
      "/start": redirectTo("/end"),
      "/end": sequence(reply(503), serve("x")),
    });
    assertEquals(decoder.decode(await fetchBytes(`${server.url}start`, 10, createFetcher())), "x");
    assertEquals(server.requests, ["/start", "/end", "/start", "/end"]);
  });
});

describe("what is not asked for again", () => {
  for (const status of [400, 401, 403, 404, 410]) {
    it(`status ${status}`, async () => {
      await using server = await startServer({ "/x": sequence(reply(status), serve("x")) });
      const error = await failureOf(fetchBytes(`${server.url}x`, 10, createFetcher()));
      assertEquals(error.code, "fetch-failed");
      assertStringIncludes(error.problem, String(status));
      assertEquals(server.requests.length, 1);
    });
  }

  it("what is larger than the cap", async () => {
    await using server = await startServer({ "/x": sequence(serve("too large"), serve("x")) });
    assertEquals((await failureOf(fetchBytes(`${server.url}x`, 1, createFetcher()))).code, "fetch-too-large");
    assertEquals(server.requests.length, 1);
  });
});

describe("limits of retries", () => {
  it("retries: the last answer is the one that is told", async () => {
    await using server = await startServer({ "/x": sequence(breaking(), reply(503), reply(502)) });
    const error = await failureOf(fetchBytes(`${server.url}x`, 10, createFetcher({ retries: 2 })));
    assertEquals(error.code, "fetch-failed");
    assertStringIncludes(error.problem, "502");
    assertEquals(server.requests.length, 3);
  });

  it("retries: 0 asks once", async () => {
    await using server = await startServer({ "/x": reply(500) });
    assertEquals(
      (await failureOf(fetchBytes(`${server.url}x`, 10, createFetcher({ retries: 0 })))).code,
      "fetch-failed",
    );
    assertEquals(server.requests.length, 1);
  });

  it("retries: a server that is not there is told with its address and the cause", async () => {
    const server = await startServer();
    await server.close();
    const error = await failureOf(fetchBytes(`${server.url}x`, 10, createFetcher({ retries: 1 })));
    assertEquals(error.code, "fetch-failed");
    assertStringIncludes(error.problem, server.url);
    assertEquals(error.cause instanceof Error, true);
  });

  it("total: a wait that would be longer than the time that is left is not begun", async () => {
    await using server = await startServer({ "/x": reply(503) });
    const error = await failureOf(fetchBytes(`${server.url}x`, 10, createFetcher(endlessly)));
    assertStringIncludes(error.problem, "503");
    assertEquals(server.requests.length, 1);
  });
});

describe("Retry-After", () => {
  const past = new Date(0).toUTCString();
  for (const value of ["0", past]) {
    it(`"${value}" counts in place of the host's own wait`, async () => {
      await using server = await startServer({ "/x": sequence(reply(429, "", { "retry-after": value }), serve("x")) });
      assertEquals(decoder.decode(await fetchBytes(`${server.url}x`, 10, createFetcher(endlessly))), "x");
    });
  }

  const future = new Date("2999-01-01").toUTCString();
  for (const value of ["3600", "99999999999999999999", future]) {
    it(`"${value}" is longer than a load may take: the failure is told at once`, async () => {
      await using server = await startServer({ "/x": sequence(reply(503, "", { "retry-after": value }), serve("x")) });
      const error = await failureOf(fetchBytes(`${server.url}x`, 10, createFetcher()));
      assertStringIncludes(error.problem, "503");
      assertEquals(server.requests.length, 1);
    });
  }

  for (const value of ["soon", "", "NaN"]) {
    it(`"${value}" says nothing: the host waits as long as it would without`, async () => {
      await using server = await startServer({ "/x": sequence(reply(429, "", { "retry-after": value }), serve("x")) });
      assertEquals(decoder.decode(await fetchBytes(`${server.url}x`, 10, createFetcher())), "x");
      server.route("/x", reply(429, "", { "retry-after": value }));
      await failureOf(fetchBytes(`${server.url}x`, 10, createFetcher(endlessly)));
      assertEquals(server.requests.length, 3);
    });
  }
});
