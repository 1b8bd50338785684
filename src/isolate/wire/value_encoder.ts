import { messageOf, PlugmapError, quote } from "../../errors.ts";
import { Capability } from "./capability.ts";
import type { FrameWriter } from "./frame_writer.ts";
import type { WireLimits } from "./limits.ts";
import { overLimit } from "./problems.ts";
import {
  attachmentBytes,
  bigIntDigits,
  errorClasses,
  ErrorField,
  heavy,
  regExpLength,
  smallInteger,
  Tag,
  viewKinds,
} from "./tags.ts";
import { writeText } from "./text.ts";
import { describePlace, Unsendable } from "./unsendable.ts";

/** What an encoder needs of its peer for what is more than data. */
export interface OutgoingPorts {
  /** The number of a stream that is about to be sent. */
  openStream(items: AsyncIterable<unknown>): number;
  /** The number of a function. */
  offer(offered: Capability): number;
}

/** Up to here, looking through a list is faster than a Map. */
const fewObjects = 16;

const viewName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!;
const viewPlaces = new Map<string, number>(viewKinds.map((kind, place) => [kind.name, place]));
const errorPlaces = new Map<string, number>(errorClasses.map((kind, place) => [kind.name, place]));

/** Turns values into bytes. One at a time: a getter that encodes another value needs another encoder. */
export class ValueEncoder {
  readonly #writer: FrameWriter;
  readonly #limits: WireLimits;
  readonly #ports: OutgoingPorts;

  /** Values in what was written last. */
  count = 0;
  #objects: object[] = [];
  /** The places of {@linkcode #objects}, once there are more than a few. */
  #places: Map<object, number> | undefined;
  /** How the value that is being written is reached. */
  readonly #path: (string | number)[] = [];
  /** How many steps of it count. */
  #depth = 0;
  /** Whether somebody has given `Object.prototype` a property that a loop over the names of an object finds. */
  #isPolluted = false;

  constructor(writer: FrameWriter, limits: WireLimits, ports: OutgoingPorts) {
    this.#writer = writer;
    this.#limits = limits;
    this.#ports = ports;
  }

  /**
   * Writes a value into the frame.
   *
   * @param value Anything.
   * @param root What the value is, for errors.
   * @throws {PlugmapError} `isolate-value` for what cannot be sent, `isolate-limit` for what is too deep or too much.
   */
  encode(value: unknown, root: string): void {
    this.count = 0;
    this.#depth = 0;
    this.#isPolluted = hasNames(Object.prototype);
    try {
      this.#write(value);
    } catch (thrown) {
      throw this.#explain(thrown, root);
    } finally {
      // What was sent is not ours to keep alive.
      if (this.#objects.length > 0) this.#objects = [];
      this.#places = undefined;
    }
  }

  #explain(thrown: unknown, root: string): PlugmapError {
    const place = describePlace(root, this.#path.slice(0, this.#depth));
    if (thrown instanceof Unsendable) {
      return new PlugmapError("isolate-value", `Cannot send ${place}, which is ${thrown.kind}`, { mend: thrown.mend });
    }
    if (thrown instanceof PlugmapError && thrown.code === "isolate-limit") return thrown;
    return new PlugmapError("isolate-value", `Cannot read ${place}: ${messageOf(thrown)}`, { cause: thrown });
  }

  #write(value: unknown): void {
    this.#add(1);
    switch (typeof value) {
      case "string":
        return writeText(this.#writer, value);
      case "number":
        return this.#number(value);
      case "object":
        return value === null ? this.#writer.byte(Tag.null) : this.#object(value);
      case "boolean":
        return this.#writer.byte(value ? Tag.true : Tag.false);
      case "undefined":
        return this.#writer.byte(Tag.undefined);
      case "bigint":
        return this.#bigInt(value);
      case "symbol":
        throw new Unsendable("a symbol");
      case "function":
        throw new Unsendable(
          "a function",
          'Send data; what a host offers to be called belongs into its option "context".',
        );
    }
  }

  /** Writes what a step leads to. */
  #step(step: string | number, value: unknown): void {
    this.#path[this.#depth++] = step;
    this.#write(value);
    this.#depth--;
  }

