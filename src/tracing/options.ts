import { PlugmapError, quote } from "../errors.ts";

/** @throws {PlugmapError} `option-invalid` for anything but an object with none but known options. */
export function requireOptions(options: unknown, ...known: readonly string[]): void {
  if (typeof options !== "object" || options === null) throw invalid("The options are not an object");
  const unknown = Object.keys(options).find((option) => !known.includes(option));
  if (unknown === undefined) return;
  throw invalid(`Option ${quote(unknown)} is unknown: the options are ${known.join(", ")}`);
}

/** @throws {PlugmapError} `option-invalid` for anything but a function. */
export function requireFunction(what: string, value: unknown): void {
  if (typeof value !== "function") throw invalid(`${what} is not a function`);
}

/** @throws {PlugmapError} `option-invalid` for anything but an object with the methods. */
export function requireMethods(what: string, value: unknown, methods: readonly string[], mend?: string): void {
  const lacks = (method: string) => typeof (value as Record<string, unknown>)[method] !== "function";
  if (typeof value !== "object" || value === null || methods.some(lacks)) {
    throw invalid(`${what} has no ${methods.join(" and no ")}`, mend);
  }
}

/** The error for what cannot be worked with. */
export function invalid(problem: string, mend?: string): PlugmapError {
  return new PlugmapError("option-invalid", problem, { mend });
}
