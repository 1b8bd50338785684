import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { type BareProcess, startBare } from "./bare_process.ts";
import { echo, keepSpares, startPlugin } from "./isolation.ts";

/** Until a process that was started in the background certainly waits for something to do. */
const settling = 700;

/** Milliseconds, one for each time. */
export interface Starts {
  /** From the start of a process without anything of ours to its first byte. */
  readonly bare: number[];
  /** From nothing to a plugin that is set up. */
  readonly cold: number[];
  /** The same where a process was kept ready. */
  readonly warm: number[];
}

/** Measures all three in turn. Each plugin is called once it counts as started. */
export async function measureStarts(times = 5): Promise<Starts> {
  const starts: Starts = { bare: [], cold: [], warm: [] };
  const none = keepSpares(0);
  await timeBare();
  await timePlugin(none);
  for (let time = 0; time < times; time++) {
    starts.bare.push(await timeBare());
    starts.cold.push(await timePlugin(none));
    const spares = keepSpares(1);
    const first = await startPlugin(spares);
    await pause(settling);
    starts.warm.push(await timePlugin(spares));
    first.end();
    spares.close();
    await pause(settling);
  }
  return starts;
}

async function timeBare(): Promise<number> {
  const start = performance.now();
  const bare = await startBare("greet");
  await new Promise<void>((resolve) => bare.onBytes = () => resolve());
  const taken = performance.now() - start;
  bare.end();
  return taken;
}

async function timePlugin(
  spares: ReturnType<typeof keepSpares>,
): Promise<number> {
  const start = performance.now();
  const plugin = await startPlugin(spares);
  const taken = performance.now() - start;
  if (await echo(plugin, 5) !== 5) {
    throw new Error("The plugin does not answer");
  }
  plugin.end();
  return taken;
}

/** Bytes of memory of an idle process. */
export interface Memory {
  /** All that it has mapped and that is in memory. */
  readonly resident: number;
  /** The same, with what several processes share divided among them. */
  readonly proportional: number;
}

/** Measures processes of four idle plugins, and as many with nothing of ours in them. */
export async function measureMemory(): Promise<
  { plugin: Memory; bare: Memory } | undefined
> {
  const none = keepSpares(0);
  const plugins = await Promise.all(
    Array.from({ length: 4 }, () => startPlugin(none)),
  );
  for (const plugin of plugins) await echo(plugin, 1);
  await pause(2 * settling);
  const plugin = memoryOf(plugins[0]!.status.pid!);
  plugins.forEach((plugin) => plugin.end());
  const bares: BareProcess[] = await Promise.all(
    Array.from({ length: 4 }, () => startBare("greet")),
  );
  await pause(2 * settling);
  const bare = memoryOf(bares[0]!.pid);
  bares.forEach((bare) => bare.end());
  return plugin && bare && { plugin, bare };
}

/** What Linux says; undefined elsewhere. */
function memoryOf(pid: number): Memory | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    const read = (name: string): number => Number(new RegExp(`^${name}: *(\\d+) kB`, "m").exec(text)![1]) * 1024;
    return { resident: read("Rss"), proportional: read("Pss") };
  } catch {
    return undefined;
  }
}
