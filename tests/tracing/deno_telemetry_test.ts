import { describe, test } from "node:test";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { confinedDeno, onDeno } from "../support/child.ts";
import { type Run, run } from "../support/run.ts";
import { startServer } from "../support/server.ts";

const program = fileURLToPath(new URL("./traced_program.ts", import.meta.url));
const printed = '["Hello, Ada","Hello, Ada",1,2,"hook-failed"]\n';

/** Runs the program as one that may do nothing: telemetry needs no permission. */
function runTraced(env: Readonly<Record<string, string | undefined>>): Promise<Run> {
  const off = { OTEL_DENO: undefined, OTEL_EXPORTER_OTLP_ENDPOINT: undefined, OTEL_EXPORTER_OTLP_PROTOCOL: undefined };
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  return run(confinedDeno, ["run", "--no-prompt", "--no-check", program], { cwd, env: { ...off, ...env } });
}

/** A span, as it is sent. */
interface SentSpan {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly status: { readonly code: number; readonly message: string };
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
  readonly events: readonly { readonly name: string }[];
}

/** The spans of a request to a collector. */
function spansOf(body: string): SentSpan[] {
  const { resourceSpans } = JSON.parse(body) as {
    resourceSpans: { scopeSpans: { scope: { name: string }; spans: SentSpan[] }[] }[];
  };
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

/** Spans as a tree on lines, those that failed marked. */
function treeOf(spans: readonly SentSpan[], parent = "", indent = ""): string[] {
  return spans.filter(({ parentSpanId }) => parentSpanId === parent)
    .sort((left, right) => Number(BigInt(left.startTimeUnixNano) - BigInt(right.startTimeUnixNano)))
    .flatMap(({ name, status, spanId }) => [
      `${indent}${name}${status.code === 2 ? " (failed)" : ""}`,
      ...treeOf(spans, spanId, `${indent}  `),
    ]);
}

describe("openTelemetry with the telemetry of Deno", { skip: !onDeno }, () => {
  test("exports the spans of calls and implementations when it is on", async () => {
    const spans: SentSpan[] = [];
    await using collector = await startServer({
      "/": (_request, response) => void response.end("{}"),
      "/v1/traces": async (request, response) => {
        spans.push(...spansOf((await buffer(request)).toString()));
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      },
    });
    const { code, stdout, stderr } = await runTraced({
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
    });
    assertEquals([code, stdout, stderr], [0, printed, ""]);
    const load = ["  hook load", "    plugin english", "      hook greeting", "        plugin english"];
    assertEquals(treeOf(spans), [
      "request",
      ...load,
      ...load,
      "  hook each",
      "    plugin english",
      "    plugin german",
      "  hook bad (failed)",
      "    plugin english (failed)",
    ]);
    const failed = spans.find(({ name }) => name === "hook bad")!;
    assertEquals(failed.events.map(({ name }) => name), ["exception"]);
    assertStringIncludes(failed.status.message, 'Cannot call hook "bad" of plugin "english"');
    assertEquals(Object.fromEntries(failed.attributes.map(({ key, value }) => [key, value])), {
      "plugmap.hook": { stringValue: "bad" },
      "plugmap.plugins": { arrayValue: { values: [{ stringValue: "english" }] } },
      "error.type": { stringValue: "hook-failed" },
    });
  });

  test("prints the spans when it is on and exports to the console", async () => {
    const { code, stdout, stderr } = await runTraced({ OTEL_DENO: "true", OTEL_EXPORTER_OTLP_PROTOCOL: "console" });
    assertEquals([code, stdout], [0, printed]);
    for (const name of ["hook load", "plugin english", "hook each", "hook bad"]) {
      assertStringIncludes(stderr, `SPAN ${name} `);
    }
  });

  test("harms no call when it is on and nobody collects", async () => {
    const { origin, close } = await startServer();
    await close();
    const { code, stdout } = await runTraced({ OTEL_DENO: "true", OTEL_EXPORTER_OTLP_ENDPOINT: origin });
    assertEquals([code, stdout], [0, printed]);
  });

  test("does nothing when it is off", async () => {
    await using collector = await startServer();
    const { code, stdout, stderr } = await runTraced({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin });
    assertEquals([code, stdout, stderr], [0, printed, ""]);
    assertEquals(collector.requests, []);
  });
});
