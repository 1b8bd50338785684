import { stripTypeScriptTypes } from "node:module";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import { kindAs } from "./attributes.ts";
import { invalidModule } from "./failure.ts";
import { nameSourceInMap } from "./source_map.ts";
import type { SourceModule } from "./types.ts";
import { unusedName } from "./unused_name.ts";
import { dropUnusedImports } from "./unused_imports.ts";

/** What a load hook of Deno's answers with. */
export interface DenoSource {
  readonly format: "module" | "json";
  readonly source: string;
}

/** The name of the channel that completes `import.meta`. */
export const metaChannel = "plugmap:meta";

const decoder: TextDecoder = new TextDecoder();

/**
 * A module in the form in which Deno runs it.
 *
 * @param type The attribute of the import, if it has one.
 * @param identity What stack traces call the module.
 * @throws {PlugmapError} `module-invalid` when it cannot be parsed, `module-unsupported` when it is not of the type.
 */
export function sourceOf(module: SourceModule, type: unknown, identity: string): DenoSource {
  const text = decoder.decode(module.bytes);
  switch (kindAs(module, type)) {
    case "typescript":
      return { format: "module", source: withMeta(stripTypes(text, module.url, identity)) };
    case "javascript":
      return { format: "module", source: withMeta(withoutForeignMap(text)) };
    case "json":
      return type === undefined
        ? exporting(`JSON.parse(${JSON.stringify(checkJson(text, module.url))})`)
        : { format: "json", source: checkJson(text, module.url) };
    case "text":
      // The type of `format` does not know "text" yet; Deno does.
      return type === undefined ? exporting(JSON.stringify(text)) : { format: "text" as "json", source: text };
  }
}

/** Without an attribute only JavaScript will do. */
function exporting(expression: string): DenoSource {
  return { format: "module", source: `export default ${expression};` };
}

/**
 * Deno makes `import.meta` from the identity. A module that uses it hands it over to be completed before anything else
 * of the module runs; within its first line, so that the lines keep their numbers.
 */
function withMeta(code: string): string {
  if (!code.includes("meta")) return code;
  const channel = unusedName(code);
  const hashbang = /^#!.*\s/.exec(code)?.[0] ?? "";
  const handOver = `import { channel as ${channel} } from "node:diagnostics_channel"; ` +
    `${channel}("${metaChannel}").publish(import.meta); `;
  return hashbang + handOver + code.slice(hashbang.length);
}

/**
 * To tell where an error is from, Deno reads the file that a comment names as the source map, without a question to
 * anyone. Of several such comments the last counts, and an empty one names nothing.
 */
function withoutForeignMap(code: string): string {
  return /sourceMappingURL=(?!data:)/.test(code) ? `${code}\n//# sourceMappingURL=` : code;
}

function stripTypes(text: string, url: string, identity: string): string {
  try {
    // Blanks out the types: every line and column stays where the author wrote it.
    const code = dropUnusedImports(stripTypeScriptTypes(withoutForeignMap(text)));
    if (code !== undefined) return code;
  } catch {
    // Enums, namespaces and parameter properties produce code; errors are told better below.
  }
  return transformTypes(text, url, identity);
}

/** Code is produced, so positions move and a source map has to tell them. */
function transformTypes(text: string, url: string, identity: string): string {
  try {
    // Node 26 dropped this mode, and its types with it; Deno keeps it.
    const options = { mode: "transform" as "strip", sourceMap: true };
    return nameSourceInMap(stripTypeScriptTypes(text, options), identity);
  } catch (error) {
    // "SyntaxError: Expression expected", an excerpt of the text, and the place at the end.
    const message = String((error as Error).message);
    const problem = /^(?:\w*Error: )?(.*)/.exec(message)![1]!;
    const [, line = "1", column = "1"] = /:(\d+):(\d+)\s*$/.exec(message) ?? [];
    throw invalidModule(problem, { url, line: Number(line), column: Number(column) }, error);
  }
}

function checkJson(text: string, url: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new PlugmapError("module-invalid", `${quote(url)} is not JSON: ${messageOf(error)}`, { cause: error });
  }
}
