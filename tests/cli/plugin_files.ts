/**
 * The files of plugins that lie beside each other.
 *
 * @module
 */
import { manifestOf } from "../support/plugin_folder.ts";
import type { Files } from "../support/plugin_folder.ts";

/**
 * A plugin in a folder of its name.
 *
 * @param overrides Members of its manifest that differ.
 * @param modules Its modules; the first one is the entry.
 */
export function pluginFiles(
  name: string,
  overrides: Readonly<Record<string, unknown>> = {},
  modules: Files = { "main.ts": "export default {};\n" },
): Files {
  const manifest = JSON.stringify(manifestOf(modules, { name, ...overrides }), null, 2);
  const files = Object.entries({ ...modules, "plugin.json": manifest });
  return Object.fromEntries(files.map(([path, content]) => [`${name}/${path}`, content]));
}
