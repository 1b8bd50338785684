import { describe, it } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import process from "node:process";
import { createPlugin } from "../host/sample_plugins.ts";
import { onDeno } from "../support/child.ts";
import { loadIsolated, statusOf } from "../support/isolated.ts";
import type { AsyncHooks } from "../support/isolated.ts";
import type { Host } from "../../mod.ts";

// T22: secrets of the host that lie about: in its environment, its arguments, its open files, and what the kernel shows of
// its processes.

const secret = "swordfish-of-t22";
const given = "given-to-the-plugin";

/** Everything about its own process that a plugin can see without asking for anything. */
const look = `
const seen = (find) => { try { return find(); } catch (error) { return String(error.message).slice(0, 100); } };
export default { hooks: { one: () => ({
  environment: seen(() => ({ ...process.env })),
  own: seen(() => globalThis.Bun ? { ...Bun.env } : Deno.env.toObject()),
  asked: ["PLUGMAP_T22_SECRET", "PLUGMAP_T22_GIVEN", "PATH", "HOME"].map((name) => seen(() => process.env[name] ?? "none")),
  arguments: [process.argv, process.execArgv, process.argv0, process.title, globalThis.Deno?.args ?? []].flat(),
  folder: seen(() => process.cwd()),
  report: seen(() => JSON.stringify(process.report?.getReport?.() ?? null)),
  environ: seen(() => process.getBuiltinModule("node:fs").readFileSync("/proc/self/environ", "utf8")),
  parent: seen(() => process.getBuiltinModule("node:fs").readFileSync("/proc/" + process.ppid + "/environ", "utf8")),
}) } };`;

async function withSecrets(
  permissions: Readonly<Record<string, unknown>>,
  check: (host: Host<AsyncHooks>) => Promise<void>,
): Promise<void> {
  using plugin = createPlugin("spy", look, { permissions });
  process.env["PLUGMAP_T22_SECRET"] = secret;
  process.env["PLUGMAP_T22_GIVEN"] = given;
  try {
    await using host = await loadIsolated([plugin], { policy: { default: { tier: "isolated", permissions } } });
    await check(host);
  } finally {
    delete process.env["PLUGMAP_T22_SECRET"];
    delete process.env["PLUGMAP_T22_GIVEN"];
  }
}

const grants: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "nothing": {},
  "one variable": { env: ["PLUGMAP_T22_GIVEN"] },
  "files": { read: true },
};

describe("T22, the process of an isolated plugin", () => {
  for (const [what, permissions] of Object.entries(grants)) {
    it(`that is granted ${what} shows it no secret of the host's`, async () => {
      await withSecrets(permissions, async (host) => {
        const seen = await host.hooks.one({}) as Record<string, unknown>;
        for (const [place, value] of Object.entries(seen)) {
          assert(!JSON.stringify(value).includes(secret), `${place}: ${JSON.stringify(value)}`);
        }
        assertEquals(JSON.stringify(seen["asked"]).includes(given), "env" in permissions);
      });
    });
  }

  it("would show it if it inherited the environment, as in tier trusted", async () => {
    using plugin = createPlugin("spy", look);
    process.env["PLUGMAP_T22_SECRET"] = secret;
    try {
      await using host = await loadIsolated([plugin], { policy: {} });
      const seen = await host.hooks.one({}) as Record<string, unknown>;
      assert(JSON.stringify(seen["environment"]).includes(secret));
    } finally {
      delete process.env["PLUGMAP_T22_SECRET"];
    }
  });

  it("has nothing in its environment but what was granted and what its runtime needs", {
    skip: process.platform !== "linux",
  }, async () => {
    await withSecrets(grants["one variable"]!, async (host) => {
      await host.hooks.one({});
      const variables = readFileSync(`/proc/${pidOf(host)}/environ`, "utf8").split("\0").filter((text) => text !== "");
      const names = variables.map((text) => text.slice(0, text.indexOf("=")));
      const own = onDeno ? /^(?:DENO_|NO_COLOR$)/ : /^BUN_/;
      assertEquals(names.filter((name) => !own.test(name)), ["PLUGMAP_T22_GIVEN"]);
    });
  });

  it(
    "tells other users of the machine nothing of what was granted",
    { skip: process.platform !== "linux" },
    async () => {
      await withSecrets(grants["one variable"]!, async (host) => {
        await host.hooks.one({});
        // Everybody can read the command of every process.
        const command = readFileSync(`/proc/${pidOf(host)}/cmdline`, "utf8");
        assertEquals([command.includes(given), command.includes(secret)], [false, false]);
      });
    },
  );
});

function pidOf(host: Host<AsyncHooks>): number {
  const { process: running } = statusOf(host, "spy");
  return (running as { readonly pid: number }).pid;
}
