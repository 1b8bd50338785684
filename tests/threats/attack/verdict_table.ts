/**
 * How attacks have to end, as tables.
 *
 * @module
 */
import type { GrantName } from "./grants.ts";

/** A verdict under every set of grants: one for all of them, or `else` and, by sets of grants, those that differ. */
export type Cell = string | ({ readonly else: string } & Readonly<Record<string, string>>);

/**
 * How an attack has to end on each runtime: `"allowed"`, or why it fails. `"needs read"` and the like is Deno naming the
 * permission; `EACCES`, `EPERM` and `ENOSYS` are the kernel; words with a dash are ours; `"absent"` is what the runtime does not
 * have; `"no effect"` is an attack that ran and gained nothing.
 */
export interface Row {
  readonly deno: Cell;
  readonly bun: Cell;
  /** Why something is allowed that was not granted, or ends in another way than could be expected. */
  readonly why?: string;
  /** Why the attack fails without confinement too, so that it does not prove anything by failing. */
  readonly unproven?: string;
}

/** Rows by the name of the attack. */
export type VerdictTable = Readonly<Record<string, Row>>;

export const ok = "allowed";
/** What comes of it is not looked at. */
export const anything = "anything";

/** Sets of grants in which the readable folder may be read. */
export const readers = "read reading files mixed";
/** In which the writable folder may be written. */
export const writers = "write files mixed";
/** In which both are so, and the writable folder may be read as well. */
export const readWriters = "files mixed";
/** In which the server may be reached. */
export const connected = "net mixed most";
/** In which everything about the machine may be known. */
export const informed = "sys most";
/** In which the variable `PLUGMAP_GRANTED` may be read. */
export const told = "env most";

/** Allowed under these sets of grants, and else refused. */
export function granted(otherwise: string, sets: string): Cell {
  return { else: otherwise, [sets]: ok };
}

/** How an attack has to end under a set of grants. */
export function verdictIn(cell: Cell, name: GrantName): string {
  if (typeof cell === "string") return cell;
  return Object.entries(cell).find(([sets]) => sets.split(" ").includes(name))?.[1] ?? cell.else;
}
