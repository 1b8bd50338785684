import { describe, it } from "node:test";
import { assertEquals, assertInstanceOf } from "@std/assert";
import type { Tier } from "../../mod.ts";
import { createPlugin } from "../host/sample_plugins.ts";
import { createIsolatingHost, failureOf, loadIsolated } from "../support/isolated.ts";
import { leaveMark, takeMark } from "./canary.ts";

// T8: what a plugin reaches when it shares a realm with the host: its globals, its prototypes, and what the host calls without
// knowing it. Nothing of that crosses to another process. In tier "trusted" each of these works, which is why it is no sandbox.

const mark = `(() => { ${leaveMark} })()`;

/** Ways to run code in the host's realm: what `all` does; `args.shared` is an object of the host's, `host` its context. */
const attacks: Readonly<Record<string, string>> = {
  "a global": leaveMark,
  "the constructor of a function of the host's": `await host.log.constructor(${JSON.stringify(leaveMark)})();`,
  "the constructor of an argument's constructor": `args.shared.constructor.constructor(${
    JSON.stringify(leaveMark)
  })();`,
  "a method of an argument's prototype": `
    args.shared.list.constructor.prototype.includes = function () { ${leaveMark} return false; };`,
  "the constructor of a promise of the host's": `host.promise().constructor.constructor(${
    JSON.stringify(leaveMark)
  })();`,
  "a change of an argument": `args.shared.mark = () => ${mark};`,
  "a getter on a result": `return { get value() { ${leaveMark} return 1; } };`,
  "a result that is compared as text": `return { value: { toString() { ${leaveMark} return "text"; } } };`,
  "a result that is a proxy": `return { value: new Proxy({}, { get() { ${leaveMark} } }) };`,
  "a result within a result that waits": `return { value: { then(resolve) { ${leaveMark} resolve(); } } };`,
  "a result that is listed": `return { value: { [Symbol.iterator]: function* () { ${leaveMark} yield 1; } } };`,
  "an error that is looked at":
    `throw Object.defineProperty(new Error("x"), "message", { get() { ${leaveMark} return "x"; } });`,
};

/** What hosts do with results and errors. */
async function use(
  call: Promise<unknown>,
  shared: { readonly list: readonly string[]; mark?: () => void },
): Promise<void> {
  try {
    const [{ value } = { value: undefined }] = await call as { value?: unknown }[];
    String(value);
    await value;
    if (Symbol.iterator in Object(value)) [...value as Iterable<unknown>];
    (value as { name?: unknown } | undefined)?.name;
  } catch (error) {
    String((error as Error).cause);
  }
  shared.list.includes("x");
  shared.mark?.();
}

async function isReached(attack: string, tier: Tier): Promise<boolean> {
  const { includes } = Array.prototype;
  using plugin = createPlugin(
    "intruder",
    `let host;
export default { setup(context) { host = context.host; }, hooks: { async all(args) { ${attack} } } };`,
  );
  const shared = { list: ["a"] };
  try {
    await using host = await loadIsolated([plugin], {
      policy: { default: { tier } },
      context: { log: () => {}, promise: () => Promise.resolve({}) },
    });
    await use(host.hooks.all({ shared }), shared);
    return takeMark();
  } finally {
    // What the attack has replaced is put back.
    Array.prototype.includes = includes;
  }
}

describe("T8, an isolated plugin", () => {
  for (const [what, attack] of Object.entries(attacks)) {
    it(`does not reach the host by ${what}`, async () => {
      assertEquals(await isReached(attack, "isolated"), false);
    });
  }

  it("would, if it shared a realm with it", async () => {
    const reached: string[] = [];
    for (const [what, attack] of Object.entries(attacks)) if (await isReached(attack, "trusted")) reached.push(what);
    assertEquals(reached, Object.keys(attacks));
  });

  it("breaks nothing but itself when it replaces what every program needs", async () => {
    using vandal = createPlugin(
      "vandal",
      `for (const [holder, names] of [
  [Promise.prototype, ["then", "catch", "finally"]], [Array.prototype, ["map", "push", "slice", Symbol.iterator]],
  [Map.prototype, ["get", "set"]], [Function.prototype, ["call", "apply", "bind"]], [JSON, ["parse", "stringify"]],
  [Object, ["entries", "freeze", "defineProperty"]], [Reflect, ["apply", "get"]], [globalThis, ["setTimeout", "queueMicrotask"]],
  [Uint8Array.prototype.__proto__ ?? Object.getPrototypeOf(Uint8Array.prototype), ["set", "subarray"]],
]) for (const name of names) holder[name] = () => { throw new Error("vandalized"); };
export default { hooks: { one: () => "done" } };`,
    );
    using neighbour = createPlugin(
      "neighbour",
      `export default { hooks: { all: ({ list }) => list.map((x) => x + 1) } };`,
    );
    await using host = createIsolatingHost([vandal, neighbour]);
    const { plugins } = await host.load();
    // Its process cannot so much as tell what it implements any more.
    assertEquals(plugins.map(({ name, state }) => `${name} ${state}`).sort(), ["neighbour active", "vandal failed"]);
    assertEquals(await host.hooks.all({ list: [1, 2] }), [[2, 3]]);
    assertEquals([1].map((one) => one + 1), [2]);
  });

  it("cannot change its arguments for those that are called after it", async () => {
    using first = createPlugin(
      "first",
      `export default { hooks: { all: { tryFirst: true, run({ shared }) { shared.text = "changed"; shared.list.push("more"); } } } };`,
    );
    using second = createPlugin("second", `export default { hooks: { all: ({ shared }) => shared } };`);
    await using host = await loadIsolated([first, second]);
    const shared = { text: "as it was", list: ["one"] };
    assertEquals(await host.hooks.all({ shared }), [{ text: "as it was", list: ["one"] }]);
    assertEquals(shared, { text: "as it was", list: ["one"] });
  });

  it("gives errors that are plain ones, whatever it has thrown", async () => {
    for (
      const thrown of [
        `Object.setPrototypeOf(new Error("odd"), null)`,
        `new (class Odd extends Error { get name() { return "Odd"; } toString() { throw 1; } })("odd")`,
        `new Proxy(new Error("odd"), {})`,
        `{ message: "odd", get stack() { throw 1; } }`,
        `null`,
        `Symbol("odd")`,
        `() => "odd"`,
      ]
    ) {
      using plugin = createPlugin("odd", `export default { hooks: { all: () => { throw ${thrown}; } } };`);
      await using host = await loadIsolated([plugin]);
      const error = await failureOf(host.hooks.all({}));
      assertInstanceOf(error, Error);
      const { cause } = error;
      if (cause instanceof Error) assertEquals(Object.getPrototypeOf(cause).constructor === cause.constructor, true);
      assertEquals(typeof String(cause), "string");
    }
  });
});
