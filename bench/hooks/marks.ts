/**
 * The marks that handlers leave: proof of which of them ran, and in what order. One number holds them all, and a mark
 * changes it so that neither leaving one out nor swapping two goes unnoticed.
 *
 * @module
 */

import type { TimedLoop } from "./timing.ts";

/** Where all functions of a cell leave their marks. */
export interface Marks {
  sum: number;
}

/** What one call makes of the marks: `sum * factor + term`, in 32 bits. */
export interface Trace {
  readonly factor: number;
  readonly term: number;
}

/**
 * Makes the statement that leaves a mark.
 *
 * @param number The number of the function that leaves it.
 * @returns Source that names `marks`, and keeps its sum a 32-bit integer.
 */
export function mark(number: number): string {
  return `marks.sum = (Math.imul(marks.sum, 31) + ${number}) | 0;`;
}

/** Finds out what one call makes of the marks. */
export async function traceOf(loop: TimedLoop, marks: Marks): Promise<Trace> {
  marks.sum = 0;
  await loop(1);
  const term = marks.sum;
  marks.sum = 1;
  await loop(1);
  return { factor: (marks.sum - term) | 0, term };
}

/** What so many calls make of no marks, found without calling: by squaring, as one finds powers. */
export function repeated({ factor, term }: Trace, calls: number): number {
  let sum = 0;
  for (let rest = calls; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) sum = (Math.imul(sum, factor) + term) | 0;
    term = (Math.imul(term, factor) + term) | 0;
    factor = Math.imul(factor, factor);
  }
  return sum;
}
