import { describe, it } from "node:test";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { deno } from "../support/binaries.ts";
import { onDeno } from "../support/child.ts";
import { createIsolatingHost, statusOf } from "../support/isolated.ts";
import { createPlugin } from "./sample_plugins.ts";

const source = `export default { hooks: { one: () => "Deno" in globalThis ? "Deno" : "Bun" } };`;
const demanding = { require: "enforced", default: { tier: "isolated" } };

describe("what isolates", () => {
  it("is told for each permission", async () => {
    using plugin = createPlugin("apart", source);
    await using host = createIsolatingHost([plugin]);
    await host.load();
    const levels = Object.fromEntries(statusOf(host).enforcement.map(({ permission, level }) => [permission, level]));
    const withheld = onDeno ? "enforced" : "not enforceable";
    assertEquals(levels, {
      read: "enforced",
      write: "enforced",
      net: "enforced",
      env: "enforced",
      run: "enforced",
      sys: withheld,
      ffi: withheld,
      import: "enforced",
    });
  });

  it("is what enforces everything, where the policy demands that", async () => {
    using plugin = createPlugin("apart", source);
    await using host = createIsolatingHost([plugin], { policy: demanding, isolation: { deno } });
    await host.load();
    assertEquals(await host.hooks.one({}), "Deno");
    assertEquals(statusOf(host).enforcement.every(({ level }) => level === "enforced"), true);
  });

  it("is not taken for less: what can be got out of by a grant is refused where enforcement is demanded", async () => {
    const permissions = { run: ["/bin/true"] };
    using plugin = createPlugin("runner", source, { permissions });
    const policy = { require: "enforced", default: { tier: "isolated", permissions } };
    await using host = createIsolatingHost([plugin], { policy, isolation: { deno } });
    await host.load();
    const { tier, enforcement, error } = statusOf(host);
    assertEquals([tier, enforcement, error?.code], ["isolated", [], "enforcement-missing"]);
    assertStringIncludes(error?.message ?? "", "Deno does not wholly enforce run");
  });

  it("is not Deno for a plugin that is not for Deno, on a host that runs on Bun", { skip: onDeno }, async () => {
    using plugin = createPlugin("bunny", source, { engines: { bun: ">=1.4.0" } });
    await using host = createIsolatingHost([plugin], { policy: demanding, isolation: { deno } });
    await host.load();
    const { code, message } = statusOf(host).error ?? {};
    assertEquals(code, "enforcement-missing");
    assertStringIncludes(message ?? "", '"engines"');
  });

  it("is nothing where there is no Deno either, and says so", { skip: onDeno }, async () => {
    using plugin = createPlugin("apart", source);
    await using host = createIsolatingHost([plugin], { policy: demanding, isolation: { deno: "/no/such/deno" } });
    await host.load();
    const { code, message } = statusOf(host).error ?? {};
    assertEquals(code, "enforcement-missing");
    assertStringIncludes(message ?? "", '"/no/such/deno" does not run');
  });
});
