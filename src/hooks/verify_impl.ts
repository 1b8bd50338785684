import { PlugmapError, quote } from "../errors.ts";
import { isWrapper, none, type RegisteredImpl, tagOf } from "./impl.ts";
import type { Problem } from "./problems.ts";
import type { AnyHookSpec } from "./spec.ts";

/** What is wrong with an implementation by the spec of its hook. */
export function problemsOf(impl: RegisteredImpl, spec: AnyHookSpec): Problem[] {
  const problems: Problem[] = [];
  const say = (text: string) => problems.push({ code: "hook-impl-invalid", hook: impl.hook, text });
  const tag = tagOf(impl.run);
  const isSync = !spec.async;
  const isGenerator = tag === "GeneratorFunction" || (!isSync && tag === "AsyncGeneratorFunction");
  const needsGenerator = impl.kind === "generator" || impl.kind === "outcome";
  // The call would find out as well, but this is when the plugin's author is looking.
  if (isSync && tag === "AsyncFunction") say("The implementation is an async function, but the hook is sync");
  if (needsGenerator && !isGenerator) say(`The wrapper is no generator function${isSync ? " for a sync hook" : ""}`);
  if (isWrapper(impl) && spec.historic !== undefined) {
    say("A historic hook takes no wrapper, because it has no result");
  }
  const unknown = undeclaredArgs(impl, spec);
  if (unknown.length > 0) say(`The spec does not declare ${listed(unknown)}: its "args" are ${listed(spec.args!)}`);
  return problems;
}

/** The arguments that an implementation takes, and the spec does not declare although it declares some. */
export function undeclaredArgs({ args }: RegisteredImpl, { args: declared }: AnyHookSpec): readonly string[] {
  return args === undefined || declared === undefined ? none : args.filter((name) => !declared.includes(name));
}

function listed(names: readonly string[]): string {
  return names.map(quote).join(", ");
}

/** What is to be told about an implementation that does fit, but will not for ever. */
export function deprecationsOf(
  impl: RegisteredImpl,
  { deprecated, deprecatedArgs }: AnyHookSpec,
): readonly PlugmapError[] {
  if (deprecated === undefined && deprecatedArgs === undefined) return none;
  const context = { plugin: impl.plugin, hook: impl.hook, step: "register" } as const;
  const say = (what: string, text: string) =>
    new PlugmapError("hook-deprecated", `${what} is deprecated: ${text}`, context);
  const found = deprecated === undefined ? [] : [say("The hook", deprecated)];
  for (const argument of impl.args ?? []) {
    const text = deprecatedArgs?.[argument];
    if (text !== undefined) found.push(say(`Argument ${quote(argument)}`, text));
  }
  return found;
}
