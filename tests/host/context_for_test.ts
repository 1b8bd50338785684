import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createHost, PlugmapError } from "../../mod.ts";
import { createTestHost } from "../support/host.ts";
import { createIsolatingHost, statusOf } from "../support/isolated.ts";
import { createPlugin, greeter, reportOn } from "./sample_plugins.ts";

describe("option contextFor", () => {
  it("makes a context for each plugin, once it is to be set up", async () => {
    const made: string[] = [];
    const notes: string[] = [];
    using one = createPlugin("one", greeter("1"), { version: "1.2.3" });
    using two = createPlugin("two", greeter("2"));
    await using host = createTestHost([one, two], {
      contextFor: ({ name, version }: { name: string; version: string }) => {
        made.push(`${name} ${version}`);
        return { notes };
      },
    });
    assertEquals(made, []);
    await host.load();
    assertEquals([made, notes], [["one 1.2.3", "two 1.0.0"], ["setup one 1", "setup two 2"]]);
  });

  it("that throws fails the plugin that it is for, in every tier", async () => {
    const contextFor = ({ name }: { name: string }) => {
      if (name === "unwanted") throw new Error("not you");
      return {};
    };
    using unwanted = createPlugin("unwanted", "export default { setup() {} };");
    using wanted = createPlugin("wanted", "export default { setup() {} };");
    await using trusting = createTestHost([unwanted, wanted], { contextFor });
    await using isolating = createIsolatingHost([unwanted, wanted], { contextFor });
    for (
      const [host, report] of [
        [trusting, () => reportOn(trusting, "unwanted")],
        [isolating, () => statusOf(isolating, "unwanted")],
      ] as const
    ) {
      await host.load();
      const { state, error } = report();
      assertEquals([state, error?.code, error?.step], ["failed", "setup-failed", "setup"]);
      assertStringIncludes(error?.message ?? "", "not you");
      assertEquals(host.plugins(), ["wanted"]);
    }
  });

  it("cannot be given beside a context for all", () => {
    const options = { hooks: {}, context: 1, contextFor: () => 2 };
    assertEquals(assertThrows(() => createHost(options), PlugmapError).code, "option-invalid");
  });
});
