import { below, describe, type Place, Problems, readRecord, readString, readTable } from "../document.ts";
import { PlugmapError, quote } from "../errors.ts";
import { readMembers } from "../members.ts";
import { decodeUtf8, type DocumentKind, parseStrictJson } from "../strict_json.ts";
import { faultOfPath } from "./addresses.ts";
import { engineNames } from "./engines.ts";
import { readHooks } from "./impls.ts";
import { readImports } from "./imports.ts";
import { manifestLimits } from "./limits.ts";
import { readModules } from "./modules.ts";
import { readPluginName } from "./names.ts";
import type { Dependency, EngineName, Manifest, ManifestOptions, ModuleRecord } from "./types.ts";
import { readRange, readVersion } from "./versions.ts";

const document: DocumentKind = { code: "manifest-invalid", name: "The manifest" };

/** All that a manifest can say. */
export const manifestMembers: readonly string[] = [
  "$schema",
  "name",
  "version",
  "description",
  "author",
  "license",
  "entry",
  "engines",
  "dependencies",
  "imports",
  "permissions",
  "hooks",
  "modules",
];

/** All that a dependency can say, where it says more than a range. */
export const dependencyMembers: readonly string[] = ["version", "optional"];

/**
 * Parses a manifest and checks all of it: nothing unknown, nothing twice, nothing that leads out of the plugin.
 *
 * What a manifest says is `schema/plugin.schema.json`; what a schema cannot say is checked as well, such as that paths
 * differ where case does not count and that the entry is one of the modules. Every problem is told, up to a few.
 *
 * @param bytes The manifest as it was hashed.
 * @param options What reads the permissions, and caps.
 * @returns The manifest. It and all in it is frozen.
 * @throws {PlugmapError} With the JSON pointer of the place: `manifest-invalid`, `manifest-too-large`, `path-unsafe`,
 * `integrity-missing`, `integrity-invalid`, `permission-invalid`, `npm-refused` or `scheme-unsupported`. `option-invalid`
 * for a cap that is no number.
 *
 * @example Read a manifest
 * ```ts
 * import { parseManifest, readPermissions } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const manifest = parseManifest(
 *   new TextEncoder().encode(`{
 *     "name": "weather",
 *     "version": "1.0.0",
 *     "entry": "./mod.ts",
 *     "permissions": { "net": ["api.weather.example:443"] },
 *     "modules": {
 *       "./mod.ts": { "integrity": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "size": 0 }
 *     }
 *   }`),
 *   { readPermissions },
 * );
 *
 * assertEquals(manifest.entry, "./mod.ts");
 * assertEquals(manifest.permissions.net, ["api.weather.example:443"]);
 * assertEquals(manifest.modules.get("./mod.ts")?.size, 0);
 * ```
 */
export function parseManifest(bytes: Uint8Array, options: ManifestOptions): Manifest {
  const limits = manifestLimits(options.limits);
  if (bytes.byteLength > limits.manifestBytes) {
    throw new PlugmapError(
      "manifest-too-large",
      `The manifest has ${bytes.byteLength} bytes, and ${limits.manifestBytes} is the cap`,
      { pointer: "", mend: 'List fewer modules, or raise the host\'s limit "manifestSize".' },
    );
  }
  const problems = new Problems(document.code);
  const value = parseStrictJson(decodeUtf8(bytes, document), document);
  const { required, optional } = readMembers(value, "", manifestMembers, problems);

  optional("$schema", readString);
  const name = required("name", readPluginName);
  const version = required("version", readVersion);
  const description = optional("description", readString);
  const author = optional("author", readString);
  const license = optional("license", readString);
  const modules = required("modules", (value, place) => readModules(value, place, limits, problems)) ?? new Map();
  const entry = required("entry", (value, place) => readEntry(value, place, modules, problems));
  const engines = optional("engines", readEngines);
  const dependencies = optional("dependencies", readDependencies);
  const imports = optional("imports", (value, place) => readImports(value, place, modules, problems));
  const permissions = optional("permissions", options.readPermissions) ??
    options.readPermissions({}, "/permissions", problems);
  const declared = optional("hooks", (value, place) => readHooks(value, place, name, problems));

  problems.throwIfAny();
  return Object.freeze({
    name: name!,
    version: version!,
    description,
    author,
    license,
    entry: entry!,
    engines: engines ?? new Map(),
    dependencies: dependencies ?? new Map(),
    imports: imports ?? new Map(),
    permissions,
    hooks: declared?.hooks,
    impls: declared?.impls,
    modules,
  });
}

function readEntry(
  value: unknown,
  place: Place,
  modules: ReadonlyMap<string, ModuleRecord>,
  problems: Problems,
): string | undefined {
  const entry = readString(value, place, problems);
  if (entry === undefined) return undefined;
  const fault = faultOfPath(entry);
  if (fault !== undefined) {
    problems.add(place, fault.text, fault);
  } else if (!modules.has(entry)) {
    problems.add(place, `The entry ${quote(entry)} is not among "modules"`, {
      mend: "List it there with its integrity and size.",
    });
  }
  return entry;
}

function readEngines(value: unknown, place: Place, problems: Problems): ReadonlyMap<EngineName, string> {
  const engines = new Map<EngineName, string>();
  const members = readRecord(value, place, engineNames, problems);
  for (const name of engineNames) {
    if (!members?.has(name)) continue;
    const range = readRange(members.get(name), below(place, name), problems);
    if (range !== undefined) engines.set(name, range);
  }
  return engines;
}

function readDependencies(value: unknown, parent: Place, problems: Problems): ReadonlyMap<string, Dependency> {
  const dependencies = new Map<string, Dependency>();
  for (const [name, member] of readTable(value, parent, problems) ?? []) {
    const place = below(parent, name);
    readPluginName(name, place, problems);
    const dependency = readDependency(member, place, problems);
    if (dependency !== undefined) dependencies.set(name, dependency);
  }
  return dependencies;
}

function readDependency(value: unknown, place: Place, problems: Problems): Dependency | undefined {
  if (typeof value === "string") {
    const version = readRange(value, place, problems);
    return version === undefined ? undefined : Object.freeze({ version, optional: false });
  }
  const members = readRecord(value, place, dependencyMembers, problems);
  if (members === undefined) return undefined;
  const version = readRange(members.get("version"), below(place, "version"), problems);
  const optional = members.has("optional") ? members.get("optional") : false;
  if (typeof optional !== "boolean") {
    problems.add(below(place, "optional"), `Expected true or false, found ${describe(optional)}`);
    return undefined;
  }
  return version === undefined ? undefined : Object.freeze({ version, optional });
}
