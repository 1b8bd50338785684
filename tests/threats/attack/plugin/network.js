import { builtin, event, got, onDeno, present, unlessStray } from "./tools.js";

const { Deno, Bun } = globalThis;
const net = builtin("node:net");

/** Connects, and hears the greeting. */
async function greeted(options, { connect } = net) {
  const socket = connect(options);
  try {
    socket.on("connect", () => socket.write("GET / HTTP/1.0\r\n\r\n"));
    got(await event(socket, "data"), "HTTP");
  } finally {
    socket.destroy();
  }
}

async function listening(where) {
  const server = net.createServer();
  try {
    server.listen(where);
    await unlessStray(event(server, "listening"));
  } finally {
    server.close();
  }
}

const fetched = async (url, options, wanted = "granted") => got(await (await fetch(url, options)).text(), wanted);

function opened(socket) {
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket.close());
    socket.onerror = ({ message, error }) => reject(error ?? new Error(message ?? "refused"));
  });
}

export const network = {
  "fetch from the granted server": ({ port }) => fetched(`http://127.0.0.1:${port}/`),
  "send a body to the granted server": ({ port }) =>
    fetched(`http://127.0.0.1:${port}/`, { method: "POST", body: "text" }),
  "fetch from another server": ({ otherPort }) => fetched(`http://127.0.0.1:${otherPort}/`, {}, "other"),
  "fetch from the granted server by another name": ({ port }) => fetched(`http://localhost:${port}/`),
  "fetch from another server by a redirect": ({ port }) => fetched(`http://127.0.0.1:${port}/redirect`, {}, "other"),
  "fetch from another server as a proxy": ({ port, otherPort }) => {
    const url = `http://127.0.0.1:${otherPort}`;
    const options = onDeno ? { client: Deno.createHttpClient({ proxy: { url } }) } : { proxy: url };
    return fetched(`http://127.0.0.1:${port}/`, options, "other");
  },
  "fetch from another server as a proxy that the environment names": async ({ port, otherPort }) => {
    process.env.HTTP_PROXY = process.env.http_proxy = `http://127.0.0.1:${otherPort}`;
    try {
      const options = onDeno ? { client: Deno.createHttpClient({}) } : {};
      await fetched(`http://127.0.0.1:${port}/`, options, "other");
    } finally {
      delete process.env.HTTP_PROXY;
      delete process.env.http_proxy;
    }
  },
  "fetch by a Unix socket": ({ port, socketPath: path }) => {
    const options = onDeno ? { client: Deno.createHttpClient({ proxy: { transport: "unix", path } }) } : { unix: path };
    return fetched(`http://127.0.0.1:${port}/`, options, "local");
  },
  "open a WebSocket to the granted server": ({ port }) => opened(new WebSocket(`ws://127.0.0.1:${port}/`)),
  "open a WebSocket to another server": ({ otherPort }) => opened(new WebSocket(`ws://127.0.0.1:${otherPort}/`)),
  "listen to events of another server": ({ otherPort }) =>
    opened(new (present(globalThis.EventSource))(`http://127.0.0.1:${otherPort}/events`)),
  "ask the granted server with node:http": async ({ port }) => {
    const request = builtin("node:http").get(`http://127.0.0.1:${port}/`);
    got((await event(request, "response")).statusCode, "200");
  },
  "ask another server with node:http": async ({ otherPort }) => {
    const request = builtin("node:http").get(`http://127.0.0.1:${otherPort}/`);
    got((await event(request, "response")).statusCode, "200");
  },
  "connect to the granted server": ({ port }) => greeted({ port, host: "127.0.0.1" }),
  "connect to the granted server with an import": async ({ port }) =>
    greeted({ port, host: "127.0.0.1" }, await import(`node:${"net"}`)),
  "connect to another server with an import": async ({ otherPort }) =>
    greeted({ port: otherPort, host: "127.0.0.1" }, await import(`node:${"net"}`)),
  "connect to another server": ({ otherPort }) => greeted({ port: otherPort, host: "127.0.0.1" }),
  "connect to another server with the runtime's API": async ({ otherPort: port }) => {
    if (onDeno) (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    else (await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {}, open() {} } })).end();
  },
  "connect to a Unix socket": ({ socketPath }) => greeted({ path: socketPath }),
  "connect to an abstract Unix socket": ({ abstractName }) => greeted({ path: `\0${abstractName}` }),
  "listen": () => listening({ port: 0, host: "127.0.0.1" }),
  "serve with the runtime's API": async () => {
    const handler = () => new Response();
    const options = { port: 0, hostname: "127.0.0.1" };
    if (onDeno) await Deno.serve({ ...options, onListen() {} }, handler).shutdown();
    else await Bun.serve({ ...options, fetch: handler }).stop(true);
  },
  "listen on a Unix socket in the writable folder": ({ writable }) => listening({ path: `${writable}/listening` }),
  "listen on an abstract Unix socket": ({ abstractName }) => listening({ path: `\0${abstractName}-own` }),
  "send a datagram": async ({ datagramPort }) => {
    const socket = builtin("node:dgram").createSocket("udp4");
    const sent = new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.send("datagram", datagramPort, "127.0.0.1", (error) => error ? reject(error) : resolve());
    });
    try {
      await unlessStray(sent);
    } finally {
      socket.close();
    }
  },
  "look up a name": () =>
    new Promise((resolve, reject) => {
      builtin("node:dns").lookup("localhost", (error) => error ? reject(error) : resolve());
    }),
  "ask a name server of its own": ({ datagramPort }) => {
    const resolver = new (builtin("node:dns").Resolver)({ timeout: 200, tries: 1 });
    resolver.setServers([`127.0.0.1:${datagramPort}`]);
    return new Promise((resolve, reject) => {
      resolver.resolve4("secret.example", (error) =>
        // The name server does not answer, but it was told.
        error && error.code !== "ETIMEOUT" ? reject(error) : resolve());
    });
  },
  "let a debugger in": () => {
    const inspector = builtin("node:inspector");
    inspector.open(0, "127.0.0.1");
    try {
      got(inspector.url(), "ws://");
    } finally {
      inspector.close();
    }
  },
};
