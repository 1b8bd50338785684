import type { FetchedMessage, FetchMessage, OpenedSocketMessage, OpenSocketMessage } from "../messages.ts";

/** What a process asks its host for. */
export interface HostNetwork {
  /** Makes one request, and follows no redirect. */
  fetch(message: FetchMessage, signal?: AbortSignal): Promise<FetchedMessage>;
  /** Opens a TCP connection. */
  openSocket(message: OpenSocketMessage, signal?: AbortSignal): Promise<OpenedSocketMessage>;
}

/** Builtins that a process without a network gets in another form, by their names after `node:`. */
export const networkBuiltins = ["net", "tls", "http", "https", "http2", "dgram", "dns", "dns/promises"] as const;

/** The exports of a module. */
export type ModuleExports = Record<string, unknown>;
