import { PlugmapError, quote } from "../errors.ts";
import type { ModuleKind, SourceModule } from "./types.ts";

/**
 * What an import gets of a module: what the module's extension says, or its text where the import has the attribute
 * `type: "text"`. Runtimes know further types, some of which run code, and none of which both have.
 *
 * @param type The attribute, if the import has one.
 * @throws {PlugmapError} `module-unsupported` for a type that the module is not of.
 */
export function kindAs({ kind, url }: SourceModule, type: unknown): ModuleKind {
  if (type === "text") return "text";
  if (type === undefined || type === kind) return kind;
  throw new PlugmapError("module-unsupported", `${quote(url)} cannot be imported with type ${quote(String(type))}`, {
    mend: 'Leave the attribute out, or write "text" for the text of a file, "json" for a JSON file.',
  });
}
