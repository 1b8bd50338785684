import { describe, it } from "node:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { AuditRecord, PermissionRequest, PlugmapError } from "../../mod.ts";
import { deno } from "../support/binaries.ts";
import { onDeno } from "../support/child.ts";
import { createIsolatingHost, loadIsolated } from "../support/isolated.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { createPlugin } from "./sample_plugins.ts";

const source = `import { readFileSync } from "node:fs";
export default { hooks: { one: ({ path }) => {
  try { return readFileSync(path, "utf8"); } catch (error) { return error.name; }
} } };`;

/** On Bun the kernel isolates, unless what it cannot withhold has to be withheld too: then Deno does. */
const policy = { require: "enforced", default: { tier: "isolated", permissions: { read: ["/etc/hostname"] } } };
const isolation = { deno };

describe("onPermissionRequest and audit", () => {
  it("decide on what is not granted, and record all that is tried", async () => {
    using folder = createTemporaryFolder();
    const audit = join(folder.path, "audit.jsonl");
    using plugin = createPlugin("curious", source, { permissions: { read: ["/etc/hostname"] } });
    const asked: PermissionRequest[] = [];
    const onPermissionRequest = (request: PermissionRequest) => {
      asked.push(request);
      return Promise.resolve(request.value === "/etc/hosts");
    };
    await using host = await loadIsolated([plugin], { policy, isolation, onPermissionRequest, audit });
    assertEquals(await host.hooks.one({ path: "/etc/hostname" }), readFileSync("/etc/hostname", "utf8"));
    assertEquals(await host.hooks.one({ path: "/etc/hosts" }), readFileSync("/etc/hosts", "utf8"));
    assertEquals(await host.hooks.one({ path: "/etc/passwd" }), "NotCapable");
    assertEquals(
      asked.map(({ plugin, permission, value }) => [plugin, permission, value]),
      [["curious", "read", "/etc/hosts"], ["curious", "read", "/etc/passwd"]],
    );
    const records: AuditRecord[] = readFileSync(audit, "utf8").trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(
      records.filter(({ permission }) => permission === "read").map(({ plugin, value, allowed, by }) => [
        plugin,
        value,
        allowed,
        by,
      ]),
      [
        ["curious", "/etc/hostname", true, "grant"],
        ["curious", "/etc/hosts", true, "callback"],
        ["curious", "/etc/passwd", false, "callback"],
      ],
    );
  });

  it("say no where only a record is wanted", async () => {
    using plugin = createPlugin("curious", source, { permissions: { read: ["/etc/hostname"] } });
    const records: AuditRecord[] = [];
    await using host = await loadIsolated([plugin], {
      policy,
      isolation,
      audit: (record) => void records.push(record),
    });
    assertEquals(await host.hooks.one({ path: "/etc/hosts" }), "NotCapable");
    const { plugin: who, allowed, by } = records.find(({ value }) => value === "/etc/hosts")!;
    assertEquals([who, allowed, by], ["curious", false, "default"]);
  });

  it("are reported to have no effect where the kernel isolates", {
    skip: onDeno && "on Deno it is always Deno that isolates",
  }, async () => {
    using plugin = createPlugin("curious", source, { permissions: { read: ["/etc/hostname"] } });
    const problems: PlugmapError[] = [];
    await using host = createIsolatingHost([plugin], {
      policy: { default: policy.default },
      onPermissionRequest: () => true,
      report: (problem) => void problems.push(problem),
    });
    await host.load();
    assertEquals(problems.map(({ code, plugin }) => [code, plugin]), [["option-invalid", "curious"]]);
    assertStringIncludes(problems[0]!.message, "onPermissionRequest");
    assertEquals(await host.hooks.one({ path: "/etc/hosts" }), "Error");
  });
});
