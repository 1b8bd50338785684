import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { createHost, hook, PlugmapError } from "../../mod.ts";
import type { HostOptions } from "../../mod.ts";
import { createTestHost } from "../support/host.ts";
import { createPlugin, greetings } from "./sample_plugins.ts";

/** The error of `createHost` for options that TypeScript would not let pass. */
function refusal(options: unknown): PlugmapError {
  return assertThrows(() => createHost(options as HostOptions<Record<never, never>>), PlugmapError);
}

describe("createHost options", () => {
  for (const options of [undefined, null, "hooks", 1, () => {}]) {
    it(`createHost() refuses ${typeof options} ${String(options)} for options`, () => {
      assertEquals(refusal(options).code, "option-invalid");
    });
  }

  it("createHost() refuses an option that does not exist, and says what was probably meant", () => {
    const error = refusal({ hooks: {}, polcy: {} });
    assertEquals(error.code, "option-invalid");
    assertStringIncludes(error.message, `Option "polcy" is unknown. Did you mean "policy"?`);
    for (const name of ["constructor", "__proto__", "toString"]) {
      assertEquals(refusal({ hooks: {}, [name]: {} }).code, "option-invalid");
    }
  });

  for (
    const [name, ...values] of [
      ["hooks", "greeting", null],
      ["importMap", 1, null, true],
      ["policy", 1, null],
      ["enabled", "weather", [1], {}],
      ["version", 1, "", "latest", "1.0", "v1.0.0"],
      ["store", true, null, "", "file:///tmp/store", "https://a.example/"],
      ["limits", 10, null],
      ["report", {}, null],
    ] as const
  ) {
    it(`createHost() refuses what option ${name} cannot be`, () => {
      for (const value of values) {
        const error = refusal({ hooks: {}, [name]: value });
        assertEquals(error.code, "option-invalid");
        assertStringIncludes(error.message, `Option "${name}" is not `);
      }
    });
  }

  it("createHost() refuses hooks that are none", () => {
    assertEquals(refusal({}).code, "hook-spec-invalid");
    assertEquals(refusal({ hooks: { greeting: { mode: "all" } } }).code, "hook-spec-invalid");
    assertEquals(refusal({ hooks: { greeting: () => "hello" } }).code, "hook-spec-invalid");
  });

  it("createHost() takes undefined for an option that is not given", async () => {
    using plugin = createPlugin("english");
    await using host = createTestHost([plugin], { enabled: undefined, limits: undefined, version: undefined });
    await host.load();
    assertEquals(greetings(host), ["english Ada"]);
  });

  it("createHost() reads nothing and runs nothing", () => {
    createHost({ hooks: { greeting: hook() }, importMap: "gone.json", policy: "gone.json" });
  });
});

describe("option limits", () => {
  for (
    const limits of [
      { conect: 1 },
      { toString: 1 },
      { connect: 0 },
      { connect: -1 },
      { connect: 1.5 },
      { connect: Number.NaN },
      { setup: Number.POSITIVE_INFINITY },
      { setup: 2 ** 31 },
      { setup: "100" },
      { setup: null },
      { concurrency: 0 },
      { retries: -1 },
    ]
  ) {
    it(`limits ${JSON.stringify(limits)} are refused when the host loads`, async () => {
      const host = createTestHost([], { limits: limits as object });
      const error = await assertRejects(() => host.load(), PlugmapError);
      assertEquals(error.code, "option-invalid");
      assertStringIncludes(error.message, `Limit "${Object.keys(limits)[0]}"`);
    });
  }

  it("limits that are undefined are those of the default", async () => {
    using plugin = createPlugin(
      "patient",
      `export default {
  setup: () => new Promise((resolve) => setTimeout(resolve, 5)),
  hooks: { greeting: () => "patient" },
};`,
    );
    await using host = createTestHost([plugin], { limits: { setup: undefined, retries: 0 } as object });
    await host.load();
    assertEquals(greetings(host), ["patient"]);
  });
});

describe("option enabled", () => {
  const names = ["a", "b", "c"];

  /** What is active of `a`, `b` and `c`, and what the host says of the others. */
  async function loadEnabled(enabled: HostOptions<never>["enabled"]): Promise<readonly string[]> {
    using stack = new DisposableStack();
    const plugins = names.map((name) => stack.use(createPlugin(name)));
    await using host = createTestHost(plugins, { enabled });
    const report = await host.load();
    assertEquals(host.plugins(), report.plugins.filter(({ state }) => state === "active").map(({ name }) => name));
    return report.plugins.map(({ name, state }) => `${name} ${state}`);
  }

  it("enabled is all by default", async () => {
    assertEquals(await loadEnabled(undefined), ["a active", "b active", "c active"]);
  });

  it("enabled can be a list, in whatever order; the others are reported as disabled", async () => {
    assertEquals(await loadEnabled(["c", "a"]), ["a active", "b disabled", "c active"]);
    assertEquals(await loadEnabled([]), ["a disabled", "b disabled", "c disabled"]);
  });

  it("enabled can be a function", async () => {
    assertEquals(await loadEnabled((name) => name > "a"), ["a disabled", "b active", "c active"]);
  });

  it("enabled that names what is not listed is refused, and nothing is loaded", async () => {
    const error = await assertRejects(() => loadEnabled(["a", "d"]), PlugmapError);
    assertEquals(error.code, "plugin-unknown");
    assertStringIncludes(error.message, `"d"`);
  });

  it("enabled that says neither true nor false is refused: a promise would always mean yes", async () => {
    for (const answer of [Promise.resolve(false), undefined, 0, "no"]) {
      const enabled = () => answer as unknown as boolean;
      assertEquals((await assertRejects(() => loadEnabled(enabled), PlugmapError)).code, "option-invalid");
    }
  });

  it("enabled is asked again with each load, and a plugin that is disabled is not even fetched", async () => {
    using plugin = createPlugin("late");
    let wanted = false;
    plugin.write("mod.js", "// not what was pinned");
    await using host = createTestHost([plugin], { enabled: () => wanted });
    assertEquals((await host.load()).plugins[0]?.state, "disabled");
    wanted = true;
    assertEquals((await host.load()).plugins[0]?.error?.code, "integrity-mismatch");
    wanted = false;
    assertEquals((await host.load()).plugins[0]?.state, "disabled");
  });

  it("enabled does not keep loadPlugin() from loading a plugin by its name", async () => {
    using plugin = createPlugin("english");
    await using host = createTestHost([plugin], { enabled: [] });
    await host.load();
    assertEquals((await host.loadPlugin("english")).state, "active");
  });
});
