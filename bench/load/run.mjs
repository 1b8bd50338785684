/**
 * How fast plugins load, against plain imports of the same files, in the same run: `npm run bench -- load [--json]`.
 *
 * Every measurement has a process of its own, so nothing is warm but the file system and the runtime's own caches. Ours
 * and the other side take turns, and the ratio is that of the medians.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { manyPlugins, onePlugin, plainBytes } from "./fixtures.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const json = process.argv.includes("--json");
const rounds = Number(process.env.ROUNDS ?? 7);

const runtimes = {
  deno: [join(root, "node_modules/.bin/deno"), "run", "-A", "--no-prompt", "--no-check"],
  bun: [join(root, "node_modules/.bin/bun"), "--no-install"],
};

function measure(runtime, scenario, folder, cold) {
  const [command, ...args] = [...runtimes[runtime], join(here, "measure.ts"), scenario, folder];
  const env = cold ? { ...process.env, DENO_DIR: mkdtempSync(join(dirname(folder), "cache-")) } : process.env;
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", cwd: root, env });
  if (status !== 0) throw new Error(`${runtime} ${scenario}: ${stderr || stdout}`);
  return JSON.parse(stdout);
}

const median = (numbers) => numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)];

/**
 * Both sides in turn, after one round that only warms the caches.
 *
 * @param cold Whether each process finds Deno's cache of transpiled modules empty, as after an update of all plugins.
 */
function compare(runtime, ours, peer, folder, cold = false) {
  const samples = { [ours]: [], [peer]: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const scenario of round % 2 === 0 ? [ours, peer] : [peer, ours]) {
      const sample = measure(runtime, scenario, folder, cold);
      if (round > 0) samples[scenario].push(sample);
    }
  }
  const of = (scenario, what) => median(samples[scenario].map((sample) => sample[what]));
  return {
    time: [of(ours, "milliseconds"), of(peer, "milliseconds")],
    memory: [of(ours, "memory"), of(peer, "memory")],
  };
}

const cell = (name, [ours, peer], peerName, unit, scale = 1) => ({
  name,
  ours: Number((ours / scale).toFixed(3)),
  peer: Number((peer / scale).toFixed(3)),
  peerName,
  ratio: Number((ours / peer).toFixed(3)),
  unit,
});

function note(text) {
  if (!json) process.stderr.write(`${text}\n`);
}

const folder = mkdtempSync(join(tmpdir(), "plugmap-bench-"));
try {
  const curve = [10, 100, 1000, 5000];
  note("Writing plugins …");
  manyPlugins(join(folder, "many"), 1000);
  for (const count of curve) onePlugin(join(folder, `one-${count}`), count);
  plainBytes(join(folder, "small"), 1000, 2048);
  plainBytes(join(folder, "large"), 4, 4 * 1024 * 1024);
  for (const runtime of Object.keys(runtimes)) {
    const cells = [];
    note(`Measuring on ${runtime}, ${rounds} rounds a cell …`);
    const many = compare(runtime, "plugmap", "import", join(folder, "many"));
    cells.push(cell("1,000 plugins of one module", many.time, "import()", "ms"));
    cells.push(cell("1,000 plugins: peak memory", many.memory, "import()", "MB", 2 ** 20));
    for (const count of curve) {
      const one = compare(runtime, "plugmap", "import", join(folder, `one-${count}`));
      cells.push(cell(`one plugin of ${count.toLocaleString("en")} modules`, one.time, "import()", "ms"));
      if (count === 1000) cells.push(cell("1,000 modules: peak memory", one.memory, "import()", "MB", 2 ** 20));
    }
    if (runtime === "bun") {
      for (const [plugins, label] of [["many", "1,000 plugins"], ["one-1000", "1,000 modules"]]) {
        const { time } = compare(runtime, "plugmap", "bare", join(folder, plugins));
        cells.push(cell(`${label}, against a bare loader`, time, "reading, hashing, onLoad()", "ms"));
      }
    }
    if (runtime === "deno") {
      for (const [plugins, label] of [["many", "1,000 plugins"], ["one-1000", "1,000 modules"]]) {
        const { time } = compare(runtime, "plugmap", "import", join(folder, plugins), true);
        cells.push(cell(`${label}, nothing cached by Deno`, time, "import()", "ms"));
      }
    }
    for (const [size, label] of [["small", "1,000 files of 2 kB"], ["large", "4 files of 4 MB"]]) {
      const { time } = compare(runtime, "verify", "digest", join(folder, size));
      cells.push(cell(`verifying ${label}`, time, "fastest SHA-384", "ms"));
    }
    if (json) console.log(JSON.stringify({ runtime, cells }));
    else {
      console.log(`\n${runtime}`);
      console.table(Object.fromEntries(cells.map(({ name, ...rest }) => [name, rest])));
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
