import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { failureOf, loadIsolated } from "../support/isolated.ts";
import type { AsyncHooks } from "../support/isolated.ts";
import type { Host } from "../../mod.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { createPlugin } from "./sample_plugins.ts";

const inner =
  `export default { hooks: { all({ fail }) { if (fail) throw new RangeError("inside"); return "inside"; } } };`;

/** A host with an isolated wrapper around a trusted implementation. */
async function wrapped(wrapper: string, tier = "trusted"): Promise<[Host<AsyncHooks>, ...PluginFolder[]]> {
  const inside = createPlugin("inside", inner);
  const outside = createPlugin("outside", `export default { hooks: { all: ${wrapper} } };`);
  const policy = { default: { tier: "isolated" }, plugins: { inside: { tier } } };
  return [await loadIsolated([inside, outside], { policy }), inside, outside];
}

async function withHost(wrapper: string, check: (host: Host<AsyncHooks>) => Promise<void>): Promise<void> {
  for (const tier of ["trusted", "isolated"]) {
    const [host, ...folders] = await wrapped(wrapper, tier);
    try {
      await check(host);
    } finally {
      await host.close();
      for (const folder of folders) folder.remove();
    }
  }
}

describe("wrappers of isolated plugins", () => {
  it("as middleware replace results, and what they pass on", () =>
    withHost(`{ wrapper: async (next, args) => ["<", ...await next({ ...args, more: 1 }), ">"] }`, async (host) => {
      assertEquals(await host.hooks.all({}), ["<", "inside", ">"]);
    }));

  it("as middleware can answer without calling what is inside, or call it twice", () =>
    withHost(
      "{ wrapper: async (next, { skip }) => skip ? [] : [...await next(), ...await next()] }",
      async (host) => {
        assertEquals(await host.hooks.all({ skip: true }), []);
        assertEquals(await host.hooks.all({}), ["inside", "inside"]);
      },
    ));

  it("as generators replace results, with undefined too", () =>
    withHost(
      "{ wrapper: true, *run({ drop }) { const results = yield; return drop ? undefined : results.concat('more'); } }",
      async (host) => {
        assertEquals(await host.hooks.all({}), ["inside", "more"]);
        assertEquals(await host.hooks.all({ drop: true }), undefined as never);
      },
    ));

  it("as generators see what was thrown inside, and can swallow it", () =>
    withHost(
      "{ wrapper: true, async *run() { try { return yield; } catch (error) { return [error.message]; } } }",
      async (host) => {
        const [message] = await host.hooks.all({ fail: true }) as [string];
        assertStringIncludes(message, "inside");
      },
    ));

  it("let an error from inside through as what it is, with the plugin that it came from", () =>
    withHost("{ wrapper: async (next) => await next() }", async (host) => {
      const error = await failureOf(host.hooks.all({ fail: true }));
      assertEquals([error.code, error.plugin, error.problem], ["hook-failed", "inside", "inside"]);
      assert(error.cause instanceof RangeError);
    }));

  it("fail by their own name where they throw an error of their own", () =>
    withHost("{ wrapper: async () => { throw new Error('mine'); } }", async (host) => {
      const error = await failureOf(host.hooks.all({}));
      assertEquals([error.code, error.plugin, error.hook, error.problem], ["hook-failed", "outside", "all", "mine"]);
    }));

  it("that do not yield exactly once are told so", async () => {
    for (const body of ["", "yield; yield;"]) {
      await withHost(`{ wrapper: true, *run() { ${body} } }`, async (host) => {
        const error = await failureOf(host.hooks.all({}));
        assertEquals([error.code, error.plugin, error.hook], ["hook-wrapper", "outside", "all"]);
      });
    }
  });

  it("of the old style get an outcome, and can force another", () =>
    withHost(
      `{ wrapper: "outcome", *run({ fail }) { const outcome = yield; outcome.force(fail ? ["forced"] : [...outcome.get(), "seen"]); } }`,
      async (host) => {
        assertEquals(await host.hooks.all({}), ["inside", "seen"]);
        assertEquals(await host.hooks.all({ fail: true }), ["forced"]);
      },
    ));
});
