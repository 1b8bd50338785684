import { clearTimeout, setTimeout } from "node:timers";

/** A time in which nothing is to happen. The host's process does not go on for it, unless somebody waits. */
export class Pause {
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #over: PromiseWithResolvers<void> = Promise.withResolvers();

  /** @param then What is to happen afterwards, unless the pause is ended early. */
  constructor(milliseconds: number, then: () => void) {
    this.#timer = setTimeout(() => {
      then();
      this.#over.resolve();
    }, milliseconds).unref();
  }

  /** Waits for its end. */
  wait(): Promise<void> {
    this.#timer.ref();
    return this.#over.promise;
  }

  /** Ends it now. */
  end(): void {
    clearTimeout(this.#timer);
    this.#over.resolve();
  }
}
