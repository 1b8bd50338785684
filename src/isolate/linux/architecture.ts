import { syscallsArm64 } from "./syscalls_arm64.ts";
import { type SyscallName, syscallsX64 } from "./syscalls_x64.ts";

/** An architecture that Bun can be confined on, with the name that `process.arch` has for it. */
export type Architecture = "x64" | "arm64";

/** How filters tell architectures apart: AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64 (linux/audit.h). */
export const auditArchitectures: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

const tables: Readonly<Record<Architecture, Readonly<Partial<Record<SyscallName, number>>>>> = {
  x64: syscallsX64,
  arm64: syscallsArm64,
};

/** Whether Bun can be confined on an architecture. */
export function isSupported(architecture: string): architecture is Architecture {
  return Object.hasOwn(tables, architecture);
}

/** The number of a system call; `undefined` if the architecture does not have it. */
export function syscallNumber(architecture: Architecture, name: SyscallName): number | undefined {
  return tables[architecture][name];
}
