import { describe, it } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { PlugmapError } from "../../mod.ts";
import { createPlugin, greeter, loadBadPlugin } from "../host/sample_plugins.ts";
import { createTestHost } from "../support/host.ts";

// T21: run and ffi amount to everything, so no grant of something else, and none of everything, may include them.

const permissions = ["run", "ffi"] as const;
const samples = { run: "git", ffi: "/opt/lib/libgreet.so" } as const;
const builtins = { run: "node:child_process", ffi: "bun:ffi" } as const;

/** All that can be granted without a name, in each way of writing it. */
const everything: readonly object[] = [
  { default: { permissions: true } },
  { plugins: { bad: { permissions: true } } },
  { default: { permissions: { read: true, write: true, net: true, env: true, sys: true, import: true } } },
  { default: { permissions: { read: ["/"], write: ["/"] } } },
];

describe("T21, run and ffi", () => {
  for (const permission of permissions) {
    const item = samples[permission];

    it(`${permission}: a manifest cannot ask for all of it`, async () => {
      using plugin = createPlugin("bad", greeter("bad"), { permissions: { [permission]: true } });
      const { code, step, message } = await loadBadPlugin(plugin, { policy: everything[0]! });
      assertEquals([code, step], ["permission-invalid", "manifest"]);
      assertStringIncludes(message, "full access");
    });

    it(`${permission}: a policy cannot grant all of it`, async () => {
      const host = createTestHost([], { policy: { default: { permissions: { [permission]: true } } } });
      assertEquals((await assertRejects(() => host.load(), PlugmapError)).code, "permission-invalid");
    });

    for (const policy of everything) {
      it(`${permission}: ${JSON.stringify(policy)} does not include it`, async () => {
        using plugin = createPlugin("bad", greeter("bad"), { permissions: { [permission]: [item] } });
        const { code, step, message } = await loadBadPlugin(plugin, { policy });
        assertEquals([code, step], ["permission-missing", "policy"]);
        assertStringIncludes(message, `"${permission}": ["${item}"]`);
        assertStringIncludes(message, `Mind that "${permission}" is full access`);
      });
    }

    for (
      const near of permission === "run"
        ? ["git2", "/usr/bin/git", "./git", "GIT"]
        : ["/opt/lib/libgreet.so.1", "/opt/li"]
    ) {
      it(`${permission}: a grant of ${near} is none of ${item}`, async () => {
        using plugin = createPlugin("bad", greeter("bad"), { permissions: { [permission]: [item] } });
        const policy = { plugins: { bad: { permissions: { [permission]: [near] } } } };
        assertEquals((await loadBadPlugin(plugin, { policy })).code, "permission-missing");
      });
    }

    it(`${permission}: a grant by name is one to the plugin that it names only`, async () => {
      const policy = { plugins: { other: { permissions: { [permission]: [item] } } } };
      using bad = createPlugin("bad", greeter("bad"), { permissions: { [permission]: [item] } });
      assertEquals((await loadBadPlugin(bad, { policy })).code, "permission-missing");
      using other = createPlugin("other", greeter("other"), { permissions: { [permission]: [item] } });
      await using host = createTestHost([other], { policy });
      assertEquals((await host.load()).plugins[0]?.state, "active");
    });

    it(`${permission}: ${builtins[permission]} is refused to a plugin that did not ask for it, whatever is granted`, async () => {
      using plugin = createPlugin("bad", `import "${builtins[permission]}"; export default {};`);
      for (const policy of [...everything, { default: { permissions: { [permission]: [item] } } }]) {
        const { code, message } = await loadBadPlugin(plugin, { policy });
        assertEquals(code, "builtin-denied");
        assertStringIncludes(message, `needs the permission "${permission}"`);
      }
    });
  }

  for (const item of ["*", "g*", ""]) {
    it(`run: ${JSON.stringify(item)} names no command`, async () => {
      using plugin = createPlugin("bad", greeter("bad"), { permissions: { run: [item] } });
      assertEquals((await loadBadPlugin(plugin)).code, "permission-invalid");
    });
  }
});
