/**
 * A program whose hook calls OpenTelemetry is told of, for tests that run it with and without the telemetry of Deno.
 *
 * @module
 */
import * as api from "@opentelemetry/api";
import { createHooks, hook } from "../../src/hooks/mod.ts";
import { openTelemetry } from "../../src/tracing/mod.ts";

const hooks = createHooks({
  greeting: hook<{ name: string }, string>(),
  load: hook<object, string>({ async: true, mode: "first" }),
  each: hook<object, number>({ mode: "stream", concurrency: 1, order: "fifo" }),
  bad: hook<object, void>({ async: true }),
});
const sleep = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
hooks.register("english", {
  greeting: ({ name }) => `Hello, ${name}`,
  load: async () => {
    await sleep();
    return hooks.call.greeting({ name: "Ada" }).join();
  },
  each: () => 1,
  bad: () => sleep().then(() => Promise.reject(new TypeError("no"))),
});
hooks.register("german", { each: () => sleep().then(() => 2) });
hooks.monitor(openTelemetry(api));

const results: unknown[] = [];
await api.trace.getTracer("program").startActiveSpan("request", async (span) => {
  results.push(...await Promise.all([hooks.call.load({}), hooks.call.load({})]));
  for await (const each of hooks.call.each({})) results.push(each);
  results.push(await hooks.call.bad({}).catch(({ code }) => code));
  span.end();
});
console.log(JSON.stringify(results));
