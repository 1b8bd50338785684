import { describe, it } from "node:test";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createPlugin } from "../host/sample_plugins.ts";
import { createTestHost } from "../support/host.ts";
import { failureOf, loadIsolated } from "../support/isolated.ts";

// T18: a plugin uses what the host does for it to do what the plugin may not, or in the name of another (as comlink's guests
// could construct functions of the host and write to its prototypes).

describe("T18, what the host offers", () => {
  it("is used in the name of the plugin whose channel the call came by, whatever it says", async () => {
    const spent: string[] = [];
    const contextFor = ({ name }: { name: string }) => ({
      spend: (_claimed: unknown, amount: number) => void spent.push(`${name} ${amount}`),
    });
    const source = `let host;
export default {
  setup(context) { host = context.host; },
  hooks: { all: async ({ as }) => { await host.spend(as, 1); await host.spend.call({ name: as }, { name: as }, 2); } },
};`;
    using rich = createPlugin("rich", source);
    using poor = createPlugin("poor", source);
    await using host = await loadIsolated([rich, poor], { contextFor });
    await host.hooks.all({ as: "rich" });
    assertEquals(spent.sort(), ["poor 1", "poor 2", "rich 1", "rich 2"]);
  });

  it("is the plugin's own in tier trusted as well", async () => {
    const source = `let host;
export default { setup(context) { host = context.host; }, hooks: { greeting: () => host.me() } };`;
    using one = createPlugin("one", source);
    using two = createPlugin("two", source);
    await using host = createTestHost([one, two], {
      contextFor: ({ name, version }) => ({ me: () => `${name} ${version}` }),
    });
    await host.load();
    assertEquals(host.hooks.greeting({ name: "" }).sort(), ["one 1.0.0", "two 1.0.0"]);
  });

  it("is only what it lists: no prototype, no constructor, no property of a function", async () => {
    using plugin = createPlugin(
      "digger",
      `let host;
export default {
  setup(context) { host = context.host; },
  hooks: { async one() {
    const made = host.read.constructor("return globalThis.process.pid")();
    return [host.read.secret, host.concealed, typeof host.nested.inherited, made === globalThis.process.pid];
  } },
};`,
    );
    const context = {
      read: Object.assign(() => "read", { secret: "s" }),
      nested: Object.create({ inherited: () => "no" }),
    };
    Object.defineProperty(context, "concealed", { value: () => "no" });
    await using host = await loadIsolated([plugin], { context });
    // What it makes with a constructor that it finds runs where it was made: in its own process.
    assertEquals(await host.hooks.one({}), [undefined, undefined, "undefined", true]);
  });

  it("gets arguments that are data, without prototypes of the plugin, and nothing that runs", async () => {
    using plugin = createPlugin(
      "forger",
      `let host;
class Admin { constructor() { this.isAdmin = true; } get role() { return "admin"; } }
export default {
  setup(context) { host = context.host; },
  hooks: { async one() {
    await host.take(new Admin(), JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'));
    const answers = [];
    for (const value of [() => 1, Symbol("x"), { toString: () => "x" }]) {
      answers.push(await host.take(value).then(() => "taken", (error) => error.code));
    }
    return answers;
  } },
};`,
    );
    const taken: unknown[][] = [];
    await using host = await loadIsolated([plugin], {
      context: { take: (...values: unknown[]) => void taken.push(values) },
    });
    assertEquals(await host.hooks.one({}), ["isolate-value", "isolate-value", "isolate-value"]);
    const [[admin, names] = []] = taken as [object, Record<string, unknown>][];
    assertEquals([Object.getPrototypeOf(admin), (admin as { role?: unknown }).role], [Object.prototype, undefined]);
    assert(Object.hasOwn(names!, "__proto__"));
    assertEquals(({} as { polluted?: unknown }).polluted, undefined);
  });

  it("cannot be reached with what another plugin was given", async () => {
    const calls: string[] = [];
    const contextFor = ({ name }: { name: string }) => name === "owner" ? { open: () => void calls.push(name) } : {};
    using owner = createPlugin(
      "owner",
      `let host;
export default { setup(context) { host = context.host; }, hooks: { one: { run: () => host.open, tryFirst: true } } };`,
    );
    using thief = createPlugin(
      "thief",
      `let host;
export default { setup(context) { host = context.host; }, hooks: { all: () => typeof host.open } };`,
    );
    await using host = await loadIsolated([owner, thief], { contextFor });
    const error = await failureOf(host.hooks.one({}));
    assertStringIncludes(error.message, "function");
    assertEquals(await host.hooks.all({}), ["undefined"]);
    assertEquals(calls, []);
  });

  it("is lent to a wrapper for one call, and of no use afterwards", async () => {
    using keeper = createPlugin(
      "keeper",
      `let kept;
export default { hooks: { all: { wrapper: async (next) => {
  if (kept === undefined) { kept = next; return [await next()].flat(); }
  return [await kept().then(() => "used", (error) => error.code)];
} } } };`,
    );
    using inner = createPlugin("inner", `export default { hooks: { all: () => "inner" } };`);
    await using host = await loadIsolated([inner, keeper]);
    assertEquals(await host.hooks.all({}), ["inner"]);
    assertEquals(await host.hooks.all({}), ["permission-denied"]);
  });
});
