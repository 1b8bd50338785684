import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { PlugmapError } from "../../mod.ts";
import type { HostOptions, PluginReport } from "../../mod.ts";
import { plugmap, runProgram } from "../support/child.ts";
import { createTestHost } from "../support/host.ts";
import type { Listed } from "../support/host.ts";
import { createIsolatingHost, isRunning, statusOf, until } from "../support/isolated.ts";
import type { AsyncHooks } from "../support/isolated.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { createPlugin, reportOn } from "./sample_plugins.ts";

/** All isolated, but for one that is called so. */
const mixed: HostOptions<AsyncHooks, unknown>["policy"] = {
  default: { tier: "isolated" },
  plugins: { trusted: { tier: "trusted" } },
};

/** A plugin whose manifest tells what it implements. */
function createLazy(source: string, declared: unknown): PluginFolder {
  return createPlugin("lazy", source, { hooks: declared });
}

const plain = `export default { hooks: { all: ({ name }) => "Hello " + name } };`;

/** Why the first call of a plugin that was loaded fails. */
async function firstCallOf(
  plugin: Listed,
  options: Partial<HostOptions<AsyncHooks, unknown>> = {},
): Promise<PlugmapError> {
  await using host = createIsolatingHost([plugin], options);
  await host.load();
  assertEquals([statusOf(host).state, statusOf(host).error], ["active", undefined]);
  const error = await assertRejects(() => host.hooks.all({ name: "Ada" }), PlugmapError);
  assertEquals([error.plugin, error.hook, error.step], ["lazy", "all", "call"]);
  assertEquals([statusOf(host).process!.pid, statusOf(host).process!.crashes], [undefined, 1]);
  return error;
}

