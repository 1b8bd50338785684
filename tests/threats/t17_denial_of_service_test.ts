import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Host, HostOptions } from "../../mod.ts";
import { failureOf, loadIsolated, statusOf, until } from "../support/isolated.ts";
import type { AsyncHooks } from "../support/isolated.ts";
import { createUnruly } from "../support/unruly_plugin.ts";

// T17: a plugin uses up processor, memory or patience, ends its process, or floods the host. The host goes on meanwhile:
// its timers fire and other plugins answer. What ends such a plugin is in tests/host/isolated_crashes_test.ts and
// isolated_supervision_test.ts.

const pause = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

/** A host with a plugin that does as it is told, and one that implements the hook `all` and minds its own business. */
async function withBystander(
  act: (host: Host<AsyncHooks>) => Promise<void>,
  options: Partial<HostOptions<AsyncHooks, unknown>> = {},
): Promise<void> {
  using unruly = createUnruly();
  using bystander = createUnruly("bystander", "all");
  await using host = await loadIsolated([unruly, bystander], {
    ...options,
    isolation: { ...options.isolation, limits: { shortestWait: 10, ...options.isolation?.limits } },
    limits: { dispose: 300 },
  });
  await act(host);
  assertEquals(await host.hooks.all({ deed: "answer", value: "after all" }), ["after all"]);
  assertEquals(statusOf(host, "bystander").process?.crashes, 0);
  // A plugin that is still at it cannot be disposed of in time.
  await host.close().catch(() => {});
}

/** The host's timers fire, and the other plugin answers. */
async function hostGoesOn(host: Host<AsyncHooks>): Promise<void> {
  for (let n = 0; n < 10; n++) {
    await pause(5);
    assertEquals(await host.hooks.all({ deed: "answer", value: n }), [n]);
  }
}

