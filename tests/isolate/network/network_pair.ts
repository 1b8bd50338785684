/**
 * A host and a process without a network, in one process and over a channel in memory.
 *
 * @module
 */
import { networkServices } from "../../../src/isolate/network/mod.ts";
import { hostOf } from "../../../src/isolate/network/child/install.ts";
import { createBuiltin } from "../../../src/isolate/network/child/builtins.ts";
import { createNetwork, type Network } from "../../../src/isolate/network/child/network.ts";
import type { HostNetwork, networkBuiltins } from "../../../src/isolate/network/child/types.ts";
import { Peer } from "../../../src/isolate/wire/mod.ts";
import type { PermissionItems } from "../../../src/permissions/mod.ts";
import { createChannels } from "../wire/memory_channel.ts";

/** Both ends. */
export interface NetworkPair extends Disposable {
  /** What the plugin's code gets. */
  readonly network: Network;
  /** The host's methods, as a process calls them that speaks for itself. */
  readonly call: (method: number, message: unknown, signal?: AbortSignal) => Promise<unknown>;
  readonly host: HostNetwork;
  /** What an import of a builtin gives the plugin's code. */
  readonly builtin: (name: typeof networkBuiltins[number]) => Readonly<Record<string, unknown>>;
  /** Ends the process. */
  end(): void;
}

/**
 * Starts a pair.
 *
 * @param streams How many streams the process takes.
 */
export function startNetwork(granted: PermissionItems, streams = 256): NetworkPair {
  const [hostChannel, childChannel] = createChannels();
  const host = new Peer({ channel: hostChannel, methods: networkServices(granted) });
  const child = new Peer({ channel: childChannel, methods: [], takesCapabilities: true, limits: { streams } });
  const end = (): void => {
    child.close();
    host.close();
  };
  return {
    network: createNetwork(hostOf(child), fetch),
    call: (method, message, signal) => child.call(method, message, { signal }),
    host: hostOf(child),
    builtin: (name) => createBuiltin(hostOf(child), name),
    end,
    [Symbol.dispose]: end,
  };
}