describe("an isolated plugin whose manifest tells what it implements", () => {
  it("has no process until it is called for the first time", async () => {
    using plugin = createLazy(plain, { all: {} });
    await using host = createIsolatingHost([plugin]);
    await host.load();
    const before = statusOf(host);
    assertEquals([before.state, before.tier, before.hooks], ["active", "isolated", ["all"]]);
    assertEquals(before.process, { state: "stopped", pid: undefined, crashes: 0 });
    assertEquals([before.timings.run, before.timings.setup], [undefined, undefined]);
    assertEquals(await host.hooks.all({ name: "Ada" }), ["Hello Ada"]);
    const { state, pid } = statusOf(host).process!;
    assertEquals([state, typeof pid], ["running", "number"]);
  });

  it("has a process at once where its manifest only tells names", async () => {
    using plugin = createLazy(plain, ["all"]);
    await using host = createIsolatingHost([plugin]);
    await host.load();
    assertEquals(statusOf(host).process!.state, "running");
  });

  it("is set up in the first call, once, with the host's context", async () => {
    using plugin = createLazy(
      `let prefix;
export default {
  async setup({ name, host }) { prefix = await host.prefix(name); },
  hooks: { all: ({ name }) => prefix + name },
};`,
      { all: {} },
    );
    const asked: string[] = [];
    const context = { prefix: (name: string) => `${asked.push(name)} ` };
    await using host = createIsolatingHost([plugin], { context });
    await host.load();
    assertEquals(asked, []);
    assertEquals(await host.hooks.all({ name: "Ada" }), ["1 Ada"]);
    assertEquals(await host.hooks.all({ name: "Bob" }), ["1 Bob"]);
    assertEquals(asked, ["lazy"]);
  });

  it("starts one process for calls that come at once", async () => {
    using plugin = createLazy(
      `let setups = 0;
export default { setup() { setups++; }, hooks: { all: () => setups + " in " + process.pid } };`,
      { all: {} },
    );
    await using host = createIsolatingHost([plugin]);
    await host.load();
    const answers = await Promise.all(Array.from({ length: 20 }, () => host.hooks.all({ name: "Ada" })));
    assertEquals(new Set(answers.flat()), new Set([`1 in ${statusOf(host).process!.pid}`]));
  });

  it("stands where it is declared to from the first call on, among implementations that run already", async () => {
    using lazy = createLazy(
      `export default {
  hooks: {
    last: { target: "all", tryLast: true, run: () => "lazy last" },
    first: { target: "all", tryFirst: true, run: () => "lazy first" },
    around: { target: "all", wrapper: true, *run() { const inside = yield; return ["(", ...inside, ")"]; } },
    middle: { target: "all", wrapper: async (next) => ["[", ...await next(), "]"] },
  },
};`,
      {
        last: { target: "all", tryLast: true },
        first: { target: "all", tryFirst: true },
        around: { target: "all", wrapper: true },
        middle: { target: "all", wrapper: "middleware" },
      },
    );
    using trusted = createPlugin("trusted", `export default { hooks: { all: () => "trusted" } };`);
    await using host = createIsolatingHost([lazy, trusted], { policy: mixed });
    await host.load();
    const inOrder = ["[", "(", "lazy first", "trusted", "lazy last", ")", "]"];
    assertEquals(await host.hooks.all({ name: "Ada" }), inOrder);
    assertEquals(await host.hooks.all({ name: "Ada" }), inOrder);
  });

  it("stands in the order of its manifest, whatever that of its code is", async () => {
    const source = `export default {
  hooks: {
    one: { target: "all", run: () => "one" },
    __proto__two: { target: "all", run: () => "two" },
    ["__proto__"]: { target: "all", run: () => "three" },
  },
};`;
    const declared =
      `{ "__proto__": { "target": "all" }, "__proto__two": { "target": "all" }, "one": { "target": "all" } }`;
    using lazy = createLazy(source, JSON.parse(declared));
    using trusted = createPlugin("trusted", source, { hooks: JSON.parse(declared) });
    const answers = await Promise.all([lazy, trusted].map(async (plugin) => {
      await using host = createIsolatingHost([plugin], { policy: mixed });
      await host.load();
      return await host.hooks.all({ name: "Ada" });
    }));
    assertEquals(answers, [["one", "two", "three"], ["one", "two", "three"]]);
  });

  it("sends only the arguments that it is declared to take", async () => {
    using plugin = createLazy(
      `export default { hooks: { all: { args: ["name"], run: (args) => Object.keys(args).join() } } };`,
      { all: { args: ["name"] } },
    );
    await using host = createIsolatingHost([plugin]);
    await host.load();
    assertEquals(await host.hooks.all({ name: "Ada", other: "x" }), ["name"]);
  });

  it("hook-async: is refused for a sync hook when it is loaded", async () => {
    using plugin = createLazy(`export default { hooks: { greeting: () => "hello" } };`, { greeting: {} });
    await using host = createTestHost([plugin], { policy: mixed });
    await host.load();
    const { state, error } = reportOn(host, "lazy");
    assertEquals([state, error?.code], ["failed", "hook-async"]);
  });

  it("hook-unknown: is refused for a hook that there is not, unless it is optional", async () => {
    using plugin = createLazy(`export default { hooks: { other: { optional: true, run() {} } } };`, { other: {} });
    using optional = createLazy(`export default { hooks: { other: { optional: true, run() {} } } };`, {
      other: { optional: true },
    });
    await using host = createIsolatingHost([plugin]);
    await host.load();
    assertEquals(statusOf(host).error?.code, "hook-unknown");
    await using another = createIsolatingHost([optional]);
    await another.load();
    assertEquals(statusOf(another).state, "active");
  });

  it("is loaded by loadPlugin() and reloaded without a process", async () => {
    using plugin = createLazy(plain, { all: {} });
    await using host = createIsolatingHost([plugin]);
    assertEquals((await host.loadPlugin("lazy")).process!.state, "stopped");
    assertEquals(await host.hooks.all({ name: "Ada" }), ["Hello Ada"]);
    const { pid } = statusOf(host).process!;
    assertEquals((await host.reload("lazy")).process, { state: "stopped", pid: undefined, crashes: 0 });
    assertEquals(await host.hooks.all({ name: "Ada" }), ["Hello Ada"]);
    assert(statusOf(host).process!.pid !== pid);
  });

  it("leaves nothing when the host is closed before any call, and disposes of nothing", async () => {
    using plugin = createLazy(
      `let host;
export default { setup(context) { host = context.host; }, hooks: { all: () => "" }, dispose: () => host.note("disposed") };`,
      { all: {} },
    );
    const notes: string[] = [];
    const host = createIsolatingHost([plugin], { context: { note: (text: string) => notes.push(text) } });
    await host.load();
    await host.close();
    assertEquals([statusOf(host).state, notes], ["unloaded", []]);
  });

  it("is disposed of where it has run", async () => {
    using plugin = createLazy(
      `let host;
export default { setup(context) { host = context.host; }, hooks: { all: () => "" }, dispose: () => host.note("disposed") };`,
      { all: {} },
    );
    const notes: string[] = [];
    const host = createIsolatingHost([plugin], { context: { note: (text: string) => void notes.push(text) } });
    await host.load();
    await host.hooks.all({ name: "Ada" });
    await host.close();
    assertEquals(notes, ["disposed"]);
  });

  it("fails a first call that the host is closed in, and leaves no process", async () => {
    using plugin = createLazy(
      `export default { setup: ({ host }) => host.arrived(), hooks: { all: () => "" } };`,
      { all: {} },
    );
    const arrival = Promise.withResolvers<void>();
    const arrived = (): Promise<never> => {
      arrival.resolve();
      return new Promise(() => {});
    };
    const host = createIsolatingHost([plugin], { context: { arrived } });
    await host.load();
    const call = assertRejects(() => host.hooks.all({ name: "Ada" }), PlugmapError);
    await arrival.promise;
    const pid = statusOf(host).process!.pid!;
    await host.close();
    assertEquals((await call).code, "isolate-crashed");
    await until(() => !isRunning(pid), "the process ends");
  });
});

