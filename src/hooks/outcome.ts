/**
 * What came of the inside of a call, as wrappers in the style of pluggy before version 1.2 get it. It can be changed:
 * whatever it says when the wrapper ends is what the outside gets.
 *
 * @example Turn an error into a result
 * ```ts
 * import { createHooks, defineHooks, hook } from "@plugmap/plugmap/hooks";
 * import { assertEquals } from "@std/assert";
 *
 * const hooks = createHooks(defineHooks({ size: hook<{ of: string }, number>({ mode: "first" }) }));
 * hooks.register("failing", {
 *   size: () => {
 *     throw new Error("no idea");
 *   },
 * });
 * hooks.register("careful", {
 *   size: {
 *     wrapper: "outcome",
 *     *run() {
 *       const outcome = yield;
 *       if (outcome.error !== undefined) outcome.force(0);
 *     },
 *   },
 * });
 *
 * assertEquals(hooks.call.size({ of: "x" }), 0);
 * ```
 */
export class Outcome<Value = unknown> {
  #failed: boolean;
  #content: unknown;

  /** Made by the dispatcher. */
  constructor(failed: boolean, content: unknown) {
    this.#failed = failed;
    this.#content = content;
  }

  /** The error, or `undefined` if there is none. */
  get error(): unknown {
    return this.#failed ? this.#content : undefined;
  }

  /**
   * Gives the result, or throws the error if there is one instead.
   *
   * @returns The result.
   */
  get(): Value {
    if (this.#failed) throw this.#content;
    return this.#content as Value;
  }

  /** Makes this the result, and lets an error be forgotten. */
  force(value: Value): void {
    this.#failed = false;
    this.#content = value;
  }

  /** Makes this the error, in place of a result or of another error. */
  forceError(error: unknown): void {
    this.#failed = true;
    this.#content = error;
  }
}
