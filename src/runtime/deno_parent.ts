import type { ByteChannel, ByteReceiver } from "../isolate/wire/mod.ts";

interface DenoNamespace {
  readonly stdin: { read(buffer: Uint8Array): Promise<number | null> };
  readonly stdout: { writeSync(bytes: Uint8Array): number };
}

const bufferSize = 256 * 1024;

/**
 * The channel of a child process to its host, over standard input and output. The streams are taken when this module is
 * run, before a plugin can put something else in their place.
 *
 * Writing blocks: that is the shortest way out, and where the host does not read, nothing should go on here.
 */
export function openParentChannel(): ByteChannel {
  const { stdin, stdout } = (globalThis as unknown as { Deno: DenoNamespace }).Deno;
  const read = stdin.read.bind(stdin);
  const writeSync = stdout.writeSync.bind(stdout);
  let paused: PromiseWithResolvers<void> | undefined;
  return {
    write: (chunks) => {
      for (let chunk of chunks) {
        while (chunk.length > 0) chunk = chunk.subarray(writeSync(chunk));
      }
    },
    start: (receiver) => {
      receive(receiver).then(() => receiver.onEnd(), (cause) => receiver.onEnd(cause));
    },
    pause: () => {
      paused ??= Promise.withResolvers();
    },
    resume: () => {
      paused?.resolve();
      paused = undefined;
    },
    close: () => {},
  };

  async function receive(receiver: ByteReceiver): Promise<void> {
    const buffer = new Uint8Array(bufferSize);
    for (let count = await read(buffer); count !== null; count = await read(buffer)) {
      if (paused !== undefined) await paused.promise;
      receiver.onBytes(buffer.subarray(0, count));
    }
  }
}
