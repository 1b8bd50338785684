import { messageOf, PlugmapError } from "../errors.ts";
import { isThenable } from "./failure.ts";
import type { RegisteredImpl } from "./impl.ts";
import type { Arguments, Run } from "./plan.ts";
import type { AnyHookSpec } from "./spec.ts";

/** A call, as monitors see it. The same object goes to all of one monitor's functions during one call. */
export interface CallEvent {
  /** Name of the hook. */
  readonly hook: string;
  /** The arguments. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Names of the plugins whose implementations take part, in the order of running, wrappers first. */
  readonly plugins: readonly string[];
}

/** What came of a call. The result of a stream is the list of what it has given. */
export type CallOutcome = { readonly result: unknown } | { readonly error: unknown };

/** An implementation that runs, as monitors see it. */
export interface ImplEvent {
  /** Name of the hook. */
  readonly hook: string;
  /** Name of the plugin. */
  readonly plugin: string;
  /** The arguments. */
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * Watches calls. It cannot change them: what it returns is ignored, and what it throws goes to `onDiagnostic`.
 */
export interface Monitor {
  /** Called before anything of a call runs. */
  before?(event: CallEvent): void;
  /** Called when a call has come to its end. */
  after?(event: CallEvent, outcome: CallOutcome): void;
  /**
   * Called in place of a call: it has to call `run`, and gets what that returns. For what only lasts during a function. For
   * a stream it is called in place of each step, because what runs during a step has the context of whoever asks for it.
   */
  around?(event: CallEvent, run: () => unknown): unknown;
  /** The same for each implementation that is not a wrapper. What one of an async hook returns is a value or a `Promise`. */
  aroundImpl?(event: ImplEvent, run: () => unknown): unknown;
}

/** A monitor that is attached. */
export interface Monitoring {
  /**
   * Detaches the monitor. Others may have been attached or detached since, in whatever order.
   *
   * @returns Whether it was still attached.
   */
  stop(): boolean;
  /** The same, at the end of the block that declared it with `using`. */
  [Symbol.dispose](): void;
}

/** What came of running what is inside of a monitor. */
interface Ran {
  readonly failed: boolean;
  readonly returned?: unknown;
  readonly thrown?: unknown;
}

/** The monitors of a dispatcher. Whatever one of them throws is reported, and nothing else comes of it. */
export class Monitors {
  #attached: readonly Monitor[] = [];
  readonly #report: (diagnostic: PlugmapError) => void;

  constructor(report: (diagnostic: PlugmapError) => void) {
    this.#report = report;
  }

  /** Whether there are any. */
  get any(): boolean {
    return this.#attached.length > 0;
  }

  /** Attaches a monitor, outside those that are there. The same one can be attached twice, and is then called twice. */
  attach(monitor: Monitor, changed: () => void): Monitoring {
    if (typeof monitor !== "object" || monitor === null) {
      throw new PlugmapError("option-invalid", `A monitor is an object, not of type ${typeof monitor}`);
    }
    const own: Monitor = {};
    for (const name of ["before", "after", "around", "aroundImpl"] as const) {
      const method: unknown = monitor[name];
      if (method === undefined) continue;
      if (typeof method !== "function") {
        throw new PlugmapError("option-invalid", `"${name}" of a monitor is no function`);
      }
      own[name] = method.bind(monitor);
    }
    this.#attached = [...this.#attached, own];
    changed();
    const stop = () => {
      if (!this.#attached.includes(own)) return false;
      this.#attached = this.#attached.filter((other) => other !== own);
      changed();
      return true;
    };
    return Object.freeze({ stop, [Symbol.dispose]: () => void stop() });
  }

  /** Puts the monitors around an implementation, if one of them wants to be there. */
  aroundImpl({ hook, plugin }: RegisteredImpl, run: Run, { async }: AnyHookSpec): Run {
    const monitors = this.#attached.filter((monitor) => monitor.aroundImpl !== undefined);
    return monitors.reduce<Run>(
      (inner, monitor) => (args, context) =>
        this.#around(
          (inside) => monitor.aroundImpl!({ hook, plugin, args }, inside),
          () => inner(args, context),
          hook,
        ),
      async && monitors.length > 0 ? adopting(run) : run,
    );
  }

  /** Puts the monitors around a call, if there are any. */
  aroundCall(hook: string, plugins: readonly string[], run: Run, { async, mode }: AnyHookSpec): Run {
    return this.#attached.reduce<Run>((inner, monitor) => {
      if (mode === "stream") return (args) => this.#aroundStream(monitor, { hook, args, plugins }, inner);
      return (async ? this.#aroundAsync : this.#aroundSync).bind(this, monitor, hook, plugins, inner);
    }, run);
  }

