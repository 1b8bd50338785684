import { messageOf, PlugmapError, printable } from "../errors.ts";
import type { CallEvent, CallOutcome, ImplEvent, Monitor } from "../hooks/mod.ts";
import type {
  OpenTelemetryApi,
  OpenTelemetryException,
  OpenTelemetrySpan,
  SpanAttributes,
} from "./open_telemetry_api.ts";
import { invalid, requireFunction, requireMethods, requireOptions } from "./options.ts";

/** What can be said about spans. */
export interface OpenTelemetryOptions {
  /** Whether each implementation has a span of its own, inside that of the call. It has unless this is `false`. */
  readonly implementations?: boolean | undefined;
  /**
   * Gives further attributes for the span of a call, such as some of its arguments, none of which are told otherwise.
   * What it throws goes to the `onDiagnostic` of the dispatcher.
   */
  readonly attributes?: ((event: CallEvent) => SpanAttributes) | undefined;
}

/** A span, and the context in which it is the active one. */
interface Started {
  readonly span: OpenTelemetrySpan;
  readonly context: unknown;
}

/**
 * Makes what tells OpenTelemetry of hook calls: a span `hook <name>` for each call, and in it a span `plugin <name>` for
 * each implementation that runs and is not a wrapper. While they run, their span is the active one, so that what they
 * start, and calls inside of calls, ends up below it.
 *
 * Spans have the attributes `plugmap.hook` and `plugmap.plugins` or `plugmap.plugin`. The span of what fails has the
 * status `ERROR`, the exception as an event, and `error.type`, which is the code of a {@linkcode PlugmapError}. Spans end
 * when promises are settled, and that of a stream when it is at its end or left.
 *
 * Which span is active is what the context manager of the SDK knows. Without one every span is a trace of its own. Deno
 * has one built in, with an exporter, if it runs with `OTEL_DENO=true`. Without an SDK no spans come of it.
 *
 * @param api What `import * as api from "@opentelemetry/api"` gives.
 * @param options Which spans there are, and what is told of them.
 * @returns A monitor for the `monitor` of a dispatcher.
 * @throws {PlugmapError} `option-invalid`.
 *
 * @example Tell OpenTelemetry of all calls
 * ```ts
 * import * as api from "@opentelemetry/api";
 * import { createHooks, defineHooks, hook } from "@plugmap/plugmap/hooks";
 * import { openTelemetry } from "@plugmap/plugmap/tracing";
 * import { assertEquals } from "@std/assert";
 *
 * const hooks = createHooks(defineHooks({ greeting: hook<{ name: string }, string>() }));
 * hooks.register("english", { greeting: ({ name }) => `Hello, ${name}` });
 * const monitoring = hooks.monitor(openTelemetry(api));
 *
 * // With an SDK, these are the spans "hook greeting" and, inside of it, "plugin english".
 * assertEquals(hooks.call.greeting({ name: "Ada" }), ["Hello, Ada"]);
 * monitoring.stop();
 * ```
 */
export function openTelemetry(api: OpenTelemetryApi, options: OpenTelemetryOptions = {}): Monitor {
  requireApi(api);
  requireOptions(options, "implementations", "attributes");
  const { implementations = true, attributes } = options;
  if (typeof implementations !== "boolean") throw invalid('Option "implementations" is not true or false');
  if (attributes !== undefined) requireFunction('Option "attributes"', attributes);

  const tracer = api.trace.getTracer("@plugmap/plugmap");
  const calls = new WeakMap<CallEvent, Started>();

  function start(name: string, attributes: SpanAttributes): Started {
    const parent = api.context.active();
    const span = tracer.startSpan(name, { attributes }, parent);
    return { span, context: api.trace.setSpan(parent, span) };
  }

  function end({ span }: Started, outcome: CallOutcome): void {
    try {
      if (!("error" in outcome)) return;
      const { type, exception } = describe(outcome.error);
      span.setAttributes({ "error.type": type });
      span.recordException(exception);
      span.setStatus({ code: api.SpanStatusCode.ERROR, message: exception.message });
    } finally {
      span.end();
    }
  }

  return {
    before(event) {
      const hook = printable(event.hook);
      const call = start(`hook ${hook}`, {
        "plugmap.hook": hook,
        "plugmap.plugins": event.plugins.map((name) => printable(name)),
      });
      calls.set(event, call);
      if (attributes !== undefined) call.span.setAttributes(attributes(event));
    },
    around(event, run) {
      const call = calls.get(event);
      return call === undefined ? run() : api.context.with(call.context, run);
    },
    after(event, outcome) {
      const call = calls.get(event);
      if (call !== undefined) end(call, outcome);
    },
    ...(implementations ? { aroundImpl } : {}),
  };

  function aroundImpl(event: ImplEvent, run: () => unknown): unknown {
    const plugin = printable(event.plugin);
    const impl = start(`plugin ${plugin}`, { "plugmap.hook": printable(event.hook), "plugmap.plugin": plugin });
    let returned: unknown;
    try {
      returned = api.context.with(impl.context, run);
    } catch (error) {
      end(impl, { error });
      throw error;
    }
    if (returned instanceof Promise) {
      return returned.then((result) => end(impl, { result }), (error) => end(impl, { error }));
    }
    end(impl, { result: returned });
    return returned;
  }
}

function requireApi(api: unknown): void {
  const { trace, context, SpanStatusCode } = Object(api) as Partial<OpenTelemetryApi>;
  const mend = 'Hand over all of it: import * as api from "@opentelemetry/api".';
  requireMethods('"trace" of the OpenTelemetry API', trace, ["getTracer", "setSpan"], mend);
  requireMethods('"context" of the OpenTelemetry API', context, ["active", "with"], mend);
  if (typeof SpanStatusCode?.ERROR !== "number") throw invalid("The OpenTelemetry API has no status codes", mend);
}

/** What is told of something that was thrown, which can be anything. */
function describe(thrown: unknown): { readonly type: string; readonly exception: OpenTelemetryException } {
  const message = messageOf(thrown);
  try {
    if (thrown instanceof Error) {
      const name = printable(String(thrown.name));
      const stack = String(thrown.stack ?? "").split("\n").map((line) => printable(line)).join("\n");
      return { type: thrown instanceof PlugmapError ? thrown.code : name, exception: { name, message, stack } };
    }
  } catch {
    // A proxy can throw whatever it is asked.
  }
  // The name that the semantic conventions have for what has none.
  return { type: "_OTHER", exception: { name: "_OTHER", message } };
}
