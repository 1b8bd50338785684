/**
 * What a process without a network of its own asks of its host. The shapes are those of a sender that keeps to them; the
 * host believes none of them.
 *
 * @module
 */

/** The host's methods, by their numbers. */
export const networkMethods = { shims: 0, fetch: 1, openSocket: 2 } as const;

/** Answer of `shims`: what a process loads to use the other methods, as text; nothing where nothing is granted. */
export interface Shims {
  /** Makes `fetch` and `WebSocket`. */
  readonly network: string;
  /** Makes what answers imports of builtins. */
  readonly builtins: string;
}

/**
 * Bytes that a process sends at once. The host has to keep as many for each connection that does not take them, and a
 * message can have hundreds of times that.
 */
export const mostPieceBytes: number = 2 ** 18;

/** Bytes that come as they are wanted. From a process, in pieces of at most {@linkcode mostPieceBytes}. */
export type Bytes = AsyncIterable<Uint8Array>;

/** Arguments of `fetch`: one request, whose answer is given back whatever it is. */
export interface FetchMessage {
  /** Without fragment, user name and password. */
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** At once only when it is a single piece. */
  readonly body: Uint8Array | Bytes | undefined;
}

/** The answer to a request. */
export interface FetchedMessage {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Bytes | null;
  /** Whether the body is still in the encoding that the headers name. */
  readonly isEncoded: boolean;
}

/** Arguments of `openSocket`: a TCP connection. */
export interface OpenSocketMessage {
  readonly host: string;
  readonly port: number;
  /** Speaks TLS over it. */
  readonly tls: TlsMessage | undefined;
  /** What is sent. Its end is the end of what is sent, not of the connection. */
  readonly outgoing: Bytes;
}

/** How TLS is spoken. */
export interface TlsMessage {
  /** The name that the certificate is for. Default: the host. An address can only be the one of the host. */
  readonly serverName: string | undefined;
  /** Protocols to choose from (ALPN). */
  readonly protocols: readonly string[];
  /** Certificates of authorities to trust instead of the host's, as PEM. */
  readonly authorities: readonly string[];
  /** Whether the certificate may be anyone's. */
  readonly isUnverified: boolean;
}

/** A connection. */
export interface OpenedSocketMessage {
  /** What is received. Whoever wants no more of it closes the connection. */
  readonly incoming: Bytes;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The protocol that the other side has chosen (ALPN). */
  readonly protocol: string | undefined;
}
