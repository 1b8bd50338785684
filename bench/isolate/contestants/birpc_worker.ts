import { load } from "./load.ts";

interface Birpc {
  createBirpc(own: object, channel: {
    readonly post: (data: unknown) => void;
    readonly on: (receive: (data: unknown) => void) => void;
  }): unknown;
}

const scope = globalThis as unknown as Pick<
  Worker,
  "postMessage" | "onmessage"
>;
const { createBirpc } = await load<Birpc>("birpc");
createBirpc({
  echo: (value: number) => value,
  receive: (bytes: Uint8Array) => bytes.length,
}, {
  post: (data) => scope.postMessage(data),
  on: (receive) => scope.onmessage = ({ data }) => receive(data),
});
scope.postMessage("ready");