describe("the first call of an isolated plugin that cannot be started", () => {
  it("plugin-invalid: says where the plugin is not what its manifest declares", async () => {
    using plugin = createLazy(
      `export default { hooks: { all: { priority: 5, tryLast: true, run: () => "" }, more: () => "" } };`,
      { all: { tryFirst: true, priority: 5 }, less: { target: "all" } },
    );
    const error = await firstCallOf(plugin);
    assertEquals([error.code, error.pointer], ["plugin-invalid", "/hooks"]);
    assertStringIncludes(error.problem, 'It implements "more", which its manifest does not declare, at "/hooks"');
    assertStringIncludes(error.problem, 'It does not implement "less", which its manifest declares, at "/hooks/less"');
    assertStringIncludes(
      error.problem,
      '"tryFirst" of "all" is false, while its manifest declares true, at "/hooks/all/tryFirst"',
    );
    assertStringIncludes(error.problem, '"tryLast" of "all" is true');
    assert(!error.problem.includes("priority"));
  });

  it("plugin-invalid: is told by the host where the plugin has broken the check in its own process", async () => {
    using plugin = createLazy(
      `Map.prototype.keys = () => [].values();
export default { hooks: { all: () => "", more: { target: "all", run: () => "" } } };`,
      { all: {} },
    );
    const error = await firstCallOf(plugin);
    assertEquals([error.code, error.pointer], ["plugin-invalid", "/hooks/all"]);
  });

  it("module-invalid: its modules throw", async () => {
    using plugin = createLazy(`throw new Error("no luck today");`, { all: {} });
    const error = await firstCallOf(plugin);
    assertEquals(error.code, "module-invalid");
    assertStringIncludes(error.message, "no luck today");
  });

  it("setup-failed: its setup throws", async () => {
    using plugin = createLazy(
      `export default { setup() { throw new Error("no luck today"); }, hooks: { all: () => "" } };`,
      { all: {} },
    );
    const error = await firstCallOf(plugin);
    assertEquals([error.code, error.problem], ["setup-failed", "Its setup failed: no luck today"]);
  });

  it("setup-timeout: its setup does not settle", async () => {
    using plugin = createLazy(
      `export default { setup: () => new Promise(() => {}), hooks: { all: () => "" } };`,
      { all: {} },
    );
    assertEquals((await firstCallOf(plugin, { limits: { setup: 50 } })).code, "setup-timeout");
  });

  it("run-timeout: its modules do not finish", async () => {
    using plugin = createLazy(`await new Promise(() => {}); ${plain}`, { all: {} });
    const error = await firstCallOf(plugin, { isolation: { limits: { start: 1000 } } });
    assertEquals(error.code, "run-timeout");
  });

  it("isolate-crashed: its setup ends the process", async () => {
    using plugin = createLazy(
      `export default { setup() { process.exit(3); }, hooks: { all: () => "" } };`,
      { all: {} },
    );
    const error = await firstCallOf(plugin);
    assertEquals(error.code, "isolate-crashed");
    assertStringIncludes(error.problem, "exit code 3");
  });

  it("fails all calls that waited for it, with one count, and the next call tries again", async () => {
    using plugin = createLazy(
      `export default { setup: ({ host }) => host.check(), hooks: { all: () => "at last" } };`,
      { all: {} },
    );
    let attempts = 0;
    const check = (): void => {
      if (++attempts === 1) throw new Error("not yet");
    };
    await using host = createIsolatingHost([plugin], { context: { check } });
    await host.load();
    const calls = await Promise.allSettled([1, 2, 3].map(() => host.hooks.all({ name: "Ada" })));
    assertEquals(calls.map(({ status }) => status), ["rejected", "rejected", "rejected"]);
    assertEquals([attempts, statusOf(host).process!.crashes], [1, 1]);
    assertEquals(await host.hooks.all({ name: "Ada" }), ["at last"]);
    assertEquals([attempts, statusOf(host).state, statusOf(host).process!.state], [2, "active", "running"]);
  });

  it("isolate-crash-loop: is taken out when it could not be started too often", async () => {
    using plugin = createLazy(`throw new Error("no luck today");`, { all: {} });
    const limits = { crashes: 1, shortestWait: 1 };
    const reported: string[] = [];
    await using host = createIsolatingHost([plugin], {
      isolation: { limits },
      report: (error) => reported.push(error.code),
    });
    await host.load();
    for (let call = 0; call < 2; call++) await host.hooks.all({ name: "Ada" }).catch(() => {});
    await host.unload("none");
    assertEquals([statusOf(host).state, statusOf(host).error?.code], ["failed", "isolate-crash-loop"]);
    assertEquals(reported, ["isolate-crash-loop"]);
    assertEquals(await host.hooks.all({ name: "Ada" }), []);
  });

  it("the next call keeps the host alive until it may try again", async () => {
    using plugin = createLazy(
      `export default { setup: ({ host }) => host.check(), hooks: { all: () => "at last" } };`,
      { all: {} },
    );
    const source = `
import { createHost, defineHooks, hook } from ${JSON.stringify(plugmap)};
let attempts = 0;
const host = createHost({
  hooks: defineHooks({ all: hook({ async: true }) }),
  importMap: { imports: { "plugins/lazy": "./" } },
  policy: { default: { tier: "isolated" } },
  store: false,
  isolation: { spares: 0, limits: { shortestWait: 500 } },
  context: { check: () => { if (++attempts === 1) throw new Error("not yet"); } },
});
await host.load();
await host.hooks.all({}).catch((error) => console.log(error.code));
console.log(await host.hooks.all({}));
await host.close();
`;
    const { code, stdout, stderr } = await runProgram(source, { cwd: plugin.folder, env: { NO_COLOR: "1" } });
    assertEquals([stdout.split(/\s+/)[0], stdout.includes("at last"), code, stderr], ["setup-failed", true, 0, ""]);
  });
});

