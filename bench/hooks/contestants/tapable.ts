import type { AnyFunction, Contestant } from "../contestant.ts";

/** As much of tapable as is used here. */
export type Tapable = Readonly<Record<string, new (args: readonly string[]) => Hook>>;

interface Hook {
  tap(name: string, handler: AnyFunction): void;
  tapPromise(name: string, handler: AnyFunction): void;
  intercept(interceptor: { readonly call: AnyFunction; readonly done: AnyFunction }): void;
  call(value: number): unknown;
}

const sync = { collect: "SyncHook", first: "SyncBailHook", pipeline: "SyncWaterfallHook", parallel: "" };
const async = {
  collect: "AsyncSeriesHook",
  first: "AsyncSeriesBailHook",
  pipeline: "AsyncSeriesWaterfallHook",
  parallel: "AsyncParallelHook",
};

/** tapable. It has no hook that lists results, so where we do, it only runs the handlers; and it has no wrappers. */
export function contestTapable(tapable: Tapable): Contestant {
  return {
    shape: ({ wrappers }) => wrappers > 0 ? undefined : "value",

    subject(cell, { handlers, before, after }) {
      const hook = new tapable[(cell.async ? async : sync)[cell.mode]]!(["value"]);
      for (const [index, handler] of handlers.entries()) {
        if (cell.async) hook.tapPromise(`plugin ${index}`, handler);
        else hook.tap(`plugin ${index}`, handler);
      }
      if (cell.monitored) hook.intercept({ call: before, done: after });
      return {
        call: cell.async ? "hook.promise(value)" : "hook.call(value)",
        scope: { hook },
        answers: cell.mode === "first" || cell.mode === "pipeline",
      };
    },

    table(names) {
      const hooks = new Map(names.map((name) => [name, new tapable.SyncHook!(["value"])]));
      return {
        add(plugin, impls) {
          for (const name of Object.keys(impls)) hooks.get(name)!.tap(plugin, impls[name]!);
        },
        call: (name) => hooks.get(name)!.call(1),
      };
    },
  };
}
