import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { fetchBytes } from "../../src/loader/fetch.ts";
import { createTestHost, importMapOf } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import { redirectTo, reply, serve, serveFolder, startServer } from "../support/server.ts";
import { createFetcher, failureOf } from "./sources.ts";

const decoder = new TextDecoder();

async function textAt(url: string, redirects: readonly string[] = []): Promise<string> {
  return decoder.decode(await fetchBytes(url, 100, createFetcher({}, redirects)));
}

describe("redirects that are followed", () => {
  for (const status of [301, 302, 303, 307, 308] as const) {
    it(`${status} to the same origin`, async () => {
      await using server = await startServer({ "/old": redirectTo("/new", status), "/new": serve("new") });
      assertEquals(await textAt(`${server.url}old`), "new");
      assertEquals(server.requests, ["/old", "/new"]);
    });
  }

  it("a relative Location is resolved against the URL that gave it", async () => {
    await using server = await startServer({
      "/a": redirectTo("/b/c"),
      "/b/c": redirectTo("d?x=1"),
      "/b/d": serve("there"),
    });
    assertEquals(await textAt(`${server.url}a`), "there");
    assertEquals(server.requests.at(-1), "/b/d?x=1");
  });

  it("a response that redirects may have a body that is never through", async () => {
    await using server = await startServer({
      "/old": (_request, response) => void response.writeHead(302, { location: "/new" }).write("moved"),
      "/new": serve("new"),
    });
    assertEquals(await textAt(`${server.url}old`), "new");
  });

  it("another origin that the policy names, and back", async () => {
    await using home = await startServer({ "/end": serve("home") });
    await using away = await startServer({ "/": redirectTo(`${home.url}end`) });
    home.route("/start", redirectTo(`${away.url}x`));
    assertEquals(await textAt(`${home.url}start`, [away.origin]), "home");
  });

  it('host: "redirects" of the policy counts for manifest and modules, and the plugin\'s URL stays the one listed', async () => {
    using plugin = createPluginFolder({ "mod.js": "export default {};" });
    await using cdn = await startServer({ "/": serveFolder(plugin.folder) });
    await using server = await startServer({
      "/": (request, response) => redirectTo(`${cdn.origin}${request.url}`)(request, response),
    });
    const listed = { ...plugin, manifestUrl: `${server.url}plugin.json` };
    for (const [policy, state] of [[{ redirects: [cdn.origin] }, "active"], [{}, "failed"]] as const) {
      await using host = createTestHost([listed], { importMap: importMapOf(listed), policy });
      const [report] = (await host.load()).plugins;
      assertEquals(report?.state, state);
      if (state === "active") assertEquals(report?.manifestUrl, listed.manifestUrl);
      else assertEquals(report?.error?.code, "fetch-redirect");
    }
  });
});

