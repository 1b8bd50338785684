import { PlugmapError, quote } from "../errors.ts";
import { isWrapper, type RegisteredImpl } from "./impl.ts";
import type { Problem } from "./problems.ts";
import type { AnyHookSpec } from "./spec.ts";

/** What is wrong with an implementation by the spec of its hook. */
export function problemsOf(impl: RegisteredImpl, spec: AnyHookSpec): Problem[] {
  const problems: Problem[] = [];
  const say = (wrong: boolean, text: string) =>
    wrong && problems.push({ code: "hook-impl-invalid", hook: impl.hook, text });
  const tag = tagOf(impl.run);
  const isSync = !spec.async;
  const isGenerator = tag === "GeneratorFunction" || (!isSync && tag === "AsyncGeneratorFunction");
  const needsGenerator = impl.kind === "generator" || impl.kind === "outcome";
  // The call would find out as well, but this is when the plugin's author is looking.
  say(isSync && tag === "AsyncFunction", "The implementation is an async function, but the hook is sync");
  say(needsGenerator && !isGenerator, `The wrapper is no generator function${isSync ? " for a sync hook" : ""}`);
  say(isWrapper(impl) && spec.historic !== undefined, "A historic hook takes no wrapper, because it has no result");
  const unknown = undeclaredArgs(impl, spec);
  say(unknown.length > 0, `The spec does not declare ${listed(unknown)}: its "args" are ${listed(spec.args ?? [])}`);
  return problems;
}

/** The arguments that an implementation takes, and the spec does not declare although it declares some. */
export function undeclaredArgs({ args = [] }: RegisteredImpl, { args: declared }: AnyHookSpec): readonly string[] {
  return declared === undefined ? [] : args.filter((name) => !declared.includes(name));
}

function listed(names: readonly string[]): string {
  return names.map(quote).join(", ");
}

/** The name of the kind of function, which holds for functions of other realms as well. */
function tagOf(run: unknown): string {
  return Object.prototype.toString.call(run).slice("[object ".length, -1);
}

/** What is to be told about an implementation that does fit, but will not for ever. */
export function deprecationsOf(impl: RegisteredImpl, { deprecated, deprecatedArgs = {} }: AnyHookSpec): PlugmapError[] {
  const context = { plugin: impl.plugin, hook: impl.hook, step: "register" } as const;
  const say = (what: string, text: string) =>
    new PlugmapError("hook-deprecated", `${what} is deprecated: ${text}`, context);
  const found = deprecated === undefined ? [] : [say("The hook", deprecated)];
  for (const argument of impl.args ?? []) {
    const text = deprecatedArgs[argument];
    if (text !== undefined) found.push(say(`Argument ${quote(argument)}`, text));
  }
  return found;
}
