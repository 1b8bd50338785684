import { describe, it } from "node:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createPlugin } from "../host/sample_plugins.ts";
import { onDeno } from "../support/child.ts";
import { createIsolatingHost, statusOf } from "../support/isolated.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";

// T10: links in what is granted lead out of it. Deno follows them, so a folder with such a link is not handed out; the
// kernel judges what a link leads to, so on Bun it may stay.

const source = `const fs = globalThis.process.getBuiltinModule("fs");
const attempt = (act) => { try { return String(act()); } catch (error) { return "refused"; } };
export default { hooks: {
  one: ({ path }) => attempt(() => fs.readFileSync(path, "utf8")),
  all: ({ from, to, read }) => [attempt(() => fs.renameSync(from, to)), attempt(() => fs.readFileSync(read, "utf8"))],
} };`;

describe("T10, links in granted folders", () => {
  for (
    const [what, target] of [
      ["outwards", "/etc/hostname"],
      ["outwards by dots", "../../../../../../../../etc/hostname"],
      ["to a folder outside", "/etc"],
      ["to what is not there yet", "/etc/not-there-yet"],
      ["to itself by a way round", "../outside/secret"],
    ] as const
  ) {
    it(`that lead ${what} let nothing out`, async () => {
      using folder = createTemporaryFolder();
      const [granted, outside] = ["granted", "outside"].map((name) => join(folder.path, name)) as [string, string];
      for (const path of [granted, outside]) mkdirSync(path);
      writeFileSync(join(outside, "secret"), "secret");
      symlinkSync(target, join(granted, "link"));
      using plugin = createPlugin("follower", source, { permissions: { read: [granted] } });
      await using host = createIsolatingHost([plugin], {
        policy: { default: { tier: "isolated", permissions: { read: [granted] } } },
      });
      await host.load();
      if (onDeno) {
        const { code, message } = statusOf(host).error ?? {};
        assertEquals(code, "permission-invalid");
        assertStringIncludes(message ?? "", "leads out");
      } else {
        for (const path of ["link", "link/hostname"]) {
          assertEquals(await host.hooks.one({ path: join(granted, path) }), "refused");
        }
      }
    });
  }

  it("that could be moved so that they lead out let nothing out", async () => {
    using folder = createTemporaryFolder();
    const granted = join(folder.path, "granted");
    mkdirSync(join(granted, "a", "b"), { recursive: true });
    mkdirSync(join(granted, "out"));
    mkdirSync(join(folder.path, "out"));
    writeFileSync(join(granted, "out", "file"), "mine");
    writeFileSync(join(folder.path, "out", "file"), "secret");
    symlinkSync("../../out/file", join(granted, "a", "b", "link"));
    const permissions = { read: [granted], write: [granted] };
    using plugin = createPlugin("mover", source, { permissions });
    await using host = createIsolatingHost([plugin], { policy: { default: { tier: "isolated", permissions } } });
    await host.load();
    if (onDeno) {
      const { code, message } = statusOf(host).error ?? {};
      assertEquals(code, "permission-invalid");
      assertStringIncludes(message ?? "", "could be moved");
    } else {
      const [moved, read] = (await host.hooks.all({
        from: join(granted, "a", "b"),
        to: join(granted, "b"),
        read: join(granted, "b", "link"),
      }))[0] as [string, string];
      assertEquals([moved, read], ["undefined", "refused"]);
    }
  });

  it("that stay inside are followed", async () => {
    using folder = createTemporaryFolder();
    writeFileSync(join(folder.path, "file"), "mine");
    symlinkSync("file", join(folder.path, "link"));
    const permissions = { read: [folder.path], write: [folder.path] };
    using plugin = createPlugin("follower", source, { permissions });
    await using host = createIsolatingHost([plugin], { policy: { default: { tier: "isolated", permissions } } });
    await host.load();
    assertEquals(await host.hooks.one({ path: join(folder.path, "link") }), "mine");
  });
});
