/** What a {@linkcode ByteChannel} gives what it receives to. */
export interface ByteReceiver {
  /**
   * Takes bytes that have come.
   *
   * @param bytes Any part of what the other side wrote, lent until the call returns.
   */
  onBytes(bytes: Uint8Array): void;
  /**
   * Learns that nothing more can come or go.
   *
   * @param cause Why, when it is not that the other side has closed.
   */
  onEnd(cause?: unknown): void;
}

/** A way to send bytes to another process and to receive them, in order. */
export interface ByteChannel {
  /**
   * Hands bytes to the system.
   *
   * @param chunks The bytes. They are the channel's to keep: nobody changes them afterwards.
   * @returns A promise when no more should be written before it settles. It never rejects: a channel that is broken
   * ends by {@linkcode ByteReceiver.onEnd}.
   */
  write(chunks: readonly Uint8Array[]): void | Promise<void>;
  /** Starts receiving. Called once. */
  start(receiver: ByteReceiver): void;
  /** Stops receiving, so that the sender has to wait. What is on its way already may still come. */
  pause(): void;
  /** Goes on receiving. */
  resume(): void;
  /** Ends the channel after what was written. */
  close(): void;
}
