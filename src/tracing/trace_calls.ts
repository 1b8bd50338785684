import type { Monitor, Monitoring } from "../hooks/mod.ts";
import type { TraceOptions } from "./depth.ts";
import { invalid, requireMethods, requireOptions } from "./options.ts";
import { TagTracer, type TraceWriter } from "./tag_tracer.ts";

/**
 * Traces the calls of hooks as pluggy does: a line with the name of the hook, a line for each argument, and a line with
 * the result, unless the call fails. Calls inside other calls are indented by two more spaces.
 *
 * Values are shown in part if they are large, none of their getters is run, and what a terminal would not show as itself
 * is escaped, so lines are safe to print, whoever the values come from. Calls that the writer itself makes are not traced.
 *
 * A line that tells the result is always indented as the first one of its call. What is between the two may be of
 * another call if the hook is async: calls that overlap are indented as if the later one were inside the earlier one,
 * unless there is a `storage` to tell them apart. A stream is one call from its first result that is asked for to its
 * end, and its result is the list of all that it gave.
 *
 * @param dispatcher What {@linkcode createHooks} made, or anything else that takes monitors.
 * @param write Gets the lines one by one, without line ends. What it throws goes to the `onDiagnostic` of the dispatcher.
 * @param options What tells async calls apart.
 * @returns What ends it.
 * @throws {PlugmapError} `option-invalid`.
 *
 * @example Trace async calls that overlap
 * ```ts
 * import { AsyncLocalStorage } from "node:async_hooks";
 * import { createHooks, defineHooks, hook } from "@plugmap/plugmap/hooks";
 * import { traceCalls } from "@plugmap/plugmap/tracing";
 * import { assertEquals } from "@std/assert";
 *
 * const hooks = createHooks(defineHooks({ load: hook<{ path: string }, string>({ async: true, mode: "first" }) }));
 * hooks.register("disk", { load: async ({ path }) => `text of ${await path}` });
 *
 * const lines: string[] = [];
 * const tracing = traceCalls(hooks, (line) => lines.push(line), { storage: new AsyncLocalStorage() });
 * await Promise.all([hooks.call.load({ path: "a" }), hooks.call.load({ path: "b" })]);
 * tracing.stop();
 *
 * assertEquals(lines, [
 *   "  load [hook]",
 *   "      path: a",
 *   "  load [hook]",
 *   "      path: b",
 *   "  finish load --> text of a [hook]",
 *   "  finish load --> text of b [hook]",
 * ]);
 * ```
 */
export function traceCalls(
  dispatcher: { monitor(monitor: Monitor): Monitoring },
  write: TraceWriter,
  options: TraceOptions = {},
): Monitoring {
  requireMethods("The dispatcher", dispatcher, ["monitor"]);
  requireOptions(options, "storage");
  if (write === undefined) throw invalid("There is no writer");
  const tracer = new TagTracer(options);
  tracer.setWriter(write);
  return dispatcher.monitor(tracer.monitor());
}
