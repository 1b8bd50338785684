/**
 * Measures cells with one contestant, which has this process to itself: `measure.ts CONTESTANT CELL...`. Prints one line
 * of JSON, an object by cell: `{ "nanoseconds": …, "memory": …, "trace": …, "sum": … }`. Cells that the contestant
 * has nothing for are left out. Without arguments it prints the cells themselves.
 *
 * @module
 */

import process from "node:process";
import { type Cell, cells } from "./cells.ts";
import type { Contestant } from "./contestant.ts";
import { contestants } from "./contestants/mod.ts";
import { type Marks, repeated, type Trace, traceOf } from "./marks.ts";
import { makeParts } from "./parts.ts";
import { measureRegistration } from "./registration.ts";
import { makeLoop, time } from "./timing.ts";

/** What is known of a cell after a measurement. */
export interface Measurement {
  readonly nanoseconds: number;
  /** Bytes, in cells where memory is of interest. */
  readonly memory?: number;
  /** What one call leaves behind. */
  readonly trace?: Trace;
  /** Sum over the answers of a thousand calls, if the contestant gives answers. */
  readonly sum?: number;
}

async function measure(cell: Cell, contestant: Contestant): Promise<Measurement | undefined> {
  if (cell.kind === "registration") return contestant.table && measureRegistration(cell, contestant.table);
  const shape = contestant.shape(cell);
  if (shape === undefined) return undefined;
  const marks: Marks = { sum: 0 };
  const subject = contestant.subject(cell, makeParts(cell, shape, marks));
  const loop = makeLoop(cell, subject);
  const sum = await loop(1000);
  const trace = await traceOf(loop, marks);
  marks.sum = 0;
  const { nanoseconds, iterations } = await time(cell, loop);
  if (marks.sum !== repeated(trace, iterations)) throw new Error(`${cell.name}: some calls did not run all handlers`);
  return { nanoseconds, trace, sum: subject.answers ? sum : undefined };
}

const [name, ...chosen] = process.argv.slice(2);
if (name === undefined) {
  console.log(JSON.stringify({ cells, contestants: Object.keys(contestants) }));
} else {
  const contestant = await contestants[name]!();
  const measured: Record<string, Measurement | undefined> = {};
  for (const cellName of chosen) {
    const cell = cells.find((cell) => cell.name === cellName)!;
    measured[cell.name] = await measure(cell, contestant);
  }
  console.log(JSON.stringify(measured));
}
