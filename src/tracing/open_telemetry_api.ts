/**
 * The part of `@opentelemetry/api` that is used. The package is the application's, which hands it over: so Plugmap does
 * not depend on it, and there is one copy of it, as its global registrations need.
 *
 * @module
 */

/** Attributes of a span. */
export type SpanAttributes = Readonly<
  Record<string, string | number | boolean | string[] | number[] | boolean[] | undefined>
>;

/** What is told of something that was thrown. */
export interface OpenTelemetryException {
  /** What kind of thing it is. */
  name: string;
  /** What it says. */
  message: string;
  /** Where it came from. */
  stack?: string;
}

/** A span: something that takes time. */
export interface OpenTelemetrySpan {
  /** Adds attributes. */
  setAttributes(attributes: SpanAttributes): unknown;
  /** Says how it went. */
  setStatus(status: { code: number; message?: string }): unknown;
  /** Adds something that was thrown. */
  recordException(exception: OpenTelemetryException): void;
  /** Ends it. */
  end(): void;
}

/** What starts spans. */
export interface OpenTelemetryTracer {
  /** Starts one. */
  startSpan(name: string, options: { attributes: SpanAttributes }, context: unknown): OpenTelemetrySpan;
}

/** What `import * as api from "@opentelemetry/api"` gives. */
export interface OpenTelemetryApi {
  /** Spans. */
  readonly trace: {
    /** Gives what starts spans. */
    getTracer(name: string): OpenTelemetryTracer;
    /** Gives a context in which a span is the active one. */
    setSpan(context: unknown, span: OpenTelemetrySpan): unknown;
  };
  /** Contexts. */
  readonly context: {
    /** Gives the one that is active. */
    active(): unknown;
    /** Runs a function while another one is. */
    with(context: unknown, run: () => unknown): unknown;
  };
  /** How a span can go. */
  readonly SpanStatusCode: {
    /** It failed. */
    readonly ERROR: number;
  };
}
