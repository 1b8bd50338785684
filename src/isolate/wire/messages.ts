/** The protocol that both sides must speak; the first message of each side names it. */
export const protocolVersion = 1;

/**
 * Kinds of messages: the first byte of a frame's payload. What follows is varints, and for some a value at the end. Calls
 * and streams are named by a number of the side that began them.
 */
export const Kind = {
  /** Version, calls and bytes that the sender works on at the same time, and streams that it takes. Always the first. */
  hello: 0,
  /** Call, method, milliseconds left and 1 (0: no limit), arguments. */
  call: 1,
  /** Call, number of a function, milliseconds left as above, an array of arguments. */
  invoke: 2,
  /** Call, result. */
  reply: 3,
  /** Call, what was thrown. */
  error: 4,
  /** Call: its result is not wanted any more, but there has to be one. */
  cancel: 5,
  /** Stream, items and bytes that may follow. */
  credit: 6,
  /** Stream, item. */
  item: 7,
  /** Stream: there are no more items. */
  end: 8,
  /** Stream, what was thrown: there are no more items. */
  fail: 9,
  /** Stream: no items are wanted any more, or all have been read. Each stream has one `stop`, and one `end` or `fail`. */
  stop: 10,
  /** Bytes of the message that follows: of a byte array that is large. */
  attachment: 11,
} as const;

/** No kind is above this one. */
export const lastKind: number = Kind.attachment;
/** Bytes of the length that each frame begins with. */
export const headerBytes = 4;
/** What a hello can have at most: its kind and four varints. */
export const helloBytes = 21;
