/**
 * Finding the import map and the policy, and saying where they were found.
 */
import { lstatSync, readFileSync } from "node:fs";
import process from "node:process";
import { dirname } from "@std/path/dirname";
import { fromFileUrl } from "@std/path/from-file-url";
import { join } from "@std/path/join";
import { resolve } from "@std/path/resolve";
import { toFileUrl } from "@std/path/to-file-url";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { parseImportMap } from "../import_map/mod.ts";
import type { ImportMap } from "../import_map/mod.ts";
import { parsePolicy } from "../permissions/mod.ts";
import type { Policy } from "../permissions/mod.ts";
import type { RuntimeAdapter } from "../runtime/types.ts";
import { parseStrictJson } from "../strict_json.ts";
import { blankComments } from "./jsonc.ts";
import type { HostOptions } from "./options.ts";

/** How the import map was chosen. */
export type FoundBy = "option" | "PLUGMAP_IMPORT_MAP" | "plugins.json" | "deno.json" | "deno.json importMap";

/** An import map, and where it is from. */
export interface FoundMap {
  readonly map: ImportMap;
  readonly foundBy: FoundBy;
  /** Path of the file, or undefined for an object. */
  readonly path: string | undefined;
  /** Folder that the policy and the store lie in by default. */
  readonly folder: string;
}

/** A policy, and where it is from. */
export interface FoundPolicy {
  readonly policy: Policy;
  /** Path of the file, or undefined for an object or where there is none. */
  readonly path: string | undefined;
}

const mapVariable = "PLUGMAP_IMPORT_MAP";

/**
 * @param given The option, if there is one.
 * @param report Receives what the import map standard only warns about.
 * @returns The map, or undefined when none was named and none was found.
 * @throws {PlugmapError} `import-map-missing` for one that was named and is not there, `import-map-invalid`.
 */
export function findImportMap(
  given: HostOptions<never>["importMap"],
  runtime: RuntimeAdapter,
  report: (warning: string) => void,
): FoundMap | undefined {
  const folder = process.cwd();
  const parse = (text: string, path: string): ImportMap => {
    const map = parseImportMap(text, toFileUrl(path), { report });
    requirePins(text, map);
    return map;
  };
  if (typeof given === "object" && !(given instanceof URL)) {
    return {
      map: parse(toJson(given), join(folder, "import_map.json")),
      foundBy: "option",
      path: undefined,
      folder,
    };
  }
  const take = (path: string, foundBy: FoundBy): FoundMap => {
    const text = readText(path, "import-map-missing", "The import map", runtime);
    const map = inFile(path, () => {
      // The standard takes the last of two equal keys; a map that says two things of one plugin is refused here.
      parseStrictJson(text, { code: "import-map-invalid", name: "The import map" });
      return parse(text, path);
    });
    return { map, foundBy, path, folder: dirname(path) };
  };
  if (given !== undefined) return take(pathOf(given, folder), "option");
  const named = environment(mapVariable, runtime);
  if (named !== undefined) return take(pathOf(named, folder), mapVariable);
  const plugins = join(folder, "plugins.json");
  if (exists(plugins, runtime)) return take(plugins, "plugins.json");
  const config = ["deno.json", "deno.jsonc"].map((name) => join(folder, name)).find((path) => exists(path, runtime));
  if (config !== undefined) {
    const { importMap, imports, scopes, integrity } = readConfig(config, runtime);
    // As Deno does: `importMap` beside `imports` has no effect.
    if (typeof importMap === "string" && imports === undefined) {
      return take(pathOf(importMap, dirname(config)), "deno.json importMap");
    }
    const text = JSON.stringify({ imports, scopes, integrity });
    return { map: inFile(config, () => parse(text, config)), foundBy: "deno.json", path: config, folder };
  }
  return undefined;
}

/**
 * The standard drops integrity metadata that it cannot use. Whoever wrote it believes that something is pinned, so here
 * it is an error.
 */
function requirePins(text: string, { integrity }: ImportMap): void {
  const written: unknown = new Map(Object.entries(JSON.parse(text))).get("integrity");
  if (Object.keys(written ?? {}).length === integrity.size) return;
  throw new PlugmapError("import-map-invalid", "Some integrity metadata of the import map cannot be used", {
    pointer: "/integrity",
    mend: 'Give each URL or path, which starts with "./", one string. A plugin is pinned by the URL of its manifest.',
  });
}

