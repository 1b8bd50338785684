import { createCall } from "./call.ts";
import { defineHooks } from "./define_hooks.ts";
import { type Registration, Registry } from "./registry.ts";
import type { AnyHookSpec, HookSpecs } from "./spec.ts";
import type { HookCall, HookCalls, Impls } from "./types.ts";

/** The hooks of a table, the plugins that implement them, and the calls that run those. */
export interface Dispatcher<Specs extends HookSpecs> {
  /**
   * The hooks as functions, by name. They have this object to themselves, so no name of a hook can clash with a method.
   */
  readonly call: HookCalls<Specs>;
  /**
   * Registers a plugin: all of its implementations, or none if one of them does not fit. Calls that are running keep
   * the implementations they started with.
   *
   * @param name Name of the plugin.
   * @param impls Its implementations by hook name: own properties, of which no getter is run.
   * @returns The registration, which also works with `using`.
   * @throws {PlugmapError} `plugin-duplicate`; `hook-unknown` if hooks are unknown and nothing else is wrong;
   * `hook-impl-invalid` with everything that is wrong.
   */
  register(name: string, impls: Impls<Specs>): Registration;
  /**
   * Unregisters a plugin. Calls that are running keep the implementations they started with.
   *
   * @param name Name of the plugin.
   * @returns Whether it was registered.
   */
  unregister(name: string): boolean;
  /**
   * Lists the plugins.
   *
   * @returns Their names in the order of registration.
   */
  plugins(): readonly string[];
  /**
   * Lists who implements a hook.
   *
   * @param hook Name of the hook.
   * @returns Names of plugins in the order in which their implementations run.
   * @throws {PlugmapError} `hook-unknown`.
   */
  implementations(hook: keyof Specs & string): readonly string[];
}

/**
 * Makes a dispatcher: the hooks of a table, callable, and the registration of plugins that implement them.
 *
 * Order of running: `tryFirst`, then those that say nothing, then `tryLast`. Within the first two the plugin registered
 * last runs first, as in pluggy, or first with `order: "fifo"`, as in pluginkit; of those that want to be last, the one
 * registered last runs last.
 *
 * @param specs What {@linkcode defineHooks} made.
 * @returns The dispatcher, without plugins.
 * @throws {PlugmapError} `hook-spec-invalid`.
 *
 * @example Register a plugin and call its hooks
 * ```ts
 * import { createHooks, defineHooks, hook } from "@plugmap/plugmap/hooks";
 * import { assertEquals } from "@std/assert";
 *
 * const hooks = createHooks(defineHooks({
 *   greeting: hook<{ name: string }, string>(),
 *   title: hook<{ text: string }, string>({ mode: "pipeline", value: "text" }),
 * }));
 * hooks.register("english", { greeting: ({ name }) => `Hello, ${name}` });
 * hooks.register("loud", {
 *   greeting: { run: ({ name }) => `HEY ${name.toUpperCase()}`, tryLast: true },
 *   title: ({ text }) => `${text}!`,
 * });
 *
 * assertEquals(hooks.call.greeting({ name: "Ada" }), ["Hello, Ada", "HEY ADA"]);
 * assertEquals(hooks.call.greeting.detailed({ name: "Ada" })[0], { plugin: "english", result: "Hello, Ada" });
 * assertEquals(hooks.call.title({ text: "Plugins" }), "Plugins!");
 * ```
 *
 * @example Register for the length of a block
 * ```ts
 * import { createHooks, defineHooks, hook } from "@plugmap/plugmap/hooks";
 * import { assertEquals } from "@std/assert";
 *
 * const hooks = createHooks(defineHooks({ colour: hook<{ of: string }, string>({ mode: "first" }) }));
 * {
 *   using _registration = hooks.register("night", { colour: () => "black" });
 *   assertEquals(hooks.call.colour({ of: "sky" }), "black");
 * }
 * assertEquals(hooks.call.colour({ of: "sky" }), undefined);
 * ```
 */
export function createHooks<const Specs extends HookSpecs>(specs: Specs): Dispatcher<Specs> {
  const registry = new Registry(defineHooks(specs));
  const call: Record<string, HookCall<AnyHookSpec>> = Object.create(null);
  for (const [name, hook] of registry.hooks) call[name] = createCall(hook);
  return Object.freeze({
    call: Object.freeze(call) as HookCalls<Specs>,
    register: (name: string, impls: Impls<Specs>) => registry.register(name, impls),
    unregister: (name: string) => registry.unregister(name),
    plugins: () => registry.plugins(),
    implementations: (hook: string) => registry.implementations(hook),
  });
}
