import { messageOf, PlugmapError, printable } from "../../errors.ts";
import type { Load } from "./allowance.ts";
import type { WireLimits } from "./limits.ts";
import { Kind } from "./messages.ts";
import { overLimit, violation } from "./problems.ts";
import type { Sender } from "./sender.ts";

/** A method that the other side may call. It may return a promise, and what it returns may contain streams. */
export type Handler = (args: unknown, call: IncomingCall) => unknown;

/** What a handler learns about its call. */
export interface IncomingCall {
  /** Aborted when the other side does not want the result any more, or is gone, or when the result cannot be sent. */
  readonly signal: AbortSignal;
  /** Milliseconds that were left when the call was sent, if there is a limit. */
  readonly timeLeft: number | undefined;
}

class CallAtWork implements IncomingCall {
  readonly id: number;
  readonly timeLeft: number | undefined;
  weight = 0;
  // Most handlers do not look at the signal.
  #controller: AbortController | undefined;
  #cancelled: PlugmapError | undefined;

  constructor(id: number, timeLeft: number | undefined) {
    this.id = id;
    this.timeLeft = timeLeft;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#cancelled !== undefined) this.#controller.abort(this.#cancelled);
    return this.#controller.signal;
  }

  cancel(reason: PlugmapError): void {
    this.#cancelled ??= reason;
    this.#controller?.abort(this.#cancelled);
  }
}

/** The calls of the other side that this one works on. */
export class IncomingCalls {
  readonly #sender: Sender;
  readonly #load: Load;
  readonly #limits: WireLimits;
  readonly #calls = new Map<number, CallAtWork>();
  /** No call had a higher number. */
  #highest = -1;
  #isClosed = false;

  constructor(sender: Sender, load: Load, limits: WireLimits) {
    this.#sender = sender;
    this.#load = load;
    this.#limits = limits;
  }

  /**
   * Takes a call up.
   *
   * @throws {PlugmapError} `isolate-protocol` when its number is in use, `isolate-limit` when there are too many.
   */
  open(id: number, timeOnWire: number): CallAtWork {
    if (this.#calls.has(id)) throw violation(`Call ${id} is made twice`);
    if (this.#calls.size >= this.#limits.callsAtWork) {
      throw overLimit(`The other side makes more than ${this.#limits.callsAtWork} calls at the same time`);
    }
    if (id > this.#highest) this.#highest = id;
    const call = new CallAtWork(id, timeOnWire === 0 ? undefined : timeOnWire - 1);
    this.#calls.set(id, call);
    return call;
  }

  /**
   * Runs a call, and answers it.
   *
   * @throws {PlugmapError} `isolate-limit` when the other side makes this one work on too much.
   */
  run(call: CallAtWork, handler: Handler, args: unknown, weight: number): void {
    this.#load.take(weight);
    call.weight = weight;
    try {
      const result = handler(args, call);
      if (isThenable(result)) {
        Promise.resolve(result).then(
          (value) => this.#answer(call, Kind.reply, value),
          (error) => this.#answer(call, Kind.error, error),
        );
      } else this.#answer(call, Kind.reply, result);
    } catch (error) {
      this.#answer(call, Kind.error, error);
    }
  }

  #answer(call: CallAtWork, kind: number, value: unknown): void {
    if (this.#isClosed) return;
    if (this.#sender.isBusy) return queueMicrotask(() => this.#answer(call, kind, value));
    if (!this.#sender.hasRoom) return this.#sender.whenRoom(() => this.#answer(call, kind, value));
    this.#calls.delete(call.id);
    this.#load.give(call.weight);
    let size: number;
    try {
      size = this.#sender.compose(kind, [call.id], value, kind === Kind.reply ? "result" : "error");
    } catch (error) {
      // Nobody else can close what is in the result.
      call.cancel(error as PlugmapError);
      const told = kind === Kind.reply ? withoutCause(error as PlugmapError) : bareError(value);
      size = this.#sender.compose(Kind.error, [call.id], told, "error");
    }
    this.#sender.commit(size);
  }

  /**
   * Tells a handler that its result is not wanted any more. The call may have been answered, if the answer is on its way.
   *
   * @throws {PlugmapError} `isolate-protocol` for a call that was never made.
   */
  cancel(id: number): void {
    if (id > this.#highest) throw violation(`Call ${id} is cancelled, which was not made`);
    this.#calls.get(id)?.cancel(new PlugmapError("hook-aborted", "The other side has cancelled the call"));
  }

  /** Cancels all calls. */
  close(error: PlugmapError): void {
    this.#isClosed = true;
    for (const call of this.#calls.values()) call.cancel(error);
    this.#calls.clear();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** What can always be sent of something thrown. */
function bareError(thrown: unknown): Error {
  const bare = new Error(messageOf(thrown));
  try {
    const { name, code } = thrown as { name?: unknown; code?: unknown };
    if (typeof name === "string") bare.name = printable(name);
    if (typeof code === "string") Object.assign(bare, { code: printable(code) });
  } catch {
    // A getter throws, or null was thrown.
  }
  return bare;
}

/** The cause is what could not be sent, or read. */
function withoutCause({ code, problem, mend }: PlugmapError): PlugmapError {
  return new PlugmapError(code, problem, { mend });
}
