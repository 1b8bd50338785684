/**
 * Runs the third-party conformance data against this checkout, on Deno and on Bun. The data and its runners are kept
 * beside the checkout, in ../shared/conformance; without them there is nothing to do.
 *
 *     node scripts/conformance.mjs
 *
 * @module
 */
import { existsSync } from "node:fs";
import process from "node:process";
import { bun, deno, isMain, root, run } from "./process.mjs";
import { summary } from "./test.mjs";

const data = `${root}../shared/conformance`;

const suites = [
  {
    name: "import maps",
    adapter: "tests/conformance/adapter.ts",
    runner: "run.mjs",
    args: ["import-maps"],
    flags: ["--json"],
    count: countKinds,
  },
  {
    // Where the standard loads what it cannot check, Plugmap refuses.
    name: "integrity, failing closed",
    adapter: "tests/conformance/adapter.ts",
    runner: "run.mjs",
    args: ["sri"],
    flags: ["--json", "--fail-closed"],
    count: countKinds,
  },
  {
    name: "hooks",
    adapter: "tests/conformance/hooks_adapter.ts",
    runner: "hooks/run-hooks.mjs",
    args: ["hooks"],
    flags: [],
    count: countClosingLine,
  },
];

/** @returns {Promise<{ passed: number, failed: number }>} */
export async function runConformance() {
  const total = { passed: 0, failed: 0 };
  if (!existsSync(data)) {
    console.log("No ../shared/conformance: nothing to run");
    return total;
  }
  for (
    const { name, adapter, runner, args, flags, count } of suites.filter((suite) => existsSync(root + suite.adapter))
  ) {
    for (const [runtime, program, options] of [["Deno", deno, ["run", "-A"]], ["Bun", bun, ["--no-install"]]]) {
      const paths = args.map((path) => `${data}/${path}`);
      const result = await run(program, [...options, `${data}/${runner}`, root + adapter, ...paths, ...flags]);
      const counts = count(result.stdout) ?? { passed: 0, failed: 1, notes: [result.output] };
      console.log(`${name} on ${runtime}: ${summary(counts)}`);
      for (const note of counts.notes) console.log(`  ${note}`);
      total.passed += counts.passed;
      total.failed += counts.failed;
    }
  }
  return total;
}

/** Reads the JSON report of run.mjs. Cases on which implementations disagree are told and not counted. */
function countKinds(output) {
  const start = output.indexOf("{");
  if (start === -1) return undefined;
  const { tally, failures } = JSON.parse(output.slice(start));
  const counts = { passed: 0, failed: 0, notes: [] };
  for (const [kind, { passed, failed, skipped }] of Object.entries(tally)) {
    if (kind.endsWith("-disputed")) {
      counts.notes.push(`${kind}, not counted: ${summary({ passed, failed })}`);
    } else {
      counts.passed += passed;
      counts.failed += failed + skipped;
    }
  }
  for (const { kind, name, problem } of failures) counts.notes.push(`${kind}: ${name}: ${problem}`);
  return counts;
}

/** Reads a report that ends with `N passed, N failed`. */
function countClosingLine(output) {
  const closing = /^(\d+) passed, (\d+) failed\s*$/m.exec(output);
  if (closing === null) return undefined;
  const notes = output.split("\n").filter((line) => line.startsWith("FAIL"));
  return { passed: Number(closing[1]), failed: Number(closing[2]), notes };
}

if (isMain(import.meta.url)) {
  const total = await runConformance();
  if (total.failed > 0) process.exitCode = 1;
  console.log(summary(total));
}
