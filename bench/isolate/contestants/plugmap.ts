import { rmSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { createHost, defineHooks, hook } from "../../../mod.ts";
import type { Connection } from "../contestant.ts";
import { writePlugin } from "../echo_plugin.ts";

/** As an application does it: a host with a plugin in tier `isolated`. */
export async function connectPlugmap(): Promise<Connection> {
  const folder = writePlugin();
  const host = createHost({
    hooks: defineHooks({
      echo: hook<{ value: number }, number>({ mode: "first", async: true }),
      receive: hook<{ bytes: Uint8Array<ArrayBuffer> }, number>({
        mode: "first",
        async: true,
      }),
    }),
    importMap: { imports: { "plugins/echo": `${pathToFileURL(folder)}/` } },
    policy: { plugins: { echo: { tier: "isolated" } } },
    store: false,
    isolation: { spares: 0 },
  });
  const { plugins } = await host.load();
  rmSync(folder, { recursive: true });
  for (const { error } of plugins) if (error !== undefined) throw error;
  return {
    echo: async (value) => (await host.hooks.echo({ value }))!,
    receive: async (bytes) => (await host.hooks.receive({ bytes }))!,
    close: () => host.close(),
  };
}
