import type { Connection } from "../contestant.ts";
import { load, ready } from "./load.ts";

interface Comlink {
  wrap<Methods>(worker: Worker): Methods;
}

/** A worker of the same process: it shares its memory limit and its permissions. */
export async function connectComlink(): Promise<Connection> {
  const { wrap } = await load<Comlink>("comlink");
  const worker = new Worker(new URL("./comlink_worker.ts", import.meta.url), {
    type: "module",
  });
  await ready(worker);
  const { echo, receive } = wrap<Pick<Connection, "echo" | "receive">>(worker);
  return { echo, receive, close: () => worker.terminate() };
}
