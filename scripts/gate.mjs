/**
 * Everything that has to hold before a change lands. Each step says its name, its time and its verdict.
 *
 *     node scripts/gate.mjs                all steps
 *     node scripts/gate.mjs lint types     some of them
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { checkArrows } from "./check_arrows.mjs";
import { checkRunners } from "./build_runners.mjs";
import { checkDocs } from "./check_docs.mjs";
import { runConformance } from "./conformance.mjs";
import { deno, root, run, secondsSince } from "./process.mjs";
import { runTests, summary } from "./test.mjs";

const tsc = `${root}node_modules/.bin/tsc`;

/** A step answers what it counted and, where it has not shown it already, what is to be told when it fails. */
const steps = {
  format: () => programs([deno, "fmt", "--check"]),
  lint: () => programs([deno, "lint"]),
  // What is published writes out the types of its exports; a plugin's `export default definePlugin(…)` need not.
  types: () => programs([tsc, "-p", "."], [tsc, "-p", "tsconfig.declarations.json"], [deno, "check", "--quiet"]),
  arrows: async () => problems(await checkArrows()),
  runners: async () => problems(await checkRunners()),
  lock: async () => problems(await checkLock()),
  docs: checkDocs,
  tests: () => runTests(),
  conformance: runConformance,
  // What is committed is not the question here, so the state of the checkout is not either.
  publish: () => programs([deno, "publish", "--dry-run", "--allow-dirty"]),
};

async function programs(...commands) {
  const results = [];
  for (const [program, ...args] of commands) results.push(await run(program, args));
  const failed = results.filter(({ code }) => code !== 0);
  return {
    passed: results.length - failed.length,
    failed: failed.length,
    output: failed.map((it) => it.output).join(""),
  };
}

function problems(found) {
  return { passed: found.length === 0 ? 1 : 0, failed: found.length, output: found.map((it) => `${it}\n`).join("") };
}

/** One lock has to do for JSR and for its mirror, see scripts/setup.mjs, and for every npm registry. */
async function checkLock() {
  const { packages } = JSON.parse(await readFile(`${root}package-lock.json`, "utf8"));
  const found = [];
  for (const [path, { name = path, resolved, integrity }] of Object.entries(packages)) {
    if (resolved !== undefined) found.push(`package-lock.json: ${path} names a registry's address`);
    if (name.includes("@jsr/") && integrity !== undefined) found.push(`package-lock.json: ${path} has a hash`);
  }
  return found;
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(steps, name));
if (unknown.length > 0) {
  console.error(`Unknown steps: ${unknown.join(", ")}. The steps are: ${Object.keys(steps).join(", ")}`);
  process.exit(2);
}

const total = { passed: 0, failed: 0, skipped: 0 };
const verdicts = [];
for (const name of chosen.length > 0 ? chosen : Object.keys(steps)) {
  console.log(`\n== ${name}`);
  const start = performance.now();
  const { output = "", ...counts } = await steps[name]();
  // Tests that are gone must not look like tests that pass.
  if (name === "tests" && counts.passed === 0) counts.failed = Math.max(counts.failed, 1);
  if (counts.failed > 0) console.log(output);
  verdicts.push(`${counts.failed > 0 ? "FAILED" : "ok    "} ${name} (${secondsSince(start)})`);
  console.log(verdicts.at(-1));
  for (const key of Object.keys(counts)) total[key] += counts[key];
}
if (total.failed > 0) process.exitCode = 1;
console.log(`\n${verdicts.join("\n")}\n\n${summary(total)}`);
