import type { CallCell } from "../cells.ts";
import { compile } from "../compile.ts";
import type { AnyFunction, Contestant, Parts } from "../contestant.ts";

/**
 * What somebody would write who needs this one hook and nothing else: no plugin names, no errors with context, no
 * checks. Each cell has code of its own, which the engine can fit to its handlers.
 */
export const handWritten: Contestant = {
  shape: () => "args",

  subject(cell, parts) {
    const run = monitor(cell, parts, wrap(cell, parts, compile(parts, loops[flowOf(cell)][cell.mode]!)));
    return { call: "run({ value })", scope: { run }, answers: true };
  },

  table(hooks) {
    const lists = new Map<string, AnyFunction[]>(hooks.map((name) => [name, []]));
    return {
      add(_plugin, impls) {
        for (const name of Object.keys(impls)) lists.get(name)!.push(impls[name]!);
      },
      call(hook) {
        const results = [];
        for (const handler of lists.get(hook)!) {
          const result = handler({ value: 1 });
          if (result !== undefined && result !== null) results.push(result);
        }
        return results;
      },
    };
  },
};

function flowOf({ async }: CallCell): "sync" | "async" {
  return async ? "async" : "sync";
}

/** The loops differ between sync and async by the word `await`, and an expression cannot say that otherwise. */
function seriesLoops(async: "" | "async ", wait: "" | "await "): Record<string, string> {
  const each = "for (let index = 0; index < handlers.length; index++)";
  return {
    collect: `${async}(args) => {
      const results = [];
      ${each} {
        const handler = handlers[index];
        const result = ${wait}handler(args);
        if (result !== undefined && result !== null) results.push(result);
      }
      return results;
    }`,
    first: `${async}(args) => {
      ${each} {
        const handler = handlers[index];
        const result = ${wait}handler(args);
        if (result !== undefined && result !== null) return result;
      }
      return undefined;
    }`,
    pipeline: `${async}(args) => {
      let { value } = args;
      ${each} {
        const handler = handlers[index];
        const result = ${wait}handler({ value });
        if (result !== undefined && result !== null) value = result;
      }
      return value;
    }`,
  };
}

const loops = {
  sync: seriesLoops("", ""),
  async: {
    ...seriesLoops("async ", "await "),
    parallel: "(args) => Promise.all(handlers.map((handler) => handler(args)))",
  } as Record<string, string>,
};

function wrap(cell: CallCell, { wrappers }: Parts, core: AnyFunction): AnyFunction {
  if (cell.wrapper === "generator") return compile({ wrappers, core }, drivers[flowOf(cell)]);
  return wrappers.reduceRight<AnyFunction>((inner, wrapper) => compile({ inner, wrapper }, layer), core);
}

/** One closure around the next; the wrapper may hand on other arguments. */
const layer = "(args) => wrapper((given = args) => inner(given), args)";

/** Generators started from the outside in, and resumed from the inside out with the result or with what was thrown. */
function driver(async: "" | "async ", wait: "" | "await "): string {
  return `${async}(args) => {
    const started = [];
    let result, thrown, failed = false;
    try {
      for (let index = 0; index < wrappers.length; index++) {
        const wrapper = wrappers[index];
        const generator = wrapper(args);
        if ((${wait}generator.next()).done) throw new Error("A wrapper did not yield");
        started.push(generator);
      }
      result = ${wait}core(args);
    } catch (error) {
      failed = true;
      thrown = error;
    }
    for (let index = started.length - 1; index >= 0; index--) {
      const generator = started[index];
      try {
        const step = ${wait}(failed ? generator.throw(thrown) : generator.next(result));
        if (!step.done) throw new Error("A wrapper yielded twice");
        result = step.value;
        failed = false;
      } catch (error) {
        failed = true;
        thrown = error;
      }
    }
    if (failed) throw thrown;
    return result;
  }`;
}

const drivers = { sync: driver("", ""), async: driver("async ", "await ") };

function monitor(cell: CallCell, { before, after }: Parts, run: AnyFunction): AnyFunction {
  if (!cell.monitored) return run;
  const source = cell.async
    ? "async (args) => { before(args); const results = await run(args); after(args, results); return results; }"
    : "(args) => { before(args); const results = run(args); after(args, results); return results; }";
  return compile({ before, after, run }, source);
}
