import { type Place, type Problems, readString } from "../document.ts";
import { quote } from "../errors.ts";

/** What {@linkcode isPluginName} checks, in words. */
const rule: string =
  `A name has at most 214 characters: lower-case letters, digits, "-", "_" and ".", the first and last a letter or digit, and perhaps a scope such as "@acme/" before them.`;

const longest = 214;
const pattern = /^(?:@[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\/)?[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/;

/**
 * Whether a plugin can have this name. The rule is that of npm and JSR names, so that a name can be a file name, a part
 * of a URL and a key of an import map without an escape. `constructor` is an ordinary name; `__proto__` breaks the rule.
 *
 * @param name The name.
 * @returns Whether it fits the rule.
 *
 * @example Tell names apart
 * ```ts
 * import { isPluginName } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["weather", "@acme/weather", "constructor", "__proto__", "Weather"].map(isPluginName), [
 *   true,
 *   true,
 *   true,
 *   false,
 *   false,
 * ]);
 * ```
 */
export function isPluginName(name: string): boolean {
  return name.length <= longest && pattern.test(name);
}

/** The member of a document that is a plugin's name, or `undefined` after noting that it is none. */
export function readPluginName(value: unknown, place: Place, problems: Problems): string | undefined {
  const name = readString(value, place, problems);
  if (name === undefined || isPluginName(name)) return name;
  problems.add(place, `${quote(name)} cannot name a plugin`, { mend: rule });
  return undefined;
}
