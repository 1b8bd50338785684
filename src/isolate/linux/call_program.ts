/**
 * Programs that are nothing but a list of system calls, made in memory and executed from there: an ELF file (elf.h) of some
 * kilobytes that the kernel starts in a fraction of a millisecond.
 *
 * @module
 */
import type { Architecture } from "./architecture.ts";
import { syscallNumber } from "./architecture.ts";
import { addresses, callCode, stepWords } from "./call_code.ts";
import type { SyscallName } from "./syscalls_x64.ts";

/** A step, which may come later in the program. */
export class Label {
  /** Its place among the steps. */
  index: number | undefined;
}

/** Where something is in the memory of the program: its distance from the start of the data. */
export interface Place {
  readonly offset: number;
}

/** What a step compares its result with, so that an earlier step can set it. */
export interface Expectation {
  readonly least: Label;
}

/** A number, or the address of something. */
export type Word = number | bigint | Place | Label | Expectation;

/** When a step counts as done, and what else it does. */
export interface StepOptions {
  /** The least result with which the program goes on. Default: 0. Errors are negative numbers. */
  readonly least?: number;
  /** The greatest one. Default: any. */
  readonly most?: number;
  /** Where it goes on then. Default: the next step. */
  readonly then?: Label;
  /** Where it goes on with every other result. */
  readonly otherwise: Label;
  /** Where the result is put, as 32 bits. */
  readonly keep?: Place | Expectation;
  /** What loses all bits but these, whatever the result is. */
  readonly mask?: { readonly at: Place; readonly bits: number };
}

