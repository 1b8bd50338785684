import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { createHost, defineHooks, hook, PlugmapError } from "../../mod.ts";
import { createTestHost, importMapOf } from "../support/host.ts";
import { createPlugin, greetings, loadBadPlugin, reportOn } from "./sample_plugins.ts";

/** What becomes of a plugin with these hooks; it notes its disposal. */
async function refused(hooks: string): Promise<{ code: string; step: string | undefined; message: string }> {
  const notes: string[] = [];
  using plugin = createPlugin(
    "bad",
    `let host;
export default {
  setup(context) { host = context.host; },
  hooks: ${hooks},
  dispose() { host.notes.push("disposed"); },
};`,
  );
  const bad = await loadBadPlugin(plugin, { context: { notes } });
  assertEquals(notes.includes("disposed"), true);
  return bad;
}

describe("hooks that cannot be registered", () => {
  const cases: readonly (readonly [what: string, hooks: string, code: string, text: string])[] = [
    ["has no spec", `{ greeting: () => "bad", greting: () => "bad" }`, "hook-unknown", `"greting"`],
    ["has no spec, whatever all objects inherit", `{ toString: () => "bad" }`, "hook-unknown", `"toString"`],
    ["is called constructor", `{ constructor: () => "bad" }`, "hook-unknown", `"constructor"`],
    ["is called __proto__", `{ ["__proto__"]: () => "bad" }`, "hook-unknown", `"__proto__"`],
    ["is no function", `{ greeting: "bad" }`, "hook-impl-invalid", `"greeting"`],
    ["is undefined", `{ greeting: undefined }`, "hook-impl-invalid", `"greeting"`],
    ["is a getter", `{ get greeting() { throw new Error("ran"); } }`, "hook-impl-invalid", "never run"],
    ["is async, and the hook is not", `{ async greeting() { return "bad"; } }`, "hook-impl-invalid", "sync"],
    ["has an unknown option", `{ greeting: { run: () => "bad", first: true } }`, "hook-impl-invalid", `"first"`],
    [
      "has a getter for an option",
      `{ greeting: { get run() { throw new Error("ran"); } } }`,
      "hook-impl-invalid",
      "never run",
    ],
    ["is in a table that is an array", `[() => "bad"]`, "hook-impl-invalid", "plain object"],
    ["is in a table that is a Map", `new Map([["greeting", () => "bad"]])`, "hook-impl-invalid", "plain object"],
  ];
  for (const [what, hooks, code, text] of cases) {
    it(`${code}: a hook ${what}; the plugin is disposed of again`, async () => {
      const bad = await refused(hooks);
      assertEquals([bad.code, bad.step], [code, "register"]);
      assertStringIncludes(bad.message, text);
    });
  }

  it("a hook that is registered beside one that cannot be is not there either", async () => {
    const bad = await refused(`{ greeting: () => "bad", probe: "none" }`);
    assertEquals(bad.code, "hook-impl-invalid");
  });

  it("setup cannot change the hooks that the manifest was compared with", async () => {
    using plugin = createPlugin(
      "sly",
      `const hooks = { greeting: { run: () => "honest" } };
export default {
  setup() {
    hooks.probe = () => "secret";
    hooks.greeting.run = () => "other";
  },
  hooks,
};`,
      { hooks: ["greeting"] },
    );
    await using host = createTestHost([plugin]);
    await host.load();
    assertEquals([greetings(host), await host.hooks.probe({})], [["honest"], undefined]);
  });
});

describe("hooks that fail when they are called", () => {
  it("hook-failed names plugin and hook, and the host goes on", async () => {
    using plugin = createPlugin(
      "moody",
      `let calls = 0;
export default { hooks: { greeting: () => { if (++calls === 1) throw new Error("not now"); return "later"; } } };`,
    );
    await using host = createTestHost([plugin]);
    await host.load();
    const error = assertThrows(() => greetings(host), PlugmapError);
    assertEquals([error.code, error.plugin, error.hook, error.step], ["hook-failed", "moody", "greeting", "call"]);
    assertEquals(greetings(host), ["later"]);
    assertEquals(reportOn(host, "moody").state, "active");
  });

  it("hook-async: an implementation of a sync hook gives a promise, whose rejection is handled", async () => {
    using plugin = createPlugin(
      "hasty",
      `export default {
  hooks: { greeting: () => Promise.reject(new Error("no one sees this")) },
};`,
    );
    await using host = createTestHost([plugin]);
    await host.load();
    assertEquals(assertThrows(() => greetings(host), PlugmapError).code, "hook-async");
  });

  it("hook-failed rejects the call of an async hook", async () => {
    using plugin = createPlugin(
      "moody",
      `export default { hooks: { async probe() { throw new Error("not now"); } } };`,
    );
    await using host = createTestHost([plugin]);
    await host.load();
    assertEquals((await assertRejects(() => host.hooks.probe({}), PlugmapError)).code, "hook-failed");
  });
});

describe("hooks with the names of what all objects inherit", () => {
  it("constructor, toString and __proto__ are hooks like any other when the host declares them", async () => {
    const specs = Object.fromEntries(
      ["constructor", "toString", "__proto__"].map((name) => [name, hook<object, string>()]),
    );
    using plugin = createPlugin(
      "odd",
      `export default {
  hooks: { constructor: () => "c", toString: () => "t", ["__proto__"]: () => "p" },
};`,
      { hooks: ["constructor", "toString", "__proto__"] },
    );
    await using host = createHost({
      hooks: defineHooks(specs),
      importMap: importMapOf(plugin),
      policy: {},
      store: false,
    });
    await host.load();
    assertEquals(["constructor", "toString", "__proto__"].map((name) => host.hooks[name]?.({})), [["c"], ["t"], ["p"]]);
    assertEquals(reportOn(host as never, "odd").hooks, ["constructor", "toString", "__proto__"]);
  });
});
