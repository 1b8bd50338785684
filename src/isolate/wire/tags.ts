/**
 * The first byte of each value says what it is. Bytes from {@linkcode smallInteger} on are an integer themselves, those
 * from {@linkcode shortText} on begin a text of that many bytes. Numbers that follow a tag are varints.
 */
export const Tag = {
  undefined: 0x00,
  null: 0x01,
  false: 0x02,
  true: 0x03,
  /** Zigzag: the sign is the lowest bit. */
  integer: 0x04,
  /** Eight bytes, little-endian. */
  float: 0x05,
  /** Length, hexadecimal digits. */
  positiveBigInt: 0x06,
  negativeBigInt: 0x07,
  /** Length in bytes, UTF-8. */
  text: 0x08,
  /** Length in code units, UTF-16: only for a text with lone surrogates, which UTF-8 cannot hold. */
  brokenText: 0x09,
  /** Place of an object that came before, counted from the first object of the message. */
  reference: 0x0a,
  /** Length, items. */
  array: 0x0b,
  /** A text and a value for each property, then {@linkcode Tag.end}. */
  object: 0x0c,
  /** Number of entries, then for each two values. */
  map: 0x0d,
  /** Number of members, members. */
  set: 0x0e,
  /** Eight bytes as of a float: milliseconds since 1970. */
  date: 0x0f,
  /** Source and flags, two texts. */
  regExp: 0x10,
  /** Place in {@linkcode errorClasses}, a byte of {@linkcode ErrorField}, the message, and the fields in their order. */
  error: 0x11,
  /** Twice the length in bytes, plus 1 when they came as attachment; otherwise the bytes. */
  buffer: 0x12,
  /** Place in {@linkcode viewKinds}, then as a buffer. */
  view: 0x13,
  /** A text. */
  url: 0x14,
  /** The sender's number of a stream. */
  stream: 0x15,
  /** The sender's number of a function. */
  capability: 0x16,
  /** No value: the end of an object. */
  end: 0x17,
} as const;

/** With a length below 64 added: a text of that many bytes of UTF-8. */
export const shortText = 0x40;
/** With a number below 128 added: that number. */
export const smallInteger = 0x80;

/** Classes that errors can have when they arrive; one of another name becomes an `Error`, and keeps the name. */
export const errorClasses: readonly (ErrorConstructor | AggregateErrorConstructor)[] = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
];

/** What an error has beside its message; bits of one byte. */
export const ErrorField = { name: 1, stack: 2, code: 4, cause: 8, errors: 16 } as const;

/** A class of views on bytes. */
export interface ViewKind {
  readonly name: string;
  readonly BYTES_PER_ELEMENT?: number;
  new (buffer: ArrayBuffer): ArrayBufferView;
}

/** Kinds of views on bytes, with the name that their `Symbol.toStringTag` answers. */
export const viewKinds: readonly ViewKind[] = [
  Uint8Array,
  Uint8ClampedArray,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float16Array,
  Float32Array,
  Float64Array,
  BigUint64Array,
  BigInt64Array,
  DataView,
];

/** What counts as this many values: see {@linkcode WireLimits.values}. */
export const heavy = 16;
/** Byte arrays of at least this size go out as they are, and arrive in a buffer of their own. */
export const attachmentBytes = 65_536;
/** Hexadecimal digits of a bigint: JSC has none above 2^20 bits. */
export const bigIntDigits = 262_144;
/** Characters of a regular expression: V8 takes up to 0.1 ms for each, as for those of `/[\p{L}--\p{Lu}]/vi`. */
export const regExpLength = 4_096;
