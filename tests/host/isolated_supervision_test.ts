import { describe, it } from "node:test";
import process from "node:process";
import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import type { PlugmapError } from "../../mod.ts";
import { failureOf, isRunning, loadIsolated, statusOf, until } from "../support/isolated.ts";
import { childrenOf } from "../support/processes.ts";
import { createUnruly } from "../support/unruly_plugin.ts";

const quick = { shortestWait: 10, longestWait: 20 } as const;
const pause = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

describe("a process that hangs", () => {
  it("is ended when a call comes to its time limit, and the next call has another one", async () => {
    using unruly = createUnruly();
    await using host = await loadIsolated([unruly], {
      isolation: { limits: { ...quick, call: 500, heartbeat: 1000 } },
    });
    const before = await host.hooks.one({ deed: "pid" });
    const error = await failureOf(host.hooks.one({ deed: "loop" }));
    assertEquals([error.code, error.plugin, error.hook], ["isolate-timeout", "unruly", "one"]);
    assertNotEquals(await host.hooks.one({ deed: "pid" }), before);
    assertEquals(statusOf(host).process?.crashes, 1);
  });

  it("is not one where only the call does not end", async () => {
    using unruly = createUnruly();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => release = resolve);
    await using host = await loadIsolated([unruly], {
      context: { hold: () => held },
      isolation: { limits: { ...quick, call: 1000 } },
    });
    const before = await host.hooks.one({ deed: "pid" });
    const never = failureOf(host.hooks.one({ deed: "never" }));
    await pause(500);
    const waiting = host.hooks.one({ deed: "wait", value: "at last" });
    assertEquals((await never).code, "isolate-timeout");
    release();
    assertEquals([await waiting, await host.hooks.one({ deed: "pid" })], ["at last", before]);
    assertEquals(statusOf(host).process?.crashes, 0);
  });

  it("is ended though nobody calls it", async () => {
    using unruly = createUnruly();
    const reported: PlugmapError[] = [];
    await using host = await loadIsolated([unruly], {
      report: (problem) => reported.push(problem),
      isolation: { limits: { ...quick, heartbeat: 500 } },
    });
    await host.hooks.one({ deed: "loopSoon" });
    await until(() => reported.length > 0, "its end is told");
    assertStringIncludes(reported[0]!.message, `plugin "unruly": Its process was ended because it did not answer`);
    assertEquals(await host.hooks.one({ deed: "answer", value: 1 }), 1);
  });

  it("is not one that works on as many calls as it may", async () => {
    using unruly = createUnruly();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => release = resolve);
    await using host = await loadIsolated([unruly], {
      context: { hold: () => held },
      isolation: { limits: { ...quick, heartbeat: 500 } },
    });
    const numbers = Array.from({ length: 1100 }, (_, number) => number);
    const answers = Promise.all(numbers.map((value) => host.hooks.one({ deed: "wait", value })));
    await pause(1500);
    release();
    assertEquals([await answers, statusOf(host).process?.crashes], [numbers, 0]);
  });

  it("is ended though as many calls wait for it as may", async () => {
    using unruly = createUnruly();
    await using host = await loadIsolated([unruly], {
      isolation: { limits: { ...quick, heartbeat: 500, pendingCalls: 2 } },
    });
    const calls = ["never", "loop", "pid"].map((deed) => failureOf(host.hooks.one({ deed })));
    const codes = (await Promise.all(calls)).map(({ code }) => code);
    assertEquals(codes, ["isolate-crashed", "isolate-crashed", "isolate-limit"]);
    assertEquals(await host.hooks.one({ deed: "answer", value: 1 }), 1);
  });

  it("is not one that is busy for less than a heartbeat", async () => {
    using unruly = createUnruly();
    await using host = await loadIsolated([unruly], {
      isolation: { limits: { ...quick, call: 400, heartbeat: 3000 } },
    });
    const before = await host.hooks.one({ deed: "pid" });
    assertEquals((await failureOf(host.hooks.one({ deed: "halt", time: 700 }))).code, "isolate-timeout");
    assertEquals(await host.hooks.one({ deed: "pid" }), before);
  });
});

describe("a host that hangs", () => {
  it("does not take its plugins for hung", async () => {
    using unruly = createUnruly();
    await using host = await loadIsolated([unruly], {
      isolation: { limits: { ...quick, call: 1000, heartbeat: 400 } },
    });
    const before = await host.hooks.one({ deed: "pid" });
    await failureOf(host.hooks.one({ deed: "never" }));
    // The process has just been asked whether it still answers.
    for (const end = performance.now() + 1000; performance.now() < end;);
    await pause(300);
    assertEquals([await host.hooks.one({ deed: "pid" }), statusOf(host).process?.crashes], [before, 0]);
  });
});

