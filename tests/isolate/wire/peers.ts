import { Peer, type PeerOptions } from "../../../src/isolate/wire/mod.ts";
import type { PlugmapError } from "../../../src/errors.ts";
import { concat, createChannels, type MemoryChannel, type MemoryOptions } from "./memory_channel.ts";

type Options = Omit<PeerOptions, "channel" | "methods"> & Partial<Pick<PeerOptions, "methods">>;

/** Two peers that are connected in memory. */
export interface Pair extends Disposable {
  /** Takes no functions, as the host of a plugin. */
  readonly host: Peer;
  /** Takes functions. */
  readonly child: Peer;
  readonly hostChannel: MemoryChannel;
  readonly childChannel: MemoryChannel;
  /** What closed the host's peer, if anything has. */
  readonly closedBy: () => PlugmapError | undefined;
}

/** Connects two peers. Method 0 of both answers its arguments unless others are given. */
export function connect(host: Options = {}, child: Options = {}, options?: MemoryOptions): Pair {
  const [hostChannel, childChannel] = createChannels(options);
  let closedBy: PlugmapError | undefined;
  const echo = [(args: unknown) => args];
  const onClose = (error: PlugmapError) => {
    closedBy = error;
    host.onClose?.(error);
  };
  const pair = {
    host: new Peer({ methods: echo, ...host, channel: hostChannel, onClose }),
    child: new Peer({ methods: echo, takesCapabilities: true, ...child, channel: childChannel }),
  };
  return {
    ...pair,
    hostChannel,
    childChannel,
    closedBy: () => closedBy,
    [Symbol.dispose]() {
      pair.host.close();
      pair.child.close();
    },
  };
}

/** A peer whose other side is the test, which sends bytes. */
export function face(options: Options = {}): {
  readonly peer: Peer;
  readonly channel: MemoryChannel;
  /** Sends bytes, and waits until they have been read. */
  send(...bytes: readonly Uint8Array[]): Promise<void>;
  readonly closedBy: () => PlugmapError | undefined;
} {
  const [channel, other] = createChannels();
  let closedBy: PlugmapError | undefined;
  const onClose = (error: PlugmapError) => closedBy = error;
  const peer = new Peer({ methods: [(args) => args], ...options, channel, onClose });
  return {
    peer,
    channel,
    async send(...bytes) {
      other.write(bytes);
      await pass(3);
    },
    closedBy: () => closedBy,
  };
}

/** Lets some tasks pass. */
export async function pass(tasks = 1): Promise<void> {
  for (let task = 0; task < tasks; task++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: unknown }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("The promise was fulfilled");
}

/** The bytes of a frame: its length, and a payload of bytes, texts as ASCII, and byte arrays. */
export function frame(...parts: readonly (number | string | Uint8Array)[]): Uint8Array {
  const payload = concat(parts.map(bytesOf));
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, payload.length, true);
  return concat([header, payload]);
}

function bytesOf(part: number | string | Uint8Array): Uint8Array {
  if (typeof part === "number") return Uint8Array.of(part);
  if (typeof part !== "string") return part;
  return Uint8Array.from(part, (character) => character.charCodeAt(0));
}

/** A number in groups of seven bits, as on the wire. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push(value % 0x80 + 0x80);
  return Uint8Array.of(...bytes, value);
}

/** A hello that allows much: version 1, 16,384 calls, 2^28 bytes, 256 streams. */
export const hello: Uint8Array = frame(0, 1, varint(16_384), varint(2 ** 28), varint(256));