/** Collects steps, and the data that they need. */
export class CallProgram {
  readonly #architecture: Architecture;
  readonly #steps: (readonly Word[])[] = [];
  readonly #failures: {
    readonly label: Label;
    readonly text: Place;
    readonly length: number;
    readonly code: number;
  }[] = [];
  readonly #data: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  readonly #pointers: { readonly at: number; readonly word: Word }[] = [];
  #dataSize = 0;
  /** Takes what is of no interest. */
  readonly #nowhere: Place;

  constructor(architecture: Architecture) {
    this.#architecture = architecture;
    this.#nowhere = this.bytes(new Uint8Array(8));
  }

  /** Puts bytes into the memory of the program. */
  bytes(bytes: Uint8Array): Place {
    const offset = this.#dataSize;
    this.#data.push({ at: offset, bytes });
    this.#dataSize = (offset + bytes.length + 7) & ~7;
    return { offset };
  }

  /** A text with a zero at its end. */
  text(text: string): Place {
    return this.bytes(encoder.encode(`${text}\0`));
  }

  /** Words of 64 bits. */
  words(words: readonly Word[]): Place {
    const { offset } = this.bytes(new Uint8Array(8 * words.length));
    for (const [index, word] of words.entries()) this.#pointers.push({ at: offset + 8 * index, word });
    return { offset };
  }

  /** Says that the next step has a label. */
  place(label: Label): void {
    label.index = this.#steps.length;
  }

  /** Adds a step. Arguments that are not given are 0. */
  call(name: SyscallName, args: readonly Word[], options: StepOptions): void {
    const { least = 0, most = Infinity, then, otherwise, keep = this.#nowhere, mask } = options;
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
    const { at, bits } = mask ?? { at: this.#nowhere, bits: 0 };
    const span = most === Infinity ? greatest : most - least;
    const number = syscallNumber(this.#architecture, name);
    if (number === undefined) throw new RangeError(`${this.#architecture} has no call ${name}`);
    this.#steps.push([number, a, b, c, d, e, f, keep, at, bits, least, span, then ?? this.#next(), otherwise]);
  }

  /** A label at which the program prints a text, and ends with a code. */
  failure(code: number, text: string): Label {
    const label = new Label();
    const bytes = encoder.encode(text);
    this.#failures.push({ label, text: this.bytes(bytes), length: bytes.length, code });
    return label;
  }

  /** The whole of it, as a file that can be executed. Nothing can be added then. */
  finish(): Uint8Array<ArrayBuffer> {
    for (const { label, text, length, code } of this.#failures) {
      this.place(label);
      this.call("write", [2, text, length], { otherwise: this.#next() });
      this.call("exit_group", [code], { then: noStep, otherwise: noStep });
    }
    const stepsSize = 8 * stepWords * this.#steps.length;
    const file = new Uint8Array(stepsAt + stepsSize + this.#dataSize);
    const view = new DataView(file.buffer);
    writeHeaders(view, this.#architecture);
    file.set(callCode[this.#architecture], codeAt);

    const addressOf = (word: Exclude<Word, number | bigint>): number => {
      if ("offset" in word) return addresses.steps + stepsSize + word.offset;
      if ("least" in word) return stepAddress(word.least) + 8 * leastWord;
      return stepAddress(word);
    };
    const put = (at: number, word: Word): void => {
      if (typeof word === "bigint") view.setBigInt64(at, word, true);
      else putNumber(view, at, typeof word === "number" ? word : addressOf(word));
    };
    let at = stepsAt;
    for (const step of this.#steps) {
      for (const word of step) {
        put(at, word);
        at += 8;
      }
    }
    for (const { at: offset, bytes } of this.#data) file.set(bytes, at + offset);
    for (const { at: offset, word } of this.#pointers) put(at + offset, word);
    return file;
  }

  #next(): Label {
    const label = new Label();
    label.index = this.#steps.length + 1;
    return label;
  }
}

const encoder = new TextEncoder();
const leastWord = 10;
/** All results that are not negative. */
const greatest = 0x7fff_ffff_ffff_ffffn;

/** Where no step is. Nothing follows the end: where even that is refused, the program crashes. */
const noStep = new Label();

/** A label without a place is at address 0, where nothing is mapped. */
function stepAddress({ index }: Label): number {
  return index === undefined ? 0 : addresses.steps + 8 * stepWords * index;
}

/** Faster than by way of a bigint. */
function putNumber(view: DataView, at: number, value: number): void {
  view.setInt32(at, value | 0, true);
  view.setInt32(at + 4, Math.floor(value / 2 ** 32), true);
}

const codeAt = addresses.code & 0xffff;
const stepsAt = addresses.steps & 0xffff;

/** ET_EXEC: it is where its addresses say. */
const executable = 2;
/** EM_X86_64 and EM_AARCH64. */
const machines: Readonly<Record<Architecture, number>> = { x64: 62, arm64: 183 };
const headerSize = 64;
const segmentSize = 56;
const segmentTypes = { load: 1, stack: 0x6474e551 } as const;
const access = { run: 1, write: 2, read: 4 } as const;
const pageSize = 0x10000;

function writeHeaders(view: DataView, architecture: Architecture): void {
  const segments = [
    {
      type: segmentTypes.load,
      flags: access.read | access.run,
      from: 0,
      to: stepsAt,
      address: addresses.code - codeAt,
    },
    {
      type: segmentTypes.load,
      flags: access.read | access.write,
      from: stepsAt,
      to: view.byteLength,
      address: addresses.steps,
    },
    { type: segmentTypes.stack, flags: access.read | access.write, from: 0, to: 0, address: 0 },
  ];
  // "\x7fELF", 64 bits, little-endian, version 1.
  view.setUint32(0, 0x7f454c46);
  view.setUint32(4, 0x02010100);
  view.setUint16(16, executable, true);
  view.setUint16(18, machines[architecture], true);
  view.setUint32(20, 1, true);
  putNumber(view, 24, addresses.code);
  putNumber(view, 32, headerSize);
  view.setUint16(52, headerSize, true);
  view.setUint16(54, segmentSize, true);
  view.setUint16(56, segments.length, true);
  for (const [index, { type, flags, from, to, address }] of segments.entries()) {
    const at = headerSize + index * segmentSize;
    view.setUint32(at, type, true);
    view.setUint32(at + 4, flags, true);
    for (const [word, value] of [from, address, address, to - from, to - from, pageSize].entries()) {
      putNumber(view, at + 8 + 8 * word, value);
    }
  }
}
