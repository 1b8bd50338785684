/**
 * What became of the plugins and of the site, told for people.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { bold, formatTable, green, red, wrap } from "./print.mjs";

const places = new Map([["file:", "folder"], ["http:", "server"], ["jsr:", "registry"]]);
const colours = new Map([["active", green], ["failed", red]]);

/** One row a plugin, from the reports of both hosts. */
export function tellPlugins({ deno, bun }) {
  const head = ["plugin", "from", "version", "modules", "asks for", "state", "Deno ms", "Bun ms"];
  const rows = deno.plugins.map((plugin, index) => [
    plugin.name,
    places.get(new URL(plugin.source).protocol),
    plugin.version ?? "?",
    plugin.modules.count === 0 ? "none" : `${plugin.modules.count} verified`,
    plugin.version === undefined ? "?" : asksFor(plugin),
    [...new Set([plugin.state, bun.plugins[index].state])].join(", "),
    timeOf(plugin),
    timeOf(bun.plugins[index]),
  ]);
  console.log(formatTable([head, ...rows], (cell) => (colours.get(cell.trim()) ?? String)(cell)));
}

function asksFor({ permissions }) {
  const asked = Object.entries(permissions).filter(([, items]) => items === true || items.length > 0);
  const lines = asked.map(([name, items]) => items === true ? `all of ${name}` : `${name} ${items.join(" ")}`);
  return lines.join("\n") || "nothing";
}

function timeOf({ timings }) {
  return Object.values(timings).reduce((sum, part) => sum + (part ?? 0), 0).toFixed(1).padStart(6);
}

/**
 * The whole error of each plugin that was refused, once if both runtimes say the same.
 *
 * @param {{ deno: object, bun: object }} reports
 * @param {Map<string, string>} remarks what else there is to say, by the plugin's name
 */
export function tellRefusals({ deno, bun }, remarks) {
  for (const [index, { name, error }] of deno.plugins.entries()) {
    const texts = new Set([error?.message, bun.plugins[index].error?.message].filter((text) => text !== undefined));
    if (texts.size === 0) continue;
    console.log(`\n${bold(`Why ${name} was refused`)}`);
    if (remarks.has(name)) texts.add(remarks.get(name));
    for (const text of texts) console.log(wrap(text, "  "));
  }
}

/**
 * Compares what a server sends with what was reviewed.
 *
 * @param {string} folder that holds a plugin
 * @param {string} url of the same plugin, without a slash at its end
 * @returns {Promise<string | undefined>} the first difference, in a sentence
 */
export async function findTampering(folder, url) {
  const { modules } = JSON.parse(await readFile(join(folder, "plugin.json"), "utf8"));
  for (const path of Object.keys(modules)) {
    const reviewed = await readFile(join(folder, path));
    const sent = Buffer.from(await (await fetch(`${url}/${path}`)).arrayBuffer());
    const at = reviewed.findIndex((byte, index) => byte !== sent[index]);
    if (at < 0) continue;
    const [before, after] = [reviewed, sent].map((bytes) => `"${bytes.toString("latin1", at - 4, at + 6)}"`);
    return `The server had changed byte ${at} of ${path}, which made ${after} of ${before}.`;
  }
}

/** Compares two folders file by file. @returns {Promise<boolean>} whether there is something, and the same in both */
export async function compareSites(one, other) {
  const [files, others] = [await readFiles(one), await readFiles(other)];
  const names = [...new Set([...files.keys(), ...others.keys()])];
  const different = names.filter((name) => !files.get(name)?.equals(others.get(name) ?? Buffer.alloc(0)));
  for (const name of different) console.log(`  ${red(`${name} is not the same.`)}`);
  if (names.length === 0 || different.length > 0) return false;
  const size = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  console.log(`  ${names.length} files, ${size} bytes: ${green("byte for byte the same under Deno and under Bun.")}`);
  return true;
}

async function readFiles(folder) {
  const names = (await readdir(folder)).sort();
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))])));
}
