import { describe, it } from "node:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { assertEquals } from "@std/assert";
import { parseManifest, parsePermissions, readPermissions } from "../../mod.ts";
import { bunMeans } from "../../src/isolate/bun_launch.ts";
import { IsolatedPlugin } from "../../src/isolate/isolated_plugin.ts";
import { readIsolationLimits } from "../../src/isolate/limits.ts";
import type { LaunchRequest } from "../../src/isolate/plan_launch.ts";
import { SpareProcesses } from "../../src/isolate/spare_processes.ts";
import { Semaphore } from "../../src/loader/semaphore.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import { onDeno } from "../support/child.ts";
import { isRunning, until } from "../support/isolated.ts";
import { manifestOf } from "../support/plugin_folder.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { bubblewrapped } from "./linux/bubblewrapped.ts";

const source = `const fs = globalThis.process.getBuiltinModule("fs");
export default { hooks: { one: ({ path }) => {
  try { return fs.readFileSync(path, "utf8"); } catch (error) { return error.code; }
} } };`;

// A host only comes to this where the kernel has no Landlock, so the means is taken by itself.
describe("the means Bubblewrap", { skip: onDeno || bubblewrapped.skip }, () => {
  it("runs a plugin that reaches what it is granted and does not see the rest, and ends with its host's word", async () => {
    using folder = createTemporaryFolder();
    const [granted, other] = ["granted", "other"].map((name) => join(folder.path, name)) as [string, string];
    for (const path of [granted, other]) {
      mkdirSync(path);
      writeFileSync(join(path, "file"), "text");
    }
    const runtime = await detectRuntime();
    const limits = readIsolationLimits();
    const request: LaunchRequest = {
      granted: parsePermissions({ read: [granted] }, ""),
      host: runtime,
      limits,
      demand: false,
      permissionRequests: undefined,
      deno: "/no/such/deno",
      requireDeno: () => {},
    };
    const files = { "mod.js": source };
    const manifest = parseManifest(new TextEncoder().encode(JSON.stringify(manifestOf(files))), { readPermissions });
    const url = "file:///plugin/";
    const bytes = new TextEncoder().encode(source);
    const modules = [{ url: `${url}mod.js`, kind: "javascript" as const, bytes }];
    const plugin = new IsolatedPlugin({
      plugin: "sample",
      message: { plugins: [{ manifest, url: `${url}plugin.json`, modules }], registry: "https://jsr.io/" },
      launch: bunMeans.find(({ name }) => name === "Bubblewrap")!.plan(request, {}),
      limits,
      runtime,
      spares: new SpareProcesses(0, limits, runtime),
      starts: new Semaphore(1),
      runLimit: 10_000,
      setupLimit: 10_000,
      output: ({ text }) => process.stderr.write(`${text}\n`),
      onCrash: () => {},
      onGivenUp: () => {},
    });
    try {
      await plugin.start();
      const subject = { plugin: "sample", hook: "one" };
      const read = (path: string) => plugin.call(subject, 0, { path }, undefined);
      assertEquals(await read(join(granted, "file")), "text");
      assertEquals(await read(join(other, "file")), "ENOENT");
      assertEquals(await read("/etc/hostname"), "ENOENT");
    } finally {
      const { pid } = plugin.status;
      plugin.end();
      if (pid !== undefined) await until(() => !isRunning(pid), "the process has ended");
    }
  });
});
