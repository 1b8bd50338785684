import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { fetchBytes } from "../../src/loader/fetch.ts";
import { onDeno, plugmap, runProgram } from "../support/child.ts";
import { importMapOf } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";
import { endless, reply, serve, serveFolder, silent, stalling, startServer, trickling } from "../support/server.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { createFetcher, failureOf } from "./sources.ts";

const decoder = new TextDecoder();
const longestWait = 2 ** 31 - 1;

describe("fetchBytes", () => {
  it("fetchBytes() gives the bytes, also of a body as large as the cap, an empty one and one in many pieces", async () => {
    const large = new Uint8Array(300_000).map((_, index) => index % 251);
    await using server = await startServer({
      "/text": serve("abc"),
      "/empty": serve(""),
      "/large": (_request, response) => {
        response.writeHead(200);
        for (let at = 0; at < large.length; at += 1000) response.write(large.subarray(at, at + 1000));
        response.end();
      },
    });
    assertEquals(decoder.decode(await fetchBytes(`${server.url}text`, 3, createFetcher())), "abc");
    assertEquals((await fetchBytes(`${server.url}empty`, 0, createFetcher())).length, 0);
    assertEquals(await fetchBytes(`${server.url}large`, large.length, createFetcher()), large);
  });

  it("fetchBytes() asks once and refuses what is not there", async () => {
    await using server = await startServer();
    const error = await failureOf(fetchBytes(`${server.url}gone.js`, 10, createFetcher()));
    assertEquals(error.code, "fetch-failed");
    assertStringIncludes(error.problem, "404");
    assertStringIncludes(error.problem, `${server.url}gone.js`);
    assertEquals(server.requests, ["/gone.js"]);
  });

  it("fetchBytes() takes a success without a body for a failure", async () => {
    await using server = await startServer({ "/none": reply(204) });
    const error = await failureOf(fetchBytes(`${server.url}none`, 10, createFetcher()));
    assertEquals(error.code, "fetch-failed");
    assertStringIncludes(error.problem, "204");
  });

  it("fetchBytes() refuses one byte more than the cap, whatever the server says of the size", async () => {
    await using server = await startServer({
      "/told": serve("abcd"),
      "/untold": (_request, response) => void response.writeHead(200, { "transfer-encoding": "chunked" }).end("abcd"),
    });
    for (const path of ["told", "untold"]) {
      const error = await failureOf(fetchBytes(server.url + path, 3, createFetcher()));
      assertEquals(error.code, "fetch-too-large");
      assertStringIncludes(error.problem, "3 bytes");
    }
  });

  it("fetchBytes() hangs up on a body that never ends, once it is over the cap", async () => {
    const hungUp = Promise.withResolvers<void>();
    await using server = await startServer({
      "/endless": (request, response) => {
        response.on("close", () => hungUp.resolve());
        endless(request, response);
      },
    });
    const error = await failureOf(fetchBytes(`${server.url}endless`, 1000, createFetcher()));
    assertEquals(error.code, "fetch-too-large");
    await hungUp.promise;
  });

  const bomb = new Uint8Array(8 * 1024 * 1024);
  for (const [encoding, body] of [["gzip", gzipSync(bomb)], ["br", brotliCompressSync(bomb)]] as const) {
    it(`fetchBytes() does not decode: ${encoding} can become a thousand times what was sent`, async () => {
      let asked: unknown;
      const hungUp = Promise.withResolvers<void>();
      await using server = await startServer({
        "/bomb": (request, response) => {
          asked = request.headers["accept-encoding"];
          response.on("close", () => hungUp.resolve());
          response.writeHead(200, { "content-encoding": encoding }).write(body);
        },
      });
      const error = await failureOf(fetchBytes(`${server.url}bomb`, bomb.length, createFetcher()));
      assertEquals(error.code, "fetch-failed");
      assertStringIncludes(error.problem, `"${encoding}"`);
      assertEquals(asked, "identity");
      assertEquals(server.requests.length, 1);
      await hungUp.promise;
    });
  }
});

