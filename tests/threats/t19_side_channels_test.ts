import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { createPlugin } from "../host/sample_plugins.ts";
import { loadIsolated } from "../support/isolated.ts";

// T19: plugins that speak to each other, or to themselves in another run, past the host: by what workers of one process share
// (BroadcastChannel crosses them), and by what runtimes keep for an origin.

interface Channel {
  /** Leaves the message; may fail. */
  readonly leave: string;
  /** Finds it, or gives `undefined`, or fails. */
  readonly find: string;
}

/** Each has two expressions of a plugin's; they may use `await`. */
const channels: Readonly<Record<string, Channel>> = {
  "local storage": { leave: `localStorage.setItem("message", "psst")`, find: `localStorage.getItem("message")` },
  "session storage": { leave: `sessionStorage.setItem("message", "psst")`, find: `sessionStorage.getItem("message")` },
  "a cache": {
    leave: `await (await caches.open("psst")).put("http://cache.invalid/", new Response("psst"))`,
    find: `await (await (await caches.open("psst")).match("http://cache.invalid/"))?.text()`,
  },
  "a key-value store": {
    leave: `await (await Deno.openKv()).set(["message"], "psst")`,
    find: `(await (await Deno.openKv()).get(["message"])).value`,
  },
  "a global": { leave: `globalThis.message = "psst"`, find: `globalThis.message` },
  "a variable of the environment": {
    leave: `process.env.PLUGMAP_MESSAGE = "psst"`,
    find: `process.env.PLUGMAP_MESSAGE`,
  },
  "a shared prototype": { leave: `Object.prototype.message = "psst"`, find: `({}).message` },
  "a symbol for everybody": {
    leave: `globalThis[Symbol.for("message")] = "psst"`,
    find: `globalThis[Symbol.for("message")]`,
  },
  "a builtin": {
    leave: `process.getBuiltinModule("node:path").message = "psst"`,
    find: `process.getBuiltinModule("node:path").message`,
  },
  "the title of the process": {
    leave: `process.title = "psst"`,
    find: `process.title === "psst" ? "psst" : undefined`,
  },
  "a temporary file": {
    leave: `process.getBuiltinModule("node:fs").writeFileSync("/tmp/plugmap-side-channel", "psst")`,
    find: `process.getBuiltinModule("node:fs").readFileSync("/tmp/plugmap-side-channel", "utf8")`,
  },
};

const source = (name: string): string =>
  `export default { hooks: { ${name}: async ({ deed }) => {
  try {
    return await (0, eval)("(async () => " + deed + ")()") ?? "nothing";
  } catch (error) {
    return "nothing";
  }
} } };`;

describe("T19, what an isolated plugin leaves", () => {
  for (const [what, { leave, find }] of Object.entries(channels)) {
    it(`in ${what} is not there for another one, nor for its own next process`, async () => {
      using speaker = createPlugin("speaker", source("one"));
      using listener = createPlugin("listener", source("all"));
      await using host = await loadIsolated([speaker, listener]);
      const call = async (name: "one" | "all", deed: string): Promise<unknown> =>
        [await host.hooks[name]({ deed })].flat()[0];
      await call("one", `{ ${leave} }`);
      assertEquals(await call("all", `(${find})`), "nothing");
      await host.reload("speaker");
      assertEquals(await call("one", `(${find})`), "nothing");
    });
  }

  it("in memory is there for itself: the attempts above are real ones", async () => {
    using speaker = createPlugin("speaker", source("one"));
    await using host = await loadIsolated([speaker]);
    for (const what of ["a global", "a shared prototype", "a symbol for everybody", "a builtin"]) {
      const { leave, find } = channels[what]!;
      await host.hooks.one({ deed: `{ ${leave} }` });
      assertEquals([what, await host.hooks.one({ deed: `(${find})` })], [what, "psst"]);
    }
  });

  it("is there for others in tier trusted, which promises nothing of the kind", async () => {
    using speaker = createPlugin("speaker", source("one"));
    using listener = createPlugin("listener", source("all"));
    await using host = await loadIsolated([speaker, listener], { policy: {} });
    const { leave, find } = channels["a global"]!;
    await host.hooks.one({ deed: `{ ${leave} }` });
    assertEquals(await host.hooks.all({ deed: `(${find})` }), ["psst"]);
    Reflect.deleteProperty(globalThis, "message");
  });
});

describe("T19, a BroadcastChannel of an isolated plugin", () => {
  it("reaches neither another plugin nor the host, nor is reached by it", async () => {
    using speaker = createPlugin(
      "speaker",
      `export default { hooks: { one: async () => {
  const [channel, echo] = [new BroadcastChannel("gossip"), new BroadcastChannel("gossip")];
  const heard = new Promise((resolve) => echo.onmessage = ({ data }) => resolve(data));
  channel.postMessage("psst");
  const own = await heard;
  channel.close();
  echo.close();
  return own;
} } };`,
    );
    using listener = createPlugin(
      "listener",
      `const heard = [];
const channel = new BroadcastChannel("gossip");
channel.onmessage = ({ data }) => heard.push(data);
channel.unref?.();
export default { hooks: { all: () => heard.join() }, dispose: () => channel.close() };`,
    );
    const heard: unknown[] = [];
    const channel = new BroadcastChannel("gossip");
    channel.onmessage = ({ data }) => heard.push(data);
    try {
      await using host = await loadIsolated([speaker, listener]);
      assertEquals(await host.hooks.all({}), [""]);
      channel.postMessage("from the host");
      // It works, within its own process.
      assertEquals(await host.hooks.one({}), "psst");
      assertEquals(await host.hooks.all({}), [""]);
      assertEquals(heard, []);
    } finally {
      channel.close();
    }
  });
});
