/**
 * The dispatcher behind the interface of the hook scenarios, which were recorded from pluggy and pluginkit. What is
 * translated here, beyond names, is what docs/coming-from.md lists as different.
 *
 * @module
 */

import {
  type AnyHookCall,
  createHooks,
  hook,
  type HookSpecs,
  type Outcome,
  PlugmapError,
} from "../../src/hooks/mod.ts";

interface ManagerOptions {
  readonly order: "lifo" | "fifo";
  readonly style: "pluggy" | "pluginkit";
  readonly async: boolean;
}

interface SpecData {
  readonly name: string;
  readonly mode?: string;
  readonly historic?: boolean;
  readonly args: readonly string[];
  readonly defaults?: Readonly<Record<string, unknown>>;
}

interface ImplData {
  readonly hook: string;
  readonly target?: string;
  readonly args: readonly string[];
  readonly run: (args: unknown) => unknown;
  readonly wrapper?: boolean;
  readonly oldWrapper?: boolean;
  readonly tryFirst?: boolean;
  readonly tryLast?: boolean;
  readonly optional?: boolean;
}

type Arguments = Readonly<Record<string, unknown>>;

/** An error of the kind that the scenarios expect, where it depends on more than the code. */
class KindError extends Error {
  readonly kind: string;

  constructor(kind: string, cause: unknown) {
    super(kind, { cause });
    this.kind = kind;
  }
}

const kinds: Readonly<Record<string, string>> = {
  "hook-spec-invalid": "validation",
  "hook-impl-invalid": "validation",
  "hook-unknown": "unknown-hook",
  "hook-argument-missing": "missing-argument",
  "hook-arguments": "missing-argument",
  "hook-argument-unknown": "unknown-argument",
  "hook-duplicate": "duplicate",
  "plugin-duplicate": "duplicate",
  "hook-wrapper": "wrapper-protocol",
};

export function errorKind(error: unknown): string | undefined {
  if (error instanceof KindError) return error.kind;
  if (!(error instanceof PlugmapError)) return undefined;
  if (error.code !== "hook-failed") return kinds[error.code];
  return errorKind(error.cause) ?? `plugin-error:${(error.cause as Error).message}`;
}

/** Runs something, and calls an error of a code by another kind than usual. */
function renaming<Result>(code: string, kind: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof PlugmapError && error.code === code) throw new KindError(kind, error);
    throw error;
  }
}

export function createManager({ order, style, async }: ManagerOptions): object {
  const isPluggy = style === "pluggy";
  const hooks = createHooks({} as HookSpecs, { lateSpecs: isPluggy, onDiagnostic: () => {} });

  const callable = (call: AnyHookCall) => ({
    call: (args: Arguments) => renaming("hook-historic", "historic-direct-call", () => call(args)),
    callExtra: (extras: readonly unknown[], args: Arguments) =>
      renaming("hook-historic", "historic-direct-call", () => call.callExtra(extras, args)),
    callHistoric: (args: Arguments, onResult?: (value: unknown) => void) =>
      renaming(
        "hook-historic",
        "not-historic",
        () => call.callHistoric(args, onResult && ((value) => onResult(value))),
      ),
  });

  const addSpecs = (specs: readonly SpecData[]) => {
    const names = new Set<string>();
    const table: Record<string, unknown> = Object.create(null);
    for (const { name, mode = "collect", historic = false, args, defaults } of specs) {
      // A table has each name once anyway.
      if (names.has(name)) throw new KindError("duplicate", undefined);
      names.add(name);
      const value = mode === "pipeline" ? args[0] : undefined;
      table[name] = (hook as (options: object) => unknown)(
        { mode, historic, args, defaults, value, async, order, strict: !isPluggy },
      );
    }
    hooks.addSpecs(table as HookSpecs);
  };

  /** In pluginkit, an optional implementation of an unknown hook is dropped for good. */
  const isDropped = ({ optional, target, hook }: ImplData) => {
    if (isPluggy || !optional) return false;
    return !hooks.inspect().some(({ name, spec }) => name === (target ?? hook) && spec !== undefined);
  };

  return {
    addSpec: (name: string, spec: Omit<SpecData, "name">) => addSpecs([{ ...spec, name }]),
    addSpecs,
    register(plugin: string, impls: readonly ImplData[]) {
      const table: Record<string, unknown> = {};
      for (const [index, impl] of impls.entries()) {
        if (!isDropped(impl)) table[String(index)] = translate(impl, isPluggy, async);
      }
      const registration = renaming("hook-unknown", "validation", () => hooks.register(plugin, table as never));
      if (!registration.blocked) return plugin;
      if (isPluggy) return null;
      throw new KindError("blocked", undefined);
    },
    unregister: (plugin: string) => hooks.unregister(plugin),
    block: (plugin: string) => hooks.block(plugin),
    unblock: (plugin: string) => hooks.unblock(plugin),
    isBlocked: (plugin: string) => hooks.isBlocked(plugin),
    has: (plugin: string) => hooks.has(plugin),
    pluginNames: () => hooks.plugins(),
    implOrder: (name: string) => hooks.implementations(name),
    hooksOf: (plugin: string) => hooks.hooksOf(plugin) ?? null,
    call: (name: string, args: Arguments) => callable(hooks.caller(name)).call(args),
    callExtra: (name: string, extras: readonly unknown[], args: Arguments) =>
      callable(hooks.caller(name)).callExtra(extras, args),
    callHistoric: (name: string, args: Arguments, onResult?: (value: unknown) => void) =>
      callable(hooks.caller(name)).callHistoric(args, onResult),
    subset: (name: string, without: readonly string[]) => callable(hooks.caller(name).subset(without)),
    checkPending: () => renaming("hook-unknown", "validation", () => hooks.checkPending()),
  };
}