describe("limits of time", () => {
  it("connect: a server takes the request and says nothing", async () => {
    await using server = await startServer({ "/silent": silent });
    const error = await failureOf(fetchBytes(`${server.url}silent`, 10, createFetcher({ connect: 30 })));
    assertEquals(error.code, "fetch-timeout");
    assertStringIncludes(error.problem, "does not answer for 30 ms");
  });

  it("idle: a server stops in the middle of a body, and the connection is closed", async () => {
    const hungUp = Promise.withResolvers<void>();
    await using server = await startServer({
      "/stalling": (request, response) => {
        response.on("close", () => hungUp.resolve());
        stalling("abc")(request, response);
      },
    });
    const error = await failureOf(fetchBytes(`${server.url}stalling`, 10, createFetcher({ idle: 30 })));
    assertEquals(error.code, "fetch-timeout");
    assertStringIncludes(error.problem, "sends nothing for 30 ms");
    await hungUp.promise;
  });

  it("total: a server sends a byte now and then, always in time", async () => {
    await using server = await startServer({ "/trickling": trickling(5) });
    const error = await failureOf(fetchBytes(`${server.url}trickling`, longestWait, createFetcher({ total: 100 })));
    assertEquals(error.code, "fetch-timeout");
    assertStringIncludes(error.problem, "is not through after 100 ms");
  });

  it("connect ends with the head of a response, idle starts anew with each piece", async () => {
    await using server = await startServer({
      "/slow": (_request, response) => {
        response.writeHead(200).flushHeaders();
        let pieces = 0;
        const timer = setInterval(() => {
          response.write("x");
          if (++pieces < 25) return;
          clearInterval(timer);
          response.end();
        }, 50);
      },
    });
    // All of the body takes longer than either limit; no pause between two pieces comes near them.
    const bytes = await fetchBytes(`${server.url}slow`, 25, createFetcher({ connect: 1000, idle: 1000 }));
    assertEquals(decoder.decode(bytes), "x".repeat(25));
  });
});

describe("limit of requests", () => {
  it("concurrency: no more requests are under way than allowed, and each gets its turn", async () => {
    let underWay = 0;
    let most = 0;
    await using server = await startServer({
      "/": (_request, response) => {
        most = Math.max(most, ++underWay);
        setTimeout(() => {
          underWay--;
          response.end("x");
        }, 20);
      },
    });
    const fetcher = createFetcher({ concurrency: 3 });
    const bytes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => fetchBytes(`${server.url}${index}`, 1, fetcher)),
    );
    assertEquals(bytes.length, 10);
    assertEquals(server.requests.length, 10);
    assertEquals(most, 3);
  });

  it("concurrency: a failure frees its place", async () => {
    await using server = await startServer({ "/good": serve("x") });
    const fetcher = createFetcher({ concurrency: 1 });
    const bad = failureOf(fetchBytes(`${server.url}bad`, 1, fetcher));
    const good = fetchBytes(`${server.url}good`, 1, fetcher);
    assertEquals((await bad).code, "fetch-failed");
    assertEquals((await good).length, 1);
  });
});

describe("process of the host", () => {
  /** A host that loads one plugin from a server, waits as long as there is, and prints what became of it. */
  const program = (importMap: object): string => `
    import { createHost } from ${JSON.stringify(plugmap)};
    const limits = { connect: ${longestWait}, idle: ${longestWait}, total: ${longestWait}, retries: 0 };
    const host = createHost({ hooks: {}, importMap: ${JSON.stringify(importMap)}, policy: {}, store: false, limits });
    const { plugins } = await host.load();
    console.log(JSON.stringify(plugins.map(({ state, error }) => [state, error?.code, error?.message])));
  `;

  it("ends after a load from a server, with no timer and no socket left", async () => {
    using plugin = createPluginFolder({
      "mod.js": 'export { default } from "./other.js";',
      "other.js": "export default {};",
    });
    using cwd = createTemporaryFolder();
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const importMap = importMapOf({ ...plugin, manifestUrl: `${server.url}plugin.json` });
    const { code, stdout, stderr } = await runProgram(program(importMap), { cwd: cwd.path });
    assertEquals([code, stderr, stdout.trim()], [0, "", '[["active",null,null]]']);
  });

  it("ends after a load that failed, though another module is still being sent", async () => {
    using plugin = createPluginFolder({ "mod.js": "export default {};", "other.js": "" });
    using cwd = createTemporaryFolder();
    const otherAsked = Promise.withResolvers<void>();
    await using server = await startServer({
      "/": serveFolder(plugin.folder),
      "/other.js": () => otherAsked.resolve(),
      "/mod.js": (_request, response) => void otherAsked.promise.then(() => response.writeHead(404).end()),
    });
    const importMap = importMapOf({ ...plugin, manifestUrl: `${server.url}plugin.json` });
    const { code, stdout } = await runProgram(program(importMap), { cwd: cwd.path });
    assertEquals(code, 0);
    assertStringIncludes(stdout, "fetch-failed");
  });

  it("needs the permission to connect on Deno, and says so without asking anyone", { skip: !onDeno }, async () => {
    using plugin = createPluginFolder({ "mod.js": "export default {};" });
    using cwd = createTemporaryFolder();
    await using server = await startServer({ "/": serveFolder(plugin.folder) });
    const importMap = importMapOf({ ...plugin, manifestUrl: `${server.url}plugin.json` });
    const start = (...flags: string[]) =>
      runProgram(program(importMap), { cwd: cwd.path, denoFlags: ["--allow-read", "--allow-env", ...flags] });

    const refused = await start();
    assertStringIncludes(refused.stdout, "fetch-failed");
    assertStringIncludes(refused.stdout, `--allow-net=${server.host}`);
    assertEquals(refused.code, 0);
    assertEquals(server.requests, []);

    const granted = await start(`--allow-net=${server.host}`);
    assert(granted.stdout.startsWith('[["active"'), granted.stdout + granted.stderr);
  });
});
