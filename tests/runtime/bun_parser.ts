/**
 * The parser of Bun, for tests of what rests on it.
 *
 * @module
 */
import process from "node:process";
import { lexImports } from "../../src/runtime/bun_lex.ts";
import { rewriteModule } from "../../src/runtime/bun_rewrite.ts";
import type { BunParser } from "../../src/runtime/bun_rewrite.ts";

/** Whether the tests run on Bun. */
export const isBun: boolean = "bun" in process.versions;

type Transpiler = new (options: { loader: string }) => BunParser;

/** Bun's own parser. Elsewhere one that finds nothing, for what does not rest on a second opinion. */
export function parserFor(loader: "ts" | "js"): BunParser {
  if (!isBun) return { scanImports: () => [], transformSync: () => "" };
  const { Transpiler } = (globalThis as unknown as { Bun: { Transpiler: Transpiler } }).Bun;
  return new Transpiler({ loader });
}

/** Rewrites a text so that every specifier becomes `plugmap:<specifier>`. */
export function rewrite(text: string, loader: "ts" | "js" = "ts"): string {
  const rename = (specifier: string): string => `plugmap:${specifier}`;
  const url = "file:///main.ts";
  const lex = (lexed: string) => lexImports(lexed, url);
  return rewriteModule(text, { url, lex, support: () => "plugmap:support", rename }, parserFor(loader));
}
