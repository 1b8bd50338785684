/**
 * Text for a terminal of a hundred columns.
 *
 * @module
 */
import process from "node:process";

const columns = 100;
const isColoured = process.stdout.isTTY === true && !process.env.NO_COLOR;
const paint = (code) => (text) => isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;

export const bold = paint(1);
export const red = paint(31);
export const green = paint(32);

/** Does something while its name stands there, and then how long it took. */
export async function step(name, task) {
  process.stdout.write(`  ${name} `);
  const start = performance.now();
  try {
    const result = await task();
    const time = ` ${((performance.now() - start) / 1000).toFixed(1)} s`;
    console.log(time.padStart(columns - "  ".length - name.length - " ".length, "."));
    return result;
  } catch (error) {
    console.log("failed");
    throw error;
  }
}

/**
 * Text on lines that are no longer than the screen is wide. Words that are too long stay whole.
 *
 * @param {string} text
 * @param {string} indent what every line starts with
 */
export function wrap(text, indent) {
  const lines = [];
  let line = indent;
  for (const word of text.split(" ")) {
    if (line !== indent && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line].join("\n");
}

/**
 * Rows in columns. A cell can have several lines.
 *
 * @param {readonly (readonly string[])[]} rows
 * @param {(cell: string) => string} [colour] paints a cell, once it is as wide as its column
 */
export function formatTable(rows, colour = (cell) => cell) {
  const split = rows.map((row) => row.map((cell) => cell.split("\n")));
  const widths = split[0].map((_, column) =>
    Math.max(...split.flatMap((row) => row[column].map(({ length }) => length)))
  );
  const lines = split.flatMap((row) => {
    const height = Math.max(...row.map((cell) => cell.length));
    return Array.from(
      { length: height },
      (_, line) => row.map((cell, column) => colour((cell[line] ?? "").padEnd(widths[column]))).join("  "),
    );
  });
  return lines.map((line) => `  ${line.trimEnd()}`).join("\n");
}

/** A command on as many lines as it needs, to be copied to a shell. */
export function formatCommand(words, indent) {
  const lines = [""];
  for (const word of words) {
    const line = lines.at(-1);
    if (line !== "" && indent.length + line.length + 1 + word.length > columns - 2) lines.push(`  ${word}`);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.map((line) => indent + line).join(" \\\n");
}
