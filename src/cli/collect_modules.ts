import { existsSync } from "node:fs";
import { fromFileUrl } from "@std/path/from-file-url";
import { PlugmapError, quote } from "../errors.ts";
import { parseImportMap, resolveSpecifier } from "../import_map/mod.ts";
import type { ImportMap } from "../import_map/mod.ts";
import { computeIntegrity } from "../integrity/mod.ts";
import { folderOf, pathOf, readFile } from "../loader/mod.ts";
import { faultOfPath } from "../manifest/addresses.ts";
import { defaultManifestLimits } from "../manifest/mod.ts";
import type { Manifest, ModuleRecord } from "../manifest/mod.ts";
import type { RuntimeAdapter } from "../runtime/types.ts";
import { readImports } from "./read_imports.ts";

/** A module to look at, and why. */
interface Wanted {
  readonly key: string;
  readonly reason: string;
}

/**
 * The modules of a plugin in its folder: all that its entry imports by name, directly or not, all that its own import
 * map names, and those listed before that are still there, which a computed import may need.
 *
 * @param manifest The manifest; what it says of the modules' hashes plays no part.
 * @throws {PlugmapError} Naming the importer: `fetch-failed` for an import of a file that is not there, `path-unsafe` for
 * one outside the folder, `module-invalid`, `module-unsupported`.
 */
export function collectModules(
  manifest: Manifest,
  manifestUrl: string,
  runtime: RuntimeAdapter,
): Map<string, ModuleRecord> {
  const folder = folderOf(pathOf(manifestUrl), runtime);
  const folderUrl = new URL(".", manifestUrl).href;
  const map = parseImportMap(JSON.stringify({ imports: Object.fromEntries(manifest.imports) }), manifestUrl);
  const found = new Map<string, ModuleRecord>();
  const wanted = rootsOf(manifest, manifestUrl);
  // An array is walked to its end, also over what is pushed meanwhile.
  for (const { key, reason } of wanted) {
    if (found.has(key)) continue;
    const url = new URL(key, manifestUrl).href;
    let reading = reason;
    try {
      const bytes = readFile(fromFileUrl(url), defaultManifestLimits.moduleBytes, folder);
      found.set(key, { integrity: computeIntegrity(bytes), size: bytes.length });
      for (const { specifier, isStatic } of readImports(key, bytes)) {
        reading = `${quote(key)} imports ${quote(specifier)}`;
        const target = resolve(specifier, map, url);
        if (target?.startsWith(folderUrl)) wanted.push({ key: keyOf(target, folderUrl), reason: reading });
        // One that runs only when it is reached is the loader's to refuse: the plugin may be ready for that.
        else if (target?.startsWith("file:") && isStatic) throw outside(target);
      }
    } catch (error) {
      const { code, problem, mend } = error as PlugmapError;
      throw new PlugmapError(code, `${reading}: ${problem}`, { mend, cause: error });
    }
  }
  return new Map([...found].sort(([left], [right]) => left < right ? -1 : 1));
}

/** What is part of the plugin whether anything imports it or not. */
function rootsOf({ entry, imports, modules }: Manifest, manifestUrl: string): Wanted[] {
  const roots = [{ key: entry, reason: `The entry is ${quote(entry)}` }];
  for (const [specifier, key] of imports) {
    const isFile = key.startsWith("./") && !key.endsWith("/");
    if (isFile) roots.push({ key, reason: `"imports" maps ${quote(specifier)} to ${quote(key)}` });
  }
  for (const key of modules.keys()) {
    const isThere = key.startsWith("./") && existsSync(fromFileUrl(new URL(key, manifestUrl)));
    if (isThere) roots.push({ key, reason: `"modules" lists ${quote(key)}` });
  }
  return roots;
}

/** Where a specifier leads, if it is a path, a URL or mapped. Other bare names are the loader's to grant or to refuse. */
function resolve(specifier: string, map: ImportMap, importer: string): string | undefined {
  try {
    return resolveSpecifier(specifier, map, importer);
  } catch {
    return undefined;
  }
}

/** What a manifest calls a file below its folder. */
function keyOf(url: string, folderUrl: string): string {
  const rest = url.slice(folderUrl.length);
  let key = `./${rest}`;
  try {
    key = `./${decodeURIComponent(rest)}`;
  } catch {
    // What is no escape stays as it is, and its percent sign is refused like any other in a path.
  }
  const fault = faultOfPath(key);
  if (fault !== undefined) throw new PlugmapError(fault.code, fault.text, { mend: fault.mend });
  if (new URL(key, folderUrl).href === url) return key;
  throw new PlugmapError("path-unsafe", `${quote(url)} is not how ${quote(key)} is spelt`, {
    mend: "Write the path without escapes.",
  });
}

function outside(url: string): PlugmapError {
  return new PlugmapError("path-unsafe", `${quote(url)} is outside the plugin's folder`, {
    mend: 'Put the module into the folder, or write "import type" if only its types are used.',
  });
}
