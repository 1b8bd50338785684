import { builtin, onDeno, present } from "./tools.js";

const { Deno } = globalThis;
const os = builtin("node:os");

/** Signal 0 does nothing, but it is only sent by who may send others. */
export const signals = {
  "signal itself": () => process.kill(process.pid, 0),
  "signal the host": ({ host }) => process.kill(host, 0),
  "signal the host with the runtime's API": ({ host }) => onDeno ? Deno.kill(host, "SIGCONT") : present(undefined),
  "signal a neighbour": ({ victim }) => process.kill(victim, 0),
  "signal everybody": () => process.kill(-1, 0),
  "signal its group": () => process.kill(0, 0),
  "see the priority of the host": ({ host }) => os.getPriority(host),
  "change the priority of the host": ({ host }) => os.setPriority(host, os.getPriority?.(host) ?? 0),
  "change its user": () => process.setuid(process.getuid()),
};
