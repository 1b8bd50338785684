/**
 * What a plugin imports: the type of a plugin, and {@linkcode definePlugin} to have one checked and completed by the
 * editor. At run time it is one function that returns its argument.
 *
 * @example A plugin
 * ```ts
 * import { definePlugin } from "@plugmap/plugmap/plugin";
 * import { assertEquals } from "@std/assert";
 *
 * const plugin = definePlugin({ dispose() {} });
 *
 * assertEquals(typeof plugin.dispose, "function");
 * ```
 *
 * @module
 */

import type { HookSpecs, Impls, TargetedImpls } from "./src/hooks/mod.ts";

export type {
  AnyHookSpec,
  DeclaredResult,
  HookArgs,
  HookMode,
  HookOrder,
  HookSpec,
  HookSpecs,
  Impl,
  ImplFunction,
  ImplOptions,
  ImplReturn,
  Impls,
  TargetedImpls,
} from "./src/hooks/mod.ts";

/** What a plugin is given when it is set up. */
export interface PluginContext<HostContext = unknown> {
  /** Name of the plugin, as its manifest has it. */
  readonly name: string;
  /** Version of the plugin, as its manifest has it. */
  readonly version: string;
  /** What the host passes to its plugins as option `context`. */
  readonly host: HostContext;
}

/** A plugin: the default export of its entry module. */
export interface Plugin<Specs extends HookSpecs = HookSpecs, HostContext = unknown> {
  /** Implementations by hook name, registered once the plugin is set up. */
  readonly hooks?: Impls<Specs>;
  /**
   * Runs before the hooks are registered. If it throws, the plugin is not loaded.
   *
   * @param context Who the plugin is, and what the host offers.
   */
  setup?(context: PluginContext<HostContext>): void | PromiseLike<void>;
  /** Runs after the hooks are unregistered, to give back what `setup` took. */
  dispose?(): void | PromiseLike<void>;
}

/** A plugin that names its implementations as it likes, each of which says by `target` which hook it is for. */
export interface TargetedPlugin<Specs extends HookSpecs = HookSpecs, HostContext = unknown>
  extends Omit<Plugin<Specs, HostContext>, "hooks"> {
  /** Implementations by names of their own, registered once the plugin is set up. */
  readonly hooks: TargetedImpls<Specs>;
}

/**
 * Types a plugin by the hooks and the context of its host. Returns what it is given.
 *
 * @typeParam Specs The host's table of hooks, as `typeof` what `defineHooks` made.
 * @typeParam HostContext What the host passes as option `context`.
 * @param plugin The plugin.
 * @returns The same plugin.
 *
 * @example Implement a hook
 * ```ts
 * import { createHooks, defineHooks, hook } from "@plugmap/plugmap/hooks";
 * import { definePlugin } from "@plugmap/plugmap/plugin";
 * import { assertEquals } from "@std/assert";
 *
 * const specs = defineHooks({ greeting: hook<{ name: string }, string>() });
 *
 * const plugin = definePlugin<typeof specs>({
 *   hooks: {
 *     greeting({ name }) {
 *       return `Hello, ${name}`;
 *     },
 *   },
 * });
 *
 * const hooks = createHooks(specs);
 * hooks.register("english", plugin.hooks ?? {});
 * assertEquals(hooks.call.greeting({ name: "Ada" }), ["Hello, Ada"]);
 * ```
 */
export function definePlugin<Specs extends HookSpecs = HookSpecs, HostContext = unknown>(
  plugin: Plugin<Specs, HostContext>,
): Plugin<Specs, HostContext> {
  return plugin;
}

/**
 * Types a plugin whose implementations have names of their own.
 *
 * @typeParam Specs The host's table of hooks, as `typeof` what `defineHooks` made.
 * @typeParam HostContext What the host passes as option `context`.
 * @param plugin The plugin.
 * @returns The same plugin.
 *
 * @example Implement one hook twice
 * ```ts
 * import { createHooks, defineHooks, hook } from "@plugmap/plugmap/hooks";
 * import { defineTargetedPlugin } from "@plugmap/plugmap/plugin";
 * import { assertEquals } from "@std/assert";
 *
 * const specs = defineHooks({ greeting: hook<{ name: string }, string>() });
 *
 * const plugin = defineTargetedPlugin<typeof specs>({
 *   hooks: {
 *     polite: { target: "greeting", run: ({ name }) => `Good day, ${name}`, tryFirst: true },
 *     casual: { target: "greeting", run: ({ name }) => `Hi ${name}` },
 *   },
 * });
 *
 * const hooks = createHooks(specs);
 * hooks.register("english", plugin.hooks);
 * assertEquals(hooks.call.greeting({ name: "Ada" }), ["Good day, Ada", "Hi Ada"]);
 * ```
 */
export function defineTargetedPlugin<Specs extends HookSpecs = HookSpecs, HostContext = unknown>(
  plugin: TargetedPlugin<Specs, HostContext>,
): TargetedPlugin<Specs, HostContext> {
  return plugin;
}
