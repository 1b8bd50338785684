/**
 * Formats a table as Markdown, which is as good to read in a terminal.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly (string | number | undefined)[])[]} rows Numbers stand to the right.
 * @returns {string}
 */
export function formatTable(head, rows) {
  const texts = [head, ...rows].map((row) => row.map((value) => value?.toLocaleString("en") ?? ""));
  const widths = head.map((_, column) => Math.max(...texts.map((row) => row[column].length)));
  const isNumeric = head.map((_, column) => rows.some((row) => typeof row[column] === "number"));
  const line = (row) =>
    `| ${row.map((text, column) => text[isNumeric[column] ? "padStart" : "padEnd"](widths[column])).join(" | ")} |`;
  const rule = widths.map((width, column) => isNumeric[column] ? `${"-".repeat(width - 1)}:` : "-".repeat(width));
  return [line(texts[0]), line(rule), ...texts.slice(1).map(line)].join("\n");
}