  #aroundSync(monitor: Monitor, hook: string, plugins: readonly string[], inner: Run, args: Arguments): unknown {
    // Each monitor has an event of its own for each call, so it can only mislead itself by changing it.
    const event: CallEvent = { hook, args, plugins };
    this.#before(monitor, event);
    let result: unknown;
    try {
      result = this.#aroundRun(monitor, event, inner);
    } catch (error) {
      this.#after(monitor, event, { error });
      throw error;
    }
    this.#after(monitor, event, { result });
    return result;
  }

  async #aroundAsync(
    monitor: Monitor,
    hook: string,
    plugins: readonly string[],
    inner: Run,
    args: Arguments,
  ): Promise<unknown> {
    const event: CallEvent = { hook, args, plugins };
    this.#before(monitor, event);
    let result: unknown;
    try {
      result = await this.#aroundRun(monitor, event, inner);
    } catch (error) {
      this.#after(monitor, event, { error });
      throw error;
    }
    this.#after(monitor, event, { result });
    return result;
  }

  async *#aroundStream(monitor: Monitor, event: CallEvent, inner: Run): AsyncGenerator<unknown, void, undefined> {
    const results: unknown[] = [];
    let outcome: CallOutcome = { result: results };
    this.#before(monitor, event);
    try {
      for await (const result of this.#stepwise(monitor, event, inner(event.args) as AsyncGenerator<unknown>)) {
        results.push(result);
        yield result;
      }
    } catch (error) {
      outcome = { error };
      throw error;
    } finally {
      this.#after(monitor, event, outcome);
    }
  }

  /** A stream of which every step is taken inside of a monitor. */
  #stepwise(monitor: Monitor, event: CallEvent, stream: AsyncGenerator<unknown>): AsyncIterable<unknown> {
    if (monitor.around === undefined) return stream;
    const step = <Step>(take: () => Step): Step =>
      this.#around((inside) => monitor.around!(event, inside), take, event.hook) as Step;
    const iterator: AsyncIterator<unknown> = {
      next: () => step(() => stream.next()),
      return: () => step(() => stream.return(undefined)),
    };
    return { [Symbol.asyncIterator]: () => iterator };
  }

  #aroundRun(monitor: Monitor, event: CallEvent, inner: Run): unknown {
    const run = () => inner(event.args);
    return monitor.around === undefined
      ? run()
      : this.#around((inside) => monitor.around!(event, inside), run, event.hook);
  }

  /** Runs what is inside exactly once, whatever a monitor makes of it. */
  #around(outside: (inside: () => unknown) => unknown, run: () => unknown, hook: string): unknown {
    let ran: Ran | undefined;
    const inside = () => {
      if (ran === undefined) {
        try {
          ran = { failed: false, returned: run() };
        } catch (thrown) {
          ran = { failed: true, thrown };
        }
      }
      if (ran.failed) throw ran.thrown;
      return ran.returned;
    };
    try {
      const given = outside(inside);
      // An async monitor may fail later; a rejection that nobody handles ends the process.
      if (given instanceof Promise && given !== ran?.returned) this.#watch(hook, given, () => ran);
    } catch (thrown) {
      this.#tell(hook, thrown, ran);
    }
    return inside();
  }

  /** Reports what an async monitor rejects with, unless that is what the inside rejects with. */
  #watch(hook: string, given: Promise<unknown>, ran: () => Ran | undefined): void {
    given.catch(async (thrown) => {
      const rejected = await Promise.resolve(ran()?.returned).then(() => undefined, (reason) => ({ reason }));
      if (rejected === undefined || rejected.reason !== thrown) this.#tell(hook, thrown, ran());
    });
  }

  #before(monitor: Monitor, event: CallEvent): void {
    try {
      this.#expectNothing(monitor.before?.(event), event);
    } catch (thrown) {
      this.#tell(event.hook, thrown, undefined);
    }
  }

  #after(monitor: Monitor, event: CallEvent, outcome: CallOutcome): void {
    try {
      this.#expectNothing(monitor.after?.(event, outcome), event);
    } catch (thrown) {
      this.#tell(event.hook, thrown, undefined);
    }
  }

  /** What is meant to return nothing may be async, and reject. */
  #expectNothing(returned: unknown, { hook }: CallEvent): void {
    if (returned instanceof Promise) returned.catch((thrown) => this.#tell(hook, thrown, undefined));
  }

  /** Reports what a monitor threw, unless it only passed on what came from inside. */
  #tell(hook: string, thrown: unknown, ran: Ran | undefined): void {
    if (ran?.failed && ran.thrown === thrown) return;
    this.#report(
      new PlugmapError("hook-monitor-failed", `A monitor failed: ${messageOf(thrown)}`, {
        hook,
        step: "call",
        cause: thrown,
      }),
    );
  }
}

/**
 * Makes a promise of what only has a `then`, once: monitors may wait for it as well as the call, and there are those
 * that begin their work anew for each `then`.
 */
function adopting(run: Run): Run {
  return (args, context) => {
    const returned = run(args, context);
    return isThenable(returned) && !(returned instanceof Promise) ? Promise.resolve(returned) : returned;
  };
}
