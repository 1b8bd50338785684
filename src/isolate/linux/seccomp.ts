/**
 * Makes a seccomp filter out of rules (Documentation/userspace-api/seccomp_filter.rst, linux/seccomp.h).
 *
 * @module
 */
import type { Architecture } from "./architecture.ts";
import { auditArchitectures, syscallNumber } from "./architecture.ts";
import { Assembler, encodeProgram, Label } from "./bpf.ts";
import { errno } from "./errno.ts";
import type { Condition, SyscallRule, Unknown } from "./syscall_rule.ts";

/** What a filter can answer. */
export const verdicts = {
  /** SECCOMP_RET_KILL_PROCESS. */
  kill: 0x80000000,
  /** SECCOMP_RET_ERRNO, to which the number is added. */
  error: 0x00050000,
  /** SECCOMP_RET_ALLOW. */
  allow: 0x7fff0000,
} as const;

/** Where things are in `struct seccomp_data`, which describes the call. */
const offsets = { number: 0, architecture: 4, arguments: 16 } as const;

/** __X32_SYSCALL_BIT: the calls of a third ABI on x64, with other numbers. */
const x32 = 0x40000000;

/** Numbers above it are of calls that no rule knows; programs that meet ENOSYS do without. */
const newestNumber = 450;

/** A filter, and what is still to be filled in. */
export interface Filter {
  /** The instructions, as the kernel takes them, in words of 32 bits. */
  readonly program: readonly number[];
  /** The indexes of the instructions whose operand the launcher sets. */
  readonly blanks: Readonly<Partial<Record<Unknown, readonly number[]>>>;
}

/**
 * Makes the filter for an architecture.
 *
 * Calls of another architecture end the process: their numbers mean other things. So do those of x32. A call that no rule
 * names fails with EPERM.
 *
 * @param rules What is allowed. Calls that the architecture does not have are left out.
 * @param architecture Whose numbers to use.
 * @returns The program, and where the launcher fills in what only it knows.
 */
export function seccompFilter(rules: readonly SyscallRule[], architecture: Architecture): Filter {
  const assembler = new Assembler();
  const blanks: Partial<Record<Unknown, number[]>> = {};
  const compare = (value: number | Unknown, whenTrue?: Label, whenFalse?: Label): void => {
    if (typeof value === "string") (blanks[value] ??= []).push(assembler.length);
    assembler.ifEqual(typeof value === "string" ? 0 : value, whenTrue, whenFalse);
  };

  const foreign = new Label();
  const native = new Label();
  assembler.load(offsets.architecture);
  assembler.ifEqual(auditArchitectures[architecture], undefined, foreign);
  assembler.load(offsets.number);
  assembler.ifGreater(x32 - 1, foreign, native);
  assembler.place(foreign);
  assembler.result(verdicts.kill);
  assembler.place(native);

  for (const { calls, when, otherwise = errno.EPERM } of rules) {
    const numbers = calls.map((call) => syscallNumber(architecture, call)).filter((number) => number !== undefined);
    if (numbers.length === 0) continue;
    const matched = new Label();
    const next = new Label();
    numbers.forEach((number, index) => {
      const isLast = index === numbers.length - 1;
      assembler.ifEqual(number, isLast ? undefined : matched, isLast ? next : undefined);
    });
    assembler.place(matched);
    if (when === undefined) {
      assembler.result(verdicts.allow);
    } else {
      for (const conditions of when) {
        const failed = new Label();
        for (const condition of conditions) require(assembler, condition, failed, compare);
        assembler.result(verdicts.allow);
        assembler.place(failed);
      }
      assembler.result(verdicts.error | otherwise);
    }
    assembler.place(next);
  }

  const unknown = new Label();
  assembler.ifGreater(newestNumber, unknown);
  assembler.result(verdicts.error | errno.EPERM);
  assembler.place(unknown);
  assembler.result(verdicts.error | errno.ENOSYS);
  return { program: encodeProgram(assembler.finish()), blanks };
}

/** Goes on if a condition holds, and to `failed` if not. */
function require(
  assembler: Assembler,
  { argument, mask, is, high }: Condition,
  failed: Label,
  compare: (value: number | Unknown, whenTrue?: Label, whenFalse?: Label) => void,
): void {
  const lower = offsets.arguments + 8 * argument;
  const values = typeof is === "string" ? [is] : is;
  const held = new Label();
  assembler.load(lower);
  if (mask !== undefined) assembler.and(mask);
  values.forEach((value, index) => {
    const isLast = index === values.length - 1;
    compare(value, isLast ? undefined : held, isLast ? failed : undefined);
  });
  assembler.place(held);
  if (high === undefined) return;
  assembler.load(lower + 4);
  compare(high, undefined, failed);
}
