/**
 * Builds the site under Deno and under Bun, out of plugins from a folder, a server and a registry, and tells what became
 * of each plugin. Ends with 1 when anything is other than expected.
 *
 *     node examples/reader/demo.mjs [--honest] [--site FOLDER]
 *
 * - `--honest` has the server change nothing
 * - `--site` is where everything goes; default `site` beside this file
 *
 * @module
 */
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bun, deno, environment, root } from "../../scripts/process.mjs";
import { compareSites, findTampering, tellPlugins, tellRefusals } from "./demo/outcome.mjs";
import { bold, formatCommand, formatTable, red, step } from "./demo/print.mjs";
import { endAll, runProgram, startServer } from "./demo/processes.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const { values } = parseArgs({
  options: { honest: { type: "boolean", default: false }, site: { type: "string", default: join(here, "site") } },
});
const site = resolve(values.site);
const importMap = join(site, "plugins.json");
const runtimes = { deno: "Deno", bun: "Bun" };

/** What must be refused, and with which code. Anything else must load. */
const refusals = new Map([["analytics", "permission-missing"]]);
if (!values.honest) refusals.set("glossary", "integrity-mismatch");

try {
  if (!await demonstrate()) process.exitCode = 1;
} catch (error) {
  console.error(`\n${red("The demo could not be carried out.")} ${error.message}`);
  process.exitCode = 1;
} finally {
  endAll();
}

async function demonstrate() {
  console.log(`${bold("Reader")} makes a site of a folder of articles. Whatever happens to them is done by plugins.\n`);
  for (const name of ["deno", "bun", ".plugmap"]) await rm(join(site, name), { recursive: true, force: true });
  await mkdir(site, { recursive: true });
  const [plugins, registry] = await step("Start a plugin server and a JSR registry, each its own process", serve);
  await step("Publish @reader/markdown to that registry, with deno publish", () => publish(registry));
  const map = await writeImportMap(plugins);
  const commands = commandsFor(plugins, registry);
  const reports = {};
  for (const [runtime, name] of Object.entries(runtimes)) {
    reports[runtime] = await step(`Build the site under ${name}`, () => build(runtime, commands[runtime], registry));
  }

  title(`The import map, ${shown(importMap)}, with hashes shortened`);
  console.log(map.replace(/^/gm, "  ").replace(/(sha384-.{8})[^"]*/g, "$1…").trimEnd());
  title("What ran");
  for (const command of Object.values(commands)) console.log(formatCommand(command, "  "));
  title("What became of the plugins");
  tellPlugins(reports);
  const tampering = await findTampering(join(here, "plugins/glossary"), `${plugins}/glossary`);
  tellRefusals(reports, new Map(tampering === undefined ? [] : [["glossary", tampering]]));
  title(`What came out, in ${shown(join(site, "deno"))} and ${shown(join(site, "bun"))}`);
  const isSame = await compareSites(join(site, "deno"), join(site, "bun"));
  const surprises = Object.entries(reports).flatMap(surprisesIn);
  for (const surprise of surprises) console.log(`  ${red("Not as expected:")} ${surprise}`);
  suggest();
  return isSame && surprises.length === 0;
}

/** Servers on whatever ports are free. The registry keeps its packages in a folder that goes when this process goes. */
async function serve() {
  const data = await mkdtemp(join(tmpdir(), "reader-registry-"));
  process.once("exit", () => rmSync(data, { recursive: true, force: true }));
  return await Promise.all([
    startServer(join(here, "server.mjs"), ["--port", "0", ...values.honest ? ["--honest"] : []]),
    startServer(join(root, "tests/registry/jsr_registry.mjs"), ["--port", "0", "--data", data]),
  ]);
}

async function publish(registry) {
  const args = ["publish", "--token", "any", "--allow-dirty", "--no-provenance"];
  await runProgram(deno, args, { cwd: join(here, "plugins/markdown"), env: environmentFor(registry) });
}

/** The committed import map, with the port of this run and paths from where it is now. All hashes stay what they are. */
async function writeImportMap(plugins) {
  const folder = relative(site, here).replaceAll("\\", "/");
  const map = (await readFile(join(here, "plugins.json"), "utf8"))
    .replaceAll('"./', `"${folder}/`)
    .replaceAll("http://127.0.0.1:8787", plugins);
  await writeFile(importMap, map);
  return map;
}

/** Under Deno with no more rights than the host needs; Bun has no flags for them. */
function commandsFor(plugins, registry) {
  const host = (runtime) => [
    shown(join(here, "host.ts")),
    `--import-map=${shown(importMap)}`,
    `--site=${shown(join(site, runtime))}`,
    "--json",
  ];
  const rights = [
    "--no-prompt",
    `--import-map=${shown(importMap)}`,
    `--allow-read=${shown(here)},${shown(importMap)},${shown(importMap.replace("plugins.json", "plugins.lock.json"))}`,
    `--allow-write=${shown(join(site, "deno"))}`,
    `--allow-net=${new URL(plugins).host},${new URL(registry).host}`,
    "--allow-env=JSR_URL",
  ];
  return { deno: ["deno", "run", ...rights, ...host("deno")], bun: ["bun", "--no-install", ...host("bun")] };
}

/** @returns the host's report, which is also written beside its site */
async function build(runtime, [, ...args], registry) {
  // Where Deno runs the demo too: a Deno that is started by its own path passes its rights on, flags or not.
  const programs = { deno: deno.replace(/[^\\/]+$/, "./$&"), bun };
  const report = await runProgram(programs[runtime], args, { cwd: root, env: environmentFor(registry) });
  await writeFile(join(site, `${runtime}.json`), report);
  return JSON.parse(report);
}

function environmentFor(registry) {
  return { ...environment, JSR_URL: `${registry}/` };
}

function surprisesIn([runtime, { plugins }]) {
  return plugins.flatMap(({ name, state, error }) => {
    const [found, wanted] = [error?.code ?? state, refusals.get(name) ?? "active"];
    return found === wanted ? [] : [`under ${runtimes[runtime]}, ${name} ended with ${found} instead of ${wanted}.`];
  });
}

function suggest() {
  title(`What to try next, in ${shown(here)}`);
  console.log(formatTable([
    ["Open site/deno/index.html", "what came out, to read"],
    ["Run this with --honest", "the server changes nothing, and the glossary loads"],
    ["Edit plugins/contents/widget.html", "what was changed is refused until it is pinned anew"],
    ['Delete "sidecar" from plugins.policy.json', "what it asks for is then not granted"],
    ["Read host.ts", "how little a host is"],
    ["Read README.md", "the commands for all this"],
  ]));
}

function title(text) {
  console.log(`\n${bold(text)}`);
}

/** A path as one would type it in the checkout. */
function shown(path) {
  const short = relative(root, path);
  return short.startsWith("..") ? path : short;
}
