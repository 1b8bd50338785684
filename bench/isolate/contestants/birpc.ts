import type { Connection } from "../contestant.ts";
import { load, ready } from "./load.ts";

interface Birpc {
  createBirpc<Methods>(own: object, channel: {
    readonly post: (data: unknown) => void;
    readonly on: (receive: (data: unknown) => void) => void;
    /** A timer for each call, unless it is negative. */
    readonly timeout: number;
  }): Methods;
}

/** A worker of the same process, as for comlink. */
export async function connectBirpc(): Promise<Connection> {
  const { createBirpc } = await load<Birpc>("birpc");
  const worker = new Worker(new URL("./birpc_worker.ts", import.meta.url), {
    type: "module",
  });
  await ready(worker);
  const remote = createBirpc<Pick<Connection, "echo" | "receive">>({}, {
    post: (data) => worker.postMessage(data),
    on: (receive) => worker.onmessage = ({ data }) => receive(data),
    timeout: -1,
  });
  return {
    echo: (value) => remote.echo(value),
    receive: (bytes) => remote.receive(bytes),
    close: () => worker.terminate(),
  };
}
