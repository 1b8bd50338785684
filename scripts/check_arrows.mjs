/**
 * Checks which way imports point between the folders of src/, and that only src/runtime/ names a runtime's global.
 *
 *     node scripts/check_arrows.mjs
 *
 * @module
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { deno, isMain, report, root, run } from "./process.mjs";

/** A folder may import those of the layers above its own, and the single files of src/, which import nothing else. */
const layers = [
  ["hooks", "tracing", "import_map", "integrity", "manifest", "permissions"],
  ["loader", "isolate", "runtime"],
  ["host"],
  ["cli", "web", "nats"],
];
/** These know each other's interfaces; that their code does not go round in a circle is checked for all files. */
const entangled = layers[1];

const runtimeGlobal = /\b(?:Deno|Bun)\b/;
/** In a text the names are words of messages, but a member of one is code that a process is to run. */
const memberInText = /\b(?:Deno|Bun)\.\w/;
const commentOrText = /\/\*[\s\S]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;

/** @returns {Promise<string[]>} one line for each import or name that is not allowed */
export async function checkArrows() {
  const paths = (await readdir(`${root}src`, { recursive: true }))
    .map((path) => path.replaceAll("\\", "/")).filter((path) => path.endsWith(".ts")).sort();
  const imports = await readImports(paths);
  const problems = [];
  for (const [from, targets] of imports) {
    for (const [to, kind] of targets) {
      const problem = judge(folderOf(from), folderOf(to), kind);
      if (problem !== undefined) problems.push(`src/${from}: imports src/${to}: ${problem}`);
    }
  }
  for (const circle of findCircles(imports)) problems.push(`src/${circle.join(" -> src/")}: imports go in a circle`);
  for (const path of paths.filter((path) => folderOf(path) !== "runtime")) {
    for (const line of await linesNaming(path)) {
      problems.push(`src/${path}:${line}: names the global of a runtime, which only src/runtime/ may`);
    }
  }
  return problems;
}

function judge(from, to, kind) {
  if (from === to || to === "") return undefined;
  if (from === "") return "a file that every folder may import must not import a folder";
  const [own, other] = [from, to].map((folder) => layers.findIndex((layer) => layer.includes(folder)));
  if (own === -1) return `scripts/check_arrows.mjs does not know the folder ${from}`;
  if (other === -1) return `scripts/check_arrows.mjs does not know the folder ${to}`;
  if (other < own) return undefined;
  if (other === own && (kind === "type" || layers[own] === entangled)) return undefined;
  return `${from} may import only ${layers.slice(0, own).flat().join(", ") || "single files of src"}`;
}

/** Imports among the files of src by importing file, as Deno's own parser sees them: `"type"` are erased, `"code"` run. */
async function readImports(paths) {
  const entry = `${root}.cache/arrows.ts`;
  await mkdir(`${root}.cache`, { recursive: true });
  await writeFile(entry, paths.map((path) => `import "../src/${path}";\n`).join(""));
  const { code, stdout, output } = await run(deno, ["info", "--json", entry]);
  if (code !== 0) throw new Error(output);
  const home = pathToFileURL(`${root}src/`).href;
  const imports = new Map();
  for (const { specifier, dependencies = [] } of JSON.parse(stdout).modules) {
    if (!specifier.startsWith(home)) continue;
    const targets = new Map();
    for (const { code, type } of dependencies) {
      const target = (code ?? type)?.specifier;
      if (target?.startsWith(home)) targets.set(target.slice(home.length), code === undefined ? "type" : "code");
    }
    imports.set(specifier.slice(home.length), targets);
  }
  return imports;
}

function findCircles(imports) {
  const circles = [];
  const done = new Set();
  const visit = (path, trail) => {
    if (trail.includes(path)) return circles.push([...trail.slice(trail.indexOf(path)), path]);
    if (done.has(path)) return;
    for (const [target, kind] of imports.get(path) ?? []) if (kind === "code") visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return circles;
}

async function linesNaming(path) {
  const source = await readFile(`${root}src/${path}`, "utf8");
  const blank = (match) => match.replace(/[^\n]/g, " ");
  const code = source.replace(commentOrText, blank).split("\n");
  const withTexts = source.replace(commentOrText, (match) => match.startsWith("/") ? blank(match) : match).split("\n");
  return code.flatMap((line, index) =>
    runtimeGlobal.test(line) || memberInText.test(withTexts[index]) ? [index + 1] : []
  );
}

function folderOf(path) {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : "";
}

if (isMain(import.meta.url)) report(await checkArrows());
