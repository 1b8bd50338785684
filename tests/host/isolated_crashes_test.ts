import { describe, it } from "node:test";
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import type { PlugmapError } from "../../mod.ts";
import { confinedDeno, onDeno, plugmap, runProgram } from "../support/child.ts";
import { failureOf, isRunning, loadIsolated, statusOf, until } from "../support/isolated.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { createUnruly } from "../support/unruly_plugin.ts";

/** Restarts that a test need not wait for. */
const quick = { shortestWait: 10, longestWait: 20 } as const;

/** Lets a plugin be set up the first time, and counts how often that is tried. */
function setUpOnce(): { readonly up: () => void; readonly count: () => number } {
  let ups = 0;
  const up = () => {
    if (++ups > 1) throw new Error("not again");
  };
  return { up, count: () => ups };
}

describe("the process of an isolated plugin", () => {
  for (
    const [what, deed, code, texts] of [
      ["exits", "exit", "isolate-crashed", ["exit code 7"]],
      ["is killed", "die", "isolate-crashed", ["SIGKILL"]],
      ["aborts", "abort", "isolate-crashed", ["SIGABRT"]],
      ["sends what is no message", "garbage", "isolate-protocol", ["unknown kind 99"]],
      ["loops", "loop", "isolate-crashed", ["did not answer for 500 ms"]],
    ] as const
  ) {
    it(`that ${what} fails the calls in flight, and nothing else`, async () => {
      using unruly = createUnruly();
      using other = createUnruly("other", "all");
      const ups: string[] = [];
      const reported: PlugmapError[] = [];
      let release = (): void => {};
      const held = new Promise<void>((resolve) => release = resolve);
      const context = { up: (name: string) => void ups.push(name), hold: () => held };
      await using host = await loadIsolated([unruly, other], {
        context,
        report: (problem) => reported.push(problem),
        isolation: { limits: { ...quick, heartbeat: deed === "loop" ? 500 : 5000 } },
      });
      const before = await host.hooks.one({ deed: "pid" }) as number;
      const others = host.hooks.all({ deed: "wait", value: "still here" });
      const waiting = failureOf(host.hooks.one({ deed: "wait" }));
      const doing = failureOf(host.hooks.one({ deed, code: 7 }));
      for (const error of await Promise.all([waiting, doing])) {
        assertEquals([error.code, error.plugin, error.hook, error.step], [code, "unruly", "one", "call"]);
        for (const text of texts) assertStringIncludes(error.problem, text);
      }
      release();
      assertEquals(await others, ["still here"]);

      const after = await host.hooks.one({ deed: "pid" }) as number;
      assertNotEquals(after, before);
      assertEquals(isRunning(before), false);
      assertEquals(ups.sort(), ["other", "unruly", "unruly"]);
      const { state, process: child } = statusOf(host, "unruly");
      assertEquals([state, child], ["active", { state: "running", pid: after, crashes: 1 }]);
      assertEquals(statusOf(host, "other").process?.crashes, 0);
      assertEquals(reported.map(({ code, plugin }) => [code, plugin]), [[code, "unruly"]]);
    });
  }

  it("is started again also when whoever is told of its end throws", async () => {
    using unruly = createUnruly();
    await using host = await loadIsolated([unruly], {
      isolation: { limits: quick },
      report: () => {
        throw new Error("no ears");
      },
    });
    await failureOf(host.hooks.one({ deed: "exit", code: 7 }));
    assertEquals(typeof await host.hooks.one({ deed: "pid" }), "number");
    assertStringIncludes(host.inspect().problems.join(), "exit code 7");
  });

  it("that exits with the code of a launcher blames nobody else", async () => {
    using unruly = createUnruly();
    await using host = await loadIsolated([unruly], { isolation: { limits: quick } });
    const error = await failureOf(host.hooks.one({ deed: "exit", code: 105 }));
    assertEquals(error.code, "isolate-crashed");
    assertStringIncludes(error.problem, "exit code 105");
  });

  it("that throws where nobody catches it is started again for the next call", async () => {
    using unruly = createUnruly();
    await using host = await loadIsolated([unruly], { isolation: { limits: quick } });
    const before = await host.hooks.one({ deed: "pid" });
    await host.hooks.one({ deed: "throwSoon" });
    await until(() => statusOf(host).process?.crashes === 1, "the process ends");
    assertNotEquals(await host.hooks.one({ deed: "pid" }), before);
  });

  for (const deed of ["fillHeap", "fillArrays", "fillAtOnce"]) {
    it(`gets no more memory than its limit (${deed})`, async () => {
      using unruly = createUnruly();
      using other = createUnruly("other", "all");
      const memory = 128 * 2 ** 20;
      await using host = await loadIsolated([unruly, other], { isolation: { limits: { ...quick, memory } } });
      const error = await failureOf(host.hooks.one({ deed }));
      assertEquals([error.plugin, error.hook], ["unruly", "one"]);
      // On Bun it can come to an error in the plugin, which then goes on with the memory that it has.
      assert(["isolate-crashed", "hook-failed"].includes(error.code), error.message);
      if (deed === "fillAtOnce" || error.code === "hook-failed") assertStringIncludes(error.problem, "memory");
      assertEquals(await host.hooks.one({ deed: "answer", value: 1 }), 1);
      assertEquals(await host.hooks.all({ deed: "answer", value: 2 }), [2]);
      // Bun aborts at whatever it cannot have, which can be what the end of the plugin takes.
      const closing: unknown = await host.close().catch((error) => [error.code, error.plugin, error.step]);
      assert(closing === undefined || String(closing) === "isolate-crashed,unruly,dispose", String(closing));
    });
  }

  it("gets no more memory where the host may not ask the kernel", { skip: !onDeno }, async () => {
    using folder = createTemporaryFolder();
    using unruly = createUnruly();
    const { code, stdout, stderr } = await runProgram(
      `import { createHost, defineHooks, hook } from ${JSON.stringify(plugmap)};
await using host = createHost({
  hooks: defineHooks({ one: hook({ async: true, mode: "first" }) }),
  importMap: { imports: { "plugins/unruly": ${JSON.stringify(unruly.manifestUrl)} } },
  policy: { default: { tier: "isolated" } },
  store: false,
  isolation: { limits: { memory: 256 * 2 ** 20, heartbeat: 200 } },
});
await host.load();
console.log(await host.hooks.one({ deed: "fillArrays" }).catch((error) => error.message));
`,
      {
        cwd: folder.path,
        denoFlags: [`--allow-read=${folder.path},${unruly.folder}`, "--allow-env", `--allow-run=${confinedDeno}`],
      },
    );
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "of memory, of 256 MiB");
  });

  it("that ends too often is not started again: the plugin has failed, and the host goes on", async () => {
    using unruly = createUnruly();
    using other = createUnruly("other", "all");
    const reported: PlugmapError[] = [];
    await using host = await loadIsolated([unruly, other], {
      report: (problem) => reported.push(problem),
      isolation: { limits: { ...quick, crashes: 2 } },
    });
    const codes: string[] = [];
    for (let n = 0; n < 3; n++) codes.push((await failureOf(host.hooks.one({ deed: "exit", code: 9 }))).code);
    assertEquals(codes, ["isolate-crashed", "isolate-crashed", "isolate-crashed"]);
    await until(() => statusOf(host, "unruly").state === "failed", "the plugin has failed");
    const { error, process: child } = statusOf(host, "unruly");
    assertEquals([error?.code, child], ["isolate-crash-loop", undefined]);
    assertStringIncludes(error?.message ?? "", `plugin "unruly"`);
    assertStringIncludes(error?.message ?? "", "exit code 9");
    assertEquals(reported.map(({ code }) => code), [...codes, "isolate-crash-loop"]);
    assertEquals(await host.hooks.one({ deed: "pid" }), undefined);
    assertEquals([host.plugins(), await host.hooks.all({ deed: "answer", value: 2 })], [["other"], [2]]);

    await host.load();
    assertEquals(await host.hooks.one({ deed: "answer", value: "again" }), "again");
  });

  it("that is started again no more fails the calls that wait for that", async () => {
    using unruly = createUnruly();
    const { up, count } = setUpOnce();
    await using host = await loadIsolated([unruly], {
      context: { up },
      isolation: { limits: { ...quick, crashes: 1 } },
    });
    await failureOf(host.hooks.one({ deed: "die" }));
    const calls = [1, 2, 3].map(() => failureOf(host.hooks.one({ deed: "pid" })));
    for (const { code, plugin, hook } of await Promise.all(calls)) {
      assertEquals([code, plugin, hook], ["setup-failed", "unruly", "one"]);
    }
    assertEquals(count(), 2);
  });

  it("is not started before the wait is over, which doubles", async () => {
    using unruly = createUnruly();
    await using host = await loadIsolated([unruly], {
      isolation: { limits: { shortestWait: 60, longestWait: 10_000 } },
    });
    const waits: number[] = [];
    for (let n = 0; n < 3; n++) {
      await failureOf(host.hooks.one({ deed: "die" }));
      const began = performance.now();
      assertEquals(statusOf(host).process?.state, "waiting");
      await host.hooks.one({ deed: "pid" });
      waits.push(performance.now() - began);
    }
    // The least that each can be: a timer may come a little early.
    assertEquals(waits.map((wait, n) => wait >= 60 * 2 ** n - 5), [true, true, true]);
  });

  it("whose setup fails when it is started again counts as one that has ended", async () => {
    using unruly = createUnruly();
    const { up } = setUpOnce();
    await using host = await loadIsolated([unruly], {
      context: { up },
      isolation: { limits: { ...quick, crashes: 2 } },
    });
    await failureOf(host.hooks.one({ deed: "die" }));
    const error = await failureOf(host.hooks.one({ deed: "pid" }));
    assertEquals([error.code, error.plugin, error.hook], ["setup-failed", "unruly", "one"]);
    assertStringIncludes(error.message, "not again");
    await failureOf(host.hooks.one({ deed: "pid" }));
    await until(() => statusOf(host).state === "failed", "the plugin has failed");
    assertStringIncludes(statusOf(host).error?.message ?? "", "not again");
  });
});
