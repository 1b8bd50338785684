import { isResult } from "./loops.ts";
import type { Arguments, Plan, Run } from "./plan.ts";
import type { Attributed } from "./types.ts";

/**
 * Runs a plan and tells which plugin gave which result. It runs the same loop over implementations that keep a record,
 * so plain calls pay nothing for it and the two cannot come to differ.
 */
export function runDetailed(plan: Plan, args: Arguments): unknown {
  const { runs, plugins, loop, spec } = plan;
  const results: Attributed<unknown>[] = [];
  const keep = (index: number, result: unknown): unknown => {
    if (isResult(result, spec.keepNull)) results.push({ plugin: plugins[index]!, result });
    return result;
  };
  const recorded = runs.map((run, index): Run =>
    spec.async ? async (args) => keep(index, await run(args)) : (args) => keep(index, run(args))
  );
  const answer = () => spec.mode === "first" ? results[0] : results;
  const ran = loop({ ...plan, runs: recorded }, args);
  return spec.async ? (ran as Promise<unknown>).then(answer) : answer();
}
