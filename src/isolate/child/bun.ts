/** The program of an isolated plugin's process on Bun. */
import type { Import } from "es-module-lexer";
import { PlugmapError } from "../../errors.ts";
import { createBunLinker } from "../../runtime/bun.ts";
import { exit, memory, openParentChannel, settle } from "../../runtime/bun_child.ts";
import type { SourceModule } from "../../runtime/types.ts";
import { type Builtins, installNetwork } from "../network/child/install.ts";
import { Peer } from "../wire/mod.ts";
import { ChildPlugin } from "./plugin.ts";

/** Runs until the host closes the channel. */
export async function main(): Promise<void> {
  const channel = await openParentChannel();
  settle();
  const builtins: Builtins = new Map();
  const plugin = new ChildPlugin(createBunLinker(foundByHost, builtins), memory, () => network);
  const peer = new Peer({ channel, methods: plugin.methods, takesCapabilities: true, onClose: () => exit(0) });
  const network = installNetwork(peer, builtins);
}

/** The host has lexed each module that may import, since here the lexer would have to be compiled first. */
function foundByHost(_: string, { imports }: SourceModule): readonly Import[] {
  if ("found" in imports!) return imports.found;
  throw new PlugmapError("module-invalid", imports!.problem);
}
