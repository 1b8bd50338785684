import type { PermissionItems } from "../../permissions/mod.ts";
import { bunBuiltins, bunNetwork } from "../../runtime/runners.ts";
import type { Handler, IncomingCall } from "../wire/mod.ts";
import { Connections } from "./connections.ts";
import { exchange, type Exchanges } from "./exchange.ts";
import { NetworkGrant } from "./grant.ts";
import type { networkMethods, Shims } from "./messages.ts";
import { bareError } from "./problem.ts";
import { openSocket } from "./socket.ts";

const shims: Shims = { network: bunNetwork, builtins: bunBuiltins };

/**
 * The network for one process that has none: the host does for it what it was granted.
 *
 * @param granted Items of `net`, in normal form.
 * @returns The methods that the process may call, in the order of {@linkcode networkMethods}.
 */
export function networkServices(granted: PermissionItems): readonly Handler[] {
  const grant = new NetworkGrant(granted);
  const exchanges: Exchanges = { grant, connections: new Connections() };
  const methods: Record<keyof typeof networkMethods, Handler> = {
    // What a process has no use for, it does not load.
    shims: () => grant.isEmpty ? undefined : shims,
    fetch: (message, call) => told(exchange, message, call, exchanges),
    openSocket: (message, call) => told(openSocket, message, call, exchanges),
  };
  return Object.values(methods);
}

async function told<Result>(
  method: (message: unknown, call: IncomingCall, exchanges: Exchanges) => Promise<Result>,
  message: unknown,
  call: IncomingCall,
  exchanges: Exchanges,
): Promise<Result> {
  try {
    return await method(message, call, exchanges);
  } catch (error) {
    throw bareError(error);
  }
}
