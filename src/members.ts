/** Reading the members of one object of a document, each of which is there or is missed. */
import { below, readRecord } from "./document.ts";
import type { Place, Problems } from "./document.ts";
import { quote } from "./errors.ts";

/** Reads one value, noting what is wrong with it. */
export type Read<Value> = (value: unknown, place: Place, problems: Problems) => Value;

/** The members of an object, by name. */
export interface Members {
  /** A member that must be there; undefined after noting that it is not. */
  required<Value>(name: string, read: Read<Value>): Value | undefined;
  /** A member that can be absent. */
  optional<Value>(name: string, read: Read<Value>): Value | undefined;
}

/**
 * @param known Names of all that the object can have; others are noted.
 * @returns The members; none after noting that the value is no object.
 */
export function readMembers(value: unknown, place: Place, known: readonly string[], problems: Problems): Members {
  const members = readRecord(value, place, known, problems);
  const optional = <Value>(name: string, read: Read<Value>): Value | undefined =>
    members?.has(name) ? read(members.get(name), below(place, name), problems) : undefined;
  const required = <Value>(name: string, read: Read<Value>): Value | undefined => {
    if (members?.has(name) === false) problems.add(below(place, name), `The member ${quote(name)} is missing`);
    return optional(name, read);
  };
  return { required, optional };
}