describe("redirects that are refused", () => {
  it("to another origin, which gets no request", async () => {
    await using away = await startServer({ "/x": serve("away") });
    await using home = await startServer({ "/start": redirectTo(`${away.url}x`) });
    const error = await failureOf(textAt(`${home.url}start`));
    assertEquals(error.code, "fetch-redirect");
    assertStringIncludes(error.problem, "another origin");
    assertStringIncludes(error.mend ?? "", `"${away.origin}" to "redirects"`);
    assertEquals(away.requests, []);
  });

  it("to an origin that is allowed, and from there to one that is not", async () => {
    await using last = await startServer({ "/x": serve("last") });
    await using middle = await startServer({ "/x": redirectTo(`${last.url}x`) });
    await using home = await startServer({ "/x": redirectTo(`${middle.url}x`) });
    const error = await failureOf(textAt(`${home.url}x`, [middle.origin]));
    assertEquals(error.code, "fetch-redirect");
    assertEquals([middle.requests.length, last.requests.length], [1, 0]);
  });

  it("to another port of the same host, and to another name of it", async () => {
    await using home = await startServer();
    const { port } = new URL(home.url);
    for (const target of ["http://127.0.0.1:1/x", `http://localhost:${port}/x`]) {
      home.route("/x", redirectTo(target));
      assertEquals((await failureOf(textAt(`${home.url}x`))).code, "fetch-redirect");
    }
  });

  for (const target of ["file:///etc/hostname", "data:text/javascript,1", "ftp://127.0.0.1/x", "blob:null/x"]) {
    it(`to ${target}, whatever the policy says`, async () => {
      await using server = await startServer({ "/x": redirectTo(target) });
      const error = await failureOf(textAt(`${server.url}x`, [new URL(target).origin, "null"]));
      assertEquals(error.code, "fetch-redirect");
      assertStringIncludes(error.problem, "weaker scheme");
    });
  }

  it("to a URL with a user name or password", async () => {
    await using server = await startServer({ "/y": serve("y") });
    for (const user of ["user", "user:secret", ":secret"]) {
      server.route("/x", redirectTo(`http://${user}@${server.host}/y`));
      assertEquals((await failureOf(textAt(`${server.url}x`))).code, "fetch-redirect");
    }
    assertEquals(server.requests, ["/x", "/x", "/x"]);
  });

  for (const target of ["http://[bad", "http://", "https://example.com:99999/"]) {
    it(`to ${target}, which is no URL`, async () => {
      await using server = await startServer({ "/x": redirectTo(target) });
      const error = await failureOf(textAt(`${server.url}x`));
      assertEquals(error.code, "fetch-redirect");
      assertStringIncludes(error.problem, "no URL");
    });
  }

  it("without a Location", async () => {
    await using server = await startServer({ "/x": reply(302) });
    const error = await failureOf(textAt(`${server.url}x`));
    assertEquals(error.code, "fetch-failed");
    assertStringIncludes(error.problem, "302");
    assertEquals(server.requests.length, 1);
  });

  it("in a circle, and more of them than allowed", async () => {
    await using server = await startServer({
      "/circle": redirectTo("/circle"),
      "/1": redirectTo("/2"),
      "/2": redirectTo("/3"),
      "/3": serve("three"),
    });
    const error = await failureOf(textAt(`${server.url}circle`));
    assertEquals(error.code, "fetch-redirect");
    assertStringIncludes(error.problem, "more than 5 times");
    assertEquals(server.requests.length, 6);

    assertEquals(decoder.decode(await fetchBytes(`${server.url}1`, 10, createFetcher({ redirects: 2 }))), "three");
    assertEquals(
      (await failureOf(fetchBytes(`${server.url}1`, 10, createFetcher({ redirects: 1 })))).code,
      "fetch-redirect",
    );
    assertEquals(
      (await failureOf(fetchBytes(`${server.url}1`, 10, createFetcher({ redirects: 0 })))).code,
      "fetch-redirect",
    );
  });

  it("with a Location that would draw on a terminal: the error shows it escaped", async () => {
    await using server = await startServer({ "/x": redirectTo("http://\u009b31m.example/") });
    const error = await failureOf(textAt(`${server.url}x`));
    assertEquals(error.code, "fetch-redirect");
    assertEquals(error.message.includes("\u009b"), false);
  });
});

describe("redirects of https", () => {
  /** Answers in place of the network, for which there is no certificate here. */
  async function withAnswers(answers: Readonly<Record<string, string>>, run: () => Promise<void>): Promise<string[]> {
    const { fetch } = globalThis;
    const asked: string[] = [];
    globalThis.fetch = ((url: string) => {
      asked.push(url);
      const location = answers[url];
      return Promise.resolve(
        location === undefined ? new Response("end") : new Response(null, { status: 302, headers: { location } }),
      );
    }) as typeof globalThis.fetch;
    try {
      await run();
    } finally {
      globalThis.fetch = fetch;
    }
    return asked;
  }

  for (const target of ["http://plugins.example/x", "http://cdn.example/x"]) {
    it(`to ${target} are refused, whatever the policy says`, async () => {
      const start = "https://plugins.example/x";
      const asked = await withAnswers({ [start]: target }, async () => {
        const error = await failureOf(textAt(start, ["http://plugins.example", "http://cdn.example"]));
        assertEquals(error.code, "fetch-redirect");
        assertStringIncludes(error.problem, "weaker scheme");
      });
      assertEquals(asked, [start]);
    });
  }

  it("back to http are refused also where the way began with http", async () => {
    const [start, secure] = ["http://plugins.example/x", "https://plugins.example/x"];
    await withAnswers({ [start]: secure, [secure]: `${start}y` }, async () => {
      assertEquals((await failureOf(textAt(start, ["https://plugins.example"]))).code, "fetch-redirect");
    });
  });

  it("from http are another origin, which the policy may name", async () => {
    const [start, secure] = ["http://plugins.example/x", "https://plugins.example/x"];
    await withAnswers({ [start]: secure }, async () => {
      assertEquals((await failureOf(textAt(start))).code, "fetch-redirect");
      assertEquals(await textAt(start, ["https://plugins.example"]), "end");
    });
  });
});
