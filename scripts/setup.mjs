/**
 * Installs everything the checkout needs, and nothing when it is there already. Needs Node 20 and npm only.
 *
 *     node scripts/setup.mjs                    as package-lock.json says
 *     node scripts/setup.mjs install --save x   any other npm command, on networks without JSR too
 *
 * @module
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { startMirror } from "./jsr_mirror.mjs";
import { bun, deno, npm, root, run, secondsSince } from "./process.mjs";

const jsr = "https://npm.jsr.io";
const command = process.argv.slice(2);

if (command.length > 0 || !await isInstalled()) {
  await install(command.length > 0 ? command : ["ci"]);
  await unpinMirrored();
}
await makeRunnable("deno", deno, "node_modules/deno/install.cjs");
await makeRunnable("bun", bun, "node_modules/bun/install.js");

/** Whether node_modules holds the versions of package-lock.json, whoever put them there. */
async function isInstalled() {
  const { packages } = await readJson("package-lock.json");
  for (const [path, { version, optional }] of Object.entries(packages)) {
    if (path === "" || optional) continue;
    if (!existsSync(`${root}${path}/package.json`)) return false;
    if ((await readJson(`${path}/package.json`)).version !== version) return false;
  }
  return await hasCurrentAssert();
}

/** The stand-in for @std/assert changes with the checkout and keeps its version, so it is compared by content. */
async function hasCurrentAssert() {
  const { standIn } = await readJson("node_modules/@std/assert/package.json");
  if (!standIn) return true;
  for (const file of ["mod.js", "mod.d.ts"]) {
    const installed = await readFile(`${root}node_modules/@std/assert/${file}`, "utf8");
    if (installed !== await readFile(`${root}scripts/std_assert/${file}`, "utf8")) return false;
  }
  return true;
}

async function install(command) {
  const start = performance.now();
  // Install scripts stay off: the two that matter are run by name below, whatever the npm version thinks of scripts.
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund"];
  if (await jsrAnswers()) {
    console.error(`Installing dependencies: npm ${command.join(" ")}`);
    await npm([...command, ...flags]);
  } else {
    console.error("JSR cannot be reached: building its @std packages from copies on npm");
    const mirror = await startMirror();
    try {
      console.error(`Installing dependencies: npm ${command.join(" ")}`);
      await npm([...command, ...flags, `--@jsr:registry=${mirror.url}`]);
    } finally {
      mirror.close();
    }
  }
  console.error(`Dependencies are installed (${secondsSince(start)})`);
}

async function jsrAnswers() {
  try {
    const response = await fetch(`${jsr}/@jsr%2fstd__semver`, { signal: AbortSignal.timeout(3000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Keeps the hashes of @jsr packages out of package-lock.json: JSR and the mirror serve the same versions in different
 * archives, and one lock has to do for both.
 */
async function unpinMirrored() {
  const lock = await readJson("package-lock.json");
  for (const [path, entry] of Object.entries(lock.packages)) {
    if ((entry.name ?? path).includes("@jsr/")) delete entry.integrity;
  }
  const text = `${JSON.stringify(lock, null, 2)}\n`;
  if (text !== await readFile(`${root}package-lock.json`, "utf8")) await writeFile(`${root}package-lock.json`, text);
}

/** The npm packages of Deno and Bun put their executable in place by an install script. */
async function makeRunnable(name, path, script) {
  if ((await run(path, ["--version"])).code === 0) return;
  const installed = await run(process.execPath, [`${root}${script}`]);
  const tried = await run(path, ["--version"]);
  if (tried.code !== 0) {
    throw new Error(`The npm package ${name} does not run here:\n${installed.output}${tried.output}`);
  }
}

async function readJson(path) {
  return JSON.parse(await readFile(`${root}${path}`, "utf8"));
}
