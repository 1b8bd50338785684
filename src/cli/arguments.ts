import { parseArgs } from "node:util";
import { closest } from "../document.ts";
import { PlugmapError, quote } from "../errors.ts";

/** Whether an option stands alone or has a value. */
export type OptionKind = "flag" | "value";

/** What a command line says behind the command. */
export interface Arguments {
  readonly operands: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
}

/** What to do about a command line that is not one. */
export const seeHelp = 'Run "plugmap --help".';

/**
 * Reads what stands behind a command.
 *
 * @throws {PlugmapError} `usage` for an option that the command does not have: if it were ignored, a policy or a check
 * that was asked for would silently not apply.
 */
export function readArguments(args: readonly string[], options: ReadonlyMap<string, OptionKind>): Arguments {
  const operands: string[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string>();
  for (const token of tokensOf(args, options)) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const kind = options.get(name);
    if (kind === undefined) throw unknownOption(name, rawName, options);
    if (kind === "flag") {
      if (value !== undefined) throw usage(`Option ${quote(rawName)} takes no value`);
      flags.add(name);
    } else {
      if (!value || (!token.inlineValue && value.startsWith("-"))) {
        throw usage(`Option ${quote(rawName)} needs a value`);
      }
      values.set(name, value);
    }
  }
  return { operands, flags, values };
}

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];

/** The parser's own complaints differ between runtimes and run over several lines, so it only takes the line apart. */
function tokensOf(args: readonly string[], options: ReadonlyMap<string, OptionKind>): readonly Token[] {
  const types = [...options].map(([name, kind]) =>
    [name, { type: kind === "flag" ? "boolean" : "string" } as const] as const
  );
  const config = { args: [...args], options: Object.fromEntries(types), allowPositionals: true };
  return parseArgs({ ...config, strict: false, tokens: true }).tokens;
}

function unknownOption(name: string, rawName: string, options: ReadonlyMap<string, OptionKind>): PlugmapError {
  const meant = closest(name, options.keys());
  return usage(`There is no option ${quote(rawName)} here`, meant && `Did you mean ${quote(`--${meant}`)}?`);
}

/** What is wrong with a command line. */
export function usage(problem: string, mend: string = seeHelp): PlugmapError {
  return new PlugmapError("usage", problem, { mend });
}
