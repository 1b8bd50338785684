import {
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { PlugmapError } from "../../mod.ts";
import type { HostOptions, LockChange } from "../../mod.ts";
import { onDeno, plugmap, runProgram } from "../support/child.ts";
import { createTestHost } from "../support/host.ts";
import type { TestHooks } from "../support/host.ts";
import { createLockPlace, createVersion, publish, startOnce, startWith } from "../support/updates.ts";
import { createPlugin, greetings } from "./sample_plugins.ts";

describe("option lock", () => {
  it("true keeps plugins.lock.json beside the import map: plugins by relative address, sorted", async () => {
    using place = createLockPlace();
    const names = ["zebra", "ant"];
    for (const name of names) {
      using plugin = createPlugin(name);
      mkdirSync(join(place.folder, name));
      for (const file of ["plugin.json", "mod.js"]) {
        writeFileSync(join(place.folder, name, file), readFileSync(join(plugin.folder, file)));
      }
    }
    const importMap = join(place.folder, "plugins.json");
    const imports = Object.fromEntries(names.map((name) => [`plugins/${name}`, `./${name}/plugin.json`]));
    writeFileSync(importMap, JSON.stringify({ imports }));
    await using host = createTestHost([], { importMap, lock: true });
    const report = await host.load();
    assertEquals(report.lock, place.path);
    const digestOf = (name: string): unknown => report.plugins.find((plugin) => plugin.name === name)?.digest;
    const entryOf = (name: string): object => ({
      digest: digestOf(name),
      highest: "1.0.0",
      permissions: {},
      url: `./${name}/plugin.json`,
      version: "1.0.0",
    });
    assertEquals(
      readFileSync(place.path, "utf8"),
      `${JSON.stringify({ format: 1, plugins: { ant: entryOf("ant"), zebra: entryOf("zebra") } }, null, 2)}\n`,
    );
  });

  it("leaves no file behind but the lock, which only its owner can read", async () => {
    using place = createLockPlace();
    using plugin = createVersion("1.0.0");
    await startWith(plugin, place.path);
    assertEquals(readdirSync(place.folder), ["plugins.lock.json"]);
    if (process.platform !== "win32") assertEquals(statSync(place.path).mode & 0o777, 0o600);
    const { mtimeMs } = statSync(place.path);
    await startWith(plugin, place.path);
    assertEquals(statSync(place.path).mtimeMs, mtimeMs);
  });

  it("false looks at no lock, and without the option none is made", async () => {
    using place = createLockPlace();
    using plugin = createVersion("1.0.0");
    const importMap = join(place.folder, "plugins.json");
    writeFileSync(importMap, JSON.stringify({ imports: { "plugins/sample": plugin.manifestUrl } }));
    const start = (options: Partial<HostOptions<TestHooks, unknown>>): Promise<unknown> =>
      startOnce([], { importMap, ...options }).then(({ lock, plugins }) => [lock, plugins[0]?.state]);
    assertEquals(await start({}), [undefined, "active"]);
    assertEquals(readdirSync(place.folder), ["plugins.json"]);
    writeFileSync(place.path, "no lock");
    assertEquals(await start({ lock: false }), [undefined, "active"]);
    await assertRejects(() => start({}), PlugmapError, "lock-invalid");
  });

  it("without the option a lock that is there is not written, and what is new or newer passes", async () => {
    using place = createLockPlace();
    using plugin = createVersion("1.0.0");
    using other = createPlugin("other");
    await startWith(plugin, place.path);
    const importMap = join(place.folder, "plugins.json");
    const imports = { "plugins/sample": plugin.manifestUrl, "plugins/other": other.manifestUrl };
    writeFileSync(importMap, JSON.stringify({ imports }));
    const before = readFileSync(place.path, "utf8");
    publish(plugin, "1.1.0");
    await using host = createTestHost([], { importMap });
    assertEquals((await host.load()).plugins.map(({ state }) => state), ["active", "active"]);
    assertEquals(readFileSync(place.path, "utf8"), before);
    publish(plugin, "1.0.5");
    await assertRejects(() => host.reload("sample"), PlugmapError, "lock-downgrade");
  });

  it("records nothing of a plugin that did not become active", async () => {
    using place = createLockPlace();
    using good = createPlugin("good");
    using bad = createPlugin("bad", `export default { setup() { throw new Error("no"); } };`);
    const { plugins } = await startOnce([good, bad], { lock: place.path });
    assertEquals(plugins.map(({ state }) => state), ["active", "failed"]);
    assertEquals(Object.keys(place.read().plugins), ["good"]);
  });

  it("records a higher version once it has taken the place of the other", async () => {
    using place = createLockPlace();
    using plugin = createVersion("1.0.0");
    const { name, manifestUrl } = plugin;
    await using host = createTestHost([{ name, manifestUrl }], { lock: place.path });
    await host.load();
    publish(plugin, "1.1.0");
    await host.reload(name);
    assertEquals(place.read().plugins["sample"]?.["highest"], "1.1.0");
  });

  it("frozen: writes nothing, and loads only what the lock has exactly so", async () => {
    using place = createLockPlace();
    using plugin = createVersion("1.0.0");
    using other = createPlugin("other");
    await startWith(plugin, place.path);
    const before = readFileSync(place.path, "utf8");
    const frozen = { path: place.path, mode: "frozen" } as const;
    assertEquals((await startWith(plugin, frozen)).state, "active");
    using moved = createVersion("1.0.0");
    assertEquals((await startWith(moved, frozen)).state, "active");
    publish(plugin, "1.1.0");
    for (const changed of [plugin, other]) {
      const { error } = await startWith(changed, frozen);
      assertEquals([error?.code, error?.step], ["lock-changed", "verify"]);
      assertStringIncludes(error?.message ?? "", "The lock is frozen");
    }
    assertEquals(readFileSync(place.path, "utf8"), before);
  });

  it("frozen: is an error where there is no lock", async () => {
    using place = createLockPlace();
    using plugin = createVersion("1.0.0");
    const error = await assertRejects(() => startWith(plugin, { path: place.path, mode: "frozen" }), PlugmapError);
    assertEquals(error.code, "lock-invalid");
    assertStringIncludes(error.message, `The lock "${place.path}" is frozen and not there. Load once with the lock in`);
  });

  it("approve: a change that is declined is refused, and the plugin that was approved stays so", async () => {
    using place = createLockPlace();
    using plugin = createVersion("2.0.0");
    await startWith(plugin, place.path);
    const before = readFileSync(place.path, "utf8");
    publish(plugin, "1.0.0");
    const answers: readonly (() => unknown)[] = [() => false, () => Promise.resolve(false), () => {
      throw new Error("the terminal is gone");
    }];
    for (const approve of answers as readonly (() => boolean)[]) {
      assertEquals((await startWith(plugin, { path: place.path, approve })).error?.code, "lock-downgrade");
    }
    for (const answer of [undefined, "yes", 1]) {
      const approve = (() => answer) as unknown as () => boolean;
      assertEquals((await startWith(plugin, { path: place.path, approve })).error?.code, "option-invalid");
    }
    assertEquals(readFileSync(place.path, "utf8"), before);
  });

  it("approve: an approved downgrade is loaded again without a question", async () => {
    using place = createLockPlace();
    using plugin = createVersion("2.0.0");
    await startWith(plugin, place.path);
    publish(plugin, "1.0.0");
    await startWith(plugin, { path: place.path, approve: async () => await Promise.resolve(true) });
    assertEquals((await startWith(plugin, place.path)).state, "active");
  });

  it("approve: is asked one thing at a time, and nothing about plugins that are new", async () => {
    using place = createLockPlace();
    using one = createVersion("2.0.0", { name: "one" });
    using two = createVersion("2.0.0", { name: "two" });
    using three = createVersion("2.0.0", { name: "three" });
    const unpinned = [one, two, three].map(({ name, manifestUrl }) => ({ name, manifestUrl }));
    await startOnce(unpinned.slice(0, 2), { lock: place.path });
    publish(one, "1.0.0");
    publish(two, "1.0.0");
    const asked: string[] = [];
    let asking = 0;
    const approve = async ({ plugin }: LockChange): Promise<boolean> => {
      assertEquals(++asking, 1);
      asked.push(plugin);
      await new Promise((resolve) => setTimeout(resolve, 5));
      asking--;
      return true;
    };
    const { plugins } = await startOnce(unpinned, { lock: { path: place.path, approve } });
    assertEquals(plugins.map(({ state }) => state), ["active", "active", "active"]);
    assertEquals(asked.sort(), ["one", "two"]);
  });

  it("a lock that cannot be written is reported and stops nothing", async () => {
    using place = createLockPlace();
    using plugin = createVersion("1.0.0");
    const problems: PlugmapError[] = [];
    await using host = createTestHost([plugin], {
      lock: join(place.folder, "gone", "plugins.lock.json"),
      report: (problem) => void problems.push(problem),
    });
    await host.load();
    assertEquals(greetings(host), ["Hello, Ada"]);
    assertEquals(problems.map(({ code }) => code), ["lock-invalid"]);
    assertEquals(host.inspect().problems.length, 1);
  });

  it("keeps what other hosts record at the same time", async () => {
    using place = createLockPlace();
    const names = Array.from({ length: 12 }, (_, index) => `p${index + 10}`);
    await Promise.all(names.map(async (name) => {
      using plugin = createPlugin(name);
      await startOnce([plugin], { lock: place.path });
    }));
    assertEquals(Object.keys(place.read().plugins), names);
    assertEquals(readdirSync(place.folder), ["plugins.lock.json"]);
  });

  it("keeps what hosts in other processes record at the same time", async () => {
    using place = createLockPlace();
    using one = createPlugin("one");
    using two = createPlugin("two");
    using three = createPlugin("three");
    const programs = [one, two, three].map(async ({ name, manifestUrl, folder }) => {
      const source = `import { createHost, defineHooks, hook } from ${JSON.stringify(plugmap)};
const importMap = ${JSON.stringify({ imports: { [`plugins/${name}`]: manifestUrl } })};
const hooks = defineHooks({ greeting: hook() });
await using host = createHost({ hooks, importMap, lock: ${JSON.stringify(place.path)}, store: false });
console.log((await host.load()).plugins[0].state);`;
      return (await runProgram(source, { cwd: folder })).stdout;
    });
    assertEquals(await Promise.all(programs), ["active\n", "active\n", "active\n"]);
    assertEquals(Object.keys(place.read().plugins), ["one", "three", "two"]);
  });

  it("does not wait for ever for a host that was killed while it wrote", async () => {
    using place = createLockPlace();
    using plugin = createVersion("1.0.0");
    const draft = `${place.path}.new`;
    writeFileSync(draft, "half of a lo");
    const longAgo = Date.now() / 1000 - 60;
    utimesSync(draft, longAgo, longAgo);
    await startWith(plugin, place.path);
    assertEquals(Object.keys(place.read().plugins), ["sample"]);
    assertEquals(readdirSync(place.folder), ["plugins.lock.json"]);
  });

  it("is written where a draft that was left behind is a link to nowhere", async () => {
    using place = createLockPlace();
    using plugin = createVersion("1.0.0");
    const draft = `${place.path}.new`;
    symlinkSync(join(place.folder, "gone"), draft);
    const longAgo = Date.now() / 1000 - 60;
    lutimesSync(draft, longAgo, longAgo);
    await startWith(plugin, place.path);
    assertEquals(Object.keys(place.read().plugins), ["sample"]);
    assertEquals(readdirSync(place.folder), ["plugins.lock.json"]);
  });

  it("names a draft that does not go away, in whose way nobody gets", async () => {
    using place = createLockPlace();
    using plugin = createVersion("1.0.0");
    const draft = `${place.path}.new`;
    writeFileSync(draft, "half of a lo");
    const realNow = Date.now;
    // The clock goes so fast that the time to wait is over at once, and the draft is from still later.
    let now = realNow();
    utimesSync(draft, now / 1000 + 86_400, now / 1000 + 86_400);
    const problems: PlugmapError[] = [];
    Date.now = () => now += 20_000;
    try {
      const report = (problem: PlugmapError): void => void problems.push(problem);
      assertEquals((await startWith(plugin, place.path, { report })).state, "active");
    } finally {
      Date.now = realNow;
    }
    assertEquals(problems.map(({ code }) => code), ["lock-invalid"]);
    assertStringIncludes(problems[0]!.message, `The lock cannot be written while "${draft}" is there`);
    assertStringIncludes(problems[0]!.message, "If none is writing now, remove it.");
    assertEquals(readFileSync(draft, "utf8"), "half of a lo");
    assertEquals(readdirSync(place.folder), ["plugins.lock.json.new"]);
  });

  it("is checked when the host is made", () => {
    const wrong: readonly unknown[] = [
      1,
      null,
      { mode: "strict" },
      { paths: "x" },
      { path: 1 },
      { approve: true },
      { mode: "frozen", approve: () => true },
    ];
    for (const lock of wrong) {
      assertThrows(() => createTestHost([], { lock: lock as boolean }), PlugmapError, "option-invalid");
    }
  });

  it("has to be readable on Deno, even if it is not there", { skip: !onDeno }, async () => {
    using plugin = createVersion("1.0.0");
    const source = `import { createHost } from ${JSON.stringify(plugmap)};
await using host = createHost({ hooks: {}, importMap: { imports: {} }, policy: {} });
await host.load();`;
    const { stderr } = await runProgram(source, { cwd: plugin.folder, denoFlags: [] });
    assertStringIncludes(stderr, `[lock-invalid] The lock "${plugin.folder}/plugins.lock.json" may not be read`);
    assertStringIncludes(stderr, "--allow-read=");
    const lock = join(plugin.folder, "plugins.lock.json");
    const { code } = await runProgram(source, { cwd: plugin.folder, denoFlags: [`--allow-read=${lock}`] });
    assertEquals(code, 0);
  });

  it("that may not be written on Deno is reported with the flag", { skip: !onDeno }, async () => {
    using plugin = createVersion("1.0.0");
    const source = `import { createHost, defineHooks, hook } from ${JSON.stringify(plugmap)};
const importMap = { imports: { "plugins/sample": "./plugin.json" } };
const hooks = defineHooks({ greeting: hook() });
await using host = createHost({ hooks, importMap, lock: true, store: false });
const { plugins, problems } = await host.load();
console.log(plugins[0].state, problems.join());`;
    const { stdout } = await runProgram(source, { cwd: plugin.folder, denoFlags: ["--allow-read=."] });
    assert(stdout.startsWith("active [lock-invalid]"), stdout);
    assertStringIncludes(stdout, `--allow-write=${plugin.folder}`);
  });
});
