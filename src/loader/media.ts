import { PlugmapError, quote } from "../errors.ts";
import type { ModuleKind } from "../runtime/types.ts";

const kinds: ReadonlyMap<string, ModuleKind> = new Map<string, ModuleKind>([
  ["js", "javascript"],
  ["mjs", "javascript"],
  ["ts", "typescript"],
  ["mts", "typescript"],
  ["json", "json"],
]);

const unsupported: ReadonlyMap<string, string> = new Map([
  ["cjs", "CommonJS has no place in an ES module graph. Bundle it to one ES module."],
  ["cts", "CommonJS has no place in an ES module graph. Bundle it to one ES module."],
  ["jsx", "Compile JSX before you publish the plugin."],
  ["tsx", "Compile JSX before you publish the plugin."],
  ["wasm", "Put the bytes into a JavaScript module and instantiate them there."],
  ["node", "Native addons cannot be verified to stay in their permissions; call them from the host instead."],
]);

/**
 * What a file is when it is imported, by its extension alone: neither runtime shows the attributes of a computed
 * `import()`, and a server's content type is not under the manifest's hash. Files that are no code are text.
 *
 * @param address A path or URL.
 * @throws {PlugmapError} `module-unsupported` for extensions of code that cannot be linked on both runtimes.
 */
export function kindOf(address: string): ModuleKind {
  const [path = ""] = address.split(/[?#]/, 1);
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  const mend = unsupported.get(extension);
  if (mend !== undefined) {
    throw new PlugmapError("module-unsupported", `${quote(address)} is of a kind that plugins cannot import`, { mend });
  }
  return kinds.get(extension) ?? "text";
}
