/**
 * How fast hooks are called, against other libraries and against code written by hand, in the same run:
 * `npm run bench -- hooks [--json] [words of the cells' names]`, such as `hooks sync first 10`.
 *
 * Each contestant has processes of its own, so none pays for what the engine learned from another. They take turns in
 * several rounds, and a ratio is that of the medians.
 */
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bun, deno, npm, run } from "../../scripts/process.mjs";
import { formatTable } from "./table.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const json = process.argv.includes("--json");
const words = process.argv.slice(2).filter((word) => !word.startsWith("--")).flatMap(wordsOf);
const rounds = Number(process.env.ROUNDS ?? 3);

const runtimes = {
  deno: [deno, "run", "-A", "--no-prompt", "--no-check", "--v8-flags=--expose-gc"],
  bun: [bun, "--no-install", "--expose-gc"],
};

function wordsOf(text) {
  return text.split(/[\s,:]+/);
}

async function install() {
  const { dependencies } = readJson("package.json");
  const isInstalled = ([name, version]) =>
    existsSync(`${here}node_modules/${name}`) && readJson(`node_modules/${name}/package.json`).version === version;
  if (Object.entries(dependencies).every(isInstalled)) return;
  if (!json) console.error("Installing the other contestants …");
  await npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", here]);
}

function readJson(path) {
  return JSON.parse(readFileSync(`${here}${path}`, "utf8"));
}

/** What measure.ts prints. */
async function measure(runtime, ...args) {
  const [command, ...flags] = runtimes[runtime];
  const { code, stdout, output } = await run(command, [...flags, `${here}measure.ts`, ...args]);
  if (code !== 0) throw new Error(`${runtime} ${args.join(" ")}:\n${output}`);
  return JSON.parse(stdout);
}

/** All measurements of a group: by cell and contestant, one for each round. */
async function measureGroup(runtime, cells, contestants) {
  const measurements = Object.fromEntries(cells.map(({ name }) => [name, {}]));
  let taking = contestants;
  for (let round = 0; round < rounds; round++) {
    // Neither a contestant nor a cell always comes after the same other one.
    const names = cells.map(({ name }) => name);
    if (round % 2 === 1) names.reverse();
    const measured = {};
    for (const contestant of [...taking.slice(round % taking.length), ...taking.slice(0, round % taking.length)]) {
      measured[contestant] = await measure(runtime, contestant, ...names);
      for (const [cell, measurement] of Object.entries(measured[contestant])) {
        (measurements[cell][contestant] ??= []).push(measurement);
      }
    }
    taking = taking.filter((contestant) => Object.keys(measured[contestant]).length > 0);
  }
  return measurements;
}

/** All that run a cell must run the same handlers in the same order, and those that give answers must give the same. */
function compareWork(name, measurements) {
  for (const what of ["trace", "sum"]) {
    const found = Object.entries(measurements).map(([contestant, [first]]) => [contestant, JSON.stringify(first[what])])
      .filter(([, value]) => value !== undefined);
    const different = found.filter(([, value]) => value !== found[0][1]);
    if (different.length === 0) continue;
    throw new Error(`${name}: ${different.map(([contestant]) => contestant)} did not do the work of ${found[0][0]}`);
  }
}

const median = (numbers) => numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)];

/** The medians of a cell by contestant: one record for time, and one for memory where that is of interest. */
function summarize({ name, targets, kind, memory }, measurements) {
  compareWork(name, measurements);
  const medians = (read) =>
    Object.fromEntries(Object.entries(measurements).map(([contestant, all]) => [contestant, median(all.map(read))]));
  const summary = kind === "call"
    ? { name, targets, unit: "ns", values: medians(({ nanoseconds }) => nanoseconds) }
    : { name, targets, unit: "ms", values: medians(({ nanoseconds }) => nanoseconds / 1e6) };
  if (!memory) return [summary];
  return [summary, { name: `${name}: heap`, targets: {}, unit: "MB", values: medians((it) => it.memory / 2 ** 20) }];
}

/** One record for each of our ways and each of the others. */
function compare({ name, targets, unit, values }) {
  const contestants = Object.keys(values);
  return contestants.filter(isOurs).flatMap((way) =>
    contestants.filter((contestant) => !isOurs(contestant)).map((peerName) => {
      const [ours, peer] = [rounded(values[way]), rounded(values[peerName])];
      const ratio = Number((values[way] / values[peerName]).toFixed(2));
      const cell = { name: name + suffix(way), ours, peer, peerName, ratio, unit };
      const target = targets[peerName];
      return target === undefined ? cell : { ...cell, target, passed: ratio <= target };
    })
  );
}

/** What a cell's name says about one of our ways; nothing about the usual one. */
const suffix = (way) => way.slice("plugmap".length);
const isOurs = (contestant) => contestant.startsWith("plugmap");
const rounded = (number) => Number(number.toPrecision(3));

/** Which targets one of our ways misses, and where it is out of reach for code written by hand too. */
function verdict(summary, way) {
  const targeted = compare(summary).filter(({ name, target }) => target && name === summary.name + suffix(way));
  if (targeted.length === 0) return "";
  const missed = targeted.filter(({ passed }) => !passed).map(({ peerName, ratio, target }) => {
    const byHand = summary.values["hand-written"] / summary.values[peerName];
    return `${ratio} of ${peerName}, not ${target}${byHand > target ? ` (by hand ${byHand.toFixed(2)})` : ""}`;
  });
  return missed.length === 0 ? "met" : missed.join("; ");
}

function show(summaries, contestants) {
  const columns = contestants.filter((contestant) => summaries.some(({ values }) => contestant in values));
  const ways = columns.filter(isOurs);
  const rows = summaries.map((summary) => [
    `${summary.name} (${summary.unit})`,
    ...columns.map((contestant) => summary.values[contestant]).map((value) => value && rounded(value)),
    ...ways.map((way) => verdict(summary, way)),
  ]);
  console.log(formatTable(["", ...columns, ...ways.map((way) => `targets of ${way}`)], rows));
}

await install();
const plan = await measure("deno");
const chosen = plan.cells.filter(({ name }) => words.every((word) => wordsOf(name).includes(word)));
if (chosen.length === 0) throw new Error(`No cell has the words ${words.join(" ")} in its name`);
const groups = new Set(chosen.map(({ group }) => group));
for (const runtime of Object.keys(runtimes)) {
  const cells = [];
  if (!json) console.log(`\n## ${runtime}`);
  for (const group of groups) {
    const inGroup = chosen.filter((cell) => cell.group === group);
    const measurements = await measureGroup(runtime, inGroup, plan.contestants);
    const summaries = inGroup.flatMap((cell) => summarize(cell, measurements[cell.name]));
    cells.push(...summaries.flatMap(compare));
    if (!json) console.log(`\n${group}\n`);
    if (!json) show(summaries, plan.contestants);
  }
  if (json) console.log(JSON.stringify({ runtime, cells }));
}
