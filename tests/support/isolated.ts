/**
 * Hosts whose plugins run in processes of their own.
 *
 * @module
 */
import process from "node:process";
import { createHost, defineHooks, hook, PlugmapError } from "../../mod.ts";
import type { HookSpec, Host, HostOptions, PluginReport } from "../../mod.ts";
import { importMapOf } from "./host.ts";
import type { Listed } from "./host.ts";

/** Hooks for anything, all of them async. */
export interface AsyncHooks extends Readonly<Record<string, HookSpec<never, unknown>>> {
  readonly all: HookSpec<Readonly<Record<string, unknown>>, unknown, "collect", true, false, false>;
  readonly one: HookSpec<Readonly<Record<string, unknown>>, unknown, "first", true, false, false>;
}

/** The specs of {@linkcode AsyncHooks}. */
export const asyncHooks: AsyncHooks = defineHooks({
  all: hook<Readonly<Record<string, unknown>>, unknown>({ async: true }),
  one: hook<Readonly<Record<string, unknown>>, unknown>({ async: true, mode: "first" }),
});

/** A host with {@linkcode asyncHooks} that isolates its plugins, not yet loaded, without spare processes. */
export function createIsolatingHost(
  plugins: readonly Listed[],
  options: Partial<HostOptions<AsyncHooks, unknown>> = {},
): Host<AsyncHooks> {
  return createHost<AsyncHooks, unknown>({
    hooks: asyncHooks,
    importMap: importMapOf(...plugins),
    policy: { default: { tier: "isolated" } },
    store: false,
    ...options,
    isolation: { spares: 0, output: () => {}, ...options.isolation },
  });
}

/** The same, loaded; every plugin has to be active. */
export async function loadIsolated(
  plugins: readonly Listed[],
  options: Partial<HostOptions<AsyncHooks, unknown>> = {},
): Promise<Host<AsyncHooks>> {
  const host = createIsolatingHost(plugins, options);
  const report = await host.load();
  const failed = report.plugins.find(({ state }) => state !== "active");
  if (failed === undefined) return host;
  await host.close();
  throw new Error(failed.error?.message ?? `${failed.name} is ${failed.state}`);
}

/** What a host knows of its only plugin, or of one by name. */
export function statusOf(host: Host<AsyncHooks>, name?: string): PluginReport {
  return host.inspect().plugins.find((plugin) => name === undefined || plugin.name === name)!;
}

/** The error that a call ends with. */
export async function failureOf(call: Promise<unknown>): Promise<PlugmapError> {
  const error = await call.then((value) => new Error(`It gave ${String(value)}`), (error) => error);
  if (error instanceof PlugmapError) return error;
  throw error;
}

/** Whether a process exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

/** Waits until something holds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 1000) throw new Error(`It never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
