import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createHost, defineHooks, hook, type PlugmapError } from "../../mod.ts";
import { createTestHost, importMapOf } from "../support/host.ts";
import { createPlugin, greeter } from "./sample_plugins.ts";

const greetings = (host: ReturnType<typeof createTestHost>) => host.hooks.greeting({ name: "Ada" });

describe("host.dispatcher", () => {
  it("registers implementations of the host's own, which are none of its plugins", async () => {
    using plugin = createPlugin("english", greeter("Hello"));
    const host = createTestHost([plugin]);
    host.dispatcher.register("own", { greeting: () => "Welcome" });
    await host.load();
    assertEquals(greetings(host), ["Hello Ada", "Welcome"]);
    assertEquals([host.plugins(), host.dispatcher.plugins()], [["english"], ["own", "english"]]);
    await host.close();
    assertEquals(host.dispatcher.plugins(), ["own"]);
  });

  it("may have registered something before anything was loaded, and the host closes all the same", async () => {
    const host = createTestHost([]);
    host.dispatcher.register("own", { greeting: () => "Welcome" });
    await host.close();
    assertEquals(greetings(host), ["Welcome"]);
  });

  it("with a name that is blocked: the plugin fails and is disposed of, and the others load", async () => {
    const notes: string[] = [];
    using bad = createPlugin("bad", greeter("Bad"));
    using good = createPlugin("good", greeter("Good"));
    await using host = createTestHost([bad, good], { context: { notes } });
    host.dispatcher.block("bad");
    const { plugins } = await host.load();
    assertEquals(plugins.map(({ name, state, error }) => [name, state, error?.code]), [
      ["bad", "failed", "plugin-blocked"],
      ["good", "active", undefined],
    ]);
    assertEquals(greetings(host), ["Good Ada"]);
    assertEquals(notes.includes("dispose Bad"), true);
    assertEquals(host.dispatcher.unblock("bad"), true);
    assertEquals((await host.loadPlugin("bad")).state, "active");
  });

  it("that unregistered a plugin leaves it to the host to dispose of", async () => {
    const notes: string[] = [];
    using plugin = createPlugin("english", greeter("Hello"));
    const host = createTestHost([plugin], { context: { notes } });
    await host.load();
    assertEquals(host.dispatcher.unregister("english"), true);
    await host.close();
    assertEquals(notes, ["setup english Hello", "dispose Hello"]);
  });

  it("tells option report of what ends no call", async () => {
    using plugin = createPlugin("english", greeter("Hello"));
    const reports: PlugmapError[] = [];
    const hooks = defineHooks({ greeting: hook<{ name: string }, string>({ deprecated: "use welcome" }) });
    await using host = createHost({
      hooks,
      importMap: importMapOf(plugin),
      policy: {},
      store: false,
      report: (problem) => reports.push(problem),
    });
    await host.load();
    assertEquals(reports.map(({ code, plugin, hook }) => [code, plugin, hook]), [
      ["hook-deprecated", "english", "greeting"],
    ]);
  });
});

describe("the hooks of a manifest", () => {
  const source = `export default { hooks: { greeting: { target: "probe", run: () => "seen" } } };`;

  it("are compared with the hooks that implementations are bound to, whatever they stand under", async () => {
    using honest = createPlugin("honest", source, { hooks: ["probe"] });
    using secret = createPlugin("secret", source, { hooks: ["greeting"] });
    await using host = createTestHost([honest, secret]);
    const { plugins } = await host.load();
    assertEquals(plugins.map(({ state, hooks }) => [state, hooks]), [["active", ["probe"]], ["failed", ["greeting"]]]);
    const { code, message } = plugins[1]!.error!;
    assertEquals(code, "plugin-invalid");
    assertStringIncludes(message, 'implements "probe", which its manifest does not declare');
  });

  it("cannot be got round by a target that setup puts there", async () => {
    const changing = `const greeting = { run: () => "seen" };
export default { hooks: { greeting }, setup() { greeting.target = "probe"; } };`;
    using plugin = createPlugin("changing", changing, { hooks: ["greeting"] });
    await using host = createTestHost([plugin]);
    await host.load();
    assertEquals(host.dispatcher.hooksOf("changing"), ["greeting"]);
  });
});
