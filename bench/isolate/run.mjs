/**
 * What isolated plugins cost: calls, large arguments, starts and memory, against a bare process of the same runtime and
 * against other ways to call code elsewhere, in the same run: `npm run bench -- isolate [--json] [calls] [start] [memory]`.
 *
 * There are several rounds in processes of their own. In each the contestants take turns, and a ratio is that of the
 * medians.
 */
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bun, deno, npm, run } from "../../scripts/process.mjs";
import { formatTable } from "../hooks/table.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const json = process.argv.includes("--json");
const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const rounds = Number(process.env.ROUNDS ?? 3);
const isChosen = (topic) => words.length === 0 || words.includes(topic);

const runtimes = {
  deno: [deno, "run", "-A", "--no-prompt", "--no-check"],
  bun: [bun, "--no-install"],
};

async function install() {
  const { dependencies } = readJson("package.json");
  const isInstalled = ([name, version]) =>
    existsSync(`${here}node_modules/${name}`) &&
    readJson(`node_modules/${name}/package.json`).version === version;
  if (Object.entries(dependencies).every(isInstalled)) return;
  if (!json) console.error("Installing the other contestants …");
  await npm([
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--prefix",
    here,
  ]);
}

function readJson(path) {
  return JSON.parse(readFileSync(`${here}${path}`, "utf8"));
}

/** What measure.ts prints; null where there is nothing to measure. */
async function measure(runtime, ...args) {
  const [command, ...flags] = runtimes[runtime];
  const { code, stdout, output } = await run(command, [
    ...flags,
    `${here}measure.ts`,
    ...args,
  ], { minutes: 3 });
  if (code !== 0) throw new Error(`${runtime} ${args.join(" ")}:\n${output}`);
  return JSON.parse(stdout);
}

const median = (numbers) => numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)];
const rounded = (number) => Number(number.toPrecision(3));

/** One comparison. A target is what the ratio may be at most. */
function cell(name, ours, peerName, peer, unit, target) {
  const ratio = Number((ours / peer).toFixed(2));
  const found = {
    name,
    ours: rounded(ours),
    peer: rounded(peer),
    peerName,
    ratio,
    unit,
  };
  return target === undefined ? found : { ...found, target, passed: ratio <= target };
}

const ours = ["plugmap", "plugmap, without dispatcher"];
const bare = "bare channel";
const keeping = "bare channel, bytes kept";

async function compareCalls(runtime) {
  const all = [];
  for (let round = 0; round < rounds; round++) {
    all.push(await measure(runtime, "calls"));
  }
  const of = (what, contestant) => median(all.map((figures) => figures[what][contestant]));
  const others = Object.keys(all[0].once).filter((contestant) => !ours.includes(contestant));
  return ours.flatMap((way) => {
    const against = (name, what, scale, unit, peers) =>
      peers.map(([peer, target]) =>
        cell(
          name + way.slice("plugmap".length),
          scale * of(what, way),
          peer,
          scale * of(what, peer),
          unit,
          target,
        )
      );
    const unbounded = others.map((peer) => [peer, undefined]);
    const [turn, once] = [of("turn", way) * 1000 / 300, of("once", way) / 10];
    return [
      ...against("a small call", "turn", 1000 / 300, "µs", [
        [bare, 1.3],
        ...unbounded,
      ]),
      cell(
        `10,000 calls at once, each${way.slice("plugmap".length)}`,
        once,
        "one at a time",
        turn,
        "µs",
        0.33,
      ),
      ...against("10,000 calls at once, each", "once", 1 / 10, "µs", unbounded),
      ...against("10 MB as an argument", "large", 1, "ms", [[bare, 1.5], [
        keeping,
        undefined,
      ], ...unbounded]),
    ];
  });
}

async function compareStarts(runtime) {
  const all = { bare: [], cold: [], warm: [] };
  for (let round = 0; round < rounds; round++) {
    const starts = await measure(runtime, "start");
    for (const [what, times] of Object.entries(starts)) {
      all[what].push(...times);
    }
  }
  const [plain, cold, warm] = [all.bare, all.cold, all.warm].map(median);
  return [
    cell(
      "start",
      cold,
      "bare process",
      plain,
      "ms",
      runtime === "deno" ? 1.3 : 2.6,
    ),
    cell("start, with a spare process", warm, "without", cold, "ms", 0.33),
  ];
}

async function compareMemory(runtime) {
  const memory = await measure(runtime, "memory");
  if (memory === null) return [];
  const { plugin, bare } = memory;
  return [
    cell(
      "memory, idle",
      plugin.resident / 2 ** 20,
      "bare process",
      bare.resident / 2 ** 20,
      "MB",
    ),
    cell(
      "memory, idle: its share",
      plugin.proportional / 2 ** 20,
      "bare process",
      bare.proportional / 2 ** 20,
      "MB",
    ),
  ];
}

function show(cells) {
  const verdict = ({ target, passed }) => target === undefined ? "" : `${passed ? "met" : "missed"}: ${target}`;
  const rows = cells.map((found) => [
    `${found.name} (${found.unit})`,
    found.ours,
    found.peerName,
    found.peer,
    found.ratio,
    verdict(found),
  ]);
  console.log(
    formatTable(["", "ours", "against", "theirs", "ratio", "target"], rows),
  );
}

await install();
for (const runtime of Object.keys(runtimes)) {
  const cells = [
    ...isChosen("calls") ? await compareCalls(runtime) : [],
    ...isChosen("start") ? await compareStarts(runtime) : [],
    ...isChosen("memory") ? await compareMemory(runtime) : [],
  ];
  if (json) console.log(JSON.stringify({ runtime, cells }));
  else {
    console.log(`\n## ${runtime}\n`);
    show(cells);
  }
}
