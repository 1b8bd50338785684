/**
 * A plugin in a confined process, which runs what a test tells it.
 *
 * @module
 */
import process from "node:process";
import { loadIsolated } from "../../support/isolated.ts";
import { createPluginFolder } from "../../support/plugin_folder.ts";
import { confinable } from "../linux/confined_bun.ts";

/** For the options of a test: says why it is skipped, if it is. */
export const confined: { readonly skip: string | false } = {
  skip: !("bun" in process.versions) ? "A host on Deno gives plugins the network of Deno" : confinable.skip,
};

/**
 * Runs code as a plugin.
 *
 * @param net What it asks for and is granted.
 * @param body Statements of an async function, which may use `input` and return what can be sent.
 * @param imports Lines before all others.
 * @returns What it returns, or the error that it throws.
 */
export async function runConfined(
  net: true | readonly string[],
  body: string,
  input: unknown = undefined,
  imports: string = "",
): Promise<unknown> {
  const permissions = { net };
  using plugin = createPluginFolder({
    "mod.ts": `${imports}
export default { hooks: { async one({ input }: { input: any }) { ${body} } } };`,
  }, { permissions });
  await using host = await loadIsolated([plugin], { policy: { default: { tier: "isolated", permissions } } });
  return await host.hooks.one({ input });
}
