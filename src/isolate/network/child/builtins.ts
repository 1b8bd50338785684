/**
 * What answers imports of the network's builtins in a process without a network. It is a text of its own as well, since what
 * it is made of takes Bun longer to load than all the rest of a process.
 *
 * @module
 */
import process from "node:process";
import { unavailable } from "../denied.ts";
import type { TlsMessage } from "../messages.ts";
import { type ConnectOptions, HostSocket, readConnectArguments } from "./socket.ts";
import type { HostNetwork, ModuleExports, networkBuiltins } from "./types.ts";

type NetworkBuiltin = typeof networkBuiltins[number];

const resolving = [
  "Resolver",
  "lookup",
  "lookupService",
  "reverse",
  ...["", "4", "6", "Any", "Caa", "Cname", "Mx", "Naptr", "Ns", "Ptr", "Soa", "Srv", "Tlsa", "Txt"].map((kind) =>
    `resolve${kind}`
  ),
];

/** Functions and classes that would need sockets of the process. */
const refused: Readonly<Record<NetworkBuiltin, readonly string[]>> = {
  net: ["Server", "createServer"],
  tls: ["Server", "createServer"],
  http: ["Server", "ClientRequest", "createServer", "get", "request"],
  https: ["Server", "createServer", "get", "request"],
  http2: ["connect", "createServer", "createSecureServer", "performServerHandshake"],
  dgram: ["Socket", "createSocket"],
  dns: resolving,
  "dns/promises": resolving,
};

/** Makes a builtin. */
export function createBuiltin(host: HostNetwork, name: NetworkBuiltin): ModuleExports {
  const native = process.getBuiltinModule(`node:${name}`) as unknown as ModuleExports;
  const members = refused[name].filter((member) => member in native);
  const refusals = members.map((member) => [member, unavailable(`node:${name}.${member}`)]);
  const made = name === "net" ? createNet(host) : name === "tls" ? createTls(host) : {};
  const all: ModuleExports = { ...native, ...Object.fromEntries(refusals), ...made };
  return { ...all, default: all };
}

function createNet(host: HostNetwork): ModuleExports {
  class Socket extends HostSocket {
    constructor(options?: ConnectOptions) {
      super(host, options);
    }
  }
  const connect = (...args: unknown[]): Socket => new Socket(readConnectArguments(args).options).connect(...args);
  return { Socket, Stream: Socket, connect, createConnection: connect };
}

function createTls(host: HostNetwork): ModuleExports {
  class TLSSocket extends HostSocket {
    constructor(options?: ConnectOptions) {
      super(host, options);
    }
  }
  const connect = (...args: unknown[]): TLSSocket => {
    const { options, listener } = readConnectArguments(args);
    // An object may follow a port and a host.
    const all: Record<string, unknown> = Object.assign({}, options, ...args.filter((arg) => typeof arg === "object"));
    const refused = ["socket", "cert", "key", "pfx", "secureContext", "checkServerIdentity"].find((name) => all[name]);
    if (refused !== undefined) {
      throw new TypeError(`An isolated plugin cannot use the option ${refused} of tls.connect`);
    }
    return new TLSSocket(all).open(all, readTls(all), listener);
  };
  return { TLSSocket, connect };
}

function readTls({ servername, ALPNProtocols, ca, rejectUnauthorized }: Record<string, unknown>): TlsMessage {
  return {
    serverName: typeof servername === "string" && servername !== "" ? servername : undefined,
    protocols: Array.isArray(ALPNProtocols) ? ALPNProtocols.map(String) : [],
    authorities: ca === undefined ? [] : [ca].flat().map(String),
    isUnverified: rejectUnauthorized === false,
  };
}
