/**
 * Finds the fenced code blocks of Markdown files and of JSDoc comments.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { root } from "./process.mjs";

/**
 * @typedef {object} Block
 * @property {string} path file it is in, relative to the checkout
 * @property {number} line of the opening fence, from 1
 * @property {string} language what the fence names
 * @property {string} directive text of an HTML comment on the line before the fence, or ""
 * @property {string} code
 */

/** @returns {Promise<Block[]>} the blocks of the README, the documentation and the JSDoc of all published sources */
export async function readBlocks() {
  const files = [
    ...await list(".", (path) => path === "README.md" || /^(?:mod|plugin|cli)\.ts$/.test(path), false),
    ...await list("docs", (path) => path.endsWith(".md")),
    ...await list("src", (path) => path.endsWith(".ts")),
  ];
  const blocks = [];
  for (const path of files) blocks.push(...parse(path, await readFile(root + path, "utf8")));
  return blocks;
}

async function list(folder, accepts, recursive = true) {
  const paths = await readdir(root + folder, { recursive });
  return paths.map((path) => path.replaceAll("\\", "/")).filter(accepts).sort()
    .map((path) => folder === "." ? path : `${folder}/${path}`);
}

function parse(path, text) {
  const blocks = [];
  const lines = path.endsWith(".md") ? text.split("\n") : commentLines(text);
  let open;
  let directive = "";
  for (const [index, line] of lines.entries()) {
    const fence = /^(\s*)(`{3,})(\w*)/.exec(line);
    if (open !== undefined) {
      if (fence?.[2] === open.fence && fence[3] === "") {
        blocks.push({ path, line: open.line, language: open.language, directive, code: `${open.code.join("\n")}\n` });
        open = undefined;
        directive = "";
      } else {
        open.code.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
      }
    } else if (fence !== null) {
      open = { indent: fence[1], fence: fence[2], language: fence[3], line: index + 1, code: [] };
    } else if (line.trim() !== "") {
      directive = /^\s*<!--\s*(.*?)\s*-->\s*$/.exec(line)?.[1] ?? "";
    }
  }
  return blocks;
}

/** The text inside documentation comments, on the lines where it stands; other lines are empty. */
function commentLines(source) {
  let inside = false;
  return source.split("\n").map((line) => {
    if (/^\s*\/\*\*/.test(line)) inside = true;
    const text = inside ? line.replace(/^\s*(?:\/\*\*|\*(?!\/)) ?/, "") : "";
    if (line.includes("*/")) inside = false;
    return text;
  });
}
