/**
 * Calls, streams and functions between two processes, over one channel for bytes.
 *
 * @module
 */
export type { ByteChannel, ByteReceiver } from "./channel.ts";
export { Capability, capability } from "./capability.ts";
export { defaultLimits, type WireLimits } from "./limits.ts";
export type { Handler, IncomingCall } from "./incoming_calls.ts";
export type { CallOptions } from "./outgoing_calls.ts";
export { Peer, type PeerOptions } from "./peer.ts";
