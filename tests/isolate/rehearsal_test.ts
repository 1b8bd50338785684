import { assertEquals } from "@std/assert";
import { describe, it } from "node:test";
import { PlugmapError } from "../../src/errors.ts";
import { IsolatedProcess } from "../../src/isolate/isolated_process.ts";
import { readIsolationLimits } from "../../src/isolate/mod.ts";
import { planLaunch } from "../../src/isolate/plan_launch.ts";
import { rehearse, runModules } from "../../src/isolate/plugin_start.ts";
import { rehearsal } from "../../src/isolate/rehearsal.ts";
import { parsePermissions } from "../../src/permissions/mod.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";
import { deno } from "../support/binaries.ts";

describe("rehearse()", () => {
  it("runs a plugin in a process, which can have another one afterwards", async () => {
    const host = await detectRuntime();
    const limits = readIsolationLimits();
    const granted = parsePermissions({}, "");
    const request = { granted, host, limits, demand: false, permissionRequests: undefined, deno };
    const launch = await planLaunch({ ...request, requireDeno: () => {} });
    const isolated = await IsolatedProcess.start(launch, limits, host);
    try {
      await rehearse(isolated, launch, 20_000);
      const [plugin] = rehearsal.plugins;
      const bytes = new TextEncoder().encode("export default { hooks: { other: () => 5 } };");
      const modules = [{ ...plugin!.modules[0]!, bytes }];
      const message = { ...rehearsal, plugins: [{ ...plugin!, modules }] };
      const { impls, hasSetup } = await runModules(isolated, message, launch, 20_000, undefined);
      assertEquals([[...impls.keys()], hasSetup], [["other"], false]);
    } finally {
      isolated.kill(new PlugmapError("isolate-crashed", "It has done its part"));
      await isolated.ended;
    }
  });
});
