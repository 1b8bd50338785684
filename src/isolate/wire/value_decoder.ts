import type { ByteReader } from "./byte_reader.ts";
import type { WireLimits } from "./limits.ts";
import { overLimit, violation } from "./problems.ts";
import {
  bigIntDigits,
  errorClasses,
  ErrorField,
  heavy,
  regExpLength,
  shortText,
  smallInteger,
  Tag,
  viewKinds,
} from "./tags.ts";
import { TextReader } from "./text.ts";

/** What a decoder needs of its peer for what is more than data. */
export interface IncomingPorts {
  /** A stream of the other side by its number. */
  acceptStream(stream: number): AsyncIterable<unknown>;
  /** A function of the other side by its number. */
  acceptCapability(capability: number): (...args: unknown[]) => Promise<unknown>;
}

/** Names such as `__proto__`, which may not be assigned to; or not any more once somebody freezes the prototype. */
const inheritedNames = new Set(Object.getOwnPropertyNames(Object.prototype));
/** Most names are shorter, and need no look. */
const shortestInherited = Math.min(...[...inheritedNames].map(({ length }) => length));
/** Values between two looks at the clock. */
const valuesPerLook = 1024;
const digits = /^(?:0|[1-9a-f][0-9a-f]*)$/;
const allErrorFields = ErrorField.name | ErrorField.stack | ErrorField.code | ErrorField.cause | ErrorField.errors;

/** Turns bytes of anybody into values: data with the prototypes of this side, or an error. */
export class ValueDecoder {
  readonly #reader: ByteReader;
  readonly #limits: WireLimits;
  readonly #ports: IncomingPorts;
  readonly #texts = new TextReader();

  /** Values in what was read last. */
  count = 0;
  /** The count at which to look whether there are too many, and whether they take too long. */
  #look = 0;
  /** When the message was looked at first, if it was. */
  #begun: number | undefined;
  #depth = 0;
  #objects: unknown[] = [];
  #attachments: readonly ArrayBuffer[] = [];
  #attachmentsTaken = 0;

  constructor(reader: ByteReader, limits: WireLimits, ports: IncomingPorts) {
    this.#reader = reader;
    this.#limits = limits;
    this.#ports = ports;
  }

  /**
   * Reads the value that the message ends with.
   *
   * @param attachments The byte arrays that came for the message.
   * @throws {PlugmapError} `isolate-protocol` for what is no value, `isolate-limit` for what is too deep or too much.
   */
  decode(attachments: readonly ArrayBuffer[]): unknown {
    this.count = 0;
    this.#look = Math.min(valuesPerLook, this.#limits.values);
    this.#begun = undefined;
    this.#depth = 0;
    this.#attachments = attachments;
    this.#attachmentsTaken = 0;
    const value = this.#read();
    if (this.#objects.length > 0) this.#objects = [];
    if (this.#reader.remaining > 0) throw violation("A message is longer than its value");
    if (this.#attachmentsTaken < attachments.length) throw violation("An attachment belongs to no value");
    return value;
  }

  #add(values: number): void {
    this.count += values;
    if (this.count > this.#look) this.#check();
  }

  /**
   * What few values take is known, but not what many do together: V8 takes an hour for a set of bigints that differ above
   * their lowest 64 bits only, because it hashes those alone.
   */
  #check(): void {
    const { values, decoding } = this.#limits;
    if (this.count > values) throw overLimit(`A message has more than ${values} values`);
    const now = performance.now();
    this.#begun ??= now;
    if (now - this.#begun > decoding) throw overLimit(`A message takes more than ${decoding} ms to read`);
    this.#look = Math.min(this.count + valuesPerLook, values);
  }

  #read(): unknown {
    this.#add(1);
    const reader = this.#reader;
    const tag = reader.byte();
    if (tag >= smallInteger) return tag - smallInteger;
    if (tag >= shortText) return this.#utf8(tag - shortText);
    switch (tag) {
      case Tag.object:
        return this.#object();
      case Tag.array:
        return this.#array();
      case Tag.undefined:
        return undefined;
      case Tag.null:
        return null;
      case Tag.false:
        return false;
      case Tag.true:
        return true;
      case Tag.text:
        return this.#utf8(reader.varint());
      case Tag.brokenText:
        return this.#brokenText();
      case Tag.integer:
        return this.#integer();
      case Tag.float:
        return reader.float();
      case Tag.positiveBigInt:
        return this.#bigInt();
      case Tag.negativeBigInt:
        return this.#negativeBigInt();
      case Tag.reference:
        return this.#reference();
      default:
        this.#add(heavy);
        return this.#special(tag);
    }
  }

  #special(tag: number): unknown {
    switch (tag) {
      case Tag.map:
        return this.#map();
      case Tag.set:
        return this.#set();
      case Tag.error:
        return this.#error();
      case Tag.view:
        return this.#view();
      case Tag.buffer:
        return this.#keep(this.#bytes());
      case Tag.date:
        return this.#keep(new Date(this.#reader.float()));
      case Tag.regExp:
        return this.#keep(this.#regExp());
      case Tag.url:
        return this.#keep(this.#url());
      case Tag.stream:
        return this.#keep(this.#ports.acceptStream(this.#reader.varint()));
      case Tag.capability:
        return this.#keep(this.#ports.acceptCapability(this.#reader.varint()));
      default:
        throw violation(`A value has the unknown tag ${tag}`);
    }
  }

  /** Makes an object known to references, before what is in it is read. */
  #keep<Kept>(object: Kept): Kept {
    this.#objects.push(object);
    return object;
  }

