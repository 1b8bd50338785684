import { parse } from "es-module-lexer";
import type { Import } from "es-module-lexer";
import { PlugmapError, quote } from "../errors.ts";
import { mayImport, rewritableText } from "./bun_text.ts";
import type { ModuleImports, SourceModule } from "./types.ts";

const decoder: TextDecoder = new TextDecoder();

/**
 * Where imports stand in a text.
 *
 * @throws {PlugmapError} `module-invalid` for text that is no module.
 */
export function lexImports(text: string, url: string): readonly Import[] {
  try {
    return parse(text, url)[0];
  } catch (error) {
    const { line, column } = positionOf(text, (error as { idx?: number }).idx ?? 0);
    throw new PlugmapError("module-invalid", `${quote(url)} cannot be parsed at line ${line}, column ${column}`, {
      cause: error,
    });
  }
}

function positionOf(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/**
 * A module with its imports, for a process that has no lexer: to compile that takes longer than all else that a small
 * plugin needs.
 */
export function withImports(module: SourceModule): SourceModule {
  if (module.kind !== "javascript" && module.kind !== "typescript") return module;
  const text = rewritableText(decoder.decode(module.bytes));
  return mayImport(text) ? { ...module, imports: importsOf(text, module.url) } : module;
}

function importsOf(text: string, url: string): ModuleImports {
  try {
    return { found: lexImports(text, url) };
  } catch (error) {
    // The module may never be loaded.
    return { problem: (error as PlugmapError).problem };
  }
}