describe("a process that nobody uses", () => {
  it("is stopped, and started and set up again for the next call", async () => {
    using unruly = createUnruly();
    let ups = 0;
    await using host = await loadIsolated([unruly], {
      context: { up: () => void ups++ },
      isolation: { limits: { idle: 100 } },
    });
    const before = await host.hooks.one({ deed: "pid" }) as number;
    await until(() => statusOf(host).process?.state === "stopped", "the process is stopped");
    await until(() => !isRunning(before), "the process has ended");
    assertEquals([ups, statusOf(host).process], [1, { state: "stopped", pid: undefined, crashes: 0 }]);
    assertNotEquals(await host.hooks.one({ deed: "pid" }), before);
    assertEquals([ups, statusOf(host).process?.crashes], [2, 0]);
  });

  it("is not one with a call or a stream that takes long", async () => {
    using unruly = createUnruly();
    await using host = await loadIsolated([unruly], {
      context: { hold: () => pause(400) },
      isolation: { limits: { idle: 100 } },
    });
    const before = await host.hooks.one({ deed: "pid" });
    assertEquals(await host.hooks.one({ deed: "wait", value: "slow" }), "slow");
    let items = 0;
    for await (const _ of await host.hooks.one({ deed: "stream", time: 20 }) as AsyncIterable<number>) {
      if (++items === 20) break;
    }
    assertEquals([items, await host.hooks.one({ deed: "pid" })], [20, before]);
  });
});

describe("spare processes", { skip: process.platform !== "linux" }, () => {
  const isolation = { spares: 1 } as const;

  it("are taken, and replaced", async () => {
    using first = createUnruly("first");
    using second = createUnruly("second", "all");
    const host = await loadIsolated([first], { isolation });
    const one = statusOf(host).process!.pid!;
    await until(() => childrenOf().length === 2, "a spare process has started");
    const [spare] = childrenOf().filter((pid) => pid !== one);
    await host.loadPlugin(second.manifestUrl);
    assertEquals(await host.hooks.all({ deed: "pid" }), [spare]);
    await until(() => childrenOf().length === 3, "another one has started");
    await host.close();
    await until(() => childrenOf().length === 0, "all have ended");
  });

  it("are of no use to a plugin that is granted something else", async () => {
    using first = createUnruly("first");
    await using host = await loadIsolated([first], {
      isolation,
      policy: { default: { tier: "isolated", permissions: { env: ["HOME"] } } },
    });
    const one = statusOf(host).process!.pid!;
    await until(() => childrenOf().length === 2, "a spare process has started");
    const [spare] = childrenOf().filter((pid) => pid !== one);
    const { createPlugin } = await import("./sample_plugins.ts");
    using other = createPlugin("other", `export default { hooks: { all: () => globalThis.process.pid } };`, {
      permissions: { env: ["HOME"] },
    });
    await host.loadPlugin(other.manifestUrl);
    assertNotEquals(await host.hooks.all({}), [spare]);
  });

  it("that have ended are not taken", async () => {
    using first = createUnruly("first");
    using second = createUnruly("second", "all");
    await using host = await loadIsolated([first], { isolation });
    const one = statusOf(host).process!.pid!;
    await until(() => childrenOf().length === 2, "a spare process has started");
    const [spare] = childrenOf().filter((pid) => pid !== one);
    process.kill(spare!, "SIGKILL");
    await host.loadPlugin(second.manifestUrl);
    assertNotEquals(await host.hooks.all({ deed: "pid" }), [spare]);
  });

  it("let a plugin go on that has crashed", async () => {
    using first = createUnruly("first");
    await using host = await loadIsolated([first], { isolation: { ...isolation, limits: quick } });
    const one = statusOf(host).process!.pid!;
    await until(() => childrenOf().length === 2, "a spare process has started");
    const [spare] = childrenOf().filter((pid) => pid !== one);
    await failureOf(host.hooks.one({ deed: "die" }));
    assertEquals(await host.hooks.one({ deed: "pid" }), spare);
  });
});

describe("calls in flight", () => {
  it("of a plugin that ends its process while it is disposed of say how it ended", async () => {
    const { createPlugin } = await import("./sample_plugins.ts");
    using leaving = createPlugin("leaving", "export default { hooks: {}, dispose: () => globalThis.process.exit(9) };");
    const host = await loadIsolated([leaving]);
    const error = await failureOf(host.close());
    assertEquals([error.code, error.plugin, error.step], ["isolate-crashed", "leaving", "dispose"]);
    assertStringIncludes(error.problem, "exit code 9");
  });

  it("fail when the host is closed, which does not wait for them", async () => {
    using unruly = createUnruly();
    let downs = 0;
    const host = await loadIsolated([unruly], { context: { down: () => void downs++ } });
    const pid = await host.hooks.one({ deed: "pid" }) as number;
    const never = failureOf(host.hooks.one({ deed: "never" }));
    await host.close();
    const { code, plugin, hook, problem } = await never;
    assertEquals([code, plugin, hook, problem], ["isolate-crashed", "unruly", "one", "The plugin is disposed of"]);
    assertEquals(downs, 1);
    await until(() => !isRunning(pid), "the process has ended");
  });

  it("fail when the host is closed while the process hangs", async () => {
    using unruly = createUnruly();
    const host = await loadIsolated([unruly], { limits: { dispose: 200 } });
    const pid = await host.hooks.one({ deed: "pid" }) as number;
    const looping = failureOf(host.hooks.one({ deed: "loop" }));
    assertEquals((await failureOf(host.close())).code, "dispose-failed");
    assertEquals([(await looping).code, (await looping).hook], ["isolate-crashed", "one"]);
    await until(() => !isRunning(pid), "the process has ended");
  });
});