  #add(values: number): void {
    this.count += values;
    if (this.count <= this.#limits.values) return;
    throw overLimit(
      `A message has more than ${this.#limits.values} values`,
      "Send a stream, or several smaller messages.",
    );
  }

  /** Begins what counts as more than one value. */
  #begin(tag: number): void {
    this.#add(heavy);
    this.#writer.byte(tag);
  }

  #number(value: number): void {
    const writer = this.#writer;
    const integer = value | 0;
    if (integer !== value || (integer === 0 && 1 / value < 0)) {
      writer.byte(Tag.float);
      writer.float(value);
    } else if (integer >= 0 && integer < 0x80) {
      writer.byte(smallInteger + integer);
    } else {
      writer.byte(Tag.integer);
      writer.varint((integer << 1 ^ integer >> 31) >>> 0);
    }
  }

  #bigInt(value: bigint): void {
    const isNegative = value < 0n;
    const digits = (isNegative ? -value : value).toString(16);
    if (digits.length > bigIntDigits) throw new Unsendable("a bigint of more than a million bits");
    const writer = this.#writer;
    writer.byte(isNegative ? Tag.negativeBigInt : Tag.positiveBigInt);
    writer.varint(digits.length);
    writer.reserve(digits.length);
    for (let index = 0; index < digits.length; index++) writer.buffer[writer.position++] = digits.charCodeAt(index);
  }

  #object(value: object): void {
    const place = this.#placeOf(value);
    if (place >= 0) {
      this.#writer.byte(Tag.reference);
      return this.#writer.varint(place);
    }
    this.#remember(value);
    if (this.#depth >= this.#limits.depth) {
      throw overLimit(`A value is nested deeper than ${this.#limits.depth} levels`, "Send it flat.");
    }
    if (Array.isArray(value)) return this.#array(value);
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      if (Symbol.asyncIterator in value) return this.#stream(value as AsyncIterable<unknown>);
      return this.#plain(value);
    }
    this.#special(value);
  }

  #placeOf(value: object): number {
    return this.#places === undefined ? this.#objects.indexOf(value) : this.#places.get(value) ?? -1;
  }

  #remember(value: object): void {
    const place = this.#objects.push(value) - 1;
    if (this.#places !== undefined) this.#places.set(value, place);
    else if (place === fewObjects) this.#places = new Map(this.#objects.map((object, place) => [object, place]));
  }

  #array(value: readonly unknown[]): void {
    const { length } = value;
    this.#writer.byte(Tag.array);
    this.#writer.varint(length);
    for (let index = 0; index < length; index++) {
      this.#path[this.#depth++] = index;
      this.#write(value[index]);
      this.#depth--;
    }
  }

  /** Writes an object whose prototype has nothing to enumerate. */
  #plain(value: object): void {
    if (this.#isPolluted) return this.#instance(value);
    this.#writer.byte(Tag.object);
    for (const key in value) this.#property(value as Record<string, unknown>, key);
    this.#writer.byte(Tag.end);
  }

  /** Writes the own properties of an object. */
  #instance(value: object): void {
    this.#writer.byte(Tag.object);
    for (const key of Object.keys(value)) this.#property(value as Record<string, unknown>, key);
    this.#writer.byte(Tag.end);
  }

  #property(value: Record<string, unknown>, key: string): void {
    this.#add(1);
    writeText(this.#writer, key);
    this.#path[this.#depth++] = key;
    this.#write(value[key]);
    this.#depth--;
  }

  #stream(items: AsyncIterable<unknown>): void {
    this.#begin(Tag.stream);
    this.#writer.varint(this.#ports.openStream(items));
  }

  #special(value: object): void {
    if (ArrayBuffer.isView(value)) return this.#view(value);
    const writer = this.#writer;
    if (value instanceof Map) {
      // A getter in it may change it.
      const entries = [...value];
      this.#begin(Tag.map);
      writer.varint(entries.length);
      for (const [index, [key, item]] of entries.entries()) {
        this.#step(index, key);
        this.#step(index, item);
      }
    } else if (value instanceof Set) {
      const members = [...value];
      this.#begin(Tag.set);
      writer.varint(members.length);
      for (const [index, member] of members.entries()) this.#step(index, member);
    } else if (value instanceof Error) {
      this.#error(value);
    } else if (value instanceof Date) {
      this.#begin(Tag.date);
      writer.float(Date.prototype.getTime.call(value));
    } else if (value instanceof ArrayBuffer) {
      this.#begin(Tag.buffer);
      this.#bytes(new Uint8Array(value));
    } else if (value instanceof RegExp) {
      if (value.source.length > regExpLength) throw new Unsendable("a regular expression that is too long");
      this.#add(value.source.length);
      this.#begin(Tag.regExp);
      writeText(writer, value.source);
      writeText(writer, value.flags);
    } else if (value instanceof URL) {
      this.#begin(Tag.url);
      writeText(writer, value.href);
    } else if (value instanceof Capability) {
      this.#begin(Tag.capability);
      writer.varint(this.#ports.offer(value));
    } else {
      this.#other(value);
    }
  }

  /** Writes an object of a class, unless it is one of the runtime, which would arrive empty. */
  #other(value: object): void {
    if (Symbol.asyncIterator in value) return this.#stream(value as AsyncIterable<unknown>);
    const kind = Object.prototype.toString.call(value).slice("[object ".length, -1);
    if (kind !== "Object") throw new Unsendable(`of class ${quote(kind)}`, "Send what it holds, as data.");
    this.#instance(value);
  }

  #view(view: ArrayBufferView): void {
    if (!(view.buffer instanceof ArrayBuffer)) throw new Unsendable("a view on memory that is shared");
    this.#begin(Tag.view);
    this.#writer.byte(viewPlaces.get(viewName.call(view) as string | undefined ?? "DataView")!);
    this.#bytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }

  #bytes(bytes: Uint8Array): void {
    const isAttached = bytes.length >= attachmentBytes;
    if (bytes.length > this.#limits.messageBytes) {
      throw overLimit(`A message is larger than ${this.#limits.messageBytes} bytes`, "Send a stream.");
    }
    this.#writer.varint(bytes.length * 2 + (isAttached ? 1 : 0));
    if (isAttached) this.#writer.attach(bytes);
    else this.#writer.bytes(bytes);
  }

  #error(error: Error): void {
    const writer = this.#writer;
    const name = textOf(error.name) ?? "Error";
    const errors = (error as { errors?: unknown }).errors;
    const isKnown = name === "AggregateError" ? Array.isArray(errors) : errorPlaces.has(name);
    // In the order of ErrorField.
    const fields: [number, string, unknown][] = [
      [ErrorField.name, "name", isKnown ? undefined : name],
      [ErrorField.stack, "stack", textOf(error.stack)],
      [ErrorField.code, "code", textOf((error as { code?: unknown }).code)],
      [ErrorField.cause, "cause", error.cause],
      [ErrorField.errors, "errors", isKnown && name === "AggregateError" ? errors : undefined],
    ];
    const present = fields.filter(([, , value]) => value !== undefined);
    this.#begin(Tag.error);
    writer.byte(isKnown ? errorPlaces.get(name)! : 0);
    writer.byte(present.reduce((sum, [field]) => sum + field, 0));
    writeText(writer, textOf(error.message) ?? "");
    for (const [, step, value] of present) this.#step(step, value);
  }
}

function hasNames(object: object): boolean {
  for (const _ in object) return true;
  return false;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
