import { describe, it } from "node:test";
import process from "node:process";
import { assert, assertEquals, assertInstanceOf, assertNotEquals, assertStringIncludes } from "@std/assert";
import { createTestHost } from "../support/host.ts";
import {
  asyncHooks,
  createIsolatingHost,
  failureOf,
  isRunning,
  loadIsolated,
  statusOf,
  until,
} from "../support/isolated.ts";
import { createPlugin, greeter, reportOn } from "./sample_plugins.ts";

describe("isolated plugins", () => {
  it("run in a process of their own, and what they print does not mix with what they answer", async () => {
    const lines: string[] = [];
    using plugin = createPlugin(
      "apart",
      `console.log("at the top");
export default { hooks: { one: () => { console.log("called"); console.error("twice"); return globalThis.process.pid; } } };`,
    );
    await using host = await loadIsolated([plugin], {
      isolation: { output: ({ plugin, text }) => lines.push(`${plugin}: ${text}`) },
    });
    const { tier, process: child } = statusOf(host);
    assertEquals([tier, child?.state], ["isolated", "running"]);
    assertEquals(await host.hooks.one({}), child?.pid);
    assertNotEquals(child?.pid, process.pid);
    await until(() => lines.length === 3, "three lines are printed");
    assertEquals(lines.sort(), ["apart: at the top", "apart: called", "apart: twice"]);
  });

  it("have the same code as trusted ones", async () => {
    using plugin = createPlugin(
      "either",
      `import { join } from "node:path";
import { definePlugin } from "@plugmap/plugmap/plugin";
let name;
export default definePlugin({
  setup(context) { name = context.name + " " + context.version + " " + context.host.place; },
  hooks: { one: ({ x }) => join(name, String(x)), all: { run: () => import.meta.url, tryFirst: true } },
});`,
    );
    for (const tier of ["trusted", "isolated"]) {
      await using host = await loadIsolated([plugin], { policy: { default: { tier } }, context: { place: "here" } });
      assertEquals(statusOf(host).tier, tier);
      assertEquals(await host.hooks.one({ x: 1 }), "either 1.0.0 here/1");
      assertEquals(await host.hooks.all({}), [`${plugin.url}mod.js`]);
    }
  });

  it("get copies of arguments and give copies of results, of the kinds that structured clones have", async () => {
    using plugin = createPlugin(
      "echo",
      `export default { hooks: { one({ value }) {
  const found = Object.prototype.toString.call(value);
  if (value instanceof Map) value.set("seen", true);
  return { value, found };
} } };`,
    );
    await using host = await loadIsolated([plugin]);
    const map = new Map<unknown, unknown>([["a", new Set([1n, undefined, -0])]]);
    assertEquals(await host.hooks.one({ value: map }), {
      value: new Map<unknown, unknown>([["a", new Set([1n, undefined, -0])], ["seen", true]]),
      found: "[object Map]",
    });
    assertEquals(map.size, 1);
    for (const value of [new Date(0), new Uint8Array([1, 2]), null, [undefined, "é"], { ["__proto__"]: 1 }, /a/gi]) {
      const { value: back } = await host.hooks.one({ value }) as { value: unknown };
      assertEquals(back, value);
    }
    const loop: { self?: unknown } = {};
    loop.self = loop;
    const { value: back } = await host.hooks.one({ value: loop }) as { value: { self: unknown } };
    assertEquals(back.self, back);
  });

  it("cannot be sent functions, which is told with the place", async () => {
    using plugin = createPlugin("echo", "export default { hooks: { one: ({ value }) => value ?? (() => 1) } };");
    await using host = await loadIsolated([plugin]);
    const sent = await failureOf(host.hooks.one({ value: { deep: () => 1 } }));
    assertEquals([sent.code, sent.plugin, sent.hook], ["isolate-value", "echo", "one"]);
    assertStringIncludes(sent.message, "value.deep");
    const back = await failureOf(host.hooks.one({}));
    assertEquals([back.plugin, back.hook], ["echo", "one"]);
    assertStringIncludes(back.message, "function");
    assertEquals(await host.hooks.one({ value: 1 }), 1);
  });

  it("fail as others do: what they throw is the cause, with its name, message and stack", async () => {
    using plugin = createPlugin(
      "failing",
      `export default { hooks: { one() {
  throw Object.assign(new RangeError("too far", { cause: new Error("why") }), { code: "E_FAR" });
} } };`,
    );
    await using host = await loadIsolated([plugin]);
    const error = await failureOf(host.hooks.one({}));
    assertEquals([error.code, error.plugin, error.hook], ["hook-failed", "failing", "one"]);
    assertEquals(error.problem, "too far");
    const cause = error.cause as RangeError & { code: string };
    assertInstanceOf(cause, RangeError);
    assertEquals([cause.code, (cause.cause as Error).message], ["E_FAR", "why"]);
    assertStringIncludes(cause.stack ?? "", "mod.js:2");
  });

  it("can call the functions of the context, and have copies of what is data in it", async () => {
    const notes: unknown[] = [];
    using plugin = createPlugin(
      "guest",
      `let host;
export default {
  async setup(context) { host = context.host; host.data.list.push("mine"); },
  hooks: { async one({ x }) { return [await host.note(x, host.data.list.length), typeof host.deep.sum]; } },
};`,
    );
    const context = {
      note: (...values: unknown[]) => (notes.push(values), "noted"),
      deep: { sum: (a: number, b: number) => a + b },
      data: { list: ["ours"] },
    };
    await using host = await loadIsolated([plugin], { context });
    assertEquals(await host.hooks.one({ x: "hi" }), ["noted", "function"]);
    assertEquals([notes, context.data.list], [[["hi", 2]], ["ours"]]);
  });

  it("get an error of a context function as it was thrown", async () => {
    using plugin = createPlugin(
      "guest",
      `let host;
export default {
  setup(context) { host = context.host; },
  hooks: { one: () => host.fail().catch((error) => [error.constructor.name, error.message]) },
};`,
    );
    const fail = () => {
      throw new TypeError("not so");
    };
    await using host = await loadIsolated([plugin], { context: { fail } });
    assertEquals(await host.hooks.one({}), ["TypeError", "not so"]);
  });

  it("have their place among others", async () => {
    using first = createPlugin("first", `export default { hooks: { all: { run: () => "first", tryFirst: true } } };`);
    using last = createPlugin("last", `export default { hooks: { all: { run: () => "last", tryLast: true } } };`);
    using plain = createPlugin("plain", `export default { hooks: { all: () => "plain" } };`);
    await using host = await loadIsolated([first, last, plain], {
      policy: { default: { tier: "isolated" }, plugins: { plain: { tier: "trusted" } } },
    });
    assertEquals(await host.hooks.all({}), ["first", "plain", "last"]);
    const [detail] = await host.hooks.all.detailed({});
    assertEquals([detail?.plugin, detail?.result], ["first", "first"]);
  });

  it("are only sent the arguments that an implementation says it takes", async () => {
    using plugin = createPlugin(
      "modest",
      `export default { hooks: { one: { run: (given) => Object.keys(given), args: ["a"] } } };`,
    );
    await using host = await loadIsolated([plugin]);
    assertEquals(await host.hooks.one({ a: 1, b: () => {} }), ["a"]);
  });

  it("cannot implement a sync hook", async () => {
    using plugin = createPlugin("apart");
    await using host = createTestHost([plugin], { policy: { default: { tier: "isolated" } } });
    await host.load();
    const { state, error } = reportOn(host, "apart");
    assertEquals([state, error?.code, error?.step], ["failed", "hook-async", "register"]);
    assertStringIncludes(error?.message ?? "", "async: true");
  });

  it("learn that nobody waits any more", async () => {
    using plugin = createPlugin(
      "patient",
      `let host;
export default {
  setup(context) { host = context.host; },
  hooks: { one: (args, { signal }) => new Promise(() => signal.addEventListener("abort", () => host.ended())) },
};`,
    );
    let ended = 0;
    await using host = await loadIsolated([plugin], { context: { ended: () => void ended++ } });
    const controller = new AbortController();
    const call = failureOf(host.hooks.one({}, { signal: controller.signal }));
    setTimeout(() => controller.abort(), 20);
    assertEquals((await call).code, "hook-aborted");
    await until(() => ended === 1, "the plugin hears of the abort");
  });

  it("stream what they yield, until nobody takes more", async () => {
    using plugin = createPlugin(
      "counter",
      `let host;
export default {
  setup(context) { host = context.host; },
  hooks: { async one() { return (async function* () {
    try { for (let n = 0; ; n++) yield n; } finally { host.ended(); }
  })(); } },
};`,
    );
    let ended = false;
    await using host = await loadIsolated([plugin], { context: { ended: () => void (ended = true) } });
    const taken: unknown[] = [];
    for await (const n of await host.hooks.one({}) as AsyncIterable<number>) {
      taken.push(n);
      if (n === 200) break;
    }
    assertEquals(taken.length, 201);
    await until(() => ended, "the generator is ended");
  });

  it("take part in hooks of every async mode, and get what was called before they came", async () => {
    const source = (n: number) =>
      `export default { hooks: {
  pipe: ({ text }) => text + ${n}, race: () => ${n}, stream: () => ${n}, many: () => ${n}, past: ({ day }) => ${n} + day,
} };`;
    using left = createPlugin("left", source(1));
    using right = createPlugin("right", source(2));
    const { createHost, defineHooks, hook } = await import("../../mod.ts");
    const { importMapOf } = await import("../support/host.ts");
    const hooks = defineHooks({
      pipe: hook<{ text: string }, string>({ mode: "pipeline", value: "text", async: true }),
      race: hook<Record<never, never>, number>({ mode: "race" }),
      stream: hook<Record<never, never>, number>({ mode: "stream" }),
      many: hook<Record<never, never>, number>({ mode: "parallel" }),
      past: hook<{ day: number }, number>({ async: true, historic: true }),
    });
    await using host = createHost({
      hooks,
      importMap: importMapOf(left, right),
      policy: { default: { tier: "isolated" } },
      store: false,
      isolation: { spares: 0 },
    });
    const replayed: [number, string][] = [];
    await host.hooks.past.callHistoric({ day: 10 }, (result, plugin) => void replayed.push([result, plugin]));
    await host.load();
    assertEquals(replayed, [[11, "left"], [12, "right"]]);
    assertEquals(await host.hooks.pipe({ text: ">" }), ">21");
    assert([1, 2].includes(await host.hooks.race({}) ?? 0));
    assertEquals(await host.hooks.many({}), [2, 1]);
    const streamed: number[] = [];
    for await (const n of host.hooks.stream({})) streamed.push(n);
    assertEquals(streamed.sort(), [1, 2]);
  });

  it("import plugins that they depend on, each process its own copy", async () => {
    using base = createPlugin("base", "let n = 0; export default {}; export const next = () => ++n;");
    const source = `import { next } from "plugins/base"; export default { hooks: { all: () => next() } };`;
    using one = createPlugin("one", source, { dependencies: { base: "^1.0.0" } });
    using two = createPlugin("two", source, { dependencies: { base: "^1.0.0" } });
    await using host = await loadIsolated([base, one, two], {
      policy: { default: { tier: "isolated" }, plugins: { base: { tier: "trusted" } } },
    });
    assertEquals(await host.hooks.all({}), [1, 1]);
    assertEquals(await host.hooks.all({}), [2, 2]);
  });

  it("cannot be imported into the host's process", async () => {
    using base = createPlugin("base", "export default {}; export const secret = 1;");
    using user = createPlugin("user", `import { secret } from "plugins/base"; export default {};`, {
      dependencies: { base: "^1.0.0" },
    });
    await using host = createIsolatingHost([base, user], {
      policy: { plugins: { base: { tier: "isolated" } } },
    });
    await host.load();
    const { error } = statusOf(host, "user");
    assertEquals(error?.code, "module-unlisted");
    assertStringIncludes(error?.message ?? "", "in a process of its own");
  });

  it("end with unload, are new after reload, and end with close", async () => {
    using plugin = createPlugin(
      "apart",
      `let host;
export default {
  setup(context) { host = context.host; },
  hooks: { one: () => globalThis.process.pid },
  dispose: () => host.bye(),
};`,
    );
    let byes = 0;
    const host = await loadIsolated([plugin], { context: { bye: () => void byes++ } });
    const first = await host.hooks.one({}) as number;
    await host.reload("apart");
    const second = await host.hooks.one({}) as number;
    assertNotEquals(first, second);
    await until(() => !isRunning(first), "the first process has ended");
    assertEquals(byes, 1);
    await host.unload("apart");
    await until(() => !isRunning(second), "the second process has ended");
    await host.load();
    const third = await host.hooks.one({}) as number;
    await host.close();
    await until(() => !isRunning(third), "the third process has ended");
    assertEquals(byes, 3);
  });

  for (
    const [what, source, code, text] of [
      ["that cannot be parsed", "export default {", "module-invalid", "mod.js"],
      ["whose modules throw", "throw new Error('at the top')", "module-invalid", "at the top"],
      ["without a plugin in it", "export default 1", "plugin-invalid", "default export"],
      ["whose setup throws", "export default { setup() { throw new Error('no'); } }", "setup-failed", "no"],
      ["that imports what is not listed", `import "node:fs"; export default {}`, "builtin-denied", "node:fs"],
      ["that exits", "globalThis.process.exit(7)", "isolate-crashed", "7"],
      ["whose modules never finish", "await new Promise(() => {})", "run-timeout", "300 ms"],
      [
        "whose setup never finishes",
        "export default { setup: () => new Promise(() => {}) }",
        "setup-timeout",
        "300 ms",
      ],
    ] as const
  ) {
    it(`fail to load ${what}, and leave no process behind`, async () => {
      using plugin = createPlugin("broken", source);
      using good = createPlugin("good", `export default { hooks: { one: () => "fine" } };`);
      await using host = createIsolatingHost([plugin, good], { limits: { run: 300, setup: 300 } });
      await host.load();
      const { state, error, process: child } = statusOf(host, "broken");
      assertEquals([state, error?.code, child], ["failed", code, undefined]);
      assertStringIncludes(error?.message ?? "", text);
      assertStringIncludes(error?.message ?? "", `plugin "broken"`);
      assertEquals(await host.hooks.one({}), "fine");
    });
  }

  it("have to implement what their manifest declares", async () => {
    using plugin = createPlugin("secretive", greeter("x").replace("greeting:", "one:"), { hooks: ["all"] });
    await using host = createIsolatingHost([plugin]);
    await host.load();
    assertEquals(statusOf(host).error?.code, "plugin-invalid");
  });

  it("may be reached by hooks that are declared later", async () => {
    using plugin = createPlugin("early", `export default { hooks: { late: { run: () => 5, optional: true } } };`);
    await using host = await loadIsolated([plugin]);
    const { hook } = await import("../../mod.ts");
    host.dispatcher.addSpecs({ late: hook({ async: true }) });
    assertEquals(await (host.dispatcher.caller("late") as (args: object) => Promise<unknown>)({}), [5]);
    assertEquals(Object.keys(asyncHooks), ["all", "one"]);
  });
});
