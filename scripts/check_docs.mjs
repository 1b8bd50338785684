/**
 * Runs what the documentation shows.
 *
 * TypeScript blocks that import from `@plugmap/plugmap` are type-checked and run on Deno and on Bun. A comment before a
 * block says what else is done with it:
 *
 * - `<!-- file: plugins.json -->` writes the block to that file, in a folder that the blocks of one document share.
 * - `<!-- run -->` runs the block's commands in that folder, `<!-- run: root -->` in the checkout. In a `console` block
 *   the commands are the lines after `$ `, and what they print has to be the lines that follow; `...` is any text.
 * - `<!-- skip: why -->` does nothing. A block of commands in Markdown needs one of these comments.
 *
 *     node scripts/check_docs.mjs
 *
 * @module
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { readBlocks } from "./doc_blocks.mjs";
import { bun, deno, environment, isMain, root, run } from "./process.mjs";
import { summary } from "./test.mjs";

const home = join(root, ".cache", "docs");

/** @returns {Promise<{ passed: number, failed: number, output: string }>} */
export async function checkDocs() {
  await rm(home, { recursive: true, force: true });
  const blocks = (await readBlocks()).filter(({ directive }) => !directive.startsWith("skip:"));
  const isExample = ({ language, directive, code }) =>
    /^(?:ts|typescript)$/.test(language) && directive === "" && /from "@plugmap\/plugmap/.test(code);
  const problems = [
    ...await checkExamples(blocks.filter(isExample)),
    ...await checkCommands(blocks.filter((block) => block.directive !== "" || isCommands(block))),
  ];
  const checked = blocks.filter((block) => isExample(block) || isCommands(block)).length;
  const failed = new Set(problems.map(({ block }) => block)).size;
  const output = problems.map(({ block, problem }) => `${block.path}:${block.line}: ${problem}\n`).join("");
  return { passed: checked - failed, failed, output };
}

function isCommands({ path, language }) {
  return path.endsWith(".md") && /^(?:sh|bash|shell|console)$/.test(language);
}

/** Runs all examples in one process per runtime, each a module of its own. */
async function checkExamples(examples) {
  if (examples.length === 0) return [];
  const modules = examples.map((block, index) => ({ block, file: `example_${index + 1}.ts` }));
  for (const { block, file } of modules) {
    // Two modules without imports or exports would share one global scope when their types are checked.
    await write(join(home, "examples", file), `${block.code}export {};\n`);
  }
  await write(join(home, "examples", "main.mjs"), runnerSource(modules.map(({ file }) => file)));

  const problems = await checkTypes(modules);
  for (
    const [name, program, options] of [["Deno", deno, ["run", "-A", "--no-check"]], ["Bun", bun, ["--no-install"]]]
  ) {
    const { output } = await run(program, [...options, join(home, "examples", "main.mjs")], { minutes: 2 });
    for (const { block, file } of modules) {
      if (output.includes(`passed ${file}\n`)) continue;
      const reason = new RegExp(`^failed ${file} ([\\s\\S]*?)(?=^(?:passed|failed) example_|$(?![\\s\\S]))`, "m").exec(
        output,
      );
      problems.push({ block, problem: `fails on ${name}: ${reason?.[1] ?? `it did not finish\n${output}`}` });
    }
  }
  return problems;
}

async function checkTypes(modules) {
  // What an example declares to show it need not be used.
  const compilerOptions = { noUnusedLocals: false };
  const config = { extends: "../../../tsconfig.json", compilerOptions, include: ["*.ts"] };
  await write(join(home, "examples", "tsconfig.json"), JSON.stringify(config));
  const { code, output } = await run(join(root, "node_modules", ".bin", "tsc"), ["-p", join(home, "examples")]);
  if (code === 0) return [];
  const problems = modules.flatMap(({ block, file }) => {
    const errors = output.split("\n").filter((line) => line.includes(`${file}(`));
    return errors.length > 0 ? [{ block, problem: errors.join("\n") }] : [];
  });
  return problems.length > 0 ? problems : [{ block: modules[0].block, problem: output }];
}

function runnerSource(files) {
  return `import process from "node:process";
for (const file of ${JSON.stringify(files)}) {
  try {
    await import(\`./\${file}\`);
    console.log(\`passed \${file}\`);
  } catch (error) {
    console.log(\`failed \${file} \${error?.stack ?? error}\`);
  }
}
process.exit();
`;
}

/** Writes the files and runs the commands of each document, in the order in which they stand. */
async function checkCommands(blocks) {
  const problems = [];
  for (const block of blocks) {
    const folder = join(home, "files", block.path.replaceAll("/", "_"));
    await mkdir(folder, { recursive: true });
    const [action, argument] = block.directive.split(/:\s*/);
    if (action === "file") await write(join(folder, argument), block.code);
    else if (action === "run") problems.push(...await runCommands(block, argument === "root" ? root : folder));
    else problems.push({ block, problem: "a comment before the block has to say run, file: NAME or skip: WHY" });
  }
  return problems;
}

async function runCommands(block, cwd) {
  const bin = join(root, "node_modules", ".bin");
  const env = { ...environment, PATH: `${bin}${delimiter}${environment.PATH}` };
  const problems = [];
  for (
    const { command, expected } of block.language === "console" ? readConsole(block.code) : [{ command: block.code }]
  ) {
    const { code, output } = await run("bash", ["-euo", "pipefail", "-c", command], { cwd, env, minutes: 5 });
    if (code !== 0) {
      problems.push({ block, problem: `${command.trim()}\nended with ${code}:\n${output}` });
    } else if (expected !== undefined && !matches(output, expected)) {
      problems.push({ block, problem: `${command.trim()}\nprinted:\n${output}` });
    }
  }
  return problems;
}

function readConsole(code) {
  return code.split(/^\$ /m).slice(1).map((block) => {
    const [command, ...expected] = block.split("\n");
    return { command, expected: expected.join("\n") };
  });
}

function matches(actual, expected) {
  const parts = expected.trim().split("...").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[\\s\\S]*")}$`).test(actual.trim());
}

async function write(path, text) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

if (isMain(import.meta.url)) {
  const { output, ...counts } = await checkDocs();
  console.log(`${output}${summary(counts)}`);
  if (counts.failed > 0) process.exitCode = 1;
}
