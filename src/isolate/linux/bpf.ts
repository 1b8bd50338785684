/**
 * An assembler for classic BPF, the language of seccomp filters (linux/filter.h, linux/bpf_common.h).
 *
 * @module
 */

/** One instruction, as the kernel takes it: `struct sock_filter`. */
export interface Instruction {
  /** What to do. */
  readonly code: number;
  /** How many instructions to skip if a comparison holds. */
  readonly jumpTrue: number;
  /** How many to skip if it does not. */
  readonly jumpFalse: number;
  /** The operand. */
  readonly operand: number;
}

/** The instructions that a filter of ours uses. */
export const codes = {
  /** BPF_LD | BPF_W | BPF_ABS: loads 32 bits of the call's data. */
  load: 0x20,
  /** BPF_ALU | BPF_AND | BPF_K. */
  and: 0x54,
  /** BPF_JMP | BPF_JA. */
  jump: 0x05,
  /** BPF_JMP | BPF_JEQ | BPF_K. */
  jumpIfEqual: 0x15,
  /** BPF_JMP | BPF_JGT | BPF_K, unsigned. */
  jumpIfGreater: 0x25,
  /** BPF_RET | BPF_K. */
  result: 0x06,
} as const;

/** The most that the kernel takes (BPF_MAXINSNS). */
export const maximumInstructions = 4096;

/** The longest conditional jump. */
const longestJump = 255;

/** A place in a program that jumps can lead to before it is known where it is. */
export class Label {
  /** Index of the instruction it stands before, once placed. */
  position: number | undefined;
}

/** Builds a program from its start to its end; jumps lead forward only, as the kernel demands. */
export class Assembler {
  readonly #made: { code: number; operand: number; whenTrue?: Label; whenFalse?: Label }[] = [];

  /** How many instructions there are so far, which is the index of the next. */
  get length(): number {
    return this.#made.length;
  }

  /** Loads 32 bits of the data that describes the call. */
  load(offset: number): void {
    this.#made.push({ code: codes.load, operand: offset });
  }

  /** Clears the bits of what was loaded that are not in `mask`. */
  and(mask: number): void {
    this.#made.push({ code: codes.and, operand: mask });
  }

  /** Compares what was loaded; a way without a label goes on with the next instruction. */
  ifEqual(value: number, whenTrue?: Label, whenFalse?: Label): void {
    this.#branch(codes.jumpIfEqual, value, whenTrue, whenFalse);
  }

  /** Compares what was loaded, as unsigned numbers. */
  ifGreater(value: number, whenTrue?: Label, whenFalse?: Label): void {
    this.#branch(codes.jumpIfGreater, value, whenTrue, whenFalse);
  }

  /** Goes to a label, however far. */
  jump(target: Label): void {
    this.#made.push({ code: codes.jump, operand: 0, whenTrue: target });
  }

  /** Ends with a verdict. */
  result(verdict: number): void {
    this.#made.push({ code: codes.result, operand: verdict });
  }

  /** Puts a label before the next instruction. */
  place(label: Label): void {
    label.position = this.#made.length;
  }

  /** The program, with all jumps resolved. */
  finish(): Instruction[] {
    if (this.#made.length > maximumInstructions) throw new RangeError(`${this.#made.length} instructions are too many`);
    return this.#made.map(({ code, operand, whenTrue, whenFalse }, index) => {
      const jumpTrue = distance(index, whenTrue);
      if (code === codes.jump) return { code, jumpTrue: 0, jumpFalse: 0, operand: jumpTrue };
      const jumpFalse = distance(index, whenFalse);
      if (Math.max(jumpTrue, jumpFalse) > longestJump) throw new RangeError(`The jump at ${index} is too long`);
      return { code, jumpTrue, jumpFalse, operand };
    });
  }

  #branch(code: number, operand: number, whenTrue: Label | undefined, whenFalse: Label | undefined): void {
    this.#made.push({ code, operand, ...(whenTrue && { whenTrue }), ...(whenFalse && { whenFalse }) });
  }
}

function distance(from: number, label: Label | undefined): number {
  if (label === undefined) return 0;
  if (label.position === undefined || label.position <= from) throw new RangeError(`The jump at ${from} leads nowhere`);
  return label.position - from - 1;
}

/** A program as the kernel takes it: an array of `struct sock_filter`, here as two little-endian words for each. */
export function encodeProgram(instructions: readonly Instruction[]): number[] {
  return instructions.flatMap(({ code, jumpTrue, jumpFalse, operand }) => [
    (code | jumpTrue << 16 | jumpFalse << 24) >>> 0,
    operand >>> 0,
  ]);
}