describe("T17, denial of service", () => {
  it("processor: an endless loop is ended, and takes nothing from others", async () => {
    await withBystander(async (host) => {
      let isOver = false;
      const looping = failureOf(host.hooks.one({ deed: "loop" })).finally(() => isOver = true);
      await hostGoesOn(host);
      assertEquals(isOver, false);
      assertEquals((await looping).code, "isolate-crashed");
      assertEquals(await host.hooks.one({ deed: "answer", value: 1 }), 1);
    }, { isolation: { limits: { heartbeat: 1000 } } });
  });

  it("memory: what goes beyond the limit fails, and takes nothing from others", async () => {
    await withBystander(async (host) => {
      for (const deed of ["fillArrays", "fillHeap"]) {
        const filling = failureOf(host.hooks.one({ deed }));
        await hostGoesOn(host);
        assert(["isolate-crashed", "hook-failed"].includes((await filling).code));
        assertEquals(await host.hooks.one({ deed: "answer", value: deed }), deed);
      }
    }, { isolation: { limits: { memory: 128 * 2 ** 20 } } });
  });

  it("exit: a plugin that always exits is given up, and calls of the hook go on without it", async () => {
    await withBystander(async (host) => {
      for (let n = 0; n < 4; n++) {
        await failureOf(host.hooks.one({ deed: "exit", code: 0 }));
        await hostGoesOn(host);
      }
      await until(() => statusOf(host, "unruly").error?.code === "isolate-crash-loop", "it is given up");
      assertEquals(await host.hooks.one({ deed: "pid" }), undefined);
    }, { isolation: { limits: { crashes: 3, longestWait: 20 } } });
  });

  it("flood of calls to the host: they are taken as fast as the host can, and not faster", async () => {
    let notes = 0;
    await withBystander(async (host) => {
      const flooding = failureOf(host.hooks.one({ deed: "callBackOn" }));
      await until(() => notes > 0, "the flood has begun");
      const before = notes;
      await hostGoesOn(host);
      assert(notes > before, "It still calls");
      await host.unload("unruly");
      assertEquals((await flooding).code, "isolate-crashed");
    }, { context: { note: () => void notes++ } });
  });

  it("flood of calls that the host is slow to answer: no more than a number are at work", async () => {
    let atWork = 0;
    let most = 0;
    const note = async () => {
      most = Math.max(most, ++atWork);
      await pause(50);
      atWork--;
    };
    await withBystander(async (host) => {
      const flooding = failureOf(host.hooks.one({ deed: "callBackOn" }));
      await until(() => most > 500, "the flood has begun");
      await hostGoesOn(host);
      assert(most <= 1024, `${most} were at work`);
      await host.unload("unruly");
      await flooding;
    }, { context: { note } });
  });

  it("flood of output: a few lines are passed on, and the rest is counted", async () => {
    const lines: string[] = [];
    await withBystander(async (host) => {
      const flooding = failureOf(host.hooks.one({ deed: "printOn" }));
      await until(() => lines.length >= 10, "the flood has begun");
      await hostGoesOn(host);
      await until(() => lines.some((line) => line.includes("more than 10 in a second left out")), "it is told");
      assert(lines.length < 100, `${lines.length} lines came through`);
      assertEquals((await flooding).code, "isolate-crashed");
    }, { isolation: { output: ({ text }) => lines.push(text), limits: { lines: 10, heartbeat: 1500 } } });
  });

  it("endless streams: only what somebody reads is sent", async () => {
    await withBystander(async (host) => {
      const unread: unknown[] = [];
      for (let n = 0; n < 20; n++) unread.push(await host.hooks.one({ deed: "stream" }));
      await hostGoesOn(host);
      const read = await host.hooks.one({ deed: "stream" }) as AsyncIterable<number>;
      let last = 0;
      for await (const item of read) if ((last = item) === 1000) break;
      assertEquals([unread.length, last], [20, 1000]);
      assertEquals(await host.hooks.one({ deed: "answer", value: 1 }), 1);
    });
  });

  for (
    const [what, call, text] of [
      ["large", { deed: "large", bytes: 65 * 2 ** 20 }, "larger than"],
      ["deep", { deed: "deep", levels: 1000 }, "deep"],
      ["deep for a stack", { deed: "deep", levels: 100_000 }, "deep"],
      ["long", { deed: "long", values: 2_000_000 }, "values"],
    ] as const
  ) {
    it(`results that are too ${what} fail their call, and say why`, async () => {
      await withBystander(async (host) => {
        const failing = failureOf(host.hooks.one(call));
        await hostGoesOn(host);
        const { code, plugin, hook, message } = await failing;
        assertEquals([plugin, hook], ["unruly", "one"]);
        assertStringIncludes(message, text);
        assert(["hook-failed", "isolate-limit"].includes(code), code);
      });
    });
  }

  it("arguments that are too large, deep or long fail their call, and nothing else", async () => {
    let deep: unknown = null;
    for (let n = 0; n < 100_000; n++) deep = [deep];
    await withBystander(async (host) => {
      for (const value of [new Uint8Array(65 * 2 ** 20), deep, new Array(2_000_000).fill(0)]) {
        const { code, plugin, hook } = await failureOf(host.hooks.one({ deed: "answer", value }));
        assertEquals([code, plugin, hook], ["isolate-limit", "unruly", "one"]);
      }
      assertEquals(await host.hooks.one({ deed: "answer", value: 1 }), 1);
      assertEquals(statusOf(host, "unruly").process?.crashes, 0);
    });
  });

  it("calls that the plugin is slow to answer: more than a number are refused at once", async () => {
    await withBystander(async (host) => {
      const calls = Array.from({ length: 60 }, () => failureOf(host.hooks.one({ deed: "never" })));
      const codes = (await Promise.all(calls)).map(({ code }) => code);
      assertEquals(codes.filter((code) => code === "isolate-limit").length, 10);
      assertEquals(codes.filter((code) => code === "isolate-timeout").length, 50);
    }, { isolation: { limits: { pendingCalls: 50, call: 500 } } });
  });
});
