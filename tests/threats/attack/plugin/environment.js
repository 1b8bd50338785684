import { builtin, fail, got, onDeno } from "./tools.js";

const fs = builtin("node:fs");
const { Deno, Bun } = globalThis;

/** The files, sockets and pipes that are open beyond the standard streams and the channel. */
function descriptors() {
  const found = [];
  for (let number = 4; number < 1024; number++) {
    try {
      const status = fs.fstatSync(number);
      // What else there is, such as an event loop, looks the same in every process.
      if (status.isFile() || status.isSocket() || status.isFIFO()) found.push(`${status.dev}:${status.ino}`);
    } catch {
      // It is not open.
    }
  }
  return found;
}

export const environment = {
  "read the granted variable": () => got(process.env.PLUGMAP_GRANTED, "granted"),
  "read a variable of the host": () => got(process.env.PLUGMAP_SECRET, "hunter2"),
  "read a variable of the host with the runtime's API": () =>
    got(onDeno ? Deno.env.get("PLUGMAP_SECRET") : Bun.env.PLUGMAP_SECRET, "hunter2"),
  "list all variables": () => got(Object.keys(process.env), "PLUGMAP_SECRET"),
  "find the secret in its arguments": () => got([...process.argv, ...process.execArgv, process.title], "hunter2"),
  "read a file that the host has open": ({ secretFile }) => {
    let text = "";
    try {
      text = fs.readFileSync(secretFile, "utf8");
    } catch {
      // The number may stand for something of its own.
    }
    got(text, "hunter2");
  },
  "use a socket that the host inherited": async ({ secretSocket }) => {
    const { promise, resolve } = Promise.withResolvers();
    const late = setTimeout(resolve, 1_000, "nothing");
    const request = "GET /inherited HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    try {
      if (onDeno) {
        const socket = new (builtin("node:net").Socket)({ fd: secretSocket, readable: true, writable: true });
        socket.on("data", resolve).on("error", () => resolve("nothing")).write(request);
      } else {
        const handlers = {
          data: (_, bytes) => resolve(bytes),
          error: () => resolve("nothing"),
          close: () => resolve("nothing"),
        };
        (await Bun.connect({ fd: secretSocket, socket: handlers })).write(request);
      }
    } catch {
      // The number may stand for something of its own.
      resolve("nothing");
    }
    got(await promise, "200");
    clearTimeout(late);
  },
  "find a descriptor of the host": ({ hostFiles }) => {
    const known = new Set(hostFiles);
    if (!descriptors().some((file) => known.has(file))) fail("no effect");
  },
  "see the name of the machine": () => got(builtin("node:os").hostname().length > 0, "true"),
  "see the load of the machine": () => got(builtin("node:os").loadavg().length, "3"),
  "see the network of the machine": () => got(Object.keys(builtin("node:os").networkInterfaces()), "lo"),
  "see who the user is": () => got(builtin("node:os").userInfo().uid >= 0, "true"),
  "see the user's home": () => got(builtin("node:os").homedir().length > 0, "true"),
  "see how much memory is free": () => got(builtin("node:os").freemem() > 0, "true"),
};
