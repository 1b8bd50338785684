/**
 * Runs one benchmark: `npm run bench -- load [--json]` runs bench/load/run.mjs with the arguments after its name.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import process from "node:process";
import { root, run } from "./process.mjs";

const [topic, ...args] = process.argv.slice(2);
const program = `${root}bench/${topic}/run.mjs`;
if (topic !== undefined && existsSync(program)) {
  process.exitCode = (await run(process.execPath, [program, ...args], { show: true, minutes: 60 })).code;
} else {
  const topics = await readdir(`${root}bench`);
  console.error(`Name a benchmark: ${topics.filter((name) => existsSync(`${root}bench/${name}/run.mjs`)).join(", ")}`);
  process.exitCode = 2;
}
