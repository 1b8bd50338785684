import { PlugmapError } from "../../errors.ts";

/** The other side sent what no sender that keeps to the protocol sends. */
export function violation(problem: string): PlugmapError {
  return new PlugmapError("isolate-protocol", problem);
}

/** Something is over one of the caps of {@linkcode WireLimits}. */
export function overLimit(problem: string, mend?: string): PlugmapError {
  return new PlugmapError("isolate-limit", problem, { mend });
}
