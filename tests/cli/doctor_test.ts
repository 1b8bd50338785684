import { describe, it } from "node:test";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { permissionNames } from "../../mod.ts";
import { onDeno } from "../support/child.ts";
import { createFolder } from "./files.ts";
import { pluginFiles } from "./plugin_files.ts";
import { callPlugmap, spawnPlugmap } from "./plugmap.ts";

const isolated = JSON.stringify({ default: { tier: "isolated" }, plugins: { house: { tier: "trusted" } } });

function createPlugins(policy: string = isolated): ReturnType<typeof createFolder> {
  return createFolder({
    ...pluginFiles("guest"),
    ...pluginFiles("house"),
    "plugins.json": JSON.stringify({ imports: { "plugins/guest": "./guest/", "plugins/house": "./house/" } }),
    "plugins.policy.json": policy,
  });
}

describe("plugmap doctor", () => {
  it("doctor tells for each plugin and permission what enforces it, and how well", async () => {
    using folder = createPlugins();
    const { code, out } = await callPlugmap("doctor", "--import-map", folder.at("plugins.json"));
    assertEquals(code, 0);
    const [guest = "", house = ""] = out.split("\n\n").slice(-2);
    const rows = (text: string) => text.split("\n").slice(2).map((line) => line.split(/ {2,}/));
    assertStringIncludes(guest, "guest (isolated)");
    assertEquals(rows(guest).slice(0, permissionNames.length).map(([name]) => name), [...permissionNames]);
    assertEquals(rows(guest)[0]?.[1], "enforced");
    assertMatch(rows(guest)[0]?.[2] ?? "", onDeno ? /flags of the Deno process/ : /Landlock|bubblewrap/);
    assertStringIncludes(house, "house (trusted)");
    for (const [, level, by] of rows(house).filter((row) => row.length > 1)) {
      assertEquals([level, by], ["not enforceable", "nothing: the plugin runs in the host's process"]);
    }
  });

  it("doctor gives the same as JSON, and only of the plugins that are named", async () => {
    using folder = createPlugins();
    const { out } = await callPlugmap("doctor", "house", "--json", "--import-map", folder.at("plugins.json"));
    const { runtime, isolation, plugins } = JSON.parse(out);
    assertMatch(runtime, onDeno ? /^deno \d/ : /^bun \d/);
    assert(isolation.some(({ problem }: { problem?: string }) => problem === undefined));
    assertEquals(plugins.map(({ name }: { name: string }) => name), ["house"]);
    assertEquals(plugins[0].enforcement.length, permissionNames.length);
  });

  it("doctor says what is missing where plugins cannot be isolated, and fails for those that have to be", {
    skip: !onDeno && "on Bun it is the machine that would have to lack it",
  }, async () => {
    using folder = createPlugins();
    const denoFlags = [`--allow-read=${folder.path}`];
    const { code, out } = await spawnPlugmap(["doctor"], { cwd: folder.path, denoFlags });
    assertEquals(code, 1);
    assertStringIncludes(out, "Plugins cannot be isolated here");
    assertMatch(out, /\[tier-unavailable\] Cannot grant the permissions of plugin "guest": .*--allow-run=/);
    assertStringIncludes(out, "house (trusted)");
  });

  it("doctor fails for a plugin that is less enforced than the policy demands", async () => {
    using folder = createPlugins(JSON.stringify({ require: "enforced", default: { tier: "trusted" } }));
    const { code, out } = await callPlugmap("doctor", "--import-map", folder.at("plugins.json"));
    assertEquals(code, 1);
    assertStringIncludes(out, '[enforcement-missing] Cannot grant the permissions of plugin "guest"');
  });

  it("doctor needs no import map to tell about the machine", async () => {
    using folder = createFolder({});
    const { code, out } = await spawnPlugmap(["doctor"], { cwd: folder.path, denoFlags: ["-A"] });
    assertEquals(code, 0);
    assertMatch(out, /^(?:deno|bun) [^]*\nPlugins are isolated by: /);
  });
});
