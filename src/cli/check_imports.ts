import type { PluginRecord } from "../host/mod.ts";
import { createGraph } from "../loader/mod.ts";
import type { LinkedPlugin } from "../runtime/types.ts";
import { readImports } from "./read_imports.ts";

/** Stands for a plugin that could be imported; nothing is ever run here. */
const unlinked: LinkedPlugin = { evaluate: () => Promise.resolve({}), unlink: () => {} };

/**
 * Follows the static imports of a plugin from its entry on, as running it would, without running it.
 *
 * @param dependencies Names of the plugins that this one may import.
 * @param registry Base URL of the JSR registry.
 * @throws {PlugmapError} What the loader would refuse: `module-unlisted`, `builtin-denied`, `npm-refused`; `module-invalid`.
 */
export function checkImports(
  { file, modules }: NonNullable<PluginRecord["prepared"]>,
  dependencies: readonly string[],
  registry: string,
): void {
  const graph = createGraph(file, modules, new Map(dependencies.map((name) => [name, unlinked])), registry);
  const reached = new Set([graph.entry]);
  // A set is walked in the order of insertion, also over what is added meanwhile.
  for (const url of reached) {
    for (const { specifier, isStatic } of readImports(url, modules.get(url)!.bytes)) {
      if (!isStatic) continue;
      const target = graph.resolve(specifier, url);
      if (target.kind === "module") reached.add(target.url);
    }
  }
}
