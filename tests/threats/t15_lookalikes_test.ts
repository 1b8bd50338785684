import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createPlugin, greeter, loadBadPlugin, reportOn } from "../host/sample_plugins.ts";
import { createTestHost } from "../support/host.ts";
import { createPluginFolder } from "../support/plugin_folder.ts";

// T15: a plugin with a name that looks like another's (Open VSX, 2025 to 2026), or one that has taken a name over. A name is
// only ever what the import map says, what is granted is granted to one exact name, and a pin is to bytes, not to names.

const lookalikes = ["wheather", "weather-plus", "weather2", "weather.js", "@acme/weather", "we-ather", "w3ather"];

describe("T15, look-alikes", () => {
  for (const name of lookalikes) {
    it(`${name} has nothing of what "weather" was granted`, async () => {
      using plugin = createPlugin(name, greeter(name), { permissions: { net: ["api.example.com"] } });
      const policy = { plugins: { weather: { permissions: { net: ["api.example.com"] } } } };
      const { code, message } = await loadBadPlugin(plugin, { policy });
      assertEquals(code, "permission-missing");
      assertStringIncludes(message, `"${name}"`);
    });
  }

  for (const name of ["wеather", "weather\u200b", "ｗeather", "WEATHER", "weаther"]) {
    it(`${JSON.stringify(name)} is no name, in a manifest or in an import map`, async () => {
      using plugin = createPluginFolder({ "mod.js": greeter("x") }, { name });
      const problems: string[] = [];
      await using host = createTestHost([plugin], { report: ({ message }) => void problems.push(message) });
      await host.load();
      assertEquals(host.inspect().plugins, []);
      assertEquals(problems.length, 1);
      // Whoever reads the message sees that it is another name.
      if (/[^ -~]/.test(name)) assertEquals(/[\u200b]/.test(problems[0]!), false);
      await using listed = createTestHost([{ ...plugin, name: "weather" }]);
      await listed.load();
      assertEquals(reportOn(listed, "weather").error?.code, "manifest-invalid");
    });
  }

  it("a plugin that is listed under another name than its own is refused", async () => {
    using plugin = createPlugin("wheather");
    await using host = createTestHost([{ ...plugin, name: "weather" }]);
    await host.load();
    const { code, message } = reportOn(host, "weather").error ?? {};
    assertEquals(code, "manifest-mismatch");
    assertStringIncludes(message ?? "", '"wheather"');
  });

  it("who takes a name over does not have the pinned bytes", async () => {
    using original = createPlugin("weather");
    using taken = createPlugin("weather", greeter("evil"));
    await using host = createTestHost([{ ...taken, digest: original.digest }]);
    await host.load();
    assertEquals(reportOn(host, "weather").error?.code, "integrity-mismatch");
  });

  it("a dependency is found by its exact name, among what the import map lists", async () => {
    using base = createPlugin("base");
    using user = createPlugin("user", greeter("user"), { dependencies: { base2: "^1.0.0" } });
    await using host = createTestHost([base, user]);
    await host.load();
    assertEquals(reportOn(host, "user").error?.code, "dependency-missing");
  });
});
