import type { SyscallName } from "./syscalls_x64.ts";

/** What an argument of a call has to be. */
export interface Condition {
  /** Which argument, from 0. */
  readonly argument: number;
  /** The bits of its lower half that are looked at; by default all. */
  readonly mask?: number;
  /** What those bits may be, or a number that the launcher fills in because nobody knows it earlier. */
  readonly is: readonly number[] | Unknown;
  /**
   * What the upper half has to be. Left out where the kernel takes an `int`, and so does not look at it.
   */
  readonly high?: 0 | Unknown;
}

/** Stands for the process's own id, or for one of the six parts of the secret that opens the gate of execve. */
export type Unknown = "pid" | `secret${0 | 1 | 2 | 3 | 4 | 5}`;

/** Some calls, and when they are allowed. */
export interface SyscallRule {
  readonly calls: readonly SyscallName[];
  /** Allowed if all conditions of one of these lists hold; without any list, always; with an empty one, never. */
  readonly when?: readonly (readonly Condition[])[];
  /** The error otherwise, by default EPERM. */
  readonly otherwise?: number;
}
