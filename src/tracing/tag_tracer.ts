import { messageOf, PlugmapError } from "../errors.ts";
import type { CallEvent, CallOutcome, Monitor } from "../hooks/mod.ts";
import { countedDepth, type Depth, storedDepth, type TraceOptions } from "./depth.ts";
import { type Entry, linesOf } from "./entry.ts";
import { invalid, requireFunction, requireMethods, requireOptions } from "./options.ts";

/** Gets the lines of a trace one by one, without line ends. They are safe to print. */
export type TraceWriter = (this: void, line: string) => void;

/** Gets what is traced under some tags, with a writer or without: the tags, and the arguments as they are. */
export type TraceProcessor = (this: void, tags: readonly string[], args: readonly unknown[]) => void;

/** What can be said about a tracer. */
export interface TagTracerOptions extends TraceOptions {
  /**
   * Gets what a writer or a processor throws when a {@linkcode SubTracer} is called. Written to the console as a warning
   * unless given.
   */
  readonly onDiagnostic?: ((diagnostic: PlugmapError) => void) | undefined;
}

/** Traces under some tags. */
export interface SubTracer {
  /**
   * Traces its arguments: they make one line, and the properties of a plain object that comes last make a line each.
   * Never throws.
   *
   * @param args What to trace. Nothing is written if there is nothing.
   */
  (this: void, ...args: readonly unknown[]): void;
  /** The tracer it comes from. */
  readonly root: TagTracer;
  /** The tags. */
  readonly tags: readonly string[];
  /**
   * Gives a tracer with one tag more.
   *
   * @param name The tag.
   * @returns The tracer.
   */
  get(name: string): SubTracer;
}

/**
 * Traces of whatever kind, told apart by tags, as pluggy has them in `pm.trace`. A line is two spaces for each level,
 * the arguments, and the tags in brackets.
 *
 * Values are shown in part if they are large, none of their getters is run, and what a terminal would not show as itself
 * is escaped. What is traced while a writer or a processor runs is left out, because it would go on for ever.
 *
 * @example Trace under tags
 * ```ts
 * import { TagTracer } from "@plugmap/plugmap/tracing";
 * import { assertEquals } from "@std/assert";
 *
 * const tracer = new TagTracer();
 * const lines: string[] = [];
 * tracer.setWriter((line) => lines.push(line));
 *
 * const config = tracer.get("app").get("config");
 * config("reading", "app.json");
 * tracer.indented(() => config("found", { port: 8080, paths: ["/"] }));
 *
 * assertEquals(lines, [
 *   "reading app.json [app:config]",
 *   "  found [app:config]",
 *   "      port: 8080",
 *   '      paths: ["/"]',
 * ]);
 * ```
 *
 * @example Trace hook calls, and what plugins have to say inside of them
 * ```ts
 * import { createHooks, defineHooks, hook } from "@plugmap/plugmap/hooks";
 * import { TagTracer } from "@plugmap/plugmap/tracing";
 * import { assertEquals } from "@std/assert";
 *
 * const hooks = createHooks(defineHooks({ greeting: hook<{ name: string }, string>({ mode: "first" }) }));
 * const tracer = new TagTracer();
 * const english = tracer.get("plugin").get("english");
 * hooks.register("english", {
 *   greeting: ({ name }) => {
 *     english("greeting someone");
 *     return `Hello, ${name}`;
 *   },
 * });
 *
 * const lines: string[] = [];
 * tracer.setWriter((line) => lines.push(line));
 * hooks.monitor(tracer.monitor());
 * hooks.call.greeting({ name: "Ada" });
 *
 * assertEquals(lines, [
 *   "  greeting [hook]",
 *   "      name: Ada",
 *   "  greeting someone [plugin:english]",
 *   "  finish greeting --> Hello, Ada [hook]",
 * ]);
 * ```
 */
export class TagTracer {
  readonly #depth: Depth;
  readonly #onDiagnostic: (diagnostic: PlugmapError) => void;
  readonly #processors = new Map<string, TraceProcessor>();
  #write: TraceWriter | undefined;
  #busy = false;

  /**
   * Makes a tracer. It has no writer yet.
   *
   * @param options What tells async calls apart, and where failures go.
   * @throws {PlugmapError} `option-invalid`.
   */
  constructor(options: TagTracerOptions = {}) {
    requireOptions(options, "storage", "onDiagnostic");
    const { storage, onDiagnostic = warn } = options;
    if (storage !== undefined) requireMethods('Option "storage"', storage, ["getStore", "run"]);
    requireFunction('Option "onDiagnostic"', onDiagnostic);
    this.#depth = storage === undefined ? countedDepth() : storedDepth(storage);
    this.#onDiagnostic = onDiagnostic;
  }

  /**
   * Gives what traces under a tag.
   *
   * @param name The tag.
   * @returns A function that traces its arguments.
   */
  get(name: string): SubTracer {
    return this.#under([name]);
  }

