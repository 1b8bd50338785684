/**
 * Isolated plugins without a host around them, and what they are compared with.
 *
 * @module
 */

import { detectRuntime } from "../../src/runtime/detect.ts";
import type { RuntimeAdapter } from "../../src/runtime/types.ts";
import { IsolatedPlugin } from "../../src/isolate/isolated_plugin.ts";
import type { Launch } from "../../src/isolate/launch.ts";
import { readIsolationLimits } from "../../src/isolate/limits.ts";
import { planLaunch } from "../../src/isolate/plan_launch.ts";
import { SpareProcesses } from "../../src/isolate/spare_processes.ts";
import { Semaphore } from "../../src/loader/semaphore.ts";
import { parseManifest } from "../../src/manifest/mod.ts";
import { parsePermissions, readPermissions } from "../../src/permissions/mod.ts";
import { manifest as manifestBytes, text } from "./echo_plugin.ts";

/** What isolates here. */
export const runtime: RuntimeAdapter = await detectRuntime();
const limits = readIsolationLimits();
const manifest = parseManifest(manifestBytes, { readPermissions });

/** How a process is started that is granted nothing. */
export const launch: Launch = await planLaunch({
  granted: parsePermissions({}, ""),
  host: runtime,
  limits,
  demand: false,
  permissionRequests: undefined,
  deno: "deno",
  requireDeno: () => {},
});

/** Processes kept ready, as many as given. */
export function keepSpares(most: number): SpareProcesses {
  return new SpareProcesses(most, limits, runtime);
}

/** The echo plugin, not started yet. */
export function makePlugin(spares: SpareProcesses): IsolatedPlugin {
  const bytes = new TextEncoder().encode(text);
  return new IsolatedPlugin({
    plugin: manifest.name,
    message: {
      plugins: [{
        manifest,
        url: "file:///echo/plugin.json",
        modules: [{ url: "file:///echo/mod.js", kind: "javascript", bytes }],
      }],
      registry: "https://jsr.io/",
    },
    launch,
    limits,
    runtime,
    spares,
    starts: new Semaphore(1),
    runLimit: 10_000,
    setupLimit: 10_000,
    output: (line) => console.error(line),
    onCrash: (error) => console.error(error),
    onGivenUp: (error) => console.error(error),
  });
}

/** Starts it and sets it up. */
export async function startPlugin(
  spares: SpareProcesses,
): Promise<IsolatedPlugin> {
  const plugin = makePlugin(spares);
  await plugin.start();
  await plugin.setUp({
    name: manifest.name,
    version: "1.0.0",
    host: undefined,
  });
  return plugin;
}

/** Calls its first implementation. */
export async function echo(
  plugin: IsolatedPlugin,
  value: number,
): Promise<number> {
  return await plugin.call({ plugin: manifest.name, hook: "echo" }, 0, {
    value,
  }, undefined) as number;
}

/** Calls its second one. */
export async function receive(
  plugin: IsolatedPlugin,
  bytes: Uint8Array,
): Promise<number> {
  return await plugin.call({ plugin: manifest.name, hook: "receive" }, 1, {
    bytes,
  }, undefined) as number;
}
