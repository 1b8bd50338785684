import { PlugmapError, quote } from "../errors.ts";
import type { Ground } from "./compile.ts";
import { HookState } from "./hook_state.ts";
import { replay, replayAsync } from "./historic.ts";
import type { HistoryRecord } from "./history.ts";
import type { RegisteredImpl } from "./impl.ts";
import { gathered, type Problem } from "./problems.ts";
import { readImpls, unknownHook } from "./read_impls.ts";
import { readRegisterOptions, type RegisterOptions } from "./register_options.ts";
import type { AnyHookSpec, HookSpecs } from "./spec.ts";
import { deprecationsOf, problemsOf } from "./verify_impl.ts";

/** A plugin's registration, for as long as it lasts. */
export interface Registration {
  /** Name of the plugin. */
  readonly name: string;
  /** Whether nothing was registered, because the name is blocked. */
  readonly blocked: boolean;
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

/** What a registered plugin has added, and its place in the order of registration. */
interface RegisteredPlugin {
  readonly place: number;
  readonly impls: readonly RegisteredImpl[];
}

/** Something that was read and checked, and is not registered yet. */
interface Candidate extends RegisteredPlugin {
  readonly name: string;
  /** Ends the wait for replays. */
  readonly signal: AbortSignal | undefined;
  readonly replaces: RegisteredPlugin | undefined;
}

/** Which hooks there are, which plugins are registered, and what each has added to which hook. */
export class Registry {
  readonly hooks: Map<string, HookState> = new Map();
  readonly #plugins = new Map<string, RegisteredPlugin>();
  readonly #blocked = new Set<string>();
  /** Plugins that history is being replayed to, so that nobody takes their names meanwhile. */
  readonly #arriving = new Map<string, Candidate>();
  readonly #ground: Ground;
  readonly #pend: boolean;
  #places = 0;

  /** @param pend Whether implementations of hooks that nobody has declared yet are taken. */
  constructor(ground: Ground, pend: boolean) {
    this.#ground = ground;
    this.#pend = pend;
  }

  /** @returns The hooks that are now declared and were not known before. */
  addSpecs(specs: HookSpecs): readonly HookState[] {
    const problems: Problem[] = [];
    for (const [name, spec] of Object.entries(specs)) {
      const state = this.hooks.get(name);
      if (state?.declaredSpec !== undefined) {
        const mend = "Choose another name, or leave it to whoever declared it first.";
        problems.push({ code: "hook-duplicate", hook: name, text: "The hook is declared already", mend });
      }
      for (const impl of state?.impls ?? []) problems.push(...problemsOf(impl, spec).map(naming(impl)));
    }
    if (problems.length > 0) throw gathered(problems, "hook-spec-invalid");
    const fresh = Object.entries(specs).map(([name, spec]) => this.#declare(name, spec));
    for (const state of fresh) this.#tellDeprecations(state.impls);
    return fresh;
  }

  #declare(name: string, spec: AnyHookSpec): HookState {
    const state = this.#stateOf(name);
    state.declare(spec);
    return state;
  }