  /**
   * Says where lines go.
   *
   * @param write Gets them; `undefined` for nowhere.
   * @throws {PlugmapError} `option-invalid`.
   */
  setWriter(write: TraceWriter | undefined): void {
    if (write !== undefined) requireFunction("The writer", write);
    this.#write = write;
  }

  /**
   * Says what else is done with what is traced under some tags, and exactly these.
   *
   * @param tags The tags, as a list or with colons between them.
   * @param process Takes the place of what was set for them; `undefined` for nothing.
   * @throws {PlugmapError} `option-invalid`.
   */
  setProcessor(tags: string | readonly string[], process: TraceProcessor | undefined): void {
    const list: unknown = typeof tags === "string" ? tags.split(":") : tags;
    if (!isListOfTags(list)) throw invalid("The tags are neither text nor a list of texts");
    if (process === undefined) return void this.#processors.delete(keyOf(list));
    requireFunction("The processor", process);
    this.#processors.set(keyOf(list), process);
  }

  /**
   * Runs a function, and indents by one level more what is traced meanwhile.
   *
   * @param run The function. If it gives a promise, the end of that is its end.
   * @returns What the function returns.
   */
  indented<Returned>(run: () => Returned): Returned {
    const depth = this.#depth.enter();
    const leave = () => this.#depth.leave();
    let returned: Returned;
    try {
      returned = this.#depth.within(depth, run);
    } catch (thrown) {
      leave();
      throw thrown;
    }
    if (returned instanceof Promise) return returned.finally(leave) as Returned;
    leave();
    return returned;
  }

  /**
   * Makes what traces hook calls, under the tag `hook`: what pluggy does in `enable_tracing`. What it writes is told at
   * {@linkcode traceCalls}.
   *
   * @returns A monitor for the `monitor` of a dispatcher.
   */
  monitor(): Monitor {
    const tags = ["hook"];
    const depths = new WeakMap<CallEvent, number>();
    return {
      before: (event: CallEvent) => {
        const depth = this.#depth.enter();
        depths.set(event, depth);
        this.#trace({ tags, words: [event.hook], details: event.args, depth });
      },
      around: (event: CallEvent, run: () => unknown) => this.#depth.within(depths.get(event)!, run),
      after: (event: CallEvent, outcome: CallOutcome) => {
        this.#depth.leave();
        if ("error" in outcome) return;
        const words = ["finish", event.hook, "-->", outcome.result];
        this.#trace({ tags, words, details: undefined, depth: depths.get(event)! });
      },
    };
  }

  #under(tags: readonly string[]): SubTracer {
    if (!isListOfTags(tags)) throw invalid("The tag is not a string");
    const trace = (...args: readonly unknown[]) => {
      const last = args.at(-1);
      const [words, details] = isPlainObject(last) ? [args.slice(0, -1), last] : [args, undefined];
      try {
        this.#trace({ tags, words, details, depth: this.#depth.current() });
      } catch (thrown) {
        this.#tell(thrown);
      }
    };
    return Object.freeze(Object.assign(trace, {
      root: this,
      tags: Object.freeze(tags),
      get: (name: string) => this.#under([...tags, name]),
    }));
  }

  #trace(entry: Entry): void {
    if (this.#busy) return;
    this.#busy = true;
    try {
      this.#writeLines(entry);
    } finally {
      try {
        this.#process(entry);
      } finally {
        this.#busy = false;
      }
    }
  }

  #writeLines(entry: Entry): void {
    const write = this.#write;
    if (write === undefined || entry.words.length === 0 && entry.details === undefined) return;
    for (const line of linesOf(entry)) this.#settle(write(line));
  }

  #process({ tags, words, details }: Entry): void {
    this.#settle(this.#processors.get(keyOf(tags))?.(tags, details === undefined ? words : [...words, details]));
  }

  /** A writer may be async all the same, and a rejection that nobody handles ends the process. */
  #settle(given: unknown): void {
    if (given instanceof Promise) given.catch((thrown) => this.#tell(thrown));
  }

  #tell(thrown: unknown): void {
    try {
      this.#onDiagnostic(
        new PlugmapError("hook-monitor-failed", `A trace could not be written: ${messageOf(thrown)}`, {
          cause: thrown,
        }),
      );
    } catch {
      // Whoever listens must not be able to break what is told about.
    }
  }
}

/** Tags may have colons in them. */
function keyOf(tags: readonly string[]): string {
  return JSON.stringify(tags);
}

function isListOfTags(tags: unknown): tags is readonly string[] {
  return Array.isArray(tags) && tags.every((tag) => typeof tag === "string");
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  try {
    const prototype = Object.getPrototypeOf(value);
    return prototype === null || prototype === Object.prototype;
  } catch {
    // A proxy can throw when its prototype is asked for.
    return false;
  }
}

function warn({ message }: PlugmapError): void {
  console.warn(message);
}
