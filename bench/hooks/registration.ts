import process from "node:process";
import type { RegistrationCell } from "./cells.ts";
import { compile } from "./compile.ts";
import type { AnyFunction, Table } from "./contestant.ts";

/** What a contestant makes its hooks with. */
type MakeTable = (hooks: readonly string[]) => Table;

/** As `node --expose-gc` and its like offer it. */
declare const gc: () => void;

/** Milliseconds that are spent on a cell, unless one time takes longer. */
const budget = 60;

/** A plugin's name and its handlers by hook, made before anything is timed. */
type Plugin = readonly [name: string, impls: Readonly<Record<string, AnyFunction>>];

function hookNames({ hooks }: RegistrationCell): string[] {
  return Array.from({ length: hooks }, (_, index) => `hook${index}`);
}

/** Plugins whose handlers have the source of a hook in common, but no two handlers are the same function. */
function makePlugins(cell: RegistrationCell): Plugin[] {
  const entries = hookNames(cell).map((name, index) => `${name}: (args) => ${index}`);
  const make = compile<() => Plugin[1]>({}, `() => ({ ${entries.join(", ")} })`);
  return Array.from({ length: cell.plugins }, (_, index) => [`plugin ${index}`, make()]);
}

function fill(
  cell: RegistrationCell,
  makeTable: MakeTable,
  names: readonly string[],
  plugins: readonly Plugin[],
): Table {
  const table = makeTable(names);
  for (const [name, impls] of plugins) table.add(name, impls);
  if (cell.called) { for (const name of names) table.call(name); }
  return table;
}

/**
 * Measures filling a set of hooks: the median of many times where that is short, one time where it is long.
 *
 * @returns Nanoseconds, and the bytes of heap that one filled set takes beside the plugins themselves.
 */
export function measureRegistration(
  cell: RegistrationCell,
  makeTable: MakeTable,
): { nanoseconds: number; memory: number } {
  const names = hookNames(cell);
  const plugins = makePlugins(cell);
  const before = heapInUse();
  const times: number[] = [];
  const end = performance.now() + budget;
  let table: Table;
  do {
    const start = performance.now();
    table = fill(cell, makeTable, names, plugins);
    times.push((performance.now() - start) * 1e6);
  } while (performance.now() < end);
  const memory = heapInUse() - before;
  table.call(names[0]!);
  return { nanoseconds: times.sort((left, right) => left - right)[times.length >> 1]!, memory };
}

function heapInUse(): number {
  gc();
  return process.memoryUsage().heapUsed;
}
