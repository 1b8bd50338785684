import { clearTimeout, setTimeout } from "node:timers";
import { PlugmapError } from "../../errors.ts";
import type { Allowance } from "./allowance.ts";
import type { WireLimits } from "./limits.ts";
import { Kind } from "./messages.ts";
import { overLimit, violation } from "./problems.ts";
import type { HeldMessage, Sender } from "./sender.ts";
import { Slots } from "./slots.ts";

/** How long a call may take, and what ends it before. */
export interface CallOptions {
  /** Rejects the call with its reason, and cancels it on the other side. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the call rejects with `isolate-timeout`, and is cancelled. The other side is told how many. */
  readonly timeLimit?: number | undefined;
  /**
   * Whether it goes ahead of those that wait: for asking whether the other side still answers. One such call can always be
   * sent. Default: no.
   */
  readonly urgent?: boolean | undefined;
}

/** One call that has not been answered. */
class PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** What the other side works on. */
  weight = 0;
  deadline: number = Number.POSITIVE_INFINITY;
  timeLimit = 0;
  /** The message, as long as it waits for its turn. */
  held: HeldMessage | undefined;
  /** Whether nobody waits for the answer any more, though it will come. */
  isAbandoned = false;
  stopListening: (() => void) | undefined;

  constructor(resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    this.resolve = resolve;
    this.reject = reject;
  }
}

const longestTimer = 2 ** 31 - 1;
const noOptions: CallOptions = {};

/** The calls of this side. At most as many are with the other side as it works on; more wait here for their turn. */
export class OutgoingCalls {
  readonly #sender: Sender;
  readonly #allowance: Allowance;
  readonly #limits: WireLimits;
  readonly #calls = new Slots<PendingCall>();
  readonly #waiting = new Map<number, PendingCall>();
  #abandoned = 0;
  #closedBy: PlugmapError | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Calls that the timer is for; while there are none, it keeps no process alive. */
  #limited = 0;
  /** When the timer fires. */
  #timerAt: number = Number.POSITIVE_INFINITY;
  readonly #sendWaiting = (): void => this.#pump();

  constructor(sender: Sender, allowance: Allowance, limits: WireLimits) {
    this.#sender = sender;
    this.#allowance = allowance;
    this.#limits = limits;
  }

  /** Calls that somebody waits for. */
  get pending(): number {
    return this.#calls.size - this.#abandoned;
  }

