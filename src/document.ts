/**
 * Documents of others, checked member by member: what is wrong is gathered with its place, what is unknown is refused.
 *
 * @module
 */

import { type ErrorCode, PlugmapError, quote } from "./errors.ts";
import { escapeKey } from "./strict_json.ts";

/** How many problems one error tells in full. */
const told = 5;

/** After how many problems a pass ends: a document can be made of nothing else. */
const most = 100;

/** A place in a document: its JSON pointer, or a step from another place. A pointer is only built for what is wrong. */
export type Place = string | { readonly parent: Place; readonly key: string | number };

/** The place of a member or element of what is at `parent`. */
export function below(parent: Place, key: string | number): Place {
  return { parent, key };
}

/** The JSON pointer of a place. */
export function pointerTo(place: Place): string {
  return typeof place === "string" ? place : `${pointerTo(place.parent)}/${escapeKey(place.key)}`;
}

/** What the problems of one pass have in common, however many parts of the document they come from. */
interface Findings {
  count: number;
  readonly texts: string[];
  first: { code: ErrorCode; pointer: string; mend: string | undefined } | undefined;
}

/** The problems of one pass over a document, told in one error so that they can be mended in one go. */
export class Problems {
  readonly #code: ErrorCode;
  #findings: Findings = { count: 0, texts: [], first: undefined };

  /**
   * None so far.
   *
   * @param code The code of a problem that has none of its own.
   */
  constructor(code: ErrorCode) {
    this.#code = code;
  }

  /** The same problems, for a part of the document whose problems have another code. */
  withCode(code: ErrorCode): Problems {
    const part = new Problems(code);
    part.#findings = this.#findings;
    return part;
  }

  /**
   * Notes one. The hundredth ends the pass, as {@linkcode throwIfAny} does.
   *
   * @param place Where it is.
   * @param text What is wrong, in sentence case, without a full stop. Outside text in it must be quoted.
   * @param more A code of its own, and what to do about it.
   */
  add(place: Place, text: string, more: { code?: ErrorCode; mend?: string | undefined } = {}): void {
    const findings = this.#findings;
    if (++findings.count === most) this.throwIfAny();
    if (findings.count > told) return;
    const pointer = pointerTo(place);
    findings.first ??= { code: more.code ?? this.#code, pointer, mend: more.mend };
    findings.texts.push(pointer === "" ? text : `${text}, at ${quote(pointer)}`);
  }

  /** Throws one error if there is any problem: code, place and mend of the first, the texts of the first few. */
  throwIfAny(): void {
    const { count, texts, first } = this.#findings;
    if (first === undefined) return;
    const rest = count > told ? [`and ${count - told}${count === most ? " or" : ""} more`] : [];
    throw new PlugmapError(first.code, [...texts, ...rest].join("; "), { pointer: first.pointer, mend: first.mend });
  }
}

/** What a value of the wrong kind is. */
export function describe(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? Object.prototype.toString.call(value) : `a ${typeof value}`;
}

/**
 * The members of an object whose names are data. A member that is `undefined`, as an object of the program can have, is
 * no member.
 *
 * @returns The members by name, or `undefined` after noting that the value is not an object.
 */
export function readTable(value: unknown, place: Place, problems: Problems): Map<string, unknown> | undefined {
  if (!isRecord(value)) {
    problems.add(place, `Expected an object, found ${describe(value)}`);
    return undefined;
  }
  const members = new Map<string, unknown>();
  for (const name of Object.keys(value)) {
    if (value[name] !== undefined) members.set(name, value[name]);
  }
  return members;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  // What a JSON parser makes is told by its prototype, at a tenth of the price.
  return Object.getPrototypeOf(value) === Object.prototype ||
    Object.prototype.toString.call(value) === "[object Object]";
}

/**
 * The members of an object whose names are known; others are noted.
 *
 * @returns The members by name, or `undefined` after noting that the value is not an object.
 */
export function readRecord(
  value: unknown,
  place: Place,
  known: readonly string[],
  problems: Problems,
): Map<string, unknown> | undefined {
  const members = readTable(value, place, problems);
  if (members === undefined) return undefined;
  for (const name of members.keys()) {
    if (known.includes(name)) continue;
    const meant = closest(name, known);
    problems.add(below(place, name), `Member ${quote(name)} is unknown`, {
      mend: meant === undefined
        ? `Remove it; known are ${known.map(quote).join(", ")}.`
        : `Did you mean ${quote(meant)}?`,
    });
  }
  return members;
}

/** A string that is not empty, or `undefined` after noting that the value is none. */
export function readString(value: unknown, place: Place, problems: Problems): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  problems.add(place, `Expected a string that is not empty, found ${describe(value)}`);
  return undefined;
}

/** The elements of an array of strings, or `undefined` after noting what is none. */
export function readStrings(value: unknown, place: Place, problems: Problems): string[] | undefined {
  if (!Array.isArray(value)) {
    problems.add(place, `Expected an array of strings, found ${describe(value)}`);
    return undefined;
  }
  const strings: string[] = [];
  // By index, so that a hole in the array is seen.
  for (let index = 0; index < value.length; index++) {
    const element = readString(value[index], below(place, index), problems);
    if (element !== undefined) strings.push(element);
  }
  return strings.length === value.length ? strings : undefined;
}

/**
 * The candidate that a misspelt word most likely means.
 *
 * @param word What was written.
 * @param candidates What could have been.
 * @returns The nearest of those that are near enough, if any is.
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = Math.min(3, 1 + Math.floor(word.length / 2));
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > least) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

/** Levenshtein distance, row by row. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    const next = [line];
    for (let column = 1; column <= to.length; column++) {
      const kept = row[column - 1]! + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(kept, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