describe("a trusted plugin whose manifest tells what it implements", () => {
  async function loaded(hooksInCode: string, declared: unknown): Promise<PluginReport> {
    using plugin = createPlugin("trusted", `export default { hooks: ${hooksInCode} };`, { hooks: declared });
    await using host = createTestHost([plugin]);
    await host.load();
    return reportOn(host, "trusted");
  }

  it("is loaded where that is so", async () => {
    const { state, hooks } = await loaded(
      `{ greeting: { priority: 2, before: ["b", "a"], run: () => "" }, soft: { target: "probe", tryLast: true, run: () => "" } }`,
      { soft: { target: "probe", tryLast: true }, greeting: { priority: 2, before: ["a", "b"] } },
    );
    assertEquals([state, [...hooks].sort()], ["active", ["greeting", "probe"]]);
  });

  const run = `run: () => ""`;
  const cases: readonly (readonly [code: string, declared: unknown, pointer: string, text: string])[] = [
    ["{ greeting: () => '' }", {}, "/hooks", 'It implements "greeting"'],
    ["{}", { greeting: {} }, "/hooks/greeting", 'It does not implement "greeting"'],
    [`{ a: { target: "greeting", ${run} } }`, { a: { target: "probe" } }, "/hooks/a/target", `is "greeting", while`],
    [`{ greeting: { ${run} } }`, { greeting: { wrapper: true } }, "/hooks/greeting/wrapper", "is false, while"],
    [
      `{ greeting: { wrapper: (next) => next() } }`,
      { greeting: { wrapper: true } },
      "/hooks/greeting/wrapper",
      `"middleware"`,
    ],
    [
      `{ greeting: { priority: 1, ${run} } }`,
      { greeting: {} },
      "/hooks/greeting/priority",
      "is 1, while its manifest declares 0",
    ],
    [
      `{ greeting: { before: ["a"], ${run} } }`,
      { greeting: { before: ["a", "b"] } },
      "/hooks/greeting/before",
      `["a"], while`,
    ],
    [`{ greeting: { ${run} } }`, { greeting: { args: ["name"] } }, "/hooks/greeting/args", "is nothing, while"],
    [`{ greeting: { optional: true, ${run} } }`, { greeting: {} }, "/hooks/greeting/optional", "is true, while"],
    [`{ ["a/b"]: { target: "greeting", ${run} } }`, { "a/b": {} }, "/hooks/a~1b/target", "while"],
  ];
  for (const [code, declared, pointer, text] of cases) {
    it(`plugin-invalid: ${pointer} is not what ${code} has`, async () => {
      const { state, error } = await loaded(code, declared);
      assertEquals([state, error?.code, error?.step], ["failed", "plugin-invalid", "run"]);
      assertStringIncludes(error!.message, text);
      assertStringIncludes(error!.message, `at "${pointer}"`);
    });
  }

  it("hook-impl-invalid: has an implementation that is none", async () => {
    assertEquals((await loaded(`{ greeting: "greeting" }`, { greeting: {} })).error?.code, "hook-impl-invalid");
  });
});
