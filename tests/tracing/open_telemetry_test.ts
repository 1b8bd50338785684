import { describe, test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as api from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { createHooks, hook, PlugmapError } from "../../src/hooks/mod.ts";
import { openTelemetry } from "../../src/tracing/mod.ts";

/** An SDK that is in place until the end of the block, and what it exports. */
interface Sdk {
  /** The spans that have ended, in the order of their end. */
  readonly spans: () => readonly ReadableSpan[];
  /** The spans by name, each with its parent's name: as a tree on lines, in the order of their start. */
  readonly tree: () => readonly string[];
  [Symbol.dispose](): void;
}

function installSdk(): Sdk {
  const exporter = new InMemorySpanExporter();
  const started: string[] = [];
  const order = {
    onStart: (span: { spanContext(): api.SpanContext }) => void started.push(span.spanContext().spanId),
    onEnd: () => {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const provider = new BasicTracerProvider({ spanProcessors: [order, new SimpleSpanProcessor(exporter)] });
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.trace.setGlobalTracerProvider(provider);
  const spans = () => exporter.getFinishedSpans();
  const below = (parent: string | undefined, indent: string): string[] =>
    started.map((id) => spans().find((span) => span.spanContext().spanId === id))
      .filter((span) => span !== undefined && span.parentSpanContext?.spanId === parent)
      .flatMap((span) => [`${indent}${span!.name}`, ...below(span!.spanContext().spanId, `${indent}  `)]);
  return {
    spans,
    tree: () => below(undefined, ""),
    [Symbol.dispose]: () => {
      api.trace.disable();
      api.context.disable();
    },
  };
}

const sleep = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

function fail(): never {
  throw new TypeError("no\nway");
}

describe("openTelemetry", () => {
  test("makes a span for each call and one inside for each implementation", () => {
    using sdk = installSdk();
    const hooks = createHooks({ greeting: hook<{ name: string }, string>() });
    hooks.register("english", { greeting: ({ name }) => `Hello, ${name}` });
    hooks.register("french", { greeting: ({ name }) => `Bonjour, ${name}` });
    hooks.monitor(openTelemetry(api));
    assertEquals(hooks.call.greeting({ name: "Ada" }), ["Bonjour, Ada", "Hello, Ada"]);
    assertEquals(sdk.tree(), ["hook greeting", "  plugin french", "  plugin english"]);
    assertEquals(sdk.spans().map(({ name, attributes }) => ({ name, attributes })), [
      { name: "plugin french", attributes: { "plugmap.hook": "greeting", "plugmap.plugin": "french" } },
      { name: "plugin english", attributes: { "plugmap.hook": "greeting", "plugmap.plugin": "english" } },
      { name: "hook greeting", attributes: { "plugmap.hook": "greeting", "plugmap.plugins": ["french", "english"] } },
    ]);
    assertEquals(sdk.spans().map(({ status, events }) => [status, events]), Array(3).fill([{ code: 0 }, []]));
    assertStrictEquals(sdk.spans()[0]!.instrumentationScope.name, "@plugmap/plugmap");
  });

  test("names wrappers, which have no span of their own", () => {
    using sdk = installSdk();
    const hooks = createHooks({ greeting: hook<object, string>({ mode: "first" }) });
    hooks.register("polite", { greeting: { wrapper: (next) => `Dear ${next()}` } });
    hooks.register("english", { greeting: () => "Ada" });
    hooks.monitor(openTelemetry(api));
    assertStrictEquals(hooks.call.greeting({}), "Dear Ada");
    assertEquals(sdk.tree(), ["hook greeting", "  plugin english"]);
    assertEquals(sdk.spans()[1]!.attributes["plugmap.plugins"], ["polite", "english"]);
  });

  test("puts spans below what is active, and what is started inside below them", async () => {
    using sdk = installSdk();
    const hooks = createHooks({
      outer: hook<object, void>({ async: true }),
      inner: hook<object, void>(),
    });
    const tracer = api.trace.getTracer("test");
    hooks.register("plugin", {
      outer: async () => {
        await sleep();
        tracer.startSpan("own").end();
        hooks.call.inner({});
      },
      inner: () => tracer.startSpan("innermost").end(),
    });
    hooks.monitor(openTelemetry(api));
    await tracer.startActiveSpan("request", async (span) => {
      await hooks.call.outer({});
      span.end();
    });
    assertEquals(sdk.tree(), [
      "request",
      "  hook outer",
      "    plugin plugin",
      "      own",
      "      hook inner",
      "        plugin plugin",
      "          innermost",
    ]);
  });

  test("keeps calls apart that overlap", async () => {
    using sdk = installSdk();
    const hooks = createHooks({ one: hook<object, void>({ async: true }), two: hook<object, void>({ async: true }) });
    hooks.register("a", { one: sleep, two: sleep });
    hooks.register("b", { one: sleep, two: sleep });
    hooks.monitor(openTelemetry(api));
    await Promise.all([hooks.call.one({}), hooks.call.two({})]);
    assertEquals(sdk.tree(), ["hook one", "  plugin b", "  plugin a", "hook two", "  plugin b", "  plugin a"]);
  });

  test("ends spans of async calls when they are settled", async () => {
    using sdk = installSdk();
    const hooks = createHooks({ load: hook<object, void>({ async: true }) });
    const { promise, resolve } = Promise.withResolvers<void>();
    hooks.register("plugin", { load: () => promise });
    hooks.monitor(openTelemetry(api));
    const call = hooks.call.load({});
    await sleep();
    assertEquals(sdk.spans(), []);
    resolve();
    await call;
    assertEquals(sdk.tree(), ["hook load", "  plugin plugin"]);
  });

  test("ends the spans of implementations whose promise is of another kind when that is settled", async () => {
    using sdk = installSdk();
    const hooks = createHooks({ query: hook<object, number>({ async: true, mode: "first" }) });
    let asked = 0;
    const lazy: PromiseLike<number> = {
      then: (onValue, onError) => {
        asked++;
        return sleep().then(() => {
          api.trace.getTracer("test").startSpan("query").end();
          return 1;
        }).then(onValue, onError);
      },
    };
    hooks.register("plugin", { query: () => lazy });
    hooks.monitor(openTelemetry(api));
    assertStrictEquals(await hooks.call.query({}), 1);
    assertStrictEquals(asked, 1);
    assertEquals(sdk.spans().map(({ name }) => name), ["query", "plugin plugin", "hook query"]);
  });

  for (const mode of ["collect", "first", "parallel", "race"] as const) {
    test(`has one trace for a call of mode ${mode}`, async () => {
      using sdk = installSdk();
      const hooks = createHooks({ each: hook<object, string>({ mode, async: true } as { mode: "parallel" }) });
      hooks.register("slow", { each: () => sleep().then(() => "slow") });
      hooks.register("fast", { each: { run: () => Promise.resolve().then(() => undefined), tryFirst: true } });
      hooks.monitor(openTelemetry(api));
      await hooks.call.each({});
      assertEquals(sdk.tree(), ["hook each", "  plugin fast", "  plugin slow"]);
    });
  }

  test("puts the spans of a pipeline inside that of its call", () => {
    using sdk = installSdk();
    const hooks = createHooks({ text: hook<{ text: string }, string>({ mode: "pipeline", value: "text" }) });
    hooks.register("a", { text: ({ text }) => `${text}a` });
    hooks.register("b", { text: ({ text }) => `${text}b` });
    hooks.monitor(openTelemetry(api));
    assertStrictEquals(hooks.call.text({ text: "" }), "ba");
    assertEquals(sdk.tree(), ["hook text", "  plugin b", "  plugin a"]);
  });

  test("ends all spans once when it is stopped while a call runs", async () => {
    using sdk = installSdk();
    const hooks = createHooks({ load: hook<object, void>({ async: true }) });
    hooks.register("plugin", { load: sleep });
    const monitoring = hooks.monitor(openTelemetry(api));
    const call = hooks.call.load({});
    monitoring.stop();
    await hooks.call.load({});
    await call;
    assertEquals(sdk.tree(), ["hook load", "  plugin plugin"]);
  });

  test("waits for an SDK that is set up later", () => {
    const hooks = createHooks({ greeting: hook<object, void>() });
    hooks.monitor(openTelemetry(api));
    assertEquals(hooks.call.greeting({}), []);
    using sdk = installSdk();
    hooks.call.greeting({});
    assertEquals(sdk.tree(), ["hook greeting"]);
  });

  test("leaves out the spans of implementations on request", () => {
    using sdk = installSdk();
    const hooks = createHooks({ greeting: hook<object, void>() });
    hooks.register("plugin", { greeting: () => api.trace.getTracer("test").startSpan("own").end() });
    hooks.monitor(openTelemetry(api, { implementations: false }));
    hooks.call.greeting({});
    assertEquals(sdk.tree(), ["hook greeting", "  own"]);
  });

  test("adds attributes on request, and tells no arguments otherwise", () => {
    using sdk = installSdk();
    const hooks = createHooks({ greeting: hook<{ name: string }, void>() });
    hooks.monitor(openTelemetry(api, { attributes: ({ args }) => ({ "app.name": String(args.name) }) }));
    hooks.call.greeting({ name: "Ada" });
    assertStrictEquals(sdk.spans()[0]!.attributes["app.name"], "Ada");
  });

  test("refuses what is not the API, and wrong options", () => {
    const refused = [
      () => openTelemetry(undefined as never),
      () => openTelemetry({} as never),
      () => openTelemetry(api.trace as never),
      () => openTelemetry({ trace: api.trace, context: api.context } as never),
      () => openTelemetry(api, null as never),
      () => openTelemetry(api, { implementations: 1 as never }),
      () => openTelemetry(api, { attributes: {} as never }),
      () => openTelemetry(api, { spans: true } as never),
    ];
    for (const refuse of refused) assertStrictEquals(assertThrows(refuse, PlugmapError).code, "option-invalid");
    const { mend } = assertThrows(() => openTelemetry({} as never), PlugmapError);
    assertStringIncludes(mend!, "@opentelemetry/api");
  });
});

describe("openTelemetry of what fails", () => {
  test("records the error with the implementation and with the call", () => {
    using sdk = installSdk();
    const hooks = createHooks({ bad: hook<object, void>() });
    hooks.register("plugin", { bad: fail });
    hooks.monitor(openTelemetry(api));
    assertThrows(() => hooks.call.bad({}), PlugmapError);
    assertEquals(sdk.tree(), ["hook bad", "  plugin plugin"]);
    const [impl, call] = sdk.spans() as [ReadableSpan, ReadableSpan];
    assertEquals(impl.status, { code: api.SpanStatusCode.ERROR, message: "no\\u{a}way" });
    assertStrictEquals(impl.attributes["error.type"], "TypeError");
    assertEquals(impl.events.map(({ name }) => name), ["exception"]);
    assertStrictEquals(impl.events[0]!.attributes!["exception.type"], "TypeError");
    assertStrictEquals(impl.events[0]!.attributes!["exception.message"], "no\\u{a}way");
    assertStringIncludes(String(impl.events[0]!.attributes!["exception.stacktrace"]), "open_telemetry_test.ts");
    assertStrictEquals(call.status.code, api.SpanStatusCode.ERROR);
    assertStringIncludes(call.status.message!, 'Cannot call hook "bad" of plugin "plugin"');
    assertStrictEquals(call.attributes["error.type"], "hook-failed");
    assertStrictEquals(call.events[0]!.attributes!["exception.type"], "PlugmapError");
  });

  test("records what async implementations reject with, and time limits", async () => {
    using sdk = installSdk();
    const hooks = createHooks({
      bad: hook<object, void>({ async: true }),
      hangs: hook<object, void>({ async: true, timeLimit: 1 }),
    });
    hooks.register("plugin", { bad: () => sleep().then(fail), hangs: () => new Promise(() => {}) });
    hooks.monitor(openTelemetry(api));
    await assertRejects(() => hooks.call.bad({}), PlugmapError);
    await assertRejects(() => hooks.call.hangs({}), PlugmapError);
    assertEquals(sdk.tree(), ["hook bad", "  plugin plugin", "hook hangs", "  plugin plugin"]);
    assertEquals(sdk.spans().map(({ name, attributes }) => [name, attributes["error.type"]]), [
      ["plugin plugin", "TypeError"],
      ["hook bad", "hook-failed"],
      ["plugin plugin", "hook-timeout"],
      ["hook hangs", "hook-timeout"],
    ]);
  });

  test("leaves a call alone whose implementation failed in isolation", () => {
    using sdk = installSdk();
    const hooks = createHooks({ bad: hook<object, void>({ errors: "isolate" }) }, { onDiagnostic: () => {} });
    hooks.register("plugin", { bad: fail });
    hooks.monitor(openTelemetry(api));
    hooks.call.bad({});
    assertEquals(sdk.spans().map(({ status }) => status.code), [api.SpanStatusCode.ERROR, api.SpanStatusCode.UNSET]);
  });

  test("records whatever is thrown", () => {
    using sdk = installSdk();
    const { proxy: revoked, revoke } = Proxy.revocable({}, {});
    revoke();
    const unnamed = Object.assign(new Error("x"), { name: { toString: fail } });
    for (const thrown of [undefined, null, "text", { message: "m" }, revoked, unnamed]) {
      const hooks = createHooks({ bad: hook<object, void>() });
      hooks.register("plugin", {
        bad: () => {
          throw thrown;
        },
      });
      hooks.monitor(openTelemetry(api));
      assertThrows(() => hooks.call.bad({}), PlugmapError);
    }
    const impls = sdk.spans().filter(({ name }) => name.startsWith("plugin"));
    assertEquals(impls.map(({ attributes }) => attributes["error.type"]), Array(6).fill("_OTHER"));
    assertEquals(impls.map(({ status, events }) => [status.code, events.length]), Array(6).fill([2, 1]));
    assertStrictEquals(impls[2]!.status.message, '"text" was thrown');
  });

  test("ends spans although attributes cannot be had, which is told", () => {
    using sdk = installSdk();
    const diagnostics: PlugmapError[] = [];
    const hooks = createHooks({ greeting: hook<object, string>() }, {
      onDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
    });
    hooks.register("plugin", { greeting: () => "hello" });
    hooks.monitor(openTelemetry(api, { attributes: fail }));
    assertEquals(hooks.call.greeting({}), ["hello"]);
    assertEquals(sdk.tree(), ["hook greeting", "  plugin plugin"]);
    assertEquals(diagnostics.map(({ code }) => code), ["hook-monitor-failed"]);
  });

  test("lets calls go on when the SDK fails, which is told", async () => {
    for (const broken of ["startSpan", "end", "setSpan", "with", "active"]) {
      const fails = (name: string) => name === broken ? fail : undefined;
      const span = { end: fails("end") ?? (() => {}), setAttributes() {}, recordException() {}, setStatus() {} };
      const fake = {
        trace: {
          getTracer: () => ({ startSpan: fails("startSpan") ?? (() => span) }),
          setSpan: fails("setSpan") ?? (() => ({})),
        },
        context: { active: fails("active") ?? (() => ({})), with: fails("with") ?? ((_context, run) => run()) },
        SpanStatusCode: { ERROR: 2 },
      } satisfies Parameters<typeof openTelemetry>[0];
      const diagnostics: PlugmapError[] = [];
      const hooks = createHooks(
        { now: hook<object, number>(), later: hook<object, number>({ async: true }) },
        { onDiagnostic: (diagnostic) => diagnostics.push(diagnostic) },
      );
      hooks.register("plugin", { now: () => 1, later: () => sleep().then(() => 2) });
      hooks.monitor(openTelemetry(fake));
      assertEquals(hooks.call.now({}), [1]);
      assertEquals(await hooks.call.later({}), [2]);
      assertEquals([...new Set(diagnostics.map(({ code }) => code))], ["hook-monitor-failed"]);
      assertEquals([...new Set(diagnostics.map(({ problem }) => problem))], ["A monitor failed: no\\u{a}way"]);
    }
  });

  test("escapes names and messages", () => {
    using sdk = installSdk();
    const hooks = createHooks({ "b\nad": hook<object, void>() });
    hooks.register("pl\u{1b}ugin", {
      "b\nad": () => {
        throw Object.assign(new Error("\u{1b}[2J"), { name: "\u{7}" });
      },
    });
    hooks.monitor(openTelemetry(api));
    assertThrows(() => hooks.caller("b\nad")({}), PlugmapError);
    for (const { name, attributes, status, events } of sdk.spans()) {
      assertEquals(JSON.stringify([name, attributes, status, events[0]!.attributes]).match(/\\u00/g), null);
    }
  });
});

describe("openTelemetry of streams", () => {
  test("puts the spans of implementations inside that of the call", async () => {
    using sdk = installSdk();
    const hooks = createHooks({
      each: hook<object, number>({ mode: "stream", concurrency: 1, order: "fifo" }),
      all: hook<object, number>({ mode: "stream", order: "fifo" }),
    });
    hooks.register("one", { each: () => 1, all: () => 1 });
    hooks.register("two", { each: () => sleep().then(() => 2), all: () => sleep().then(() => 2) });
    hooks.monitor(openTelemetry(api));
    for await (const _ of hooks.call.each({})) api.trace.getTracer("test").startSpan("outside").end();
    for await (const _ of hooks.call.all({}));
    assertEquals(sdk.tree(), [
      "hook each",
      "  plugin one",
      "  plugin two",
      "outside",
      "outside",
      "hook all",
      "  plugin one",
      "  plugin two",
    ]);
  });

  test("ends the span when the stream is at its end, left, or fails", async () => {
    using sdk = installSdk();
    const hooks = createHooks({ each: hook<object, number>({ mode: "stream", concurrency: 1, order: "fifo" }) });
    hooks.register("one", { each: () => 1 });
    hooks.register("two", { each: fail });
    hooks.monitor(openTelemetry(api));
    const stream = hooks.call.each({})[Symbol.asyncIterator]();
    await stream.next();
    assertEquals(sdk.spans().map(({ name }) => name), ["plugin one"]);
    await stream.return!();
    assertEquals(sdk.spans().map(({ name }) => name), ["plugin one", "hook each"]);
    await assertRejects(async () => {
      for await (const _ of hooks.call.each({}));
    }, PlugmapError);
    assertEquals(sdk.spans().slice(2).map(({ name, status }) => [name, status.code]), [
      ["plugin one", api.SpanStatusCode.UNSET],
      ["plugin two", api.SpanStatusCode.ERROR],
      ["hook each", api.SpanStatusCode.ERROR],
    ]);
  });
});
