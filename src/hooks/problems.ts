import { type ErrorCode, PlugmapError, quote } from "../errors.ts";

/** One thing that is wrong with what was handed in. */
export interface Problem {
  readonly code: ErrorCode;
  /** The hook it is about. */
  readonly hook?: string | undefined;
  /** What is wrong, in sentence case, without a full stop. */
  readonly text: string;
  /** What to do about it, in whole sentences. */
  readonly mend?: string;
}

/**
 * One error that tells all problems, so that they can be mended in one go.
 *
 * @param problems What was found: at least one.
 * @param fallback The code for problems of several codes.
 * @param plugin The plugin that was to be registered, if it is about one.
 * @returns The error.
 */
export function gathered(problems: readonly Problem[], fallback: ErrorCode, plugin?: string): PlugmapError {
  const mends = new Set(problems.flatMap(({ mend }) => mend ?? []));
  const context = { plugin, step: "register", mend: mends.size === 0 ? undefined : [...mends].join(" ") } as const;
  const first = problems[0]!;
  if (problems.length === 1) return new PlugmapError(first.code, first.text, { ...context, hook: first.hook });
  const code = problems.every((problem) => problem.code === first.code) ? first.code : fallback;
  if (problems.every(({ hook }) => hook === first.hook)) {
    return new PlugmapError(code, problems.map(({ text }) => text).join("; "), { ...context, hook: first.hook });
  }
  const texts = problems.map(({ hook, text }) => hook === undefined ? text : `Hook ${quote(hook)}: ${text}`);
  return new PlugmapError(code, texts.join("; "), context);
}
