/**
 * The tables of the documentation as data, for tests that compare them with the code.
 *
 * @module
 */
import { readFileSync } from "node:fs";

/** Rows of cells, without the head. */
export type Table = readonly (readonly string[])[];

/**
 * @param name Name of a file in `docs`.
 * @returns Its text.
 */
export function readDocument(name: string): string {
  return readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
}

/**
 * @param name Name of a file in `docs`.
 * @returns The tables below each heading, by the heading's text.
 */
export function readTables(name: string): ReadonlyMap<string, readonly Table[]> {
  return new Map(
    readDocument(name).split(/^#+ /m).slice(1).map((section) => {
      const [heading = "", ...lines] = section.split("\n");
      return [heading, tablesOf(lines)] as const;
    }),
  );
}

function tablesOf(lines: readonly string[]): Table[] {
  const tables: string[][][] = [];
  let table: string[][] | undefined;
  for (const line of lines) {
    if (!line.startsWith("|")) {
      table = undefined;
      continue;
    }
    if (table === undefined) tables.push(table = []);
    table.push(line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|")));
  }
  // The head and the line below it.
  return tables.map((rows) => rows.slice(2));
}

/** The words in a text that are marked as code. */
export function codeIn(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, code]) => code!);
}

/** What the first column of a table marks as code. */
export function namesIn(table: Table | undefined): string[] {
  return (table ?? []).flatMap(([first = ""]) => codeIn(first));
}
