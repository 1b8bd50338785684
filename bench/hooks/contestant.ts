import type { CallCell } from "./cells.ts";

/** What a handler is given: one object of named arguments, the bare value, or an event that it may change. */
export type Shape = "args" | "value" | "event";

/** A function that a contestant registers: handler, wrapper or monitor. */
// deno-lint-ignore ban-types
export type AnyFunction = Function;

/** The functions of one cell, in the order in which they run. */
export interface Parts {
  readonly handlers: readonly AnyFunction[];
  /** The outermost first. */
  readonly wrappers: readonly AnyFunction[];
  readonly before: AnyFunction;
  readonly after: AnyFunction;
}

/** A cell made ready: the expression that is timed, with `value` in scope. */
export interface Subject {
  /** The expression, as somebody who uses the contestant would write it. */
  readonly call: string;
  /** What else the expression names. */
  readonly scope: Readonly<Record<string, unknown>>;
  /** Whether the call answers with the results; otherwise it only runs the handlers. */
  readonly answers: boolean;
}

/** An empty set of hooks to register plugins with. */
export interface Table {
  add(plugin: string, impls: Readonly<Record<string, AnyFunction>>): void;
  call(hook: string): unknown;
}

/** One way to run hooks. */
export interface Contestant {
  /** What handlers of a cell are given; `undefined` when the contestant has nothing that does the work of the cell. */
  shape(cell: CallCell): Shape | undefined;
  subject(cell: CallCell, parts: Parts): Subject;
  /** Makes a set of hooks for the cells on registration; contestants without it take no part in them. */
  readonly table?: (hooks: readonly string[]) => Table;
}