  register(name: string, impls: unknown, options?: RegisterOptions): Registration {
    const candidate = this.#read(name, impls, options);
    if (candidate === undefined) return this.#registration(name, undefined);
    const waiting = candidate.impls.find((impl) => this.#isAsyncHistoric(impl));
    if (waiting !== undefined) {
      const mend = "Use registerAsync, which waits until what was called before has been replayed.";
      const problem = "The hook is async and historic, so registering takes a while";
      throw new PlugmapError("hook-async", problem, { plugin: name, hook: waiting.hook, step: "register", mend });
    }
    return this.#commit(candidate);
  }

  async registerAsync(name: string, impls: unknown, options?: RegisterOptions): Promise<Registration> {
    const candidate = this.#read(name, impls, options);
    if (candidate === undefined) return this.#registration(name, undefined);
    this.#arriving.set(name, candidate);
    try {
      const caughtUp = new Map<RegisteredImpl, HistoryRecord>();
      // Between the last look for what was called meanwhile and the commit below, nothing else can run.
      for (let impl = this.#behind(candidate, caughtUp); impl; impl = this.#behind(candidate, caughtUp)) {
        const last = await replayAsync(impl, this.hooks.get(impl.hook)!, caughtUp.get(impl), candidate.signal);
        if (last !== undefined) caughtUp.set(impl, last);
      }
      // Whoever unregistered or blocked it meanwhile does not want it to arrive.
      if (this.#arriving.get(name) !== candidate) return this.#registration(name, undefined);
    } finally {
      if (this.#arriving.get(name) === candidate) this.#arriving.delete(name);
    }
    // Much can have happened meanwhile: hooks were declared, the plugin to replace has gone.
    const replaces = this.#plugins.get(name) === candidate.replaces ? candidate.replaces : undefined;
    this.#requireFree(name, replaces);
    this.#requireFit(candidate);
    return this.#commit({ ...candidate, replaces });
  }

  /** An implementation that there are recorded calls for which it has not been run for. */
  #behind(
    { impls }: Candidate,
    caughtUp: ReadonlyMap<RegisteredImpl, HistoryRecord>,
  ): RegisteredImpl | undefined {
    return impls.find((impl) =>
      this.#isAsyncHistoric(impl) && this.hooks.get(impl.hook)!.history.after(caughtUp.get(impl)) !== undefined
    );
  }

  /** @throws {PlugmapError} `hook-impl-invalid` unless everything fits the specs that there are now. */
  #requireFit({ name, impls }: Candidate): void {
    const problems = impls.flatMap((impl) => {
      const spec = this.#specOf(impl);
      return spec === undefined ? [] : problemsOf(impl, spec);
    });
    if (problems.length > 0) throw gathered(problems, "hook-impl-invalid", name);
  }

  #isAsyncHistoric({ hook }: RegisteredImpl): boolean {
    const { async, historic } = this.hooks.get(hook)?.spec ?? {};
    return historic !== undefined && async === true;
  }

  /** @returns `undefined` if the name is blocked. */
  #read(name: string, impls: unknown, options: RegisterOptions | undefined): Candidate | undefined {
    requireName(name);
    const { timeLimit, replace = false, signal } = readRegisterOptions(name, options);
    if (this.#blocked.has(name)) return undefined;
    const replaces = replace ? this.#plugins.get(name) : undefined;
    this.#requireFree(name, replaces);
    const place = replaces?.place ?? this.#places++;
    const read = readImpls({ plugin: name, place, timeLimit }, impls, this.hooks, this.#pend);
    // Reading a proxy runs its code, which may have registered something.
    this.#requireFree(name, replaces);
    return { name, place, impls: read, replaces, signal };
  }

  #requireFree(name: string, replaces: RegisteredPlugin | undefined): void {
    if (this.#plugins.get(name) === replaces && !this.#arriving.has(name)) return;
    throw new PlugmapError("plugin-duplicate", "A plugin of that name is registered already", {
      plugin: name,
      step: "register",
      mend: "Unregister that one first, or choose another name.",
    });
  }

  /** All of it, or nothing. */
  #commit(candidate: Candidate): Registration {
    const { name, impls, replaces } = candidate;
    const added: RegisteredImpl[] = [];
    for (const impl of replaces?.impls ?? []) this.hooks.get(impl.hook)!.remove(impl);
    try {
      for (const impl of impls) {
        this.#add(impl);
        added.push(impl);
      }
      this.#plugins.set(name, candidate);
      for (const impl of impls) {
        const state = this.hooks.get(impl.hook)!;
        // What a replay runs can have unregistered the plugin.
        if (this.#plugins.get(name) === candidate && !state.spec.async) replay(impl, state);
      }
    } catch (error) {
      this.#takeBack(candidate, added);
      throw error;
    }
    this.#tellDeprecations(impls);
    return this.#registration(name, candidate);
  }

  #takeBack(candidate: Candidate, added: readonly RegisteredImpl[]): void {
    const { name, replaces } = candidate;
    const current = this.#plugins.get(name);
    for (const impl of added) this.hooks.get(impl.hook)!.remove(impl);
    if (current !== candidate && current !== replaces) return;
    for (const impl of replaces?.impls ?? []) this.hooks.get(impl.hook)!.add(impl);
    if (replaces === undefined) this.#plugins.delete(name);
    else this.#plugins.set(name, replaces);
  }

