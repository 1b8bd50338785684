import { PlugmapError } from "../errors.ts";
import { type Choice, isPlainObject, readOptions } from "./options.ts";

/** What can be said about a dispatcher. */
export interface DispatcherOptions {
  /**
   * Whether plugins may implement hooks that nobody has declared yet, as in pluggy. They wait for
   * {@linkcode Dispatcher.addSpecs}, and {@linkcode Dispatcher.checkPending} tells whether some still do. Without it, an
   * unknown hook is an error at once, as in pluginkit, unless the implementation is optional.
   */
  readonly lateSpecs?: boolean;
  /**
   * Gets what is worth telling and ends no call: deprecations, missing arguments, failures that the spec isolates, and
   * failures of monitors. Written to the console as a warning unless given.
   */
  readonly onDiagnostic?: (diagnostic: PlugmapError) => void;
  /**
   * Whether hooks that are called often may be compiled from text, which makes them faster; that is the default. Where
   * the runtime forbids it (`--disallow-code-generation-from-strings`), it is not done either way.
   */
  readonly codeGeneration?: boolean;
}

const choices: ReadonlyMap<string, Choice> = new Map<string, Choice>([
  ["lateSpecs", [true, false]],
  ["onDiagnostic", "function"],
  ["codeGeneration", [true, false]],
]);

/** @throws {PlugmapError} `option-invalid`. */
export function readDispatcherOptions(options: unknown): Required<DispatcherOptions> {
  const found: string[] = [];
  const read = isPlainObject(options) ? readOptions(options, choices, (text) => found.push(text)) : undefined;
  if (read === undefined) found.push("The options are not a plain object");
  if (found.length > 0) throw new PlugmapError("option-invalid", found.join("; "));
  const { onDiagnostic = warn, lateSpecs = false, codeGeneration = true } = read as DispatcherOptions;
  const report = (diagnostic: PlugmapError) => {
    try {
      onDiagnostic(diagnostic);
    } catch {
      // Whoever listens must not be able to break the call that is told about.
    }
  };
  return { onDiagnostic: report, lateSpecs, codeGeneration };
}

function warn({ message }: PlugmapError): void {
  console.warn(message);
}
