import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { toFileUrl } from "@std/path";
import { PlugmapError } from "../../mod.ts";
import type { HostOptions } from "../../mod.ts";
import { onDeno, plugmap, runProgram } from "../support/child.ts";
import { createTestHost, importMapOf } from "../support/host.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { createPlugin, greeter, loadBadPlugin, reportOn } from "./sample_plugins.ts";

type PolicyOption = HostOptions<never>["policy"];

/** A plugin that asks for permissions. */
function asking(permissions: Readonly<Record<string, unknown>>): PluginFolder {
  return createPlugin("asking", greeter("asking"), { permissions });
}

/** Loads a plugin whose import map is a file beside it, with the default policy unless another is given. */
async function stateBeside(plugin: PluginFolder, policy?: PolicyOption): Promise<unknown> {
  plugin.write("plugins.json", JSON.stringify(importMapOf(plugin)));
  const importMap = join(plugin.folder, "plugins.json");
  await using host = createTestHost([], { importMap, policy });
  const { policy: path } = await host.load();
  const { state, error } = reportOn(host, plugin.name);
  return [state === "failed" ? error?.code : state, path?.slice(plugin.folder.length + 1)];
}

describe("option policy", () => {
  const grant = { plugins: { asking: { permissions: { env: ["LANG"], read: ["./data"] } } } };

  it("policy is plugins.policy.json beside the import map by default", async () => {
    using plugin = asking({ env: ["LANG"] });
    assertEquals(await stateBeside(plugin), ["permission-missing", undefined]);
    plugin.write("plugins.policy.json", JSON.stringify(grant));
    assertEquals(await stateBeside(plugin), ["active", "plugins.policy.json"]);
  });

  it("policy can be a path, a file URL and an object", async () => {
    using plugin = asking({ env: ["LANG"] });
    plugin.write("own.json", JSON.stringify(grant));
    const path = join(plugin.folder, "own.json");
    for (const policy of [path, toFileUrl(path).href, toFileUrl(path)]) {
      assertEquals(await stateBeside(plugin, policy), ["active", "own.json"]);
    }
    assertEquals(await stateBeside(plugin, grant), ["active", undefined]);
    assertEquals(await stateBeside(plugin, {}), ["permission-missing", undefined]);
  });

  it("policy in a file has paths relative to that file", async () => {
    using plugin = asking({ read: ["./data"] });
    plugin.write("plugins.policy.json", JSON.stringify(grant));
    assertEquals(await stateBeside(plugin), ["active", "plugins.policy.json"]);
    plugin.write("policies/own.json", JSON.stringify(grant));
    const policy = join(plugin.folder, "policies/own.json");
    assertEquals(await stateBeside(plugin, policy), ["permission-missing", "policies/own.json"]);
  });

  it("policy that is named and cannot be had stops the host", async () => {
    using folder = createTemporaryFolder();
    for (const policy of [join(folder.path, "gone.json"), folder.path]) {
      const host = createTestHost([], { policy });
      const error = await assertRejects(() => host.load(), PlugmapError);
      assertEquals(error.code, "policy-invalid");
      assertStringIncludes(error.message, folder.path);
    }
    const host = createTestHost([], { policy: "https://policies.example/plugins.policy.json" });
    assertEquals((await assertRejects(() => host.load(), PlugmapError)).code, "option-invalid");
  });

  it("policy that is a link to nowhere is not one that is absent", async () => {
    using plugin = createPlugin("english");
    symlinkSync(join(plugin.folder, "gone.json"), join(plugin.folder, "plugins.policy.json"));
    const error = await assertRejects(() => stateBeside(plugin), PlugmapError);
    assertEquals(error.code, "policy-invalid");
  });

  for (
    const [what, text, code] of [
      ["is not JSON", "{", "policy-invalid"],
      ["is an array", "[]", "policy-invalid"],
      ["has an unknown member", `{ "plugin": {} }`, "policy-invalid"],
      ["has a plugin twice", `{ "plugins": { "a": {}, "a": { "permissions": true } } }`, "policy-invalid"],
      ["has an unknown tier", `{ "default": { "tier": "sandbox" } }`, "policy-invalid"],
      ["grants an unknown permission", `{ "default": { "permissions": { "network": true } } }`, "permission-invalid"],
      ["grants run as a whole", `{ "default": { "permissions": { "run": true } } }`, "permission-invalid"],
    ] as const
  ) {
    it(`policy that ${what} stops the host before anything is loaded`, async () => {
      const notes: string[] = [];
      using plugin = createPlugin("english");
      plugin.write("plugins.json", JSON.stringify(importMapOf(plugin)));
      plugin.write("plugins.policy.json", text);
      const importMap = join(plugin.folder, "plugins.json");
      await using host = createTestHost([], { importMap, policy: undefined, context: { notes } });
      const error = await assertRejects(() => host.load(), PlugmapError);
      assertEquals(error.code, code);
      assertStringIncludes(error.message, join(plugin.folder, "plugins.policy.json"));
      assertEquals([host.plugins(), notes], [[], []]);
    });
  }

  it("policy that demands enforcement refuses a plugin in the host's own process", async () => {
    using plugin = createPlugin("loose");
    await using host = createTestHost([plugin], { policy: { require: "enforced" } });
    await host.load();
    const { state, error } = reportOn(host, "loose");
    assertEquals([state, error?.code, error?.step], ["failed", "enforcement-missing", "policy"]);
    assertStringIncludes(error?.message ?? "", '"isolated"');
  });

  it("policy that seems to misspell the name of a listed plugin is reported and stops nothing", async () => {
    using plugin = createPlugin("weather");
    using near = createPlugin("weathers");
    using granted = createPlugin("clock");
    const reported: PlugmapError[] = [];
    // A plugin that has a grant under its own name is not meant by another one.
    const plugins = { waether: {}, weathers: {}, clock: {}, clocks: {}, unlisted: {}, toString: {} };
    await using host = createTestHost([plugin, near, granted], {
      policy: { plugins },
      report: (problem) => void reported.push(problem),
    });
    const { problems } = await host.load();
    assertEquals(host.plugins(), ["weather", "weathers", "clock"]);
    assertEquals(reported.map(({ code, mend }) => [code, mend]), [["policy-invalid", 'Did you mean "weather"?']]);
    assertEquals(problems.length, 1);
    assertStringIncludes(problems[0]!, 'The policy has a grant for "waether", which the import map does not list');
  });

  it("policy that may not be read stops the host on Deno: it could say isolated", { skip: !onDeno }, async () => {
    using plugin = createPlugin("english");
    plugin.write("plugins.policy.json", `{ "default": { "tier": "isolated" } }`);
    plugin.write("plugins.json", JSON.stringify(importMapOf(plugin)));
    const source = `import { createHost, defineHooks, hook } from "${plugmap}";
const hooks = defineHooks({ greeting: hook() });
await using host = createHost({ hooks, importMap: "plugins.json" });
console.log((await host.load()).plugins[0].state);`;
    const readable = ["plugins.json", "plugin.json", "mod.js"].map((name) => join(plugin.folder, name));
    const { code, stdout, stderr } = await runProgram(source, {
      cwd: plugin.folder,
      denoFlags: [`--allow-read=${readable.join(",")}`],
    });
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `[policy-invalid] The policy "${plugin.folder}/plugins.policy.json" may not be read`);
    assertStringIncludes(stderr, "--allow-read=");
  });
});

describe("missing permissions", () => {
  it("permission-missing lists exactly what is missing and the line that would grant it", async () => {
    using plugin = asking({ net: ["api.example.com:443", "b.example"], env: ["LANG", "TZ"], sys: true });
    const policy = { plugins: { asking: { permissions: { env: ["LANG"], net: ["b.example"] } } } };
    const { code, step, message } = await loadBadPlugin(plugin, { policy });
    assertEquals([code, step], ["permission-missing", "policy"]);
    assertStringIncludes(message, `does not grant net "api.example.com:443", env "TZ", all of sys.`);
    assertStringIncludes(
      message,
      `Add to "plugins"."asking"."permissions" in plugins.policy.json: ` +
        `"net": ["api.example.com:443"], "env": ["TZ"], "sys": true.`,
    );
  });

  it("permission-missing resolves what a plugin asks for against its own folder", async () => {
    using plugin = asking({ read: ["./data"] });
    using folder = createTemporaryFolder();
    writeFileSync(join(folder.path, "policy.json"), `{ "default": { "permissions": { "read": ["./data"] } } }`);
    const { message } = await loadBadPlugin(plugin, { policy: join(folder.path, "policy.json") });
    assertStringIncludes(message, `read "${plugin.folder}/data"`);
  });
});
