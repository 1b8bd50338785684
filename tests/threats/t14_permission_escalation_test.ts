import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { LockChange } from "../../mod.ts";
import { createLockPlace, createVersion, publish, startWith } from "../support/updates.ts";

describe("T14, an update that asks for more", () => {
  it("is not loaded, though the policy grants all of it, and is told what is new and what was approved", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("1.0.0", { permissions: { net: ["api.example.com:443"] } });
    await startWith(plugin, lock.path);
    publish(plugin, "1.1.0", { permissions: { net: ["api.example.com:443", "evil.example"], env: ["AWS_*"] } });
    const { state, error, hooks } = await startWith(plugin, lock.path);
    assertEquals([state, error?.code, hooks], ["failed", "lock-widened", []]);
    assertStringIncludes(error?.message ?? "", `it asks for net "evil.example", env "AWS_*"`);
    assertStringIncludes(error?.message ?? "", `version "1.0.0" was approved with net "api.example.com:443"`);
    assertEquals(lock.read().plugins["sample"]?.["version"], "1.0.0");
  });

  const wider: Readonly<Record<string, readonly [before: object, after: object]>> = {
    "where it asked for nothing": [{}, { env: ["HOME"] }],
    "a host on every port": [{ net: ["example.com:443"] }, { net: ["example.com"] }],
    "all hosts below": [{ net: ["a.example.com"] }, { net: ["*.example.com"] }],
    "the folder above": [{ read: ["/data/one"] }, { read: ["/data"] }],
    "all of a kind": [{ env: ["HOME"] }, { env: true }],
  };
  for (const [what, [before, after]] of Object.entries(wider)) {
    it(`is refused when it asks for ${what}`, async () => {
      using lock = createLockPlace();
      using plugin = createVersion("1.0.0", { permissions: before });
      assertEquals((await startWith(plugin, lock.path)).state, "active");
      publish(plugin, "1.0.1", { permissions: after });
      assertEquals((await startWith(plugin, lock.path)).error?.code, "lock-widened");
    });
  }

  it("for the same or less, in other words, is loaded and recorded", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("1.0.0", { permissions: { net: ["example.com"], read: ["/data/"] } });
    await startWith(plugin, lock.path);
    publish(plugin, "1.1.0", { permissions: { net: ["EXAMPLE.com:443"], read: ["/data/x/../y"] } });
    assertEquals((await startWith(plugin, lock.path)).state, "active");
    assertEquals(lock.read().plugins["sample"]?.["permissions"], { net: ["example.com:443"], read: ["/data/x/../y"] });
    publish(plugin, "1.2.0", { permissions: { net: ["example.com"] } });
    assertEquals((await startWith(plugin, lock.path)).error?.code, "lock-widened");
  });

  it("is approved for those bytes alone", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("1.0.0");
    await startWith(plugin, lock.path);
    publish(plugin, "1.1.0", { permissions: { env: ["HOME"] } });
    const asked: LockChange[] = [];
    const approve = (change: LockChange): boolean => asked.push(change) > 0;
    assertEquals((await startWith(plugin, { path: lock.path, approve })).state, "active");
    assertEquals(asked.map(({ plugin, kind, from, to, added }) => [plugin, kind, from.version, to.version, added]), [
      ["sample", "widened", "1.0.0", "1.1.0", [{ permission: "env", item: "HOME" }]],
    ]);
    assertEquals((await startWith(plugin, lock.path)).state, "active");
    publish(plugin, "1.1.0", { permissions: { env: ["HOME"] }, description: "other bytes" });
    assertEquals((await startWith(plugin, lock.path)).error?.code, "lock-changed");
    publish(plugin, "1.2.0", { permissions: { env: ["HOME", "PATH"] } });
    assertEquals((await startWith(plugin, lock.path)).error?.code, "lock-widened");
  });

  it("in the guise of an older version, or of the same, is told what it asks for as well", async () => {
    using lock = createLockPlace();
    using plugin = createVersion("2.0.0");
    await startWith(plugin, lock.path);
    for (const version of ["1.0.0", "2.0.0"]) {
      publish(plugin, version, { permissions: { env: ["HOME"] } });
      const { error } = await startWith(plugin, lock.path);
      assertStringIncludes(
        error?.message ?? "",
        `it asks for env "HOME", where version "2.0.0" was approved with no perm`,
      );
    }
  });

  it("that reaches other files in the same words, from another folder, is refused", async () => {
    using lock = createLockPlace();
    using here = createVersion("1.0.0", { permissions: { read: ["./data"] } });
    using there = createVersion("1.0.0", { permissions: { read: ["./data"] } });
    assertEquals(here.digest, there.digest);
    await startWith(here, lock.path);
    assertEquals((await startWith(there, lock.path)).error?.code, "lock-widened");
    assertEquals((await startWith(here, lock.path)).state, "active");
  });
});
