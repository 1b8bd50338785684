import { printable } from "../errors.ts";
import { formatProperties, formatText } from "./format.ts";

/** What is traced at once. */
export interface Entry {
  readonly tags: readonly string[];
  /** What makes the first line. */
  readonly words: readonly unknown[];
  /** What has a line for each of its properties. */
  readonly details: object | undefined;
  readonly depth: number;
}

/** The lines of an entry, as pluggy writes them, but safe to print. */
export function linesOf({ tags, words, details, depth }: Entry): string[] {
  const indent = "  ".repeat(depth);
  const head = [...words.map(formatText), `[${printable(tags.join(":"))}]`].join(" ");
  const properties = details === undefined ? [] : formatProperties(details);
  return [`${indent}${head}`, ...properties.map((property) => `${indent}    ${property}`)];
}
