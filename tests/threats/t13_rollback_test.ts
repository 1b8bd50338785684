import { readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createTestHost } from "../support/host.ts";
import type { Listed } from "../support/host.ts";
import type { PluginFolder } from "../support/plugin_folder.ts";
import { serveFolder, startServer } from "../support/server.ts";
import { createLockPlace, createVersion, publish, startOnce, startWith } from "../support/updates.ts";

describe("T13, rollback", () => {
  it("to a version lower than one that was loaded before is refused, and told from which", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("2.0.0");
    assertEquals((await startWith(plugin, lock.path)).state, "active");
    publish(plugin, "1.9.9");
    const { state, error } = await startWith(plugin, lock.path);
    assertEquals([state, error?.code, error?.step], ["failed", "lock-downgrade", "verify"]);
    assertStringIncludes(error?.message ?? "", `Version "1.9.9" is lower than "2.0.0"`);
    assertEquals(lock.read().plugins["sample"]?.["version"], "2.0.0");
  });

  it("by way of a prerelease, which is lower than its release, is refused", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("2.0.0");
    await startWith(plugin, lock.path);
    publish(plugin, "2.0.0-rc.1");
    assertEquals((await startWith(plugin, lock.path)).error?.code, "lock-downgrade");
  });

  it("over two steps is refused: what counts is the highest version, not the last", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("3.0.0");
    await startWith(plugin, lock.path);
    publish(plugin, "1.0.0");
    assertEquals((await startWith(plugin, { path: lock.path, approve: () => true })).state, "active");
    publish(plugin, "1.0.0", { description: "not the approved bytes" });
    assertEquals((await startWith(plugin, lock.path)).error?.code, "lock-changed");
    publish(plugin, "2.0.0");
    assertEquals((await startWith(plugin, lock.path)).error?.code, "lock-downgrade");
    publish(plugin, "3.0.0", { description: "not the bytes of before" });
    assertEquals((await startWith(plugin, lock.path)).error?.code, "lock-changed");
    const { version, highest } = lock.read().plugins["sample"]!;
    assertEquals([version, highest], ["1.0.0", "3.0.0"]);
  });

  it("to other bytes under the same version is refused, also with another build after the plus", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("1.0.0");
    await startWith(plugin, lock.path);
    for (const version of ["1.0.0", "1.0.0+build.2"]) {
      publish(plugin, version, { description: "changed" });
      const { error } = await startWith(plugin, lock.path);
      assertEquals([version, error?.code], [version, "lock-changed"]);
      assertStringIncludes(error?.message ?? "", String(lock.read().plugins["sample"]?.["digest"]));
    }
  });

  it("of a plugin that comes over the network, with the pin of the old version, is refused", async () => {
    using lock = createLockPlace();
    using next = createVersion("1.1.0");
    using old = createVersion("1.0.0");
    await using server = await startServer({
      "/next/": serveFolder(next.folder, "/next/"),
      "/old/": serveFolder(old.folder, "/old/"),
    });
    const listed = (from: string, { digest }: PluginFolder): readonly Listed[] => [
      { name: "sample", manifestUrl: `${server.url}${from}/plugin.json`, digest },
    ];
    await startOnce(listed("next", next), { lock: lock.path });
    assertEquals(lock.read().plugins["sample"]?.["url"], `${server.url}next/plugin.json`);
    const { plugins } = await startOnce(listed("old", old), { lock: lock.path });
    assertEquals(plugins[0]?.error?.code, "lock-downgrade");
  });

  it("while the host runs is refused by reload(), and the newer one goes on", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("2.0.0");
    const { name, manifestUrl } = plugin;
    await using host = createTestHost([{ name, manifestUrl }], { lock: lock.path });
    await host.load();
    publish(plugin, "1.0.0");
    const error = await host.reload(name).catch((error) => error);
    assertEquals([error.code, host.inspect().plugins[0]?.version], ["lock-downgrade", "2.0.0"]);
    assertEquals(host.hooks.greeting({ name: "Ada" }), ["Hello, Ada"]);
  });

  it("is refused by a lock that is there, without any option", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("2.0.0");
    await startWith(plugin, lock.path);
    const importMap = `${lock.folder}/plugins.json`;
    writeFileSync(importMap, JSON.stringify({ imports: { "plugins/sample": plugin.manifestUrl } }));
    publish(plugin, "1.0.0");
    const before = readFileSync(lock.path, "utf8");
    await using host = createTestHost([], { importMap });
    const { plugins, lock: path } = await host.load();
    assertEquals([plugins[0]?.error?.code, path], ["lock-downgrade", lock.path]);
    assertEquals(readFileSync(lock.path, "utf8"), before);
  });
});
