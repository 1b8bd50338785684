import type { PlugmapError } from "../errors.ts";
import type { CallScope } from "./decorate.ts";
import { failuresOf } from "./failure.ts";
import type { AnyHookSpec, HookMode } from "./spec.ts";

/** Modes whose callers look for one result, and do not care who could not give it once they have it. */
const oneResult: ReadonlySet<HookMode> = new Set(["first", "race"]);

/** The failures of one call, under the policy that lets all implementations run and tells of them at the end. */
export class CollectedFailures {
  readonly #hook: string;
  readonly #spec: AnyHookSpec;
  readonly #report: (diagnostic: PlugmapError) => void;
  readonly #failures: PlugmapError[] = [];
  #found = false;

  constructor(hook: string, spec: AnyHookSpec, report: (diagnostic: PlugmapError) => void) {
    this.#hook = hook;
    this.#spec = spec;
    this.#report = report;
  }

  /** Takes a failure. */
  readonly add = (failure: PlugmapError): void => {
    this.#failures.push(failure);
  };

  /** Notes whether there is a result, whatever else is to become of it. */
  noting(record: CallScope["record"]): CallScope["record"] {
    return (plugin) => {
      const keep = record?.(plugin);
      return (result) => {
        this.#found = true;
        return keep === undefined ? result : keep(result);
      };
    };
  }

  /**
   * Says what the failures come to once the call is at its end.
   *
   * @param ran What the loop gave.
   * @returns The same, unless there is something to throw.
   */
  settle(ran: unknown): unknown {
    const { mode, async } = this.#spec;
    if (mode === "stream") return this.#settleStream(ran as AsyncIterable<unknown>);
    return async ? (ran as Promise<unknown>).then((result) => this.#judge(result)) : this.#judge(ran);
  }

  async *#settleStream(results: AsyncIterable<unknown>): AsyncGenerator<unknown, void, undefined> {
    yield* results;
    this.#judge(undefined);
  }

  /** @throws {PlugmapError} `hook-failed` with all failures. */
  #judge(result: unknown): unknown {
    if (this.#failures.length === 0) return result;
    if (!this.#found || !oneResult.has(this.#spec.mode)) throw failuresOf(this.#hook, this.#failures);
    // They do not end the call, but nothing is lost.
    for (const failure of this.#failures) this.#report(failure);
    return result;
  }
}
