import { load } from "./load.ts";

const { expose } = await load<{ expose(methods: object): void }>("comlink");
expose({
  echo: (value: number) => value,
  receive: (bytes: Uint8Array) => bytes.length,
});
(globalThis as unknown as Pick<Worker, "postMessage">).postMessage("ready");
