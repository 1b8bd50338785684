/**
 * Threats T8, T17 and T18: what a host makes of a process that is wholly in the hands of an attacker, who speaks the
 * protocol, and lies in it.
 */
import { describe, it } from "node:test";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import { IsolatedPlugin, type Launch, readIsolationLimits, SpareProcesses } from "../../src/isolate/mod.ts";
import { childMethods } from "../../src/isolate/messages.ts";
import { capability, type Handler, Peer } from "../../src/isolate/wire/mod.ts";
import { Semaphore } from "../../src/loader/semaphore.ts";
import type { ChildProcess, ProcessEnd, RuntimeAdapter } from "../../src/runtime/types.ts";
import { parseWith } from "../manifest/sample.ts";
import { until } from "../support/isolated.ts";
import { createChannels } from "./wire/memory_channel.ts";

type Method = keyof typeof childMethods;
type Answers = { readonly [Name in Method]?: Handler };

/** A process of the attacker's. */
interface Child {
  readonly peer: Peer;
  readonly isKilled: () => boolean;
  /** Lets it end by itself. */
  exit(): void;
}

const impl = {
  target: "greeting",
  wrapper: false,
  tryFirst: false,
  tryLast: false,
  priority: 0,
  before: [],
  after: [],
  args: undefined,
  optional: false,
};
const started = { impls: new Map<string, unknown>([["greeting", impl]]), hasSetup: false, hasDispose: false };
const subject = { plugin: "weather", hook: "greeting" };

/** A plugin whose processes answer as they like: the last one as all that come after it. */
function attack(...processes: readonly Answers[]): {
  readonly plugin: IsolatedPlugin;
  readonly children: readonly Child[];
  readonly crashes: readonly PlugmapError[];
} {
  const children: Child[] = [];
  const crashes: PlugmapError[] = [];
  const limits = readIsolationLimits({ heartbeat: 20, shortestWait: 1, call: 5_000 });
  const spawn = (): Promise<ChildProcess> => {
    const answers = processes[Math.min(children.length, processes.length - 1)]!;
    const { child, process } = createChild(answers, children.length + 1);
    children.push(child);
    return Promise.resolve(process);
  };
  const runtime = { spawn } as unknown as RuntimeAdapter;
  const plugin = new IsolatedPlugin({
    plugin: "weather",
    message: { plugins: [{ manifest: parseWith({}), url: "file:///plugin.json", modules: [] }], registry: "" },
    launch: { program: {}, prologue: undefined, services: () => [], limitsMemory: false } as unknown as Launch,
    limits,
    runtime,
    spares: new SpareProcesses(0, limits, runtime),
    starts: new Semaphore(1),
    runLimit: 5_000,
    setupLimit: 5_000,
    output: () => {},
    onCrash: (error) => crashes.push(error),
    onGivenUp: (error) => crashes.push(error),
  });
  return { plugin, children, crashes };
}

function createChild(answers: Answers, pid: number): { readonly child: Child; readonly process: ChildProcess } {
  const [channel, other] = createChannels();
  const { promise: ended, resolve } = Promise.withResolvers<ProcessEnd>();
  let isKilled = false;
  const end = (end: ProcessEnd): void => {
    resolve(end);
    channel.end();
  };
  const methods = Object.keys(childMethods).map((name): Handler =>
    answers[name as Method] ?? (() => name === "start" ? { value: started } : 0)
  );
  const peer = new Peer({ channel: other, methods, takesCapabilities: true });
  return {
    child: { peer, isKilled: () => isKilled, exit: () => end({ code: 1, signal: null }) },
    process: {
      pid,
      channel,
      ended,
      kill: () => {
        isKilled = true;
        end({ code: null, signal: "SIGKILL" });
      },
    },
  };
}

/** An array with two to the power of 60 texts, of which a message holds one, and 60 arrays. */
function endless(): unknown[] {
  let array: unknown[] = ["x"];
  for (let depth = 0; depth < 60; depth++) array = [array, array];
  return array;
}

describe("a process that lies", () => {
  it("isolate-protocol: answers for a wrapper with what is no answer", async () => {
    for (const answer of [undefined, null, 5, "value", [], { failure: null }, { failure: { code: "isolate-limit" } }]) {
      const { plugin } = attack({ wrap: () => answer });
      const { code, plugin: name, hook } = await assertRejects(
        () => plugin.wrap(subject, 0, {}, undefined, undefined),
        PlugmapError,
      );
      assertEquals([code, name, hook], ["isolate-protocol", "weather", "greeting"]);
      plugin.end();
    }
  });

  it("cannot fill the host's memory with what it says went wrong", async () => {
    const { plugin } = attack({ start: () => ({ failure: { code: "plugin-invalid", problem: "x".repeat(2 ** 20) } }) });
    const error = await assertRejects(() => plugin.start(), PlugmapError);
    assertEquals([error.code, error.message.length < 20_000], ["plugin-invalid", true]);
  });

  it("cannot keep the host busy with the text of an array that has no end", async () => {
    const { plugin, children } = attack({
      ping: () => endless(),
      call: () => {
        throw endless();
      },
      start: () => ({ value: started }),
    });
    const thrown = await plugin.call(subject, 0, {}, undefined).catch((error) => error);
    assertStringIncludes(PlugmapError.within(thrown, "hook-failed", {}).message, "[object Array]");
    await until(() => children[0]!.peer.pending === 0, "it has answered");
    // Some heartbeats.
    await new Promise((resolve) => setTimeout(resolve, 100));
    assertEquals(plugin.status.state, "running");
    plugin.end();
  });

  it("isolate-crashed: ends while it is set up, which tells how", async () => {
    let leave = (): void => {};
    const { plugin, children } = attack({
      start: () => ({ value: { ...started, hasSetup: true } }),
      setUp: () => leave(),
    });
    await plugin.start();
    leave = () => children[0]!.exit();
    const error = await assertRejects(
      () => plugin.setUp({ name: "weather", version: "1.0.0", host: undefined }),
      PlugmapError,
    );
    assertEquals([error.code, error.problem], ["isolate-crashed", "Its process ended with exit code 1"]);
    plugin.end();
  });

  it("plugin-invalid: cannot say something else, without end, when it is started again", async () => {
    const other = { ...started, impls: new Map([["greeting", { ...impl, before: endless() }]]) };
    const { plugin, children, crashes } = attack({}, { start: () => ({ value: other }) });
    await plugin.start();
    children[0]!.exit();
    await until(() => crashes.length > 1, "it was started again");
    assertEquals(crashes.slice(0, 2).map(({ code }) => code), ["isolate-crashed", "plugin-invalid"]);
    plugin.end();
  });
});

describe("end()", () => {
  it("counts in the moment in which the process has answered that it runs", async () => {
    const { plugin, children } = attack({
      start: () => ({ value: { ...started, hasSetup: true } }),
      // Both the answer and the call arrive at once.
      setUp: (context) => {
        queueMicrotask(() => void (context as { host: () => Promise<void> }).host());
        return { value: undefined };
      },
    });
    await plugin.setUp({ name: "weather", version: "1.0.0", host: capability(() => plugin.end()) });
    await assertRejects(() => plugin.start(), PlugmapError, "The plugin is disposed of");
    assert(children[0]!.isKilled());
    assertEquals(plugin.status, { state: "disposed", pid: undefined, crashes: 0 });
  });
});
