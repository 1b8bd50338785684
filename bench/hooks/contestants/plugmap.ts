import {
  type AnyHookSpec,
  createHooks,
  defineHooks,
  hook,
  type HookSpecs,
  type Impls,
} from "../../../src/hooks/mod.ts";
import type { CallCell } from "../cells.ts";
import type { Contestant, Parts, Subject, Table } from "../contestant.ts";

type Args = { readonly value: number };

// Handlers run in the order of their registration, as those of all other contestants do.
const order = "fifo";
const sync: Record<string, () => AnyHookSpec> = {
  collect: () => hook<Args, number>({ order }),
  first: () => hook<Args, number>({ order, mode: "first" }),
  pipeline: () => hook<Args, number>({ order, mode: "pipeline", value: "value" }),
};
const async: Record<string, () => AnyHookSpec> = {
  collect: () => hook<Args, number>({ order, async: true }),
  first: () => hook<Args, number>({ order, async: true, mode: "first" }),
  pipeline: () => hook<Args, number>({ order, async: true, mode: "pipeline", value: "value" }),
  parallel: () => hook<Args, number>({ order, mode: "parallel" }),
};

/** Plugmap, with generated code or without. */
export function contestPlugmap(codeGeneration: boolean): Contestant {
  return {
    shape: () => "args",
    subject: (cell, parts) => subject(codeGeneration, cell, parts),
    table: (names) => table(codeGeneration, names),
  };
}

function subject(codeGeneration: boolean, cell: CallCell, { handlers, wrappers, before, after }: Parts): Subject {
  const hooks = createHooks(defineHooks({ event: (cell.async ? async : sync)[cell.mode]!() }), { codeGeneration });
  for (const [index, run] of wrappers.entries()) {
    hooks.register(`wrapper ${index}`, impls(cell.wrapper === "generator" ? { run, wrapper: true } : { wrapper: run }));
  }
  for (const [index, run] of handlers.entries()) hooks.register(`plugin ${index}`, impls(run));
  if (cell.monitored) hooks.monitor({ before: () => before(), after: () => after() });
  return { call: "hooks.call.event({ value })", scope: { hooks }, answers: true };
}

/** What is registered is made from source, so its types are not known. */
const impls = (event: unknown) => ({ event }) as Impls<HookSpecs>;

function table(codeGeneration: boolean, names: readonly string[]): Table {
  const specs: Record<string, AnyHookSpec> = {};
  for (const name of names) specs[name] = sync.collect!();
  const hooks = createHooks(specs, { codeGeneration });
  return {
    add: (plugin, impls) => hooks.register(plugin, impls as Impls<HookSpecs>),
    call: (name) => hooks.call[name]!({ value: 1 } as never),
  };
}
