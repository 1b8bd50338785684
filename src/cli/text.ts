/**
 * Text for a terminal: whatever it is made of, nothing in it can move the cursor, hide or reorder other text.
 */
import { printable, quote } from "../errors.ts";
import { permissionNames } from "../permissions/mod.ts";
import type { PermissionSet } from "../permissions/mod.ts";

/** Rows of text in columns as wide as they need to be; what is in them cannot break out of its line. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((row) => row.map((cell) => printable(cell)));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd())
    .join("\n");
}

/** A value as JSON in ASCII alone: escapes keep it the same value for a program and harmless for a terminal. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[^\n\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** What an import map needs to list and pin a plugin, as a whole import map, to copy or to merge. */
export function formatPin(name: string, address: string, integrity: string): string {
  return formatJson({ imports: { [`plugins/${name}`]: address }, integrity: { [address]: integrity } });
}

/** What a plugin asks for, on one line; undefined if it is nothing. */
export function formatPermissions(permissions: PermissionSet): string | undefined {
  const asked = permissionNames.flatMap((name) => {
    const items = permissions[name];
    if (items === true) return [`all of ${name}`];
    return items.length === 0 ? [] : [`${name} ${items.map(quote).join(" ")}`];
  });
  return asked.length === 0 ? undefined : asked.join(", ");
}
