import { PlugmapError } from "../errors.ts";
import { HookState, type RegisteredImpl } from "./hook_state.ts";
import { gathered } from "./problems.ts";
import { readImpls, unknownHook } from "./read_impls.ts";
import type { HookSpecs } from "./spec.ts";

/** A plugin's registration, for as long as it lasts. */
export interface Registration {
  /** Name of the plugin. */
  readonly name: string;
  /**
   * Takes everything back that this registration added. Doing so again changes nothing, not even when another plugin
   * has taken the name since.
   *
   * @returns Whether it was still registered.
   */
  unregister(): boolean;
  /** The same, at the end of the block that declared the registration with `using`. */
  [Symbol.dispose](): void;
}

/** Which plugins are registered, and what each has added to which hook. */
export class Registry {
  readonly hooks: ReadonlyMap<string, HookState>;
  readonly #plugins = new Map<string, readonly RegisteredImpl[]>();

  constructor(specs: HookSpecs) {
    this.hooks = new Map(Object.entries(specs).map(([name, spec]) => [name, new HookState(name, spec)]));
  }

  register(name: string, impls: unknown): Registration {
    if (typeof name !== "string") {
      throw new PlugmapError("hook-impl-invalid", `The name of the plugin is of type ${typeof name}, not a string`, {
        step: "register",
      });
    }
    const added = readImpls(name, impls, this.hooks);
    if (this.#plugins.has(name)) {
      throw new PlugmapError("plugin-duplicate", "A plugin of that name is registered already", {
        plugin: name,
        step: "register",
        mend: "Unregister that one first, or choose another name.",
      });
    }
    // From here on nothing can fail, so it is all or nothing.
    this.#plugins.set(name, added);
    for (const impl of added) impl.hook.add(impl);
    // A later plugin may have taken the name over, and is none of this registration's business.
    const unregister = () => this.#plugins.get(name) === added && this.unregister(name);
    return Object.freeze({ name, unregister, [Symbol.dispose]: () => void unregister() });
  }

  unregister(name: string): boolean {
    for (const impl of this.#plugins.get(name) ?? []) impl.hook.remove(impl);
    return this.#plugins.delete(name);
  }

  plugins(): readonly string[] {
    return [...this.#plugins.keys()];
  }

  implementations(name: string): readonly string[] {
    const hook = this.hooks.get(name);
    if (hook === undefined) throw gathered([unknownHook(name, this.hooks)], "hook-unknown");
    return [...hook.plan.plugins];
  }
}
