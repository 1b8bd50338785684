import { connected, granted, informed, readWriters } from "./verdict_table.ts";
import type { VerdictTable } from "./verdict_table.ts";

/** What becomes of attacks on the network. */
export const network: VerdictTable = {
  "fetch from the granted server": {
    deno: granted("needs net", connected),
    bun: granted("permission-denied", connected),
  },
  "send a body to the granted server": {
    deno: granted("needs net", connected),
    bun: granted("permission-denied", connected),
  },
  "fetch from another server": { deno: "needs net", bun: "permission-denied" },
  "fetch from the granted server by another name": { deno: "needs net", bun: "permission-denied" },
  "fetch from another server by a redirect": { deno: "needs net", bun: "permission-denied" },
  "fetch from another server as a proxy": {
    deno: "needs net",
    bun: { else: "permission-denied", [connected]: "An isolated plugin cannot use the fetch option proxy" },
  },
  "fetch from another server as a proxy that the environment names": {
    deno: { else: "needs net", [connected]: "no effect" },
    bun: { else: "permission-denied", [connected]: "no effect" },
    why: "The variable cannot be set, and is not looked at.",
  },
  "fetch by a Unix socket": {
    deno: { else: "needs read", reading: "needs write" },
    bun: { else: "permission-denied", [connected]: "An isolated plugin cannot use the fetch option unix" },
  },
  "open a WebSocket to the granted server": {
    deno: granted("needs net", connected),
    bun: granted("permission-denied", connected),
  },
  "open a WebSocket to another server": { deno: "needs net", bun: "permission-denied" },
  "listen to events of another server": {
    deno: "refused",
    bun: "absent",
    unproven: "The event that ends it has no text on Deno.",
  },
  "ask the granted server with node:http": {
    deno: granted("needs net", connected),
    bun: "EACCES",
    why: "On Bun the host connects for `fetch`, `WebSocket` and `node:net` only.",
  },
  "ask another server with node:http": { deno: "needs net", bun: "EACCES" },
  "connect to the granted server": {
    deno: granted("needs net", connected),
    bun: "EACCES",
    why: "On Bun the host connects for an imported `node:net`; this is the runtime's own.",
  },
  "connect to the granted server with an import": {
    deno: granted("builtin-denied", connected),
    bun: granted("builtin-denied", connected),
  },
  "connect to another server with an import": {
    deno: { else: "builtin-denied", [connected]: "needs net" },
    bun: { else: "builtin-denied", [connected]: "permission-denied" },
  },
  "connect to another server": { deno: "needs net", bun: "EACCES" },
  "connect to another server with the runtime's API": { deno: "needs net", bun: "permission-denied" },
  "connect to a Unix socket": { deno: { else: "needs read", reading: "needs write" }, bun: "EACCES" },
  "connect to an abstract Unix socket": { deno: "needs net", bun: "EACCES" },
  "listen": { deno: "needs net", bun: "permission-denied" },
  "serve with the runtime's API": { deno: "needs net", bun: "permission-denied" },
  "listen on a Unix socket in the writable folder": {
    deno: { else: "needs read", reading: "needs write", [readWriters]: "needs net" },
    bun: "permission-denied",
  },
  "listen on an abstract Unix socket": { deno: "needs net", bun: "permission-denied" },
  "send a datagram": { deno: "needs net", bun: "permission-denied" },
  "look up a name": {
    deno: "EPERM",
    bun: granted("EAI_AGAIN", "reading"),
    why: "With every file to read, Bun finds the name in /etc/hosts.",
  },
  "ask a name server of its own": {
    deno: { else: "needs sys", [informed]: "UNKNOWN" },
    bun: "ECONNREFUSED",
    why: "Deno's resolver asks for the network of the machine before it asks for the server.",
  },
  "let a debugger in": {
    deno: { else: "needs sys", [informed]: "needs net" },
    bun: "no effect",
    why: "Bun's debugger does not tell that it could not listen.",
  },
};
