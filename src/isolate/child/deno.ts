/** The program of an isolated plugin's process on Deno. */
import { createDenoLinker } from "../../runtime/deno.ts";
import { exit, memory, settle, watchHost } from "../../runtime/deno_child.ts";
import { openParentChannel } from "../../runtime/deno_parent.ts";
import { Peer } from "../wire/mod.ts";
import { ChildPlugin } from "./plugin.ts";

/** @param watch Whether nothing outside of this process ends it when the host is gone. */
export function main(watch: boolean): void {
  const channel = openParentChannel();
  if (watch) watchHost();
  settle();
  const plugin = new ChildPlugin(createDenoLinker(), memory);
  new Peer({ channel, methods: plugin.methods, takesCapabilities: true, onClose: () => exit(0) });
}