/** An import map that was given in code, as the text that it would have in a file. */
function toJson(map: object): string {
  try {
    return String(JSON.stringify(map));
  } catch (cause) {
    throw new PlugmapError("import-map-invalid", `The import map cannot be written as JSON: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** What to say when there is no import map and one is needed. */
export function missingImportMap(runtime: RuntimeAdapter): PlugmapError {
  const folder = process.cwd();
  const power = { name: "read", path: join(folder, "plugins.json") } as const;
  const blind = runtime.may(power) ? "" : ` Without ${runtime.flagFor(power)} the host cannot look for it.`;
  return new PlugmapError("import-map-missing", `There is no import map in ${quote(folder)}`, {
    mend: `Write a "plugins.json" there, pass "importMap" to createHost, or set ${mapVariable}.${blind}`,
  });
}

/**
 * @param given The option, if there is one.
 * @param folder Where the import map is.
 * @throws {PlugmapError} `policy-invalid`, also when a policy that was named is not there.
 */
export function findPolicy(
  given: HostOptions<never>["policy"],
  folder: string,
  runtime: RuntimeAdapter,
): FoundPolicy {
  if (typeof given === "object" && !(given instanceof URL)) {
    return {
      policy: parsePolicy(given, { base: toFileUrl(join(process.cwd(), "policy.json")).href }),
      path: undefined,
    };
  }
  const path = given === undefined ? join(folder, "plugins.policy.json") : pathOf(given, process.cwd());
  // A policy that may not be read is not one that is not there: it could ask for more than the default does.
  if (given === undefined && runtime.may({ name: "read", path }) && !exists(path, runtime)) {
    return { policy: parsePolicy({}, { base: toFileUrl(path).href }), path: undefined };
  }
  const text = readText(path, "policy-invalid", "The policy", runtime);
  return { policy: inFile(path, () => parsePolicy(text, { base: toFileUrl(path).href })), path };
}

/** Says in which file the trouble is: the user may not know which one was taken. */
export function inFile<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PlugmapError)) throw error;
    const { code, problem, pointer, mend, cause } = error;
    throw new PlugmapError(code, `In ${quote(path)}: ${problem}`, { pointer, mend, cause });
  }
}

/** A variable of the environment, if the host may see it. An empty one counts as none. */
export function environment(variable: string, runtime: RuntimeAdapter): string | undefined {
  if (!runtime.may({ name: "env", variable })) return undefined;
  return process.env[variable] || undefined;
}

export function pathOf(place: string | URL, folder: string): string {
  const isUrl = place instanceof URL || /^[a-z][a-z0-9+.-]+:/i.test(place);
  if (!isUrl) return resolve(folder, place);
  try {
    // Throws for text that is no URL, for other schemes, and for escapes that are no text.
    return fromFileUrl(new URL(place));
  } catch (cause) {
    throw new PlugmapError("option-invalid", `${quote(String(place))} is not the URL of a file on this machine`, {
      mend: "Keep what everything else is checked against, such as import map and policy, in files of the host's own.",
      cause,
    });
  }
}

/** Whether something is there. A link that leads nowhere is: it was meant to lead to what counts. */
export function exists(path: string, runtime: RuntimeAdapter): boolean {
  if (!runtime.may({ name: "read", path })) return false;
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // What cannot even be looked for is not passed over either: reading it will tell why.
    return true;
  }
}

export function readText(path: string, code: ErrorCode, what: string, runtime: RuntimeAdapter): string {
  if (!runtime.may({ name: "read", path })) {
    throw new PlugmapError(code, `${what} ${quote(path)} may not be read`, {
      mend: `Start the host with ${runtime.flagFor({ name: "read", path })}.`,
    });
  }
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new PlugmapError(code, `${what} ${quote(path)} cannot be read: ${messageOf(cause)}`, {
      mend: "Check the path; a relative one starts at the working directory.",
      cause,
    });
  }
}

function readConfig(path: string, runtime: RuntimeAdapter): Readonly<Record<string, unknown>> {
  const text = blankComments(readText(path, "import-map-invalid", "The configuration", runtime));
  return Object(parseStrictJson(text, { code: "import-map-invalid", name: `The configuration ${quote(path)}` }));
}
