import { assertEquals } from "@std/assert";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { bun, deno } from "../support/binaries.ts";
import { onDeno } from "../support/child.ts";

it("examples/hello greets the world, with no right but to read its own folder", () => {
  const rights = ["--import-map=plugins.json", "--allow-read=."];
  const [program, flags] = onDeno
    // Deno that is started by its own path passes its rights on; see tests/support/child.ts.
    ? [deno.replace(/[^\\/]+$/, "./$&"), ["run", "--no-prompt", ...rights]] as const
    : [bun, ["--no-install"]] as const;
  const { status, stdout, stderr } = spawnSync(program, [...flags, "host.ts"], {
    cwd: fileURLToPath(new URL("../../examples/hello/", import.meta.url)),
    env: { ...process.env, NO_COLOR: "1", PLUGMAP_IMPORT_MAP: "" },
    encoding: "utf8",
    timeout: 60_000,
  });
  assertEquals({ status, stdout }, { status: 0, stdout: "Hello, world!\n" }, stderr);
});