function translate(impl: ImplData, isPluggy: boolean, async: boolean): object {
  const { hook, target = hook, args, run, wrapper, oldWrapper, tryFirst, tryLast, optional } = impl;
  const place = { target, args, tryFirst, tryLast, optional };
  // One option cannot say both; what is no generator is refused at the same points.
  if (wrapper && oldWrapper) return { ...place, run: () => undefined, wrapper: true };
  if (oldWrapper) return { ...place, run: renamingOutcome(run), wrapper: "outcome" };
  if (!wrapper) return { ...place, run };
  if (isPluggy) return { ...place, run, wrapper: true };
  return { ...place, run: (async ? keepingAsync : keeping)(run), wrapper: true };
}

/** A wrapper that gets its outcome under pluggy's names. */
function renamingOutcome(run: ImplData["run"]): (args: unknown) => unknown {
  // What is no generator function has to arrive as such, to be refused.
  if (Object.prototype.toString.call(run) !== "[object GeneratorFunction]") return run;
  return function* (args: unknown): Generator<void, unknown, Outcome> {
    const wrapper = run(args) as Generator<unknown, unknown, unknown>;
    if (wrapper.next().done) return;
    const outcome = yield;
    const step = wrapper.next({
      get exception() {
        return outcome.error;
      },
      getResult: () => outcome.get(),
      forceResult: (value: unknown) => outcome.force(value),
      forceException: (error: unknown) => outcome.forceError(error),
    });
    if (step.done) return;
    try {
      yield;
    } finally {
      wrapper.return(undefined);
    }
  };
}

/** A wrapper that keeps the result by returning nothing, as in pluginkit, where none can set it to nothing. */
function keeping(run: ImplData["run"]): (args: unknown) => Generator<void, unknown, unknown> {
  return function* (args) {
    const wrapper = run(args) as Generator<unknown, unknown, unknown>;
    if (wrapper.next().done) return undefined;
    let result: unknown;
    let step: IteratorResult<unknown>;
    try {
      result = yield;
    } catch (error) {
      step = wrapper.throw(error);
      if (step.done) return step.value;
    }
    step ??= wrapper.next(result);
    if (step.done) return step.value ?? result;
    try {
      yield;
    } finally {
      wrapper.return(undefined);
    }
  };
}

/** The same for async wrappers, which in pluginkit are plain functions that return a generator. */
function keepingAsync(run: ImplData["run"]): (args: unknown) => AsyncGenerator<void, unknown, unknown> {
  return async function* (args) {
    const wrapper = run(args) as AsyncGenerator<unknown, unknown, unknown>;
    if ((await wrapper.next()).done) return undefined;
    let result: unknown;
    let step: IteratorResult<unknown> | undefined;
    try {
      result = yield;
    } catch (error) {
      step = await wrapper.throw(error);
      if (step.done) return step.value;
    }
    step ??= await wrapper.next(result);
    if (step.done) return step.value ?? result;
    try {
      yield;
    } finally {
      await wrapper.return(undefined);
    }
  };
}
