import { PlugmapError } from "../../errors.ts";
import { Semaphore } from "../../loader/semaphore.ts";

/** Requests of one process that wait for an answer at the same time; further ones wait for their turn. */
const requestsAtOnce = 64;
/** Connections of one process: sockets, requests, and answers whose bodies have not been read. */
const mostConnections = 200;

/** The connections that a host keeps for one process. */
export class Connections {
  readonly #requests = new Semaphore(requestsAtOnce);
  #open = 0;

  /** Runs what waits for the answer to a request, when it has its turn. */
  request<Result>(run: () => Promise<Result>): Promise<Result> {
    return this.#requests.run(run);
  }

  /**
   * Counts a connection.
   *
   * @returns What ends it; only the first call counts.
   * @throws {PlugmapError} `isolate-limit`
   */
  open(): () => void {
    if (this.#open >= mostConnections) {
      throw new PlugmapError("isolate-limit", `The plugin has ${mostConnections} connections open`, {
        mend: "Close sockets, and read the bodies of responses to their end or cancel them.",
      });
    }
    this.#open++;
    let isOpen = true;
    return () => {
      if (isOpen) this.#open--;
      isOpen = false;
    };
  }
}
