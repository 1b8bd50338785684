import { parse } from "es-module-lexer";
import type { Import } from "es-module-lexer";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import { kindOf } from "../loader/mod.ts";

/** An import whose specifier is in the text of its module. */
export interface LiteralImport {
  readonly specifier: string;
  /** False for `import()`, which leads nowhere before it is reached. */
  readonly isStatic: boolean;
}

/**
 * The imports of a module with a literal specifier. Those of types alone are gone when it runs.
 *
 * @param name What the module is called: a path or URL, whose extension tells its kind.
 * @throws {PlugmapError} `module-invalid`, `module-unsupported`.
 */
export function readImports(name: string, bytes: Uint8Array): readonly LiteralImport[] {
  const kind = kindOf(name);
  if (kind === "json" || kind === "text") return [];
  let imports: readonly Import[];
  try {
    [imports] = parse(new TextDecoder().decode(bytes), name);
  } catch (cause) {
    throw new PlugmapError("module-invalid", `${quote(name)} cannot be parsed: ${messageOf(cause)}`, { cause });
  }
  return imports.flatMap((found) => {
    if (found.type === "import-meta") return [];
    const isStatic = found.type !== "dynamic";
    const isOfTypes = isStatic ? found.typeOnly : found.probablyTypeOnly;
    const isComputed = !isStatic && found.glob;
    return found.specifier === undefined || isOfTypes || isComputed ? [] : [{ specifier: found.specifier, isStatic }];
  });
}
