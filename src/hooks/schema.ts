import { quote } from "../errors.ts";

/**
 * A schema of any library that follows the Standard Schema specification, version 1 (Zod, Valibot, ArkType and others).
 */
export interface StandardSchema<Output = unknown> {
  /** What the specification asks for. */
  readonly "~standard": {
    /** Version of the specification. */
    readonly version: 1;
    /** Name of the library. */
    readonly vendor: string;
    /** Gives the validated value, or what is wrong with it. */
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
  };
}

/** What a Standard Schema says of a value. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that is wrong with a value. */
export interface StandardIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where in the value. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Whether a value looks like a schema, which some libraries make as functions. */
export function isStandardSchema(value: unknown): boolean {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  const standard = (value as { "~standard"?: { validate?: unknown } })["~standard"];
  return typeof standard === "object" && standard !== null && typeof standard.validate === "function";
}

/**
 * What a schema made of a value.
 *
 * @param subject What the value is, and that it breaks, in sentence case, for the message.
 * @param refuse Makes the error to throw.
 * @param fits Whether that value can be used.
 * @returns The value that takes the place of the validated one.
 */
export function accepted(
  result: StandardResult<unknown>,
  subject: string,
  refuse: (problem: string) => unknown,
  fits: (value: unknown) => boolean = () => true,
): unknown {
  if (result.issues === undefined) {
    if (fits(result.value)) return result.value;
    throw refuse("The schema of the hook made something else of the arguments");
  }
  const issues = result.issues.map(({ message, path = [] }) => `${pathText(path)}${quote(message)}`);
  throw refuse(`${subject} the schema of the hook: ${issues.join(", ")}`);
}

function pathText(path: readonly (PropertyKey | { readonly key: PropertyKey })[]): string {
  if (path.length === 0) return "";
  return `at ${quote(path.map((part) => String(typeof part === "object" ? part.key : part)).join("."))} `;
}
