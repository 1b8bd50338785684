/**
 * Hosts for tests: two hooks, an import map object, no store unless one is asked for.
 *
 * @module
 */
import { assertRejects } from "@std/assert";
import { createHost, defineHooks, hook, PlugmapError } from "../../mod.ts";
import type { HookSpec, Host, HostOptions, ImportMapObject } from "../../mod.ts";
import { createPluginFolder } from "./plugin_folder.ts";
import type { Files, PluginFolder } from "./plugin_folder.ts";

/** What plugins of tests implement. */
export interface TestHooks extends Readonly<Record<string, HookSpec<never, unknown>>> {
  /** Every plugin greets. */
  readonly greeting: HookSpec<{ name: string }, string, "collect", false, false>;
  /** A plugin tells what it sees from inside. */
  readonly probe: HookSpec<{ input?: unknown }, unknown, "first", true, false>;
}

/** The specs of {@linkcode TestHooks}. */
export const testHooks: TestHooks = defineHooks({
  greeting: hook<{ name: string }, string>(),
  probe: hook<{ input?: unknown }, unknown>({ mode: "first", async: true }),
});

/** A plugin that lies somewhere: a folder on disk, or the address of a manifest and its pin. */
export type Listed = PluginFolder | {
  readonly name: string;
  readonly manifestUrl: string;
  readonly digest?: string;
};

/** An import map that lists plugins and pins those that have a digest. */
export function importMapOf(...plugins: readonly Listed[]): ImportMapObject {
  return {
    imports: Object.fromEntries(plugins.map(({ name, manifestUrl }) => [`plugins/${name}`, manifestUrl])),
    integrity: Object.fromEntries(
      plugins.flatMap(({ manifestUrl, digest }) => digest === undefined ? [] : [[manifestUrl, digest]]),
    ),
  };
}

/**
 * A host with {@linkcode testHooks} for these plugins, not yet loaded, with an empty policy and without a store.
 *
 * @param plugins What its import map lists.
 * @param options What differs.
 */
export function createTestHost(
  plugins: readonly Listed[],
  options: Partial<HostOptions<TestHooks, unknown>> = {},
): Host<TestHooks> {
  return createHost<TestHooks, unknown>({
    hooks: testHooks,
    importMap: importMapOf(...plugins),
    policy: {},
    store: false,
    ...options,
  });
}

/**
 * Loads one plugin in a host of its own and gives what its hook `probe` gives.
 *
 * @param files Its modules; the first one is the entry.
 * @param overrides Members of the manifest that differ. Permissions that it asks for are granted.
 * @param input What the hook gets as `input`.
 * @throws {PlugmapError} Why the plugin cannot be loaded.
 */
export async function runPlugin(
  files: Files,
  overrides: Readonly<Record<string, unknown>> = {},
  input?: unknown,
): Promise<unknown> {
  using plugin = createPluginFolder(files, overrides);
  const permissions = overrides["permissions"] ?? {};
  await using host = createTestHost([plugin], { policy: { default: { permissions } } });
  await host.loadPlugin(plugin.name);
  return await host.hooks.probe({ input });
}

/** Why a plugin cannot be loaded: as {@linkcode runPlugin}, for one that must fail. */
export function failureOf(files: Files, overrides: Readonly<Record<string, unknown>> = {}): Promise<PlugmapError> {
  return assertRejects(() => runPlugin(files, overrides), PlugmapError);
}

/** An entry module whose hook `probe` gives the value of an expression. */
export function probing(expression: string, before: string = ""): string {
  return `${before}\nexport default { hooks: { probe: async ({ input }) => (${expression}) } };\n`;
}
