import { describe, it } from "node:test";
import { assertEquals } from "@std/assert";
import { PlugmapError } from "../../mod.ts";
import type { Host } from "../../mod.ts";
import { createTestHost } from "../support/host.ts";
import type { TestHooks } from "../support/host.ts";
import { createDependent, createPlugin, greetings } from "./sample_plugins.ts";

/** The state of each plugin agrees with what is registered and what answers. */
function assertConsistent(host: Host<TestHooks>): void {
  const active = host.inspect().plugins.filter(({ state }) => state === "active").map(({ name }) => name);
  assertEquals([...host.plugins()].sort(), active.sort());
  assertEquals(host.hooks.greeting.detailed({ name: "Ada" }).map(({ plugin }) => plugin).sort(), active);
}

describe("calls at the same time", () => {
  it("load() called from many places loads each plugin once", async () => {
    const notes: string[] = [];
    using a = createPlugin("a");
    using b = createPlugin("b");
    await using host = createTestHost([a, b], { context: { notes } });
    const reports = await Promise.all([host.load(), host.loadPlugin("b"), host.load(), host.loadPlugin("a")]);
    assertEquals(reports.length, 4);
    assertEquals(notes, ["setup a a", "setup b b"]);
    assertConsistent(host);
  });

  it("calls take turns in the order in which they are made", async () => {
    using plugin = createPlugin("a");
    await using host = createTestHost([plugin]);
    const results = await Promise.all([
      host.unload("a"),
      host.loadPlugin("a").then(({ state }) => state),
      host.reload("a").then(({ state }) => state),
      host.unload("a"),
      host.unload("a"),
      host.reload("a").catch(({ code }) => code),
      host.load().then(({ plugins }) => plugins[0]?.state),
    ]);
    assertEquals(results, [false, "active", "active", true, false, "plugin-unknown", "active"]);
    assertConsistent(host);
  });

  it("a call that fails does not fail the calls behind it", async () => {
    using plugin = createPlugin("a");
    await using host = createTestHost([plugin]);
    const failing = host.loadPlugin("gone").catch((error) => error);
    const after = host.load();
    assertEquals((await failing as PlugmapError).code, "plugin-unknown");
    assertEquals((await after).plugins[0]?.state, "active");
  });

  it("close() lets calls before it come through and refuses those after it", async () => {
    const notes: string[] = [];
    using a = createPlugin("a");
    const host = createTestHost([a], { context: { notes } });
    const loading = host.load();
    const closing = host.close();
    const late = host.load().catch(({ code }) => code);
    assertEquals([(await loading).plugins[0]?.state, await late], ["active", "host-closed"]);
    await closing;
    assertEquals(notes, ["setup a a", "dispose a"]);
    assertEquals(host.plugins(), []);
  });

  it("any mixture of calls leaves a consistent state", async () => {
    using stack = new DisposableStack();
    const names = ["a", "b", "c"];
    const plugins = [
      stack.use(createDependent("a", { b: "*" })),
      stack.use(createPlugin("b")),
      stack.use(createDependent("c", { a: { version: "*", optional: true } })),
    ];
    await using host = createTestHost(plugins);
    // A linear congruential generator: the same mixture every time.
    let seed = 7;
    const below = (limit: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor(seed / 2 ** 31 * limit);
    };
    for (let round = 0; round < 20; round++) {
      const calls = Array.from({ length: 6 }, () => {
        const name = names[below(names.length)]!;
        const call = [
          () => host.load(),
          () => host.loadPlugin(name),
          () => host.unload(name),
          () => host.reload(name),
        ][below(4)]!;
        return call().catch((error) => {
          if (error instanceof PlugmapError && ["plugin-needed", "plugin-unknown"].includes(error.code)) return;
          throw error;
        });
      });
      assertConsistent(host);
      await Promise.all(calls);
      assertConsistent(host);
      // What a plugin cannot do without is never gone.
      const active = host.plugins();
      assertEquals(active.includes("a") && !active.includes("b"), false);
    }
  });
});

describe("calls from inside", () => {
  it("a hook can load a plugin and call its hooks", async () => {
    using outer = createPlugin(
      "outer",
      `let host;
export default {
  setup(context) { host = context.host; },
  hooks: { async probe() { await host.load(); return host.greetings(); } },
};`,
    );
    using inner = createPlugin("inner");
    const context: Record<string, unknown> = {};
    await using host = createTestHost([outer, inner], { context });
    Object.assign(context, { load: () => host.loadPlugin("inner"), greetings: () => greetings(host) });
    await host.loadPlugin("outer");
    assertEquals(await host.hooks.probe({}), ["inner Ada"]);
  });

  it("a hook can unload its own plugin, and its call still ends", async () => {
    using plugin = createPlugin(
      "brief",
      `let host;
export default {
  setup(context) { host = context.host; },
  hooks: { async probe() { return await host.unload(); } },
};`,
    );
    const context: Record<string, unknown> = {};
    await using host = createTestHost([plugin], { context });
    context["unload"] = () => host.unload("brief");
    await host.load();
    assertEquals(await host.hooks.probe({}), true);
    assertEquals(await host.hooks.probe({}), undefined);
  });

  it("a setup that waits for the host, which waits for it, ends with setup-timeout", async () => {
    using plugin = createPlugin("circular", `export default { setup: ({ host }) => host.load() };`);
    const context: Record<string, unknown> = {};
    await using host = createTestHost([plugin], { context, limits: { setup: 30 } });
    context["load"] = () => host.load();
    const { plugins } = await host.load();
    assertEquals(plugins[0]?.error?.code, "setup-timeout");
  });

  it("a setup can start loading others without waiting", async () => {
    using a = createPlugin("a", `export default { setup({ host }) { host.loading = host.load(); } };`);
    using b = createPlugin("b");
    const context: { load?: () => Promise<unknown>; loading?: Promise<unknown> } = {};
    await using host = createTestHost([a, b], { context });
    context.load = () => host.loadPlugin("b");
    await host.loadPlugin("a");
    await context.loading;
    assertEquals(host.plugins(), ["a", "b"]);
  });
});
