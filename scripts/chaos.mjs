/**
 * Runs tests/chaos at full size on Deno and on Bun: a minute with 200 isolated plugins, which takes 8 to 12 GB of memory.
 *
 *     node scripts/chaos.mjs                    the same as PLUGMAP_CHAOS_SECONDS=60 PLUGMAP_CHAOS_PLUGINS=200
 *
 * @module
 */
import process from "node:process";
import { bun, deno, environment, run } from "./process.mjs";

const test = "tests/chaos/chaos_test.ts";
const runners = [
  { name: "Deno", program: deno, args: ["test", "-A", "--no-prompt", "--no-check", test] },
  { name: "Bun", program: bun, args: ["test", "--no-install", "--timeout=1800000", `./${test}`] },
];
const env = { PLUGMAP_CHAOS_SECONDS: "60", PLUGMAP_CHAOS_PLUGINS: "200", ...environment };

for (const { name, program, args } of runners) {
  console.log(`\n--- ${name}`);
  const { code } = await run(program, args, { env, show: true, minutes: 30 });
  if (code !== 0) process.exitCode = 1;
}
