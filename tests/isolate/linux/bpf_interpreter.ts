/**
 * Runs classic BPF as the kernel does, to tell what a filter answers without a kernel that has it.
 *
 * @module
 */

/** A system call, as a filter sees it. */
export interface Call {
  /** AUDIT_ARCH_*. */
  readonly architecture: number;
  readonly number: number;
  readonly arguments?: readonly bigint[];
}

/**
 * What a filter answers: SECCOMP_RET_*.
 *
 * @param program The instructions: two words each, `struct sock_filter`.
 */
export function verdictOf(program: readonly number[], call: Call): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call.number, true);
  data.setUint32(4, call.architecture, true);
  call.arguments?.forEach((value, index) => data.setBigUint64(16 + 8 * index, BigInt.asUintN(64, value), true));
  let accumulator = 0;
  for (let at = 0; at < program.length / 2; at++) {
    const [first, operand] = [program[2 * at]!, program[2 * at + 1]!];
    const code = first & 0xffff;
    const jump = (holds: boolean): number => first >>> (holds ? 16 : 24) & 0xff;
    if (code === 0x20) accumulator = data.getUint32(operand, true);
    else if (code === 0x54) accumulator = (accumulator & operand) >>> 0;
    else if (code === 0x05) at += operand;
    else if (code === 0x15) at += jump(accumulator === operand);
    else if (code === 0x25) at += jump(accumulator > operand);
    else if (code === 0x06) return operand;
    else throw new Error(`Instruction ${code} is not one that a filter of ours has`);
  }
  throw new Error("The program has no end");
}
