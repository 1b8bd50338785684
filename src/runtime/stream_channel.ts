import type { ByteChannel, ByteReceiver } from "../isolate/wire/mod.ts";

/** Bytes that may wait in the writer before whoever writes should wait as well. */
const highWater = 1 << 20;

/** A channel over a pair of byte streams, such as standard input and output of a child process. */
export class StreamChannel implements ByteChannel {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #waiting = 0;
  #paused: PromiseWithResolvers<void> | undefined;

  constructor(incoming: ReadableStream<Uint8Array>, outgoing: WritableStream<Uint8Array>) {
    this.#reader = incoming.getReader();
    this.#writer = outgoing.getWriter();
    // A broken pipe shows as the end of what comes in.
    this.#writer.closed.catch(() => {});
  }

  write(chunks: readonly Uint8Array[]): void | Promise<void> {
    let last: Promise<void> | undefined;
    for (const chunk of chunks) {
      const { length } = chunk;
      this.#waiting += length;
      last = this.#writer.write(chunk).catch(() => {}).finally(() => this.#waiting -= length);
    }
    if (this.#waiting > highWater) return last;
  }

  start(receiver: ByteReceiver): void {
    this.#read(receiver).then(() => receiver.onEnd(), (cause) => receiver.onEnd(cause));
  }

  async #read(receiver: ByteReceiver): Promise<void> {
    while (true) {
      const { value, done } = await this.#reader.read();
      if (done) return;
      if (this.#paused !== undefined) await this.#paused.promise;
      receiver.onBytes(value);
    }
  }

  pause(): void {
    this.#paused ??= Promise.withResolvers();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  close(): void {
    this.#writer.close().catch(() => {});
    this.#reader.cancel().catch(() => {});
    this.resume();
  }
}

/** Hands the text of a stream on, as it comes, until it ends or breaks; with that, its last line ends as well. */
export async function readText(stream: ReadableStream<Uint8Array>, print: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let last = "\n";
  try {
    for await (const bytes of stream) print(last = decoder.decode(bytes, { stream: true }));
  } catch {
    // What is left of it goes with the process.
  }
  if (!last.endsWith("\n")) print("\n");
}
