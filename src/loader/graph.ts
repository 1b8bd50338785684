/**
 * The closed world of a plugin (threats T2 to T4): what an import in it leads to, and the refusal of everything else.
 */
import { PlugmapError, quote } from "../errors.ts";
import { parseImportMap, resolveSpecifier } from "../import_map/mod.ts";
import type { ImportMap } from "../import_map/mod.ts";
import type { Manifest } from "../manifest/mod.ts";
import { builtinRequirement, checkBuiltin } from "../permissions/mod.ts";
import { isAuthoringSpecifier } from "../runtime/authoring.ts";
import type { ImportTarget, LinkedPlugin, ModuleGraph } from "../runtime/types.ts";
import type { Located } from "./load_manifest.ts";
import type { Modules } from "./load_modules.ts";
import { urlOfModule } from "./module_url.ts";

const dependencyPrefix = "plugins/";

/**
 * @param linked The plugins that this one may import, already linked, by name; undefined for those of another process.
 * @param registry Base URL of the JSR registry, which `jsr:` modules are relative to.
 */
export function createGraph(
  { manifest, url }: Located,
  modules: Modules,
  linked: ReadonlyMap<string, LinkedPlugin | undefined>,
  registry: string,
): ModuleGraph {
  let map: ImportMap | undefined;
  let names: Names | undefined;
  return {
    plugin: manifest.name,
    entry: new URL(manifest.entry, url).href,
    modules,
    resolve: (specifier, importer) => {
      // Relative imports are nearly all there are, and no rule of a manifest's "imports" can be about them.
      if (/^\.{1,2}\//.test(specifier)) return listed(specifier, importer, URL.parse(specifier, importer)?.href);
      if (isAuthoringSpecifier(specifier)) return { kind: "authoring" };
      if (specifier.startsWith(dependencyPrefix)) return dependency(specifier, importer);
      const target = mapped(specifier, importer);
      // A bare name may be mapped; what has the scheme of a builtin is one.
      const isFree = target === undefined || /^(?:node|bun):/.test(target);
      if (isFree && builtinRequirement(specifier) !== undefined) return builtin(specifier, importer);
      return listed(specifier, importer, target);
    },
  };

  function builtin(specifier: string, importer: string): ImportTarget {
    try {
      checkBuiltin(specifier, manifest.permissions);
    } catch (error) {
      const { code, problem, mend } = error as PlugmapError;
      throw new PlugmapError(code, `In ${quote(name(importer))}: ${problem}`, { mend });
    }
    return { kind: "builtin", specifier: URL.parse(specifier)?.href ?? withScheme(specifier) };
  }

  function dependency(specifier: string, importer: string): ImportTarget {
    const wanted = specifier.slice(dependencyPrefix.length);
    const plugin = manifest.dependencies.has(wanted) ? linked.get(wanted) : undefined;
    if (plugin !== undefined) return { kind: "linked", plugin };
    if (linked.has(wanted)) {
      const problem = `${quote(name(importer))} imports ${quote(specifier)}, which runs in a process of its own`;
      throw new PlugmapError("module-unlisted", problem, {
        mend: 'Run both in tier "isolated", or both in "trusted".',
      });
    }
    if (manifest.dependencies.has(wanted)) {
      const problem = `${quote(name(importer))} imports ${quote(specifier)}, an optional dependency that is not there`;
      throw new PlugmapError("module-unlisted", problem, { mend: "Import it where its absence can be caught." });
    }
    throw unlisted(specifier, importer, `Add ${quote(wanted)} to "dependencies" in plugin.json.`);
  }

  function listed(specifier: string, importer: string, target: string | undefined): ImportTarget {
    if (target !== undefined && modules.has(target)) return { kind: "module", url: target };
    if (/^npm:/i.test(specifier)) {
      throw new PlugmapError("npm-refused", `${quote(name(importer))} imports ${quote(specifier)} from npm`, {
        mend:
          "Bundle the package into a module of the plugin; what npm would install at run time is not under its hashes.",
      });
    }
    const isPath = /^(?:\.{0,2}\/|file:)/.test(specifier);
    throw unlisted(
      specifier,
      importer,
      isPath
        ? 'Write the manifest anew with "plugmap hash", which lists every module of the folder.'
        : 'Map it to a listed module in "imports" of plugin.json, or bundle it into one.',
    );
  }

  /** Where the plugin's own import map leads; nowhere, if it does not. */
  function mapped(specifier: string, importer: string): string | undefined {
    map ??= importMapOf(manifest, url);
    names ??= namesOf(manifest, url, registry);
    try {
      const target = resolveSpecifier(specifier, map, importer);
      return names.targets.get(target) ?? target;
    } catch {
      return undefined;
    }
  }

  function unlisted(specifier: string, importer: string, mend: string): PlugmapError {
    return new PlugmapError(
      "module-unlisted",
      `${quote(name(importer))} imports ${quote(specifier)}, which the plugin's manifest does not list`,
      { mend },
    );
  }

  /** A module as the manifest calls it. */
  function name(module: string): string {
    names ??= namesOf(manifest, url, registry);
    return names.keys.get(module) ?? module;
  }
}

/** Only relative and mapped names resolve in a plugin: its own import map, and no one else's (threat T6). */
function importMapOf(manifest: Manifest, url: string): ImportMap {
  return parseImportMap(JSON.stringify({ imports: Object.fromEntries(manifest.imports) }), url);
}

interface Names {
  /** From the URL of a module to its key in the manifest. */
  readonly keys: ReadonlyMap<string, string>;
  /** From a `jsr:` URL to that of the file. */
  readonly targets: ReadonlyMap<string, string>;
}

function namesOf(manifest: Manifest, manifestUrl: string, registry: string): Names {
  const keys = new Map<string, string>();
  const targets = new Map<string, string>();
  for (const key of manifest.modules.keys()) {
    const url = urlOfModule(key, manifestUrl, registry);
    keys.set(url, key);
    if (key.startsWith("jsr:")) targets.set(new URL(key).href, url);
  }
  return { keys, targets };
}

function withScheme(specifier: string): string {
  return specifier === "bun" ? specifier : `node:${specifier}`;
}
