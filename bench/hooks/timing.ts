import type { CallCell } from "./cells.ts";
import { compile } from "./compile.ts";
import type { Subject } from "./contestant.ts";

/** Calls the subject so many times; returns a sum over the answers, the same for all contestants that give answers. */
export type TimedLoop = (iterations: number) => number | Promise<number>;

/** Milliseconds until a cell counts as warm; what is generated for many handlers takes engines longer to optimize. */
const warmUp = (impls: number) => 30 + impls;
/** Milliseconds; long enough that what allocates much does not get through a sample without collecting garbage. */
const sampleLength = 4;
const samples = 5;

/**
 * Makes the loop that is timed, from source of its own, so that no two cells share a call site. It uses each answer,
 * and gives each call another value.
 */
export function makeLoop(cell: CallCell, { call, scope, answers }: Subject): TimedLoop {
  const use = answers ? `sum = (sum + ${digestSource(cell)}) | 0;` : "";
  return compile(
    scope,
    `${cell.async ? "async " : ""}(iterations) => {
      let sum = 0;
      for (let iteration = 0; iteration < iterations; iteration++) {
        const value = iteration & 1023;
        const answer = ${cell.async ? "await " : ""}${call};
        ${use}
      }
      return sum;
    }`,
  );
}

function digestSource({ mode, impls }: CallCell): string {
  if (mode === "pipeline") return "answer";
  if (mode === "first") return "(answer ?? 1)";
  return impls === 0 ? "answer.length" : `answer.length + answer[${impls - 1}]`;
}

/**
 * Times a loop until it is warm and then in samples.
 *
 * Not by mitata, which looks at the first calls to decide whether to time one call or thousands at once: what makes its
 * code at the first call, as tapable does and we do, is then timed call by call, and most of that is the clock.
 *
 * The fastest sample is what counts. On a machine that does other things too, the ratios of the medians over processes
 * of their fastest samples differ by 5 % from one run to the next, and those of their median samples by 9 %.
 *
 * @returns Nanoseconds that one iteration takes, and how many iterations there were in all.
 */
export async function time({ impls }: CallCell, loop: TimedLoop): Promise<{ nanoseconds: number; iterations: number }> {
  let iterations = 0;
  const run = async (count: number): Promise<number> => {
    iterations += count;
    const start = performance.now();
    // A promise is awaited only where there is one: sync cells run without the event loop.
    const sum = loop(count);
    if (typeof sum !== "number") await sum;
    return performance.now() - start;
  };
  let size = 1;
  for (let spent = 0; spent < warmUp(impls);) {
    const taken = await run(size);
    spent += taken;
    if (taken < sampleLength) size *= 2;
  }
  size = Math.max(1, Math.round(size * sampleLength / await run(size)));
  let fastest = Number.POSITIVE_INFINITY;
  for (let sample = 0; sample < samples; sample++) fastest = Math.min(fastest, await run(size));
  return { nanoseconds: fastest * 1e6 / size, iterations };
}
