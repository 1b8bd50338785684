import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { createHost, defineHooks, hook, PlugmapError } from "../../mod.ts";
import type { HookSpecs, Host } from "../../mod.ts";
import { importMapOf } from "../support/host.ts";
import { until } from "../support/isolated.ts";
import { childrenOf, openFiles } from "../support/processes.ts";
import { createUnruly } from "../support/unruly_plugin.ts";

// Isolated plugins that come and go, end, hang, flood and run out of memory, at random, while hooks are called. Every call
// gets the answer that belongs to it or an error that says why not, and afterwards nothing is left.
//
// `npm run chaos` does it for a minute with 200 plugins. PLUGMAP_CHAOS_SEED repeats the choices of another run, though
// what the machine makes of them differs each time.

const seconds = Number(process.env["PLUGMAP_CHAOS_SECONDS"] ?? 3);
const count = Number(process.env["PLUGMAP_CHAOS_PLUGINS"] ?? 16);
const seed = Number(process.env["PLUGMAP_CHAOS_SEED"] ?? Date.now() % 2 ** 31);

type Call = Readonly<Record<string, unknown>>;

/** What a plugin is told to do, and how often out of a thousand times; the rest are plain calls. */
const deeds: readonly (readonly [share: number, call: Call])[] = [
  [20, { deed: "exit", code: 3 }],
  [20, { deed: "exitSoon", code: 0 }],
  [20, { deed: "die" }],
  [20, { deed: "abort" }],
  [20, { deed: "throwSoon" }],
  [20, { deed: "garbage" }],
  [10, { deed: "never" }],
  [5, { deed: "loop" }],
  [5, { deed: "loopSoon" }],
  [20, { deed: "halt", time: 20 }],
  [5, { deed: "fillHeap" }],
  [5, { deed: "fillArrays" }],
  [5, { deed: "printOn" }],
  [5, { deed: "callBackOn" }],
  [20, { deed: "print", lines: 500, text: "line #" }],
  [10, { deed: "large", bytes: 2 ** 20 }],
  [5, { deed: "deep", levels: 10_000 }],
];

/** Numbers from 0 to 1 that look random, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

const pause = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

/** How calls ended, by what came of them. */
class Tally {
  readonly counts = new Map<string, number>();

  add(outcome: string): void {
    this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1);
  }

  get text(): string {
    const sorted = [...this.counts].sort(([, left], [, right]) => right - left);
    return sorted.map(([outcome, count]) => `${count} ${outcome}`).join(", ");
  }
}

/** Calls one plugin, tells it to misbehave, and harms its process from outside, until time is up. */
class Driver {
  readonly #host: Host<HookSpecs>;
  readonly #name: string;
  readonly #random: () => number;
  readonly #tally: Tally;

  constructor(host: Host<HookSpecs>, name: string, random: () => number, tally: Tally) {
    this.#host = host;
    this.#name = name;
    this.#random = random;
    this.#tally = tally;
  }

