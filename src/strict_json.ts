/**
 * JSON of others, read strictly: one spelling, one meaning, a bounded depth.
 *
 * `JSON.parse` keeps the last of two members with the same name and says nothing, so two readers of one document can
 * see two documents; RFC 8259 section 4 calls what a reader does then unpredictable. Escapes in names have the same
 * effect: V8 reads some as another name, depending on what it parsed before (nodejs/node#63785). Here both are errors.
 *
 * @module
 */

import { type ErrorCode, messageOf, PlugmapError, quote } from "./errors.ts";

/** What a document is called in errors, and under which code. */
export interface DocumentKind {
  /** The code of every error about the form of the document. */
  readonly code: ErrorCode;
  /** A noun with its article, such as `The manifest`. */
  readonly name: string;
}

/** How deep arrays and objects may nest. No document of ours needs more than five levels. */
const deepest = 32;

const quotationMark = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const leftBracket = 0x5b;
const backslash = 0x5c;
const rightBracket = 0x5d;
const leftBrace = 0x7b;
const rightBrace = 0x7d;

// ignoreBOM leaves a byte order mark in the text, where it is refused.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes the bytes of a document. Nothing is repaired: a replacement character would change what was hashed.
 *
 * @param bytes The bytes.
 * @param document What they are, for errors.
 * @returns The text.
 * @throws {PlugmapError} `document.code` when the bytes are not UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array, document: DocumentKind): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new PlugmapError(document.code, `${document.name} is not UTF-8`, {
      pointer: "",
      mend: "Save the file as UTF-8.",
      cause,
    });
  }
}

/**
 * Parses JSON, refusing what `JSON.parse` would let pass.
 *
 * @param text The JSON text.
 * @param document What it is, for errors.
 * @returns The value, of plain objects and arrays. An own member `__proto__` is a member like any other; read members
 * by their entries, never by name, which could find an inherited one.
 * @throws {PlugmapError} `document.code` for a byte order mark, text that is not JSON, an escape in a member's name, a
 * member that is given twice (with its JSON pointer), or nesting deeper than 32 levels.
 */
export function parseStrictJson(text: string, document: DocumentKind): unknown {
  const refuse = (problem: string, mend: string, context: { pointer?: string; cause?: unknown } = {}): never => {
    throw new PlugmapError(document.code, `${document.name} ${problem}`, { pointer: "", mend, ...context });
  };
  if (text.startsWith("\ufeff")) {
    refuse("starts with a byte order mark", "Save the file as UTF-8 without one.");
  }
  const { members, depth, escapedName } = survey(text);
  if (depth > deepest) refuse(`nests deeper than ${deepest} levels`, "Make it flatter.");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    refuse(
      `is not JSON: ${messageOf(cause)}`,
      "Correct the JSON; it cannot have comments or trailing commas.",
      { cause },
    );
  }
  if (escapedName !== undefined) {
    refuse(
      `has an escape in the name of the member ${quote(escapedName)}`,
      "Write the character itself; no name here can have one that needs an escape.",
    );
  }
  if (countMembers(value) !== members) {
    const { name, pointer } = findDuplicate(text)!;
    refuse(`has the member ${quote(name)} twice, at ${quote(pointer)}`, "Remove one of them.", { pointer });
  }
  return value;
}

/** What one pass over a text tells of it, which need not be JSON. */
interface Survey {
  /** How many members there are. In JSON each has one colon outside of strings. */
  members: number;
  /** How deep arrays and objects nest. */
  depth: number;
  /** The first name with an escape in it, as written. */
  escapedName: string | undefined;
}

function survey(text: string): Survey {
  const found: Survey = { members: 0, depth: 0, escapedName: undefined };
  let level = 0;
  let start = 0;
  let escape = indexFrom(text, "\\", 0);
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case quotationMark:
        start = index;
        index = endOfString(text, index);
        break;
      case colon:
        found.members++;
        if (escape < start) escape = indexFrom(text, "\\", start);
        if (escape < index) found.escapedName ??= text.slice(start + 1, endOfString(text, start));
        break;
      case leftBrace:
      case leftBracket:
        if (++level > found.depth) found.depth = level;
        break;
      case rightBrace:
      case rightBracket:
        level--;
        break;
    }
  }
  return found;
}

/** Index of the next occurrence; the length of the text if there is none. */
function indexFrom(text: string, sought: string, start: number): number {
  const index = text.indexOf(sought, start);
  return index === -1 ? text.length : index;
}

/** Index of the quotation mark that ends the string at `start`; of the end of the text if nothing does. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

/** How many members `JSON.parse` kept. */
function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const values = Object.values(value);
  let members = Array.isArray(value) ? 0 : values.length;
  for (const inner of values) {
    if (typeof inner === "object") members += countMembers(inner);
  }
  return members;
}

/** An array or object that the text is inside of. */
interface Level {
  /** Names so far; none for an array. */
  readonly names: Set<string> | undefined;
  /** Name of the current member, or index of the current element. */
  key: string | number;
}

/** The first member of valid JSON, without escapes in names, whose name its object already had. */
function findDuplicate(text: string): { name: string; pointer: string } | undefined {
  const levels: Level[] = [];
  let name = "";
  for (let index = 0; index < text.length; index++) {
    const level = levels.at(-1);
    switch (text.charCodeAt(index)) {
      case quotationMark: {
        const end = endOfString(text, index);
        name = text.slice(index + 1, end);
        index = end;
        break;
      }
      case colon:
        level!.key = name;
        if (level!.names!.has(name)) return { name, pointer: levels.map(({ key }) => `/${escapeKey(key)}`).join("") };
        level!.names!.add(name);
        break;
      case comma:
        if (typeof level!.key === "number") level!.key++;
        break;
      case leftBrace:
        levels.push({ names: new Set(), key: "" });
        break;
      case leftBracket:
        levels.push({ names: undefined, key: 0 });
        break;
      case rightBrace:
      case rightBracket:
        levels.pop();
        break;
    }
  }
  return undefined;
}

/** A key as a reference token of a JSON pointer (RFC 6901 section 3). */
export function escapeKey(key: string | number): string {
  return String(key).replaceAll("~", "~0").replaceAll("/", "~1");
}
