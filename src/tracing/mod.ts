/**
 * Seeing what hooks do: indented traces to read, and spans for OpenTelemetry. Optional, and without dependencies: nothing
 * of it runs, and calls pay nothing, unless it is attached to a dispatcher.
 *
 * @example Print the calls of a host
 * ```ts
 * import { createHooks, defineHooks, hook } from "@plugmap/plugmap/hooks";
 * import { traceCalls } from "@plugmap/plugmap/tracing";
 * import { assertEquals } from "@std/assert";
 *
 * const hooks = createHooks(defineHooks({ greeting: hook<{ name: string }, string>() }));
 * hooks.register("english", { greeting: ({ name }) => `Hello, ${name}` });
 *
 * const lines: string[] = [];
 * {
 *   using _tracing = traceCalls(hooks, (line) => lines.push(line));
 *   hooks.call.greeting({ name: "Ada" });
 * }
 * assertEquals(lines, [
 *   "  greeting [hook]",
 *   "      name: Ada",
 *   '  finish greeting --> ["Hello, Ada"] [hook]',
 * ]);
 * ```
 *
 * @module
 */

export { type ErrorCode, type errorCodes, type ErrorContext, PlugmapError, type Step } from "../errors.ts";
export type { CallEvent, CallOutcome, ImplEvent, Monitor, Monitoring } from "../hooks/mod.ts";
export type { DepthStorage, TraceOptions } from "./depth.ts";
export { openTelemetry, type OpenTelemetryOptions } from "./open_telemetry.ts";
export type {
  OpenTelemetryApi,
  OpenTelemetryException,
  OpenTelemetrySpan,
  OpenTelemetryTracer,
  SpanAttributes,
} from "./open_telemetry_api.ts";
export {
  type SubTracer,
  TagTracer,
  type TagTracerOptions,
  type TraceProcessor,
  type TraceWriter,
} from "./tag_tracer.ts";
export { traceCalls } from "./trace_calls.ts";
