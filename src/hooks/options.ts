/**
 * Reading objects that someone else made: own enumerable properties only, from their descriptors, so that no getter
 * runs and every name is an ordinary name.
 *
 * @module
 */

import { quote } from "../errors.ts";

/** What an option may be: one of some values, anything of a type, or what passes a test. */
export type Choice = readonly unknown[] | "string" | "function" | Test;

/** A test of an option. */
export interface Test {
  /** What it has to be, in words that go after "is not". */
  readonly what: string;
  /** Whether it is. */
  readonly is: (value: unknown) => boolean;
}

/** A list of strings. */
export const names: Test = {
  what: "a list of names, each of them once",
  is: (value) =>
    Array.isArray(value) && value.every((name) => typeof name === "string") && new Set(value).size === value.length,
};

/** Whether a value is an object that inherits nothing of its maker's, so that its own properties are all it has. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || isNamespacePrototype(prototype);
}

/** Bun gives the namespace of a module a prototype of its own, which has nothing of the module's to inherit. */
function isNamespacePrototype(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Reflect.ownKeys(prototype).every((key) => key === "__esModule");
}

/**
 * Reads the entries of a plain object.
 *
 * @param object The object.
 * @param refuse Called with the name of each property that is not an ordinary one, and what is wrong with it.
 * @returns Names and values of the others.
 */
export function ownEntries(object: object, refuse: (name: string, text: string) => void): [string, unknown][] {
  const entries: [string, unknown][] = [];
  for (const key of Reflect.ownKeys(object)) {
    const property = Reflect.getOwnPropertyDescriptor(object, key);
    if (property?.enumerable !== true) continue;
    if (typeof key === "symbol") refuse(key.toString(), "has a symbol for a name");
    else if (property.get === undefined && property.set === undefined) entries.push([key, property.value]);
    else refuse(key, "is a getter or setter, which is never run");
  }
  return entries;
}

/**
 * Reads options.
 *
 * @param object A plain object of options.
 * @param choices What each option may be.
 * @param refuse Called with each problem, in sentence case, without a full stop.
 * @returns The options that are set and right.
 */
export function readOptions(
  object: object,
  choices: ReadonlyMap<string, Choice>,
  refuse: (text: string) => void,
): Readonly<Record<string, unknown>> {
  const options: Record<string, unknown> = {};
  const refuseOption = (option: string, text: string) => refuse(`Option ${quote(option)} ${text}`);
  for (const [option, value] of ownEntries(object, refuseOption)) {
    const choice = choices.get(option);
    if (choice === undefined) refuseOption(option, `is unknown: the options are ${[...choices.keys()].join(", ")}`);
    else if (value !== undefined && !isChoice(value, choice)) refuseOption(option, `is not ${describe(choice)}`);
    else if (value !== undefined) options[option] = value;
  }
  return options;
}

function isChoice(value: unknown, choice: Choice): boolean {
  const type: string = typeof value;
  if (typeof choice === "string") return type === choice;
  return "is" in choice ? choice.is(value) : choice.includes(value);
}

function describe(choice: Choice): string {
  if (typeof choice === "string") return `a ${choice}`;
  return "is" in choice ? choice.what : choice.join(" or ");
}
