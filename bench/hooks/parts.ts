import type { CallCell } from "./cells.ts";
import { compile } from "./compile.ts";
import type { AnyFunction, Parts, Shape } from "./contestant.ts";
import { mark, type Marks } from "./marks.ts";

const parameters: Readonly<Record<Shape, string>> = { args: "{ value }", value: "value", event: "event" };

/** Makes the functions of a cell, each from source of its own, and each leaving a mark of its own. */
export function makeParts(cell: CallCell, shape: Shape, marks: Marks): Parts {
  const make = (source: string) => compile<AnyFunction>({ marks }, source);
  const handlers = Array.from({ length: cell.impls }, (_, index) => make(handlerSource(cell, shape, index)));
  const wrappers = Array.from({ length: cell.wrappers }, (_, index) => make(wrapperSource(cell, index)));
  return { handlers, wrappers, before: make(`() => { ${mark(7)} }`), after: make(`() => { ${mark(11)} }`) };
}

function handlerSource(cell: CallCell, shape: Shape, index: number): string {
  const number = index + 1;
  const head = `${cell.async ? "async " : ""}(${parameters[shape]}) =>`;
  if (shape === "event") return `${head} { ${mark(number)} event.value += ${number}; }`;
  const isMiss = cell.mode === "first" && index !== hitIndex(cell);
  // No call has a negative value, which the engine cannot know.
  return `${head} { ${mark(number)} ${isMiss ? "if (value < 0) " : ""}return value + ${number}; }`;
}

function hitIndex({ hit, impls }: CallCell): number {
  return hit === "first" ? 0 : hit === "middle" ? Math.floor(impls / 2) : -1;
}

function wrapperSource({ wrapper, async }: CallCell, index: number): string {
  const enter = mark(1000 + index);
  const leave = mark(2000 + index);
  if (wrapper === "generator") {
    return `${async ? "async " : ""}function* (args) { ${enter} const results = yield; ${leave} return results; }`;
  }
  return async
    ? `async (next, args) => { ${enter} const results = await next(); ${leave} return results; }`
    : `(next, args) => { ${enter} const results = next(); ${leave} return results; }`;
}