  /** @throws {PlugmapError} `hook-order-loop`; it is not added then. */
  #add(impl: RegisteredImpl): void {
    const loop = this.#stateOf(impl.hook).add(impl);
    if (loop === undefined) return;
    const problem = `Plugins want to run before each other: ${loop.map(quote).join(", then ")}`;
    const { plugin, hook } = impl;
    const mend = 'Take one name out of a "before" or "after".';
    throw new PlugmapError("hook-order-loop", problem, { plugin, hook, step: "register", mend });
  }

  #registration(name: string, plugin: RegisteredPlugin | undefined): Registration {
    // A later plugin may have taken the name over, and is none of this registration's business.
    const unregister = () => plugin !== undefined && this.#plugins.get(name) === plugin && this.unregister(name);
    return Object.freeze({
      name,
      blocked: this.#blocked.has(name),
      unregister,
      [Symbol.dispose]: () => void unregister(),
    });
  }

  unregister(name: string): boolean {
    const wasArriving = this.#arriving.delete(name);
    for (const impl of this.#plugins.get(name)?.impls ?? []) this.hooks.get(impl.hook)!.remove(impl);
    return this.#plugins.delete(name) || wasArriving;
  }

  block(name: string): void {
    requireName(name);
    this.unregister(name);
    this.#blocked.add(name);
  }

  unblock(name: string): boolean {
    return this.#blocked.delete(name);
  }

  isBlocked(name: string): boolean {
    return this.#blocked.has(name);
  }

  has(name: string): boolean {
    return this.#plugins.has(name);
  }

  plugins(): readonly string[] {
    return [...this.#plugins.keys()];
  }

  hooksOf(name: string): readonly string[] | undefined {
    const plugin = this.#plugins.get(name);
    return plugin && [...new Set(plugin.impls.map((impl) => impl.hook))];
  }

  /** @throws {PlugmapError} `hook-unknown` unless the hook is declared or implemented. */
  find(name: string): HookState {
    const state = this.hooks.get(name);
    if (state !== undefined && isKnown(state)) return state;
    throw gathered([unknownHook(name, this.hooks)], "hook-unknown");
  }

  /** @throws {PlugmapError} `hook-unknown` with each implementation that waits for a spec and is not optional. */
  checkPending(): void {
    const problems: Problem[] = [];
    for (const state of this.hooks.values()) {
      // As in pluggy, names with an underscore in front are nobody's business.
      if (state.declaredSpec !== undefined || state.name.startsWith("_")) continue;
      for (const impl of state.impls) {
        if (!impl.optional) problems.push(naming(impl)(unknownHook(state.name, this.hooks)));
      }
    }
    if (problems.length > 0) throw gathered(problems, "hook-unknown");
  }

  #stateOf(name: string): HookState {
    let state = this.hooks.get(name);
    if (state === undefined) this.hooks.set(name, state = new HookState(name, undefined, this.#ground));
    return state;
  }

  #specOf({ hook }: RegisteredImpl): AnyHookSpec | undefined {
    return this.hooks.get(hook)?.declaredSpec;
  }

  #tellDeprecations(impls: Iterable<RegisteredImpl>): void {
    for (const impl of impls) {
      const spec = this.#specOf(impl);
      for (const diagnostic of spec === undefined ? [] : deprecationsOf(impl, spec)) this.#ground.report(diagnostic);
    }
  }
}

/** @throws {PlugmapError} `hook-impl-invalid` for what cannot be the name of a plugin. */
function requireName(name: unknown): void {
  if (typeof name === "string") return;
  throw new PlugmapError("hook-impl-invalid", `The name of the plugin is of type ${typeof name}, not a string`, {
    step: "register",
  });
}

/** Whether a hook is declared or implemented; what was implemented once may be neither. */
export function isKnown({ declaredSpec, impls }: HookState): boolean {
  return declaredSpec !== undefined || impls.size > 0;
}

/** Says whose implementation a problem is about, where it is not the plugin that is being registered. */
function naming({ plugin }: RegisteredImpl): (problem: Problem) => Problem {
  return (problem) => ({ ...problem, text: `${problem.text}, and plugin ${quote(plugin)} implements it` });
}
