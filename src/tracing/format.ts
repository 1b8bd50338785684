/**
 * Values as short text. They may be a plugin's, so nothing of theirs is run that can be left alone: no getter, no
 * `toString`, no `toJSON`. Only the traps of a proxy run, because a proxy cannot be told from what it stands for.
 *
 * @module
 */

import { printable, quote } from "../errors.ts";

/** How many characters of a value are shown. */
const longest = 500;

/** How many characters of a name, or of a string inside another value, are shown. */
const longestInside = 100;

/** How many elements or properties of a value are shown. */
const most = 10;

/** How many levels of values inside each other are shown. */
const deepest = 3;

const unreadable = "[unreadable]";

/** A string as it is, and any other value nearly as it would be written in code. Never throws. */
export function formatText(value: unknown): string {
  return printable(typeof value === "string" ? value : formatValue(value, 0), longest);
}

/** The own enumerable properties of an object, each as `name: value`; of more than a hundred, the first. Never throws. */
export function formatProperties(object: object): string[] {
  try {
    return listProperties(object, 100, (name) => printable(name, longestInside), formatText);
  } catch {
    return [unreadable];
  }
}

function formatValue(value: unknown, depth: number): string {
  if (typeof value === "string") return quote(shorten(value));
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return String(value);
  try {
    return formatObject(value, depth);
  } catch {
    return unreadable;
  }
}

function formatObject(value: object, depth: number): string {
  if (typeof value === "function") return `[${withName("Function", nameOf(value))}]`;
  const format = (inside: unknown) => formatValue(inside, depth + 1);
  if (Array.isArray(value)) return depth === deepest ? "[…]" : `[${listElements(value, format).join(", ")}]`;
  const name = nameOfClass(value);
  if (value instanceof Error) return `[${withName(name, ownText(value, "message"))}]`;
  if (value instanceof Date) {
    return `[${withName(name, new Date(Date.prototype.getTime.call(value)).toJSON() ?? "invalid")}]`;
  }
  // What these hold is no property of theirs, or each byte is one.
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) return `[${name}]`;
  const inside = depth === deepest ? "…" : listProperties(value, most, formatName, format).join(", ");
  return withName(name, `{${inside}}`);
}

function listElements(array: readonly unknown[], format: (value: unknown) => string): string[] {
  const shown = Array.from({ length: Math.min(array.length, most) }, (_, index) => formatAt(array, index, format));
  return withRest(shown, array.length);
}

function listProperties(
  object: object,
  limit: number,
  formatName: (name: string) => string,
  format: (value: unknown) => string,
): string[] {
  const names = Object.keys(object);
  const shown = names.slice(0, limit).map((name) => `${formatName(name)}: ${formatAt(object, name, format)}`);
  return withRest(shown, names.length);
}

function withRest(shown: string[], count: number): string[] {
  return count > shown.length ? [...shown, `… ${count - shown.length} more`] : shown;
}

function formatAt(object: object, key: PropertyKey, format: (value: unknown) => string): string {
  const property = Object.getOwnPropertyDescriptor(object, key);
  return property === undefined || Object.hasOwn(property, "value") ? format(property?.value) : "[getter]";
}

function formatName(name: string): string {
  return /^[\w$]+$/.test(name) ? shorten(name) : quote(shorten(name));
}

function nameOfClass(object: object): string {
  const prototype = Object.getPrototypeOf(object);
  if (prototype === null || prototype === Object.prototype) return "";
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof maker === "function" ? nameOf(maker) : "";
}

function nameOf(maker: object): string {
  return ownText(maker, "name");
}

function ownText(object: object, key: string): string {
  const text: unknown = Object.getOwnPropertyDescriptor(object, key)?.value;
  return typeof text === "string" ? shorten(text) : "";
}

function withName(name: string, text: string): string {
  return `${name} ${text}`.trim();
}

function shorten(text: string): string {
  return text.length > longestInside ? `${text.slice(0, longestInside)}…` : text;
}
