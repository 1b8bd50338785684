import { messageOf, PlugmapError, printable, quote } from "../errors.ts";
import { withUrls } from "./identity.ts";

/**
 * What running a plugin's modules threw, as one of our errors. Anything can be thrown, also what throws when it is
 * looked at.
 *
 * @param explain Tells what a runtime means by an error of its own; what it throws counts as nothing.
 */
export function failureOf(thrown: unknown, explain: (thrown: object) => PlugmapError | undefined): PlugmapError {
  try {
    if (thrown instanceof PlugmapError) return thrown;
    const explained = typeof thrown === "object" && thrown !== null ? explain(thrown) : undefined;
    if (explained !== undefined) return explained;
  } catch {
    // A proxy, or a getter, of the plugin's.
  }
  return new PlugmapError("module-invalid", withUrls(messageOf(thrown)), { cause: thrown });
}

/** A place in a module. */
export interface Place {
  readonly url: string;
  readonly line?: number;
  readonly column?: number;
}

/** A module that is none, and where it stops being one. */
export function invalidModule(problem: string, { url, line, column }: Place, cause: unknown): PlugmapError {
  // Numbers for certain: a plugin can throw what looks like an error of a parser's.
  const place = line === undefined ? "" : `, line ${Number(line)}, column ${Number(column ?? 1)}`;
  const told = withUrls(problem).replace(/\.$/, "");
  return new PlugmapError("module-invalid", `${printable(told)} in ${quote(url)}${place}`, { cause });
}
