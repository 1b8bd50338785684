import { dirname } from "@std/path/dirname";
import { fromFileUrl } from "@std/path/from-file-url";
import type { ModuleGraph, SourceModule } from "./types.ts";

/** What `import.meta` is in a plugin's module, on every runtime. */
export interface ModuleMeta {
  /** True URL of the module. */
  readonly url: string;
  /** False: no plugin is the program. */
  readonly main: boolean;
  /** Path of a module that is a file. */
  readonly filename?: string;
  /** Folder of a module that is a file. */
  readonly dirname?: string;
  /** What an import of the specifier leads to: a URL, or the specifier itself for what has none. */
  resolve(specifier: unknown): string;
}

/** The `import.meta` of a module. */
export function metaOf({ url }: SourceModule, graph: ModuleGraph): ModuleMeta {
  const resolve = (specifier: unknown): string => {
    const target = graph.resolve(`${specifier}`, url);
    if (target.kind === "module") return target.url;
    return target.kind === "builtin" ? target.specifier : `${specifier}`;
  };
  if (!url.startsWith("file:")) return { url, main: false, resolve };
  const filename = fromFileUrl(url);
  return { url, main: false, filename, dirname: dirname(filename), resolve };
}
