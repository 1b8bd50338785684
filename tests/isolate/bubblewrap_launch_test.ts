import { describe, it } from "node:test";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { parseManifest, parsePermissions, PlugmapError, readPermissions } from "../../mod.ts";
import { bunMeans } from "../../src/isolate/bun_launch.ts";
import { IsolatedProcess } from "../../src/isolate/isolated_process.ts";
import { IsolatedPlugin } from "../../src/isolate/isolated_plugin.ts";
import { readIsolationLimits } from "../../src/isolate/limits.ts";
import type { IsolationLimits } from "../../src/isolate/limits.ts";
import type { LaunchRequest } from "../../src/isolate/plan_launch.ts";
import { SpareProcesses } from "../../src/isolate/spare_processes.ts";
import { Semaphore } from "../../src/loader/semaphore.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import type { RuntimeAdapter } from "../../src/runtime/types.ts";
import { onDeno } from "../support/child.ts";
import { isRunning, until } from "../support/isolated.ts";
import { manifestOf } from "../support/plugin_folder.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { bubblewrapped } from "./linux/bubblewrapped.ts";

const source = `const fs = globalThis.process.getBuiltinModule("fs");
export default { hooks: { one: ({ path }) => {
  try { return fs.readFileSync(path, "utf8"); } catch (error) { return error.code; }
} } };`;

function requestFor(granted: object, host: RuntimeAdapter, limits: IsolationLimits): LaunchRequest {
  const [demand, deno] = [false, "/no/such/deno"];
  const parsed = parsePermissions(granted, "");
  return { granted: parsed, host, limits, demand, permissionRequests: undefined, deno, requireDeno: () => {} };
}

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
    const request = requestFor({ read: [granted] }, runtime, limits);
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

  it("starts nothing once a link has come into a granted path", async () => {
    using folder = createTemporaryFolder();
    const granted = join(folder.path, "granted");
    mkdirSync(join(granted, "data"), { recursive: true });
    mkdirSync(join(folder.path, "other", "data"), { recursive: true });
    const runtime = await detectRuntime();
    const limits = readIsolationLimits();
    const write = [folder.path, join(granted, "data"), join(folder.path, "missing")];
    const request = requestFor({ write }, runtime, limits);
    const launch = bunMeans.find(({ name }) => name === "Bubblewrap")!.plan(request, {});
    const start = async (): Promise<void> => {
      const started = await IsolatedProcess.start(launch, limits, runtime);
      await started.ping(limits.start).finally(() => {
        started.kill(new PlugmapError("isolate-crashed", "It has done its part"));
        return started.ended;
      });
    };
    await start();
    renameSync(granted, join(folder.path, "moved"));
    symlinkSync("other", granted);
    const error = await assertRejects(start, PlugmapError) as PlugmapError;
    assertEquals(error.code, "isolate-start");
    assertStringIncludes(error.message, "does not lead where it did");
  });
});
