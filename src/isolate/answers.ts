import { errorCodes, PlugmapError, printable } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import type { Answer } from "./messages.ts";

/** @throws {PlugmapError} What the answer says went wrong. */
export function valueOf<Value>(answer: Answer<Value>): Value {
  if ("value" in Object(answer)) return (answer as { readonly value: Value }).value;
  throw failureIn(answer);
}

/** What a process says of its failure is data of the plugin's. What happens to its process is for the host to tell. */
export function failureIn(answer: unknown): PlugmapError {
  const { code, problem, pointer, mend, cause } = Object(Object(answer).failure);
  return new PlugmapError(
    isCode(code) && !code.startsWith("isolate-") ? code : "isolate-protocol",
    textOf(problem) ?? "The process does not say what went wrong",
    { pointer: textOf(pointer), mend: textOf(mend), cause },
  );
}

const longest = 10_000;

function isCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(errorCodes, code);
}

/** A text, cut where it is longer than any of ours. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? printable(value, longest) : undefined;
}
