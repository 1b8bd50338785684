/**
 * Writes src/runtime/runners.ts: the programs that run in the processes of isolated plugins, each as one text. A host that
 * was loaded from a registry has no files to start, and a confined process may not read any.
 *
 *     node scripts/build_runners.mjs            write it
 *     node scripts/build_runners.mjs --check    tell whether it is up to date
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { bun, isMain, report, root, run } from "./process.mjs";

const target = `${root}src/runtime/runners.ts`;

const programs = [
  {
    name: "denoRunner",
    entry: "src/isolate/child/deno.ts",
    what: "What a Deno process runs: a function that takes the one that gives builtins, and whether to watch the host.",
    wrap: (code) => `(function(require,watch){var exports={},module={exports};${code};module.exports.main(watch)})`,
  },
  {
    name: "bunRunner",
    entry: "src/isolate/child/bun.ts",
    what: "What a Bun process runs.",
    // `node:timers` takes Bun 0.7 ms to load, and is what Bun has as globals. It has to be a function: what is in the scope
    // of an evaluated text itself is slow for as long as the process lives, which costs more than to parse a function twice.
    wrap: (code) =>
      `(function(){"use strict";` +
      `var timers={setTimeout,clearTimeout,setInterval,clearInterval,setImmediate,clearImmediate},` +
      `require=(name)=>name==="node:timers"?timers:process.getBuiltinModule(name),exports={},module={exports};` +
      `${code};module.exports.main()})()`,
  },
  {
    name: "bunNetwork",
    entry: "src/isolate/network/child/network.ts",
    what: "What stands for the network in a Bun process that has none.",
    wrap: (code) =>
      `(function(require){var exports={},module={exports};${code};return module.exports})(process.getBuiltinModule)`,
  },
  {
    name: "bunBuiltins",
    entry: "src/isolate/network/child/builtins.ts",
    what: "What stands for the network's builtins there.",
    wrap: (code) =>
      `(function(require){var exports={},module={exports};${code};return module.exports})(process.getBuiltinModule)`,
  },
];

async function build() {
  const parts = [];
  for (const { name, entry, what, wrap } of programs) {
    const { code, stdout, output } = await run(bun, [
      "--no-install",
      "build",
      "--minify",
      "--format=cjs",
      "--target=node",
      "--external=node:*",
      "--external=bun:*",
      entry,
    ]);
    if (code !== 0) throw new Error(output);
    const text = wrap(
      stdout.replace(/^\/\/ @bun.*\n/gm, "").trim().replace(/;$/, ""),
    );
    parts.push(
      `/** ${what} */\nexport const ${name}: string =\n  ${JSON.stringify(text)};\n`,
    );
  }
  const head = "// Written by scripts/build_runners.mjs from src/isolate/child/ and src/isolate/network/child/.\n\n";
  return head + parts.join("\n");
}

/** @returns {Promise<string[]>} what is wrong with the file, if anything is */
export async function checkRunners() {
  const [built, written] = await Promise.all([
    build(),
    readFile(target, "utf8").catch(() => ""),
  ]);
  return built === written ? [] : [
    "src/runtime/runners.ts: out of date; run node scripts/build_runners.mjs",
  ];
}

if (isMain(import.meta.url)) {
  if (process.argv.includes("--check")) report(await checkRunners());
  else await writeFile(target, await build());
}
