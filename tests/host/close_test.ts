import { describe, it } from "node:test";
import { assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import { PlugmapError } from "../../mod.ts";
import { plugmap, runProgram } from "../support/child.ts";
import { createTestHost } from "../support/host.ts";
import { createDependent, createPlugin, greeter, greetings, reportOn } from "./sample_plugins.ts";

describe("host.close", () => {
  it("close() disposes of the plugin registered last first, so that dependencies outlive who needs them", async () => {
    const notes: string[] = [];
    using app = createDependent("app", { lib: "*" });
    using lib = createPlugin("lib");
    using other = createPlugin("other");
    const host = createTestHost([app, lib, other], { context: { notes } });
    await host.load();
    await host.close();
    assertEquals(notes.filter((note) => note.startsWith("dispose")), ["dispose other", "dispose app", "dispose lib"]);
    assertEquals([host.plugins(), greetings(host)], [[], []]);
    assertEquals(host.inspect().plugins.map(({ state }) => state), ["unloaded", "unloaded", "unloaded"]);
  });

  it("close() disposes of one after the other", async () => {
    const notes: string[] = [];
    const source = (name: string) =>
      `let notes;
export default {
  setup({ host }) { notes = host.notes; },
  async dispose() {
    notes.push("${name} begins");
    await new Promise((resolve) => setTimeout(resolve, 1));
    notes.push("${name} ends");
  },
};`;
    using a = createPlugin("a", source("a"));
    using b = createPlugin("b", source("b"));
    const host = createTestHost([a, b], { context: { notes } });
    await host.load();
    await host.close();
    assertEquals(notes, ["b begins", "b ends", "a begins", "a ends"]);
  });

  it("close() disposes of all when some cannot be disposed of, and tells all that went wrong", async () => {
    const notes: string[] = [];
    using a = createPlugin("a");
    using b = createPlugin("b", `export default { dispose() { throw new Error("b is stuck"); } };`);
    using c = createPlugin("c", `export default { dispose: () => new Promise(() => {}) };`);
    using d = createPlugin("d");
    const host = createTestHost([a, b, c, d], { context: { notes }, limits: { dispose: 20 } });
    await host.load();
    const error = await assertRejects(() => host.close(), PlugmapError);
    assertEquals(error.code, "dispose-failed");
    assertStringIncludes(error.message, `Plugins "c", "b" could not be disposed of`);
    assertInstanceOf(error.cause, AggregateError);
    assertStringIncludes(error.cause.errors[1].message, "b is stuck");
    assertEquals(notes.slice(2), ["dispose d", "dispose a"]);
    assertEquals(host.plugins(), []);
  });

  it("close() with one failure rejects with that", async () => {
    using plugin = createPlugin("a", `export default { dispose() { throw new Error("a is stuck"); } };`);
    const host = createTestHost([plugin]);
    await host.load();
    const error = await assertRejects(() => host.close(), PlugmapError);
    assertEquals([error.plugin, error.step, error.problem], ["a", "dispose", "a is stuck"]);
  });

  it("close() again waits until all is disposed of, and tells nothing twice", async () => {
    const gate = Promise.withResolvers<void>();
    const notes: string[] = [];
    using plugin = createPlugin(
      "slow",
      `let host;
export default {
  setup(context) { host = context.host; },
  async dispose() { await host.gate; host.notes.push("disposed"); throw new Error("stuck"); },
};`,
    );
    const host = createTestHost([plugin], { context: { gate: gate.promise, notes } });
    await host.load();
    const first = assertRejects(() => host.close(), PlugmapError);
    const second = host.close().then(() => notes.slice());
    gate.resolve();
    await first;
    assertEquals(await second, ["disposed"]);
    await host.close();
    assertEquals(notes, ["disposed"]);
  });

  it("close() without load() does nothing", async () => {
    await createTestHost([]).close();
  });

  it("host-closed: a closed host loads nothing and still tells what it knows", async () => {
    using plugin = createPlugin("english");
    const host = createTestHost([plugin]);
    await host.load();
    await host.close();
    const calls = [
      () => host.load(),
      () => host.loadPlugin("english"),
      () => host.unload("english"),
      () => host.reload("english"),
    ];
    for (const call of calls) assertEquals((await assertRejects(call, PlugmapError)).code, "host-closed");
    assertEquals([host.plugins(), greetings(host), reportOn(host, "english").state], [[], [], "unloaded"]);
  });

  it("await using closes the host at the end of the block, also after an error", async () => {
    const notes: string[] = [];
    using plugin = createPlugin("english");
    await assertRejects(
      async () => {
        await using host = createTestHost([plugin], { context: { notes } });
        await host.load();
        throw new Error("in the block");
      },
      Error,
      "in the block",
    );
    assertEquals(notes, ["setup english english", "dispose english"]);
  });
});

describe("process of a closed host", () => {
  for (
    const [what, ending] of [
      ["was closed", "await host.close();"],
      ["was never closed", ""],
      ["failed to load", `await host.loadPlugin("gone").catch(() => {});`],
    ] as const
  ) {
    it(`the process ends by itself when the host ${what}: no timer of ours is left`, async () => {
      using plugin = createPlugin("english", greeter("Hello"));
      // Each limit is longer than the test waits for the process.
      const source = `import { createHost, defineHooks, hook } from "${plugmap}";
const hour = 3_600_000;
const host = createHost({
  hooks: defineHooks({ greeting: hook() }),
  importMap: { imports: { "plugins/english": "${plugin.manifestUrl}" } },
  policy: {},
  limits: { connect: hour, idle: hour, total: hour, run: hour, setup: hour, dispose: hour },
  store: false,
});
await host.load();
console.log(host.hooks.greeting({ name: "Ada" }).join());
${ending}`;
      const { code, stdout, stderr } = await runProgram(source, { cwd: plugin.folder });
      assertEquals([code, stdout, stderr], [0, "Hello Ada\n", ""]);
    });
  }

  it("the process ends by itself after a download, with the store that it filled", async () => {
    using plugin = createPlugin("english", greeter("Hello"));
    const source = `import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createHost, defineHooks, hook } from "${plugmap}";
const server = createServer((request, response) => response.end(readFileSync("." + request.url)));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = "http://127.0.0.1:" + server.address().port + "/plugin.json";
const hour = 3_600_000;
{
  await using host = createHost({
    hooks: defineHooks({ greeting: hook() }),
    importMap: { imports: { "plugins/english": url }, integrity: { [url]: "${plugin.digest}" } },
    limits: { connect: hour, idle: hour, total: hour, run: hour },
  });
  await host.load();
  console.log(host.hooks.greeting({ name: "Ada" }).join(), host.inspect().store.split("/").at(-1));
}
server.close();
server.closeAllConnections();`;
    const { code, stdout, stderr } = await runProgram(source, { cwd: plugin.folder });
    assertEquals([code, stdout, stderr], [0, "Hello Ada .plugmap\n", ""]);
  });
});
