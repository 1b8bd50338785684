import { PlugmapError, quote } from "../../errors.ts";

/** The caps of a {@linkcode Peer}. Both sides of a channel should have the same ones for messages. */
export interface WireLimits {
  /** Bytes of a message, the byte arrays in it included. Default: 64 MiB. */
  readonly messageBytes: number;
  /** How deep the values of a message may nest. Default: 100. */
  readonly depth: number;
  /**
   * Values in a message. What takes more memory or time than its few bytes suggest (maps, sets, errors, byte arrays,
   * dates, regular expressions, URLs, streams and functions) counts as 16, a regular expression also by its length.
   * Default: 1,000,000.
   */
  readonly values: number;
  /** Calls of this side that have not been answered; more are refused. Default: 16,384. */
  readonly pendingCalls: number;
  /** Bytes that wait for the channel; while there are more, calls are refused. Default: 64 MiB. */
  readonly queuedBytes: number;
  /**
   * Calls of the other side that this one works on at the same time. The other side is told, and keeps further ones back;
   * one that does not is closed. It keeps one for urgent calls. Default: 1,024.
   */
  readonly callsAtWork: number;
  /** Bytes of those calls and of stream items that nobody has read yet, at least 64 for a value. Default: 256 MiB. */
  readonly bytesAtWork: number;
  /** Streams that are open, in each direction. Default: 256. */
  readonly streams: number;
  /** Items of a stream that may be on their way or unread. Default: 64. */
  readonly streamItems: number;
  /** Bytes of a stream that may be on their way or unread; the last item may go beyond. Default: 256 KiB. */
  readonly streamBytes: number;
  /** Calls and cancellations that are taken in a second; above that, reading pauses. Default: 100,000. */
  readonly callsPerSecond: number;
  /** Milliseconds that reading one message may take; one that is made to take longer closes the channel. Default: 1,000. */
  readonly decoding: number;
  /** Milliseconds of reading after which timers and other channels have their turn. Default: 8. */
  readonly turn: number;
}

const mebibyte = 2 ** 20;

/** The caps of a peer that is given no other. */
export const defaultLimits: WireLimits = {
  messageBytes: 64 * mebibyte,
  depth: 100,
  values: 1_000_000,
  pendingCalls: 16_384,
  queuedBytes: 64 * mebibyte,
  callsAtWork: 1_024,
  bytesAtWork: 256 * mebibyte,
  streams: 256,
  streamItems: 64,
  streamBytes: mebibyte / 4,
  callsPerSecond: 100_000,
  decoding: 1_000,
  turn: 8,
};

/** Below these, not even an error could be sent. */
const least: Partial<WireLimits> = { messageBytes: 16_384, depth: 4, values: 256 };
/** Numbers on the wire have 32 bits, and sums of two caps must stay below that. */
const highest = 2 ** 30;

/** The defaults with what the host changes. */
export function resolveLimits(changes: Partial<WireLimits> = {}): WireLimits {
  const limits = { ...defaultLimits, ...changes };
  for (const [name, value] of Object.entries(limits)) {
    const lowest = least[name as keyof WireLimits] ?? 1;
    if (Number.isInteger(value) && value >= lowest && value <= highest) continue;
    throw new PlugmapError(
      "option-invalid",
      `The limit ${quote(name)} is no whole number from ${lowest} to ${highest}`,
    );
  }
  const { bytesAtWork, messageBytes, streams, streamBytes } = limits;
  // Of each stream, half of that can be read and not yet be reported as read: any message must fit beside it.
  if (bytesAtWork < messageBytes + streams * streamBytes / 2) {
    throw new PlugmapError("option-invalid", 'The limit "bytesAtWork" is too small', {
      mend: "Make it as large as a message and half of what all streams may have on their way.",
    });
  }
  return limits;
}
