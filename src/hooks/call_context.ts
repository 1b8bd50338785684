import type { ImplContext } from "./types.ts";

/** What implementations get beside the arguments. Its signal is made when one of them asks for it: most never do. */
export class CallContext implements ImplContext {
  #controller: AbortController | undefined;
  #ended: { readonly reason?: unknown } | undefined;

  /** Whether nobody waits any more. */
  get isEnded(): boolean {
    return this.#ended !== undefined;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#ended !== undefined) this.#controller.abort(this.#ended.reason);
    return this.#controller.signal;
  }

  /** Tells whoever asked for the signal that nobody waits any more, because of an error or because there is no need to. */
  end(reason?: unknown): void {
    this.#ended ??= { reason };
    this.#controller?.abort(reason);
  }
}
