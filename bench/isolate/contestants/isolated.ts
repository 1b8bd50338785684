import type { Connection } from "../contestant.ts";
import { echo, keepSpares, receive, startPlugin } from "../isolation.ts";

/** The isolated plugin itself, without host and dispatcher. */
export async function connectIsolated(): Promise<Connection> {
  const plugin = await startPlugin(keepSpares(0));
  return {
    echo: (value) => echo(plugin, value),
    receive: (bytes) => receive(plugin, bytes),
    close: () => plugin.end(),
  };
}