  /** Starts a call. Whatever is wrong with it rejects the promise. */
  call(kind: number, target: number, args: unknown, options: CallOptions = noOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = new PendingCall(resolve, reject);
      if (!this.#sender.isBusy) return this.#start(call, kind, target, args, options);
      queueMicrotask(() => {
        try {
          this.#start(call, kind, target, args, options);
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #start(call: PendingCall, kind: number, target: number, args: unknown, options: CallOptions): void {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    const { signal, timeLimit, urgent = false } = options;
    signal?.throwIfAborted();
    if (!urgent) this.#requireRoom();
    const id = this.#calls.add(call);
    let size: number;
    try {
      size = this.#sender.compose(kind, [id, target, timeOnWire(timeLimit)], args, "args");
    } catch (error) {
      this.#calls.remove(id);
      throw error;
    }
    call.weight = this.#sender.weight;
    if (this.#isAllowed(call, urgent) && (urgent || this.#waiting.size === 0)) {
      this.#take(call);
      this.#sender.commit(size);
    } else {
      call.held = this.#sender.hold(size);
      this.#waiting.set(id, call);
      this.#allowance.wait(this.#sendWaiting);
    }
    if (timeLimit !== undefined) this.#limitTime(call, timeLimit);
    if (signal !== undefined) {
      const abandon = () => this.#abandon(id, call, signal.reason);
      signal.addEventListener("abort", abandon, { once: true });
      call.stopListening = () => signal.removeEventListener("abort", abandon);
    }
  }

  #requireRoom(): void {
    if (this.#calls.size >= this.#limits.pendingCalls) {
      throw overLimit(
        `${this.#limits.pendingCalls} calls wait for an answer`,
        "Call again when some have been answered.",
      );
    }
    if (!this.#sender.hasRoom) {
      throw overLimit("The other side does not read fast enough", "Call again when some calls have been answered.");
    }
  }

  /** Of the calls that the other side works on, one is left for an urgent one. */
  #isAllowed(call: PendingCall, urgent = false): boolean {
    const allowance = this.#allowance;
    const calls = urgent || allowance.calls < 2 ? allowance.calls : allowance.calls - 1;
    return allowance.usedCalls < calls && (urgent || allowance.fits(call.weight));
  }

  #take(call: PendingCall): void {
    this.#allowance.usedCalls++;
    this.#allowance.take(call.weight);
  }

  /** Sends calls that have waited, as far as the other side takes them. */
  #pump(): void {
    for (const [id, call] of this.#waiting) {
      if (!this.#isAllowed(call)) return;
      this.#waiting.delete(id);
      this.#take(call);
      this.#sender.release(call.held!);
      call.held = undefined;
    }
    this.#allowance.stopWaiting(this.#sendWaiting);
  }

  /**
   * The call that an answer is for.
   *
   * @throws {PlugmapError} `isolate-protocol` when there is none: never called, or answered before.
   */
  expect(id: number): PendingCall {
    const call = this.#calls.get(id);
    if (call === undefined || call.held !== undefined) {
      throw violation(`An answer is for call ${id}, which waits for none`);
    }
    return call;
  }

  /** Ends a call with its answer. */
  settle(id: number, call: PendingCall, isError: boolean, value: unknown): void {
    this.#calls.remove(id);
    this.#allowance.usedCalls--;
    this.#allowance.give(call.weight);
    if (call.isAbandoned) {
      this.#abandoned--;
      return;
    }
    this.#release(call);
    if (isError) call.reject(value);
    else call.resolve(value);
  }

  /** Lets go of what could still end a call. */
  #release(call: PendingCall): void {
    call.stopListening?.();
    if (call.deadline < Number.POSITIVE_INFINITY && --this.#limited === 0) this.#timer?.unref();
  }

  #abandon(id: number, call: PendingCall, error: unknown): void {
    this.#release(call);
    call.reject(error);
    if (call.held !== undefined) {
      this.#waiting.delete(id);
      this.#sender.drop(call.held);
      this.#calls.remove(id);
    } else {
      call.isAbandoned = true;
      this.#abandoned++;
      this.#sender.control(Kind.cancel, id);
    }
  }

  #limitTime(call: PendingCall, timeLimit: number): void {
    call.timeLimit = timeLimit;
    call.deadline = performance.now() + timeLimit;
    if (this.#limited++ === 0) this.#timer?.ref();
    if (call.deadline < this.#timerAt) this.#arm(call.deadline);
  }

  /** One timer does for all calls. It is left to fire when its call has been answered: that is cheaper than to clear it. */
  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const delay = Math.ceil(at - performance.now());
    this.#timer = setTimeout(() => this.#endLateCalls(), Math.min(Math.max(delay, 0), longestTimer));
  }

  #endLateCalls(): void {
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [id, call] of this.#calls.entries()) {
      if (call.isAbandoned) continue;
      if (call.deadline <= now) {
        const problem = `The call was not answered within ${call.timeLimit} milliseconds`;
        this.#abandon(id, call, new PlugmapError("isolate-timeout", problem));
      } else if (call.deadline < next) next = call.deadline;
    }
    this.#timerAt = Number.POSITIVE_INFINITY;
    if (next < Number.POSITIVE_INFINITY) this.#arm(next);
  }

  /** Rejects all calls, and those that come. */
  close(error: PlugmapError): void {
    this.#closedBy = error;
    clearTimeout(this.#timer);
    this.#allowance.stopWaiting(this.#sendWaiting);
    this.#waiting.clear();
    for (const [id, call] of this.#calls.entries()) {
      this.#calls.remove(id);
      call.stopListening?.();
      if (!call.isAbandoned) call.reject(error);
    }
    this.#abandoned = 0;
  }
}

/** No limit is 0, a limit one more than its milliseconds. */
function timeOnWire(timeLimit: number | undefined): number {
  return timeLimit === undefined ? 0 : 1 + Math.min(Math.max(Math.ceil(timeLimit), 0), longestTimer);
}
