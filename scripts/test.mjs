/**
 * Runs the tests on Deno and on Bun and adds up what they counted.
 *
 *     node scripts/test.mjs                   all of tests/
 *     node scripts/test.mjs tests/hooks       some of them
 *
 * @module
 */
import { mkdir, readFile, rm } from "node:fs/promises";
import process from "node:process";
import { bun, deno, isMain, root, run } from "./process.mjs";

const reports = `${root}.cache/reports`;

// On a person's screen dots and failures are enough; a log that is read later names every test.
const brief = process.stdout.isTTY;

const runners = [
  {
    name: "Deno",
    report: `${reports}/deno.xml`,
    // The gate checks types; checking them here too would double the time to the first result.
    command: (report, paths) => [
      deno,
      [
        "test",
        "-A",
        "--no-prompt",
        "--no-check",
        `--junit-path=${report}`,
        ...(brief ? ["--reporter=dot"] : []),
        ...paths,
      ],
    ],
  },
  {
    name: "Bun",
    report: `${reports}/bun.xml`,
    command: (report, paths) => [
      bun,
      [
        "test",
        "--no-install",
        "--timeout=60000",
        "--reporter=junit",
        `--reporter-outfile=${report}`,
        ...(brief ? ["--only-failures"] : []),
        // Bun takes a path without "./" for a pattern.
        ...paths.map((path) => `./${path}`),
      ],
    ],
  },
];

/**
 * @param {readonly string[]} [paths] files or folders, relative to the checkout
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>} the sums of both runtimes
 */
export async function runTests(paths = ["tests"]) {
  await rm(reports, { recursive: true, force: true });
  await mkdir(reports, { recursive: true });
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, report, command } of runners) {
    console.log(`\n--- ${name}`);
    const [program, args] = command(report, paths);
    const { code } = await run(program, args, { show: true });
    const counts = count(await readFile(report, "utf8").catch(() => ""));
    // A file that cannot be loaded, or a run without tests, shows in the exit code only.
    if (code !== 0) counts.failed = Math.max(counts.failed, 1);
    console.log(`${name}: ${summary(counts)}`);
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  return total;
}

/** Counts the test cases of a JUnit report. Deno lists suites and tests with subtests as cases too: they are left out. */
function count(report) {
  const cases = [...report.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g)];
  const parents = new Set();
  for (const [, name] of cases) {
    for (let at = name.indexOf(" &gt; "); at !== -1; at = name.indexOf(" &gt; ", at + 1)) {
      parents.add(name.slice(0, at));
    }
  }
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [, name, body = ""] of cases) {
    if (parents.has(name)) continue;
    if (/<(?:failure|error)\b/.test(body)) counts.failed++;
    else if (/<skipped\b/.test(body)) counts.skipped++;
    else counts.passed++;
  }
  return counts;
}

/** @returns {string} `N passed, N failed`, and what was skipped if anything was */
export function summary({ passed, failed, skipped = 0 }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

if (isMain(import.meta.url)) {
  const paths = process.argv.slice(2);
  const total = await runTests(paths.length > 0 ? paths : undefined);
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
  console.log(`\n${summary(total)}`);
}
