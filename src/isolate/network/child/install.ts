import { withholdSockets } from "../../../runtime/bun_child.ts";
import type { Peer } from "../../wire/mod.ts";
import { denied, unavailable } from "../denied.ts";
import { type FetchedMessage, networkMethods, type OpenedSocketMessage, type Shims } from "../messages.ts";
import type { Network } from "./network.ts";
import { type HostNetwork, type ModuleExports, networkBuiltins } from "./types.ts";

/** What answers imports of builtins: their exports, made when they are imported first. */
export type Builtins = Map<string, () => ModuleExports>;

/**
 * Puts what the host does in the place of what the kernel refuses, before the plugin comes.
 *
 * @param builtins Gets what answers imports of the network's builtins.
 */
export async function installNetwork(peer: Peer, builtins: Builtins): Promise<void> {
  const native = globalThis.fetch;
  const shims = await peer.call(networkMethods.shims, undefined) as Shims | undefined;
  const host = hostOf(peer);
  const network = shims === undefined
    ? refuseAll(native)
    : load<typeof import("./network.ts")>(shims.network).createNetwork(host, native);
  for (const name of ["fetch", "WebSocket"] as const) {
    Object.defineProperty(globalThis, name, { value: network[name], configurable: true, writable: true });
  }
  withholdSockets(unavailable);
  if (shims === undefined) return;
  let made: typeof import("./builtins.ts") | undefined;
  for (const name of networkBuiltins) {
    builtins.set(`node:${name}`, () => {
      made ??= load<typeof import("./builtins.ts")>(shims.builtins);
      return made.createBuiltin(host, name);
    });
  }
}

/** Runs a module. Its text is the host's own, and the host is whom this process trusts. */
function load<Module>(text: string): Module {
  return (0, eval)(text);
}

/** What the host does, by the channel to it. */
export function hostOf(peer: Peer): HostNetwork {
  return {
    fetch: async (message, signal) => await peer.call(networkMethods.fetch, message, { signal }) as FetchedMessage,
    openSocket: async (message, signal) =>
      await peer.call(networkMethods.openSocket, message, { signal }) as OpenedSocketMessage,
  };
}

/** Without a grant, connections would fail in ways that say nothing of permissions. */
function refuseAll(native: typeof fetch): Network {
  const placeOf = (url: unknown): string => {
    const { hostname, port, protocol } = new URL(url instanceof Request ? url.url : String(url));
    return `${hostname}:${port || (/^(?:http|ws):$/.test(protocol) ? 80 : 443)}`;
  };
  const refusingFetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    if (/^(?:data|blob|file):/.test(request.url)) return await native(input, init);
    throw denied(placeOf(request));
  };
  class WebSocket {
    constructor(url: string | URL) {
      throw denied(placeOf(url));
    }
  }
  return {
    fetch: refusingFetch as typeof fetch,
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
  };
}