  async run(end: number): Promise<void> {
    while (performance.now() < end) {
      await Promise.all([this.#call(this.#choose()), this.#answer(), this.#answer()]);
      if (this.#random() < 0.02) this.#harm();
      if (this.#random() < 0.02) await this.#replace();
      await pause(this.#random() * 40);
    }
  }

  #choose(): Call {
    let at = this.#random() * 1000;
    return deeds.find(([share]) => (at -= share) < 0)?.[1] ?? { deed: "pid" };
  }

  async #answer(): Promise<void> {
    const value = { name: this.#name, number: this.#random() };
    const answer = await this.#call({ deed: "answer", value });
    // A plugin that is unloaded or given up has no implementation to answer.
    if (answer !== undefined) assertEquals(answer, value);
  }

  async #call(call: Call): Promise<unknown> {
    try {
      const value = await settled(this.#host.dispatcher.caller(hookOf(this.#name))(call as never), call);
      this.#tally.add(value === undefined ? "without a plugin" : "answered");
      return value;
    } catch (error) {
      assert(error instanceof PlugmapError, String(error));
      assertEquals([error.plugin, error.hook], [this.#name, hookOf(this.#name)], error.message);
      this.#tally.add(error.code);
    }
  }

  #harm(): void {
    const report = this.#host.inspect().plugins.find(({ name }) => name === this.#name);
    if (report?.process?.pid === undefined) return;
    const signal = this.#random() < 0.8 ? "SIGKILL" : "SIGSTOP";
    try {
      process.kill(report.process.pid, signal);
      this.#tally.add(signal);
    } catch {
      // It has ended by itself.
    }
  }

  /** What has failed is loaded again; what has not is reloaded, or unloaded and loaded. */
  async #replace(): Promise<void> {
    const isActive = this.#host.plugins().includes(this.#name);
    try {
      if (isActive && this.#random() < 0.5) await this.#host.reload(this.#name);
      else {
        if (isActive) await this.#host.unload(this.#name);
        await this.#host.loadPlugin(this.#name);
      }
      this.#tally.add("replaced");
    } catch (error) {
      assert(error instanceof PlugmapError, String(error));
      this.#tally.add(`not replaced: ${error.code}`);
    }
  }
}

/** Fails where nothing comes of a call. */
async function settled(answer: unknown, call: Call): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const lost = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The call ${JSON.stringify(call)} is lost`)), 50_000);
  });
  return await Promise.race([answer, lost]).finally(() => clearTimeout(timer));
}

const hookOf = (name: string): string => `${name}.act`;

/** The longest time in which the host's timers did not fire. */
function watchTimers(): () => number {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 20);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

describe("chaos", { skip: process.platform !== "linux" }, () => {
  it(`${count} isolated plugins at their worst, for ${seconds} s (seed ${seed})`, async () => {
    const filesBefore = openFiles();
    const plugins = Array.from({ length: count }, (_, n) => createUnruly(`p${n}`, `"${hookOf(`p${n}`)}"`));
    using steady = createUnruly("steady", `"${hookOf("steady")}"`);
    const all = [steady, ...plugins];
    const asyncHook = hook<never, unknown>({ async: true, mode: "first" });
    const crashes = new Tally();
    const host: Host<HookSpecs> = createHost<HookSpecs, unknown>({
      hooks: defineHooks(Object.fromEntries(all.map(({ name }) => [hookOf(name), asyncHook]))),
      importMap: importMapOf(...all),
      policy: { default: { tier: "isolated" } },
      store: false,
      context: { note: () => {} },
      limits: { dispose: 300 },
      report: ({ code, problem }) => crashes.add(`${code} (${problem.replace(/\d+ MiB of memory/, "more")})`),
      isolation: {
        output: () => {},
        limits: {
          call: 3000,
          heartbeat: 3000,
          memory: 128 * 2 ** 20,
          shortestWait: 20,
          longestWait: 200,
          crashes: 15,
          crashWindow: 10_000,
        },
      },
    });
    const tally = new Tally();
    const report = await host.load();
    assertEquals(report.plugins.map(({ state }) => state), all.map(() => "active"));

    const longestGap = watchTimers();
    const end = performance.now() + seconds * 1000;
    let steadyAnswers = 0;
    const asking = (async () => {
      while (performance.now() < end) {
        const call = { deed: "answer", value: ++steadyAnswers };
        assertEquals(await host.dispatcher.caller(hookOf("steady"))(call as never), steadyAnswers);
        await pause(10);
      }
    })();
    const drivers = plugins.map(({ name }, n) => new Driver(host, name, randomNumbers(seed + n), tally).run(end));
    await Promise.all([asking, ...drivers]);
    const gap = longestGap();
    assertEquals(host.inspect().plugins.find(({ name }) => name === "steady")?.process?.crashes, 0);

    await host.close().catch((error) => assert(error instanceof PlugmapError, String(error)));
    for (const plugin of plugins) plugin.remove();
    await until(() => childrenOf().length === 0, "all processes have ended");
    await until(() => openFiles() <= filesBefore, `${openFiles()} files are open, of ${filesBefore} before`);
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    console.log(
      `${tally.text}; the steady one answered ${steadyAnswers} times, and timers were late by ${gap.toFixed()} ms at most`,
    );
    if (process.env["PLUGMAP_CHAOS_SECONDS"] === undefined) return;
    console.log(`what ended processes: ${crashes.text}`);
    console.log(
      `the host took ${Math.round(Number(peak) / 1024)} MiB at most; ${openFiles()} files open, ${filesBefore} before`,
    );
  });
});
