import { PlugmapError } from "../errors.ts";
import { type Choice, isPlainObject, readOptions } from "./options.ts";

/** What can be said when a plugin is registered. */
export interface RegisterOptions {
  /** Milliseconds that each of its implementations of async hooks may take; that of the hook holds if it is less. */
  readonly timeLimit?: number;
  /**
   * Takes the place of the plugin of that name, in the order of running as well. Until everything about the new one has
   * been found right, the old one stays. If there is none, the plugin is registered as any other.
   */
  readonly replace?: boolean;
  /**
   * Ends the wait for what recorded calls are replayed to, and with it the registration: nothing of the plugin is
   * registered then. Of use to `registerAsync` only, as nothing else waits.
   */
  readonly signal?: AbortSignal;
}

const choices: ReadonlyMap<string, Choice> = new Map<string, Choice>([
  ["timeLimit", { what: "a number of milliseconds", is: (value) => typeof value === "number" && value > 0 }],
  ["replace", [true, false]],
  ["signal", { what: "an AbortSignal", is: (value) => value instanceof AbortSignal }],
]);

/** @throws {PlugmapError} `hook-impl-invalid`. */
export function readRegisterOptions(plugin: string, options: unknown = {}): RegisterOptions {
  const found: string[] = [];
  const read = isPlainObject(options) ? readOptions(options, choices, (text) => found.push(text)) : undefined;
  if (read === undefined) found.push("The options are not a plain object");
  if (found.length > 0) throw new PlugmapError("hook-impl-invalid", found.join("; "), { plugin, step: "register" });
  return read as RegisterOptions;
}
