import type { CallCell } from "../cells.ts";
import { compile } from "../compile.ts";
import type { AnyFunction, Contestant, Shape, Subject } from "../contestant.ts";

/** As much of hookable as is used here. */
export interface HookableModule {
  readonly createHooks: () => Hookable;
  readonly HookableCore: new () => Core;
}

interface Core {
  hook(name: string, handler: AnyFunction): void;
  callHook(name: string, value: number): unknown;
}

interface Hookable extends Core {
  addHooks(hooks: Readonly<Record<string, AnyFunction>>): void;
  beforeEach(monitor: AnyFunction): void;
  afterEach(monitor: AnyFunction): void;
}

/** hookable's `callHook`, `callHookParallel` and `addHooks`. None of them stops at a result. */
export function contestHookable({ createHooks }: HookableModule): Contestant {
  return {
    shape: (cell) => cell.mode === "first" ? undefined : shape(cell),

    subject(cell, parts) {
      const hooks = fill(createHooks(), parts.handlers);
      if (cell.monitored) {
        hooks.beforeEach(parts.before);
        hooks.afterEach(parts.after);
      }
      if (cell.mode === "pipeline") return thread(hooks, cell);
      if (cell.mode === "collect") return { call: "hooks.callHook('event', value)", scope: { hooks }, answers: false };
      return { call: "hooks.callHookParallel('event', value)", scope: { hooks }, answers: cell.impls > 0 };
    },

    table() {
      const hooks = createHooks();
      return { add: (_plugin, impls) => hooks.addHooks(impls), call: (name) => hooks.callHook(name, 1) };
    },
  };
}

/** The bare class of hookable: `hook` and `callHook`, and nothing around them. */
export function contestHookableCore({ HookableCore }: HookableModule): Contestant {
  return {
    shape(cell) {
      const fits = (cell.mode === "collect" || cell.mode === "pipeline") && !cell.monitored;
      return fits ? shape(cell) : undefined;
    },

    subject(cell, { handlers }) {
      const hooks = fill(new HookableCore(), handlers);
      if (cell.mode === "pipeline") return thread(hooks, cell);
      return { call: "hooks.callHook('event', value)", scope: { hooks }, answers: false };
    },

    table() {
      const hooks = new HookableCore();
      return {
        add(_plugin, impls) {
          for (const name of Object.keys(impls)) hooks.hook(name, impls[name]!);
        },
        call: (name) => hooks.callHook(name, 1),
      };
    },
  };
}

/** hookable's `callHookWith`, and callers that give the results. */
export function contestHookableCallers({ createHooks }: HookableModule): Contestant {
  return {
    shape: ({ wrappers }) => wrappers > 0 ? undefined : "value",

    subject({ mode, async, monitored }, { handlers, before, after }) {
      const hooks = fill(createHooks(), handlers);
      if (monitored) {
        hooks.beforeEach(before);
        hooks.afterEach(after);
      }
      const caller = compile({}, (async ? asyncCallers : syncCallers)[mode]!);
      return { call: "hooks.callHookWith(caller, 'event', [value])", scope: { hooks, caller }, answers: true };
    },
  };
}

function shape({ mode, wrappers }: CallCell): Shape | undefined {
  if (wrappers > 0) return undefined;
  return mode === "pipeline" ? "event" : "value";
}

function fill<Hooks extends Core>(hooks: Hooks, handlers: readonly AnyFunction[]): Hooks {
  for (const handler of handlers) hooks.hook("event", handler);
  return hooks;
}

/** How users of hookable thread a value: an event is made, handed round and read again. */
function thread(hooks: Core, { async }: CallCell): Subject {
  const source = async
    ? "async (value) => { const event = { value }; await hooks.callHook('event', event); return event.value; }"
    : "(value) => { const event = { value }; hooks.callHook('event', event); return event.value; }";
  return { call: "thread(value)", scope: { thread: compile({ hooks }, source) }, answers: true };
}

/** What users of `callHookWith` write. */
function callers(async: "" | "async ", wait: "" | "await "): Record<string, string> {
  return {
    collect: `${async}(handlers, args) => {
      const results = [];
      for (const handler of handlers) {
        const result = ${wait}handler(...args);
        if (result !== undefined && result !== null) results.push(result);
      }
      return results;
    }`,
    first: `${async}(handlers, args) => {
      for (const handler of handlers) {
        const result = ${wait}handler(...args);
        if (result !== undefined && result !== null) return result;
      }
    }`,
    pipeline: `${async}(handlers, [value]) => {
      for (const handler of handlers) value = ${wait}handler(value) ?? value;
      return value;
    }`,
    parallel: "(handlers, args) => Promise.all(handlers.map((handler) => handler(...args)))",
  };
}

const syncCallers = callers("", "");
const asyncCallers = callers("async ", "await ");
