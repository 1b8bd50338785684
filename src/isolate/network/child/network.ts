/**
 * The network of a process that has none, as its host sends it: built into one text of its own, so that a process to which
 * none is granted does not load it.
 *
 * @module
 */
import { createFetch } from "./fetch.ts";
import type { HostNetwork } from "./types.ts";
import { createWebSocket } from "./web_socket.ts";

/** What {@linkcode createNetwork} makes. */
export interface Network {
  readonly fetch: typeof globalThis.fetch;
  readonly WebSocket: typeof globalThis.WebSocket;
}

/**
 * Makes what stands for the network.
 *
 * @param native The runtime's `fetch`, for what needs no network.
 */
export function createNetwork(host: HostNetwork, native: typeof globalThis.fetch): Network {
  return { fetch: createFetch(host, native), WebSocket: createWebSocket(host) };
}
