/**
 * Loops written out: one line for each implementation instead of a loop over all. The engine then knows each function
 * at its own place, and can inline it, where a loop calls them through one place that has seen all functions of all
 * hooks. The text is made of a fixed frame and numbers; no name and no other text from outside is ever part of it.
 *
 * @module
 */

import { requireValue } from "./arguments.ts";
import { isThenable, planFailure, subjectAt, unexpectedPromise } from "./failure.ts";
import { lend, nothing } from "./loops.ts";
import type { Arguments, Plan, Run } from "./plan.ts";

/** Above this, the text to compile grows while the gain does not. */
const longest = 256;

/** The same for async hooks: a step waits for longer than it takes to get to the next one by a loop. */
const longestAsync = 4;

/** How many implementations one function of the text runs: engines inline no more calls than about that many. */
const partLength = 16;

/** How many of more than that stay in the function that is called. */
const headLength = 4;

type Mode = "collect" | "first" | "pipeline";

/** What the text can use. */
interface Scope {
  readonly runs: readonly Run[];
  readonly nothing: typeof nothing;
  /** Name of the threaded argument. */
  readonly name: string | undefined;
  readonly fail: (index: number, thrown: unknown) => unknown;
  /** Throws if a result of a sync hook is a promise. */
  readonly refuse: (index: number, returned: unknown) => void;
  /** Whether every object has that name. */
  readonly inherited: boolean;
  readonly getPrototypeOf: (value: object) => unknown;
  readonly plain: object;
  /** Throws unless a pipeline has a value to thread. */
  readonly require: (args: Arguments) => void;
  readonly lend: typeof lend;
}

/**
 * Writes a loop out.
 *
 * @returns A function that does what the loop does; `undefined` where code must not be generated
 * (`--disallow-code-generation-from-strings`) or would not pay.
 */
export function generate(plan: Plan): Run | undefined {
  const { hook, runs, spec } = plan;
  if (runs.length > (spec.async ? longestAsync : longest)) return undefined;
  const name = spec.value;
  const scope: Scope = {
    runs,
    nothing,
    name,
    fail: (index, thrown) => planFailure(plan, index, thrown),
    refuse: (index, returned) => {
      if (isThenable(returned)) throw unexpectedPromise(subjectAt(plan, index), returned);
    },
    inherited: name !== undefined && name in Object.prototype,
    getPrototypeOf: Object.getPrototypeOf,
    plain: Object.prototype,
    require: (args) => requireValue(hook, name!, args),
    lend,
  };
  const { mode, async, keepNull } = spec;
  return evaluate(loopText(mode as Mode, async, keepNull, runs.length), scope) as Run | undefined;
}

let serial = 0;

/**
 * Evaluates the body of a function that gets a scope.
 *
 * @returns What it returns; `undefined` where the runtime forbids it.
 */
export function evaluate(text: string, scope: object): unknown {
  const names = Object.keys(scope).join(", ");
  try {
    // The number makes each text its own: engines share what they learn between functions made from the same text.
    return new Function("scope", `"use strict"; const { ${names} } = scope; /* ${serial++} */ ${text}`)(scope);
  } catch (thrown) {
    if (thrown instanceof EvalError) return undefined;
    throw thrown;
  }
}

/** What differs between the modes: `state` is what the steps work on, from `begin` to `end`. */
const frames: Readonly<
  Record<Mode, { begin: string; state: string; result: string; partEnd: string; next: string; end: string }>
> = {
  // A list that is made with its first result takes less than one that it is put into, and far less if it is the only one.
  collect: {
    begin: "let results;",
    state: "results",
    result: "if(results===undefined)results=[r];else results.push(r);",
    partEnd: "return results;",
    next: "",
    end: "return results === undefined ? [] : results;",
  },
  first: {
    begin: "let found;",
    state: "found",
    result: "return r;",
    partEnd: "return nothing;",
    next: "if (found !== nothing) return found;",
    end: "return undefined;",
  },
  pipeline: {
    begin: `let value = args[name];
    if (value === undefined || inherited || getPrototypeOf(args) !== plain) require(args);`,
    state: "value",
    result: "value=r;",
    partEnd: "return value;",
    next: "",
    end: "return value;",
  },
};

function loopText(mode: Mode, async: boolean, keepNull: boolean, count: number): string {
  const { begin, state, next, partEnd, end } = frames[mode];
  const steps = Array.from({ length: count }, (_, index) => stepText(mode, async, keepNull, index, count));
  const functions = `const [${steps.map((_, index) => `run${index}`)}]=runs;`;
  const parts: string[] = [];
  let body = attemptText(steps, 0);
  if (!async && count > partLength) {
    // Many calls of mode first end at one of the first steps. Those stay where they are called, and nothing else does,
    // so that they can be inlined into the caller.
    const starts = [];
    for (let start = headLength; start < count; start += partLength) starts.push(start);
    parts.push(...starts.map((start) => partText(mode, steps.slice(start, start + partLength), start)));
    const assign = `${state} = `;
    const calls = starts.map((start) => `${assign}part${start}(args, ${state}); ${next}`).join("\n");
    parts.push(`function rest(args, ${state}) { ${calls} ${partEnd} }`);
    body = `${attemptText(steps.slice(0, headLength), 0)} ${assign}rest(args, ${state}); ${next}`;
  }
  return `${functions}
  ${parts.join("\n")}
  return ${async ? "async " : ""}function (args) {
    ${begin}
    ${mode === "pipeline" && count > 0 ? threadingText(async, body) : body}
    ${end}
  };`;
}

/** An async pipeline threads through a copy; a sync one through what it was given, see `lend`. */
function threadingText(async: boolean, body: string): string {
  if (async) return `args = { ...args }; ${body}`;
  return `const given = value; args = lend(args, name, given);
    try { ${body} } finally { args[name] = given; }`;
}

function partText(mode: Mode, steps: readonly string[], start: number): string {
  const { state, partEnd } = frames[mode];
  return `function part${start}(args, ${state}) { ${attemptText(steps, start)} ${partEnd} }`;
}

function attemptText(steps: readonly string[], start: number): string {
  if (steps.length === 0) return "";
  const body = steps.map((step, index) => index === 0 ? step : `index=${start + index};${step}`).join("");
  return `let index=${start},r;try{${body}}catch(thrown){throw fail(index,thrown)}`;
}

/** Terse, because engines take as long to read the text as some thousand calls take; `r` is what was returned. */
function stepText(mode: Mode, async: boolean, keepNull: boolean, index: number, count: number): string {
  const isObject = 'typeof r=="object"||typeof r=="function"';
  const settle = async ? `if(${isObject})r=await r;` : "";
  const refuse = async ? "" : `if(${isObject})refuse(${index},r);`;
  const thread = mode === "pipeline" && index < count - 1 ? "args[name]=r;" : "";
  const { result } = frames[mode];
  const isResult = keepNull ? "r!==nothing" : "r!=null";
  return `r=run${index}(args);${settle}if(${isResult}){${refuse}${result}${thread}}`;
}
