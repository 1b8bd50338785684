import { describe, it } from "node:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createPlugin } from "../host/sample_plugins.ts";
import { onDeno } from "../support/child.ts";
import { createIsolatingHost, failureOf, statusOf } from "../support/isolated.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

// T1: what was granted was looked at when the plugin was loaded, and is looked up again whenever its process is started. In
// between the plugin can move folders that it may write, and ends itself.

const source = `const fs = globalThis.process.getBuiltinModule("fs");
const attempt = (act) => { try { return String(act()); } catch (error) { return "refused"; } };
export default { hooks: {
  all: ({ moves }) => moves.map(([from, to]) => attempt(() => fs.renameSync(from, to))),
  one: ({ path }) => attempt(() => fs.readFileSync(path, "utf8")),
  leave: { target: "one", priority: 1, run: ({ leave }) => { if (leave) globalThis.process.exit(1); } },
} };`;

describe("T1, a granted path that was swapped", () => {
  it("for a link in a folder that the plugin has moved there lets nothing out", async () => {
    using folder = createTemporaryFolder();
    const [granted, secret] = ["granted", "secret"].map((name) => join(folder.path, name)) as [string, string];
    mkdirSync(join(granted, "own", "data"), { recursive: true });
    mkdirSync(join(granted, "other"));
    mkdirSync(secret);
    writeFileSync(join(granted, "own", "data", "file"), "mine");
    writeFileSync(join(secret, "file"), "secret");
    symlinkSync(secret, join(granted, "other", "data"));
    const data = join(granted, "own", "data");
    const permissions = { read: [data], write: [granted] };
    using plugin = createPlugin("swapper", source, { permissions });
    await using host = createIsolatingHost([plugin], {
      policy: { default: { tier: "isolated", permissions } },
      isolation: { limits: { shortestWait: 1 } },
    });
    await host.load();
    if (onDeno) {
      // Deno would follow the link where it is, so the folder is not handed out.
      assertEquals(statusOf(host).error?.code, "permission-invalid");
      return;
    }
    const path = join(data, "file");
    assertEquals(await host.hooks.one({ path }), "mine");
    const moves = [[join(granted, "own"), join(granted, "old")], [join(granted, "other"), join(granted, "own")]];
    assertEquals(await host.hooks.all({ moves }), [["undefined", "undefined"]]);
    assertEquals((await failureOf(host.hooks.one({ leave: true }))).code, "isolate-crashed");
    const error = await failureOf(host.hooks.one({ path }));
    assertEquals(error.code, "isolate-start");
    assertStringIncludes(error.message, "that is granted, cannot be opened");
  });
});
