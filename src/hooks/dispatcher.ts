import { createCall, createCalls } from "./call.ts";
import type { Ground } from "./compile.ts";
import { defineHooks } from "./define_hooks.ts";
import { type HookReport, inspectHook } from "./inspect.ts";
import { type Monitor, type Monitoring, Monitors } from "./monitors.ts";
import { type DispatcherOptions, readDispatcherOptions } from "./dispatcher_options.ts";
import type { RegisterOptions } from "./register_options.ts";
import { isKnown, type Registration, Registry } from "./registry.ts";
import type { HookSpecs } from "./spec.ts";
import type { AnyHookCall, HookCalls, Impls, TargetedImpls } from "./types.ts";

/** The hooks of a table, the plugins that implement them, and the calls that run those. */
export interface Dispatcher<Specs extends HookSpecs> {
  /**
   * The hooks as functions, by name. They have this object to themselves, so no name of a hook can clash with a method.
   */
  readonly call: HookCalls<Specs>;
  /**
   * Gives a hook by a name that is known at run time only, also if it is implemented and not declared yet.
   *
   * @param hook Name of the hook.
   * @returns The function that calls it.
   * @throws {PlugmapError} `hook-unknown`.
   */
  caller(hook: string): AnyHookCall;
  /**
   * Declares more hooks: all of them, or none if one does not fit. Implementations that were waiting for them take part
   * from now on.
   *
   * @param specs What {@linkcode defineHooks} made.
   * @returns The same dispatcher, with a table of calls that has the new hooks as well.
   * @throws {PlugmapError} `hook-duplicate` for names that are taken; `hook-impl-invalid` for waiting implementations
   * that do not fit; `hook-spec-invalid`.
   */
  addSpecs<const More extends HookSpecs>(specs: More): Dispatcher<Specs & More>;
  /**
   * Registers a plugin: all of its implementations, or none if one of them does not fit. Calls that are running keep
   * the implementations they started with. Recorded calls of historic hooks are replayed to it first.
   *
   * @param name Name of the plugin. If it is blocked, nothing is registered.
   * @param impls Its implementations by hook name: own properties, of which no getter is run.
   * @param options A time limit for its implementations, and whether it replaces the plugin of that name.
   * @returns The registration, which also works with `using`.
   * @throws {PlugmapError} `plugin-duplicate`; `hook-unknown` if hooks are unknown and nothing else is wrong;
   * `hook-impl-invalid` with everything that is wrong; `hook-order-loop`; `hook-async` for an async historic hook, which
   * needs {@linkcode Dispatcher.registerAsync}; `hook-failed` and others if a replayed call fails.
   */
  register(name: string, impls: Impls<Specs>, options?: RegisterOptions): Registration;
  /**
   * Registers a plugin whose implementations have names of their own, and say by `target` which hook they are for.
   *
   * @param name Name of the plugin. If it is blocked, nothing is registered.
   * @param impls Its implementations.
   * @param options A time limit for its implementations, and whether it replaces the plugin of that name.
   * @returns The registration, which also works with `using`.
   * @throws {PlugmapError} As above.
   */
  register(name: string, impls: Impls<Specs> | TargetedImpls<Specs>, options?: RegisterOptions): Registration;
  /**
   * Registers a plugin and waits while recorded calls of async historic hooks are replayed to it.
   *
   * @param name Name of the plugin. If it is blocked, nothing is registered.
   * @param impls Its implementations by hook name: own properties, of which no getter is run.
   * @param options A time limit for its implementations, and whether it replaces the plugin of that name.
   * @returns A promise of the registration. Until it is settled, the plugin takes part in no call.
   * @throws {PlugmapError} As {@linkcode Dispatcher.register}.
   */
  registerAsync(name: string, impls: Impls<Specs>, options?: RegisterOptions): Promise<Registration>;
  /**
   * The same for a plugin whose implementations have names of their own.
   *
   * @param name Name of the plugin. If it is blocked, nothing is registered.
   * @param impls Its implementations.
   * @param options A time limit for its implementations, and whether it replaces the plugin of that name.
   * @returns A promise of the registration.
   * @throws {PlugmapError} As {@linkcode Dispatcher.register}.
   */
  registerAsync(
    name: string,
    impls: Impls<Specs> | TargetedImpls<Specs>,
    options?: RegisterOptions,
  ): Promise<Registration>;
  /**
   * Unregisters a plugin. Calls that are running keep the implementations they started with.
   *
   * @param name Name of the plugin.
   * @returns Whether it was registered.
   */
  unregister(name: string): boolean;
  /**
   * Unregisters a plugin, and sees to it that none of that name is registered.
   *
   * @param name Name of the plugin.
   * @throws {PlugmapError} `hook-impl-invalid` for a name that is no string.
   */
  block(name: string): void;
  /**
   * Lets a plugin be registered again.
   *
   * @param name Name of the plugin.
   * @returns Whether it was blocked.
   */
  unblock(name: string): boolean;
  /**
   * Tells whether a plugin is blocked.
   *
   * @param name Name of the plugin.
   * @returns Whether it is.
   */
  isBlocked(name: string): boolean;
  /**
   * Tells whether a plugin is registered.
   *
   * @param name Name of the plugin.
   * @returns Whether it is.
   */
  has(name: string): boolean;
  /**
   * Lists the plugins.
   *
   * @returns Their names in the order of registration.
   */
  plugins(): readonly string[];
  /**
   * Lists the hooks that a plugin implements.
   *
   * @param name Name of the plugin.
   * @returns Names of hooks, each of them once; `undefined` if the plugin is not registered.
   */
  hooksOf(name: string): readonly string[] | undefined;
  /**
   * Lists who implements a hook.
   *
   * @param hook Name of the hook.
   * @returns Names of plugins in the order in which their implementations run, wrappers first.
   * @throws {PlugmapError} `hook-unknown`.
   */
  implementations(hook: string): readonly string[];
  /**
   * Makes sure that no implementation is waiting for a spec, for once all specs should be there.
   *
   * @throws {PlugmapError} `hook-unknown` with each hook and plugin. Optional implementations may wait, and so may hooks
   * whose name starts with an underscore.
   */
  checkPending(): void;
  /**
   * Watches all calls from now on.
   *
   * @param monitor What is called before, after and around each.
   * @returns What ends it.
   */
  monitor(monitor: Monitor): Monitoring;
  /**
   * Tells everything about all hooks.
   *
   * @returns Plain data: specs, implementations in the order of running, history.
   */
  inspect(): readonly HookReport[];
}