  #enter(): void {
    if (++this.#depth > this.#limits.depth) {
      throw overLimit(`A value is nested deeper than ${this.#limits.depth} levels`);
    }
  }

  #utf8(length: number): string {
    const start = this.#reader.skip(length);
    return this.#texts.utf8(this.#reader.bytes, start, start + length);
  }

  #brokenText(): string {
    const length = 2 * this.#reader.varint();
    const start = this.#reader.skip(length);
    return this.#texts.utf16(this.#reader.bytes.subarray(start, start + length));
  }

  /** A text that is not a value, such as the name of a property. */
  #text(): string {
    return this.#textOf(this.#reader.byte());
  }

  #textOf(tag: number): string {
    if (tag >= shortText && tag < smallInteger) return this.#utf8(tag - shortText);
    if (tag === Tag.text) return this.#utf8(this.#reader.varint());
    if (tag === Tag.brokenText) return this.#brokenText();
    throw violation("Something else stands where a text has to");
  }

  #integer(): number {
    const zigzag = this.#reader.varint();
    return zigzag >>> 1 ^ -(zigzag & 1);
  }

  #bigInt(): bigint {
    const length = this.#reader.varint();
    if (length > bigIntDigits) throw overLimit(`A bigint has more than ${bigIntDigits} digits`);
    const text = this.#utf8(length);
    if (!digits.test(text)) throw violation("A bigint has other digits than hexadecimal ones");
    return BigInt(`0x${text}`);
  }

  #negativeBigInt(): bigint {
    const value = this.#bigInt();
    if (value === 0n) throw violation("A bigint is a negative zero");
    return -value;
  }

  #reference(): unknown {
    const place = this.#reader.varint();
    if (place >= this.#objects.length) throw violation("A reference leads to nothing that came before");
    return this.#objects[place];
  }

  #array(): unknown[] {
    const length = this.#reader.varint();
    const array = this.#keep<unknown[]>([]);
    this.#enter();
    for (let index = 0; index < length; index++) array.push(this.#read());
    this.#depth--;
    return array;
  }

  #object(): object {
    const object = this.#keep<Record<string, unknown>>({});
    this.#enter();
    for (let tag = this.#reader.byte(); tag !== Tag.end; tag = this.#reader.byte()) {
      this.#add(1);
      const name = this.#textOf(tag);
      const value = this.#read();
      if (name.length >= shortestInherited && inheritedNames.has(name)) defineOwn(object, name, value);
      else object[name] = value;
    }
    this.#depth--;
    return object;
  }

  #map(): Map<unknown, unknown> {
    const length = this.#reader.varint();
    const map = this.#keep(new Map<unknown, unknown>());
    this.#enter();
    for (let index = 0; index < length; index++) {
      const key = this.#read();
      map.set(key, this.#read());
    }
    this.#depth--;
    return map;
  }

  #set(): Set<unknown> {
    const length = this.#reader.varint();
    const set = this.#keep(new Set<unknown>());
    this.#enter();
    for (let index = 0; index < length; index++) set.add(this.#read());
    this.#depth--;
    return set;
  }

  #view(): ArrayBufferView {
    const kind = viewKinds[this.#reader.byte()];
    if (kind === undefined) throw violation("A view is of an unknown kind");
    // References count views before their bytes, which are not a value of their own.
    const buffer = this.#bytes();
    if (buffer.byteLength % (kind.BYTES_PER_ELEMENT ?? 1) !== 0) throw violation("A view ends within an element");
    return this.#keep(new kind(buffer));
  }

  #bytes(): ArrayBuffer {
    const announced = this.#reader.varint();
    const length = announced >>> 1;
    if ((announced & 1) === 0) {
      const start = this.#reader.skip(length);
      return this.#reader.bytes.slice(start, start + length).buffer as ArrayBuffer;
    }
    const attachment = this.#attachments[this.#attachmentsTaken++];
    if (attachment?.byteLength !== length) throw violation("A message announces an attachment that it has not");
    return attachment;
  }

  #regExp(): RegExp {
    const source = this.#text();
    const flags = this.#text();
    if (source.length > regExpLength) throw overLimit(`A regular expression is longer than ${regExpLength}`);
    this.#add(source.length);
    try {
      return new RegExp(source, flags);
    } catch {
      throw violation("A regular expression is not one");
    }
  }

  #url(): URL {
    const url = URL.parse(this.#text());
    if (url === null) throw violation("A URL is not one");
    return url;
  }

  #error(): Error {
    const kind = errorClasses[this.#reader.byte()];
    const fields = this.#reader.byte();
    if (kind === undefined || (fields & ~allErrorFields) !== 0) throw violation("An error is of an unknown kind");
    const error = this.#keep(kind === AggregateError ? new AggregateError([]) : new (kind as ErrorConstructor)());
    define(error, "message", this.#text());
    this.#enter();
    if (fields & ErrorField.name) define(error, "name", this.#textValue());
    // The place where it was decoded would mislead.
    define(error, "stack", fields & ErrorField.stack ? this.#textValue() : undefined);
    if (fields & ErrorField.code) define(error, "code", this.#textValue());
    if (fields & ErrorField.cause) define(error, "cause", this.#read());
    if (fields & ErrorField.errors) define(error, "errors", this.#read());
    this.#depth--;
    return error;
  }

  #textValue(): string {
    const value = this.#read();
    if (typeof value !== "string") throw violation("Something else stands where a text has to");
    return value;
  }
}

/** Gives an object a property that an assignment would not. */
function defineOwn(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Gives an error a property the way its constructor does. */
function define(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, writable: true, enumerable: false, configurable: true });
}
