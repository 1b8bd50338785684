import type { PlugmapError } from "../errors.ts";
import { CallContext } from "./call_context.ts";
import { type Subject, verdict } from "./failure.ts";

/** What may end the wait for an implementation early. */
export interface Limits {
  /** The signal of the call. */
  readonly signal: AbortSignal | undefined;
  /** Milliseconds that the implementation may take; infinite if there is no limit. */
  readonly timeLimit: number;
}

/** Runs what others do while a wrapper waits for it, which is not its time. */
export type Pause = <Value>(work: () => Promise<Value>) => Promise<Value>;

/**
 * Waits for an implementation as long as its limits allow. What it gives after that is ignored, and its own signal is
 * aborted, so that it can stop.
 *
 * @param run Starts the implementation.
 * @param outer What the mode of the hook gave it, which may end it as well.
 * @returns What it gives.
 */
export async function limited(
  run: (context: CallContext, pause: Pause) => unknown,
  { signal, timeLimit }: Limits,
  subject: Subject,
  outer?: CallContext,
): Promise<unknown> {
  if (signal?.aborted) throw aborted(signal, subject);
  const context = new CallContext();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  // An implementation that throws at once leaves nobody to wait for the end.
  ended.catch(() => {});
  const end = (error: PlugmapError) => {
    reject(error);
    context.end(error);
  };
  const onAbort = () => end(aborted(signal!, subject));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const start = () => {
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort);
    if (timeLimit === Infinity) return;
    timer = setTimeout(() => end(timedOut(timeLimit, subject)), Math.min(timeLimit, longestTimer));
  };
  const stop = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
  const pause: Pause = async (work) => {
    stop();
    try {
      return await work();
    } finally {
      start();
    }
  };
  outer?.signal.addEventListener("abort", () => {
    stop();
    context.end(outer.signal.reason);
  });
  start();
  try {
    return await Promise.race([run(context, pause), ended]);
  } finally {
    stop();
  }
}

/** Timers count in 32 bits; beyond, they fire at once. */
const longestTimer = 2 ** 31 - 1;

/** What is raised because the signal of a call was aborted. */
export function aborted(signal: AbortSignal, subject: Subject): PlugmapError {
  return verdict("hook-aborted", "The call was aborted", subject, { cause: signal.reason });
}

function timedOut(timeLimit: number, subject: Subject): PlugmapError {
  return verdict("hook-timeout", `The implementation did not settle within ${timeLimit} ms`, subject, {
    mend: "Look for a promise in it that never settles, or raise the time limit of the hook or the plugin.",
  });
}