/**
 * Makes a dispatcher: the hooks of a table, callable, and the registration of plugins that implement them.
 *
 * Order of running: wrappers around everything else. Among wrappers and among the rest: `tryFirst`, then those that say
 * nothing, then `tryLast`; among these, higher `priority` first; then the plugin registered last, as in pluggy, or first
 * with `order: "fifo"`, as in pluginkit. Of those that want to be last, the one registered last runs last. `before` and
 * `after` come before all of this.
 *
 * @param specs What {@linkcode defineHooks} made.
 * @param options Where diagnostics go, and whether plugins may come before the specs they implement.
 * @returns The dispatcher, without plugins.
 * @throws {PlugmapError} `hook-spec-invalid`, `option-invalid`.
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
 * assertEquals(hooks.call.greeting.detailed({ name: "Ada" })[0]?.plugin, "english");
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
export function createHooks<const Specs extends HookSpecs>(
  specs: Specs,
  options: DispatcherOptions = {},
): Dispatcher<Specs> {
  const { onDiagnostic, lateSpecs, codeGeneration } = readDispatcherOptions(options);
  const ground: Ground = { monitors: new Monitors(onDiagnostic), report: onDiagnostic, codeGeneration };
  const registry = new Registry(ground, lateSpecs);
  return facade(registry, ground, declare(registry, specs, ground, {}));
}

/** Declares hooks, and gives the table of calls that has them as well. */
function declare(registry: Registry, specs: HookSpecs, { codeGeneration }: Ground, call: HookTable): HookTable {
  const states = registry.addSpecs(defineHooks(specs));
  const calls = createCalls(states, codeGeneration);
  const fresh = states.map(({ name }, index) => [name, calls[index]!] as const);
  const table: HookTable = Object.fromEntries([...Object.entries(call), ...fresh]);
  // An object that is made without a prototype is a hash table to V8, and looking a hook up takes longer than calling it.
  return Object.freeze(Object.setPrototypeOf(table, null));
}

type HookTable = Readonly<Record<string, AnyHookCall>>;

function facade<Specs extends HookSpecs>(registry: Registry, ground: Ground, call: HookTable): Dispatcher<Specs> {
  return Object.freeze({
    call: call as unknown as HookCalls<Specs>,
    caller: (hook: string) => Object.hasOwn(call, hook) ? call[hook]! : createCall(registry.find(hook)),
    addSpecs: <const More extends HookSpecs>(more: More): Dispatcher<Specs & More> =>
      facade(registry, ground, declare(registry, more, ground, call)),
    register: (name: string, impls: unknown, options?: RegisterOptions) => registry.register(name, impls, options),
    registerAsync: (name: string, impls: unknown, options?: RegisterOptions) =>
      registry.registerAsync(name, impls, options),
    unregister: (name: string) => registry.unregister(name),
    block: (name: string) => registry.block(name),
    unblock: (name: string) => registry.unblock(name),
    isBlocked: (name: string) => registry.isBlocked(name),
    has: (name: string) => registry.has(name),
    plugins: () => registry.plugins(),
    hooksOf: (name: string) => registry.hooksOf(name),
    implementations: (hook: string) => registry.find(hook).source().impls.map(({ plugin }) => plugin),
    checkPending: () => registry.checkPending(),
    monitor: (monitor: Monitor) =>
      ground.monitors.attach(monitor, () => {
        for (const state of registry.hooks.values()) state.invalidate();
      }),
    inspect: () => [...registry.hooks.values()].filter(isKnown).map(inspectHook),
  });
}
