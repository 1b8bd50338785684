import { PlugmapError, quote } from "../errors.ts";
import type { ImplContext } from "../hooks/types.ts";
import type { DeclaredImpl } from "../manifest/mod.ts";
import type { IsolatedPlugin } from "./isolated_plugin.ts";
import { capability } from "./wire/mod.ts";

type Arguments = Readonly<Record<string, unknown>>;
type Next = (args?: Arguments) => Promise<unknown>;

/**
 * What an isolated plugin implements, as what a dispatcher can register: each implementation asks the plugin's process.
 *
 * @param impls What the manifest declares, or else what the process says; then it is the plugin's word, which the
 * dispatcher checks. Their order is the one of the plugin's.
 * @param syncHooks The hooks that cannot wait for another process.
 * @throws {PlugmapError} `hook-async` for an implementation of one of those.
 */
export function proxiedImpls(
  plugin: string,
  isolated: IsolatedPlugin,
  impls: ReadonlyMap<string, DeclaredImpl>,
  syncHooks: ReadonlySet<string>,
): object {
  const table: Record<string, object> = Object.create(null);
  for (const [index, [name, { wrapper, args, ...others }]] of [...impls].entries()) {
    const { target: hook } = others;
    if (syncHooks.has(hook)) throw syncHook(plugin, hook);
    const subject = { plugin, hook };
    const place = { ...others, ...args !== undefined && { args } };
    table[name] = wrapper === false
      ? {
        ...place,
        run: (given: Arguments, context?: ImplContext) =>
          isolated.call(subject, index, taken(given, args), context?.signal),
      }
      : {
        ...place,
        wrapper: (next: Next, given: Arguments, context?: ImplContext) =>
          wrap(next, (inside) => isolated.wrap(subject, index, taken(given, args), inside, context?.signal)),
      };
  }
  return table;
}

/** The arguments that an implementation says it takes; the others need not be sent. */
function taken(given: Arguments, names: readonly string[] | undefined): Arguments {
  if (names === undefined) return given;
  return Object.fromEntries(names.filter((name) => Object.hasOwn(given, name)).map((name) => [name, given[name]]));
}

/** Errors that are kept of those from inside: a wrapper can go on trying for as long as it may take. */
const mostThrown = 16;

/** Lends what is inside of a call to a wrapper for as long as the wrapper runs. */
async function wrap(next: Next, run: (inside: unknown) => Promise<unknown>): Promise<unknown> {
  const thrown: unknown[] = [];
  const inside = capability(async (args) => {
    try {
      return await next(args as Arguments | undefined);
    } catch (error) {
      thrown.push(error);
      if (thrown.length > mostThrown) thrown.shift();
      throw error;
    }
  });
  try {
    return await run(inside);
  } catch (error) {
    // An error from inside that a wrapper lets through has become a copy on its way. The caller gets the error itself.
    const { cause } = Object(error);
    throw thrown.find((original) => original instanceof Error && original.message === Object(cause).message) ?? error;
  } finally {
    inside.release();
  }
}

function syncHook(plugin: string, hook: string): PlugmapError {
  return new PlugmapError("hook-async", "The hook is sync, and what an isolated plugin does takes time", {
    plugin,
    hook,
    step: "register",
    mend: `Declare the hook with async: true, or run ${quote(plugin)} in tier "trusted" if you trust its code.`,
  });
}
