/**
 * Measures one thing in this process, and prints it as a line of JSON: `measure.ts calls`, `measure.ts start` or
 * `measure.ts memory`.
 *
 * @module
 */

import process from "node:process";
import { bulk, crowd } from "./cells.ts";
import type { Connection } from "./contestant.ts";
import { contestants } from "./contestants/mod.ts";
import { measureMemory, measureStarts } from "./starts.ts";

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((left, right) => left - right)[numbers.length >> 1]!;

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function demand(found: number, wanted: number): void {
  if (found !== wanted) {
    throw new Error(`The answer is ${found}, not ${wanted}`);
  }
}

/** Calls one after the other, each with another value. */
async function inTurn({ echo }: Connection, calls: number): Promise<void> {
  let sum = 0;
  for (let value = 0; value < calls; value++) sum += await echo(value);
  demand(sum, calls * (calls - 1) / 2);
}

async function atOnce({ echo }: Connection, calls: number): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: calls }, (_, value) => echo(value)),
  );
  answers.forEach(demand);
}

/** Calls until the engines on both sides have compiled what there is to compile. */
const warmUp = 25_000;

/** Numbers by the name of the contestant. */
type Figures = Record<string, number>;

/**
 * Takes samples of all contestants by turns: how long it takes to wake another process depends on what the machine did just
 * before, and changes more than the contestants differ.
 */
async function compare(
  connections: Readonly<Record<string, Connection>>,
  rounds: number,
  sample: (connection: Connection) => Promise<void>,
): Promise<Figures> {
  const times: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, connection] of Object.entries(connections)) {
      const taken = await timed(() => sample(connection));
      if (round > 0) (times[name] ??= []).push(taken);
    }
  }
  return Object.fromEntries(
    Object.entries(times).map(([name, taken]) => [name, median(taken)]),
  );
}

/** Milliseconds for 300 calls in turn, for all calls at once, and for the large argument. */
async function measureCalls(): Promise<
  { turn: Figures; once: Figures; large: Figures }
> {
  const connections: Record<string, Connection> = {};
  for (const [name, connect] of Object.entries(contestants)) {
    connections[name] = await connect();
  }
  for (const connection of Object.values(connections)) {
    await inTurn(connection, warmUp);
  }
  const turn = await compare(
    connections,
    40,
    (connection) => inTurn(connection, 300),
  );
  const several = Object.fromEntries(
    Object.entries(connections).filter(([, { inTurnOnly }]) => !inTurnOnly),
  );
  const once = await compare(
    several,
    6,
    (connection) => atOnce(connection, crowd),
  );
  const bytes = new Uint8Array(bulk).fill(7);
  const large = await compare(
    connections,
    12,
    async (connection) => demand(await connection.receive(bytes), bulk),
  );
  for (const connection of Object.values(connections)) await connection.close();
  return { turn, once, large };
}

const [what] = process.argv.slice(2);
const measurements: Readonly<Record<string, () => Promise<unknown>>> = {
  calls: measureCalls,
  start: measureStarts,
  memory: measureMemory,
};
console.log(JSON.stringify(await measurements[what!]!() ?? null));
process.exit(0);
