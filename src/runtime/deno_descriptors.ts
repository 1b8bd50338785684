/**
 * File descriptors that the host was itself started with, by a supervisor or a shell, and that nobody has marked to be
 * closed when another program is executed. What is a socket or a pipe can be used by whoever has it without any permission
 * of Deno's. Deno marks its own.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

interface DenoNamespace {
  readonly permissions: { querySync(descriptor: { name: "ffi" }): { readonly state: string } };
  dlopen(
    library: string,
    symbols: object,
  ): { symbols: { fcntl(file: number, command: number, value: number): number } };
}

const folder = "/proc/self/fdinfo";

/** O_CLOEXEC of asm-generic/fcntl.h, in the octal that the kernel tells flags in. */
const closesOnExec = 0o2000000;

// asm-generic/fcntl.h
const F_SETFD = 2;
const FD_CLOEXEC = 1;

/** Sets the mark of a descriptor; undefined where the host may not. */
let mark: ((descriptor: number, closes: boolean) => boolean) | undefined;

/** The descriptors that processes have which are started from here, although they should not; none where that is not to be seen. */
export function leakedDescriptors(): readonly number[] {
  return canMark() ? [] : unmarkedDescriptors();
}

/** Starts a process that has none of them. They keep no other mark afterwards: the host may want to hand them on itself. */
export function withoutLeaks<Started>(start: () => Started): Started {
  const unmarked = canMark() ? unmarkedDescriptors() : [];
  for (const descriptor of unmarked) mark!(descriptor, true);
  try {
    return start();
  } finally {
    for (const descriptor of unmarked) mark!(descriptor, false);
  }
}

function unmarkedDescriptors(): readonly number[] {
  if (process.platform !== "linux") return [];
  try {
    return readdirSync(folder).map(Number).filter((descriptor) => descriptor > 2 && isUnmarked(descriptor));
  } catch {
    // Deno lets a host look there only if it may do everything.
    return [];
  }
}

function isUnmarked(descriptor: number): boolean {
  try {
    const [, flags = "0"] = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`${folder}/${descriptor}`, "utf8")) ?? [];
    return (Number.parseInt(flags, 8) & closesOnExec) === 0;
  } catch {
    // It was open while the folder was read, and is not any more: the reading itself has one.
    return false;
  }
}

function canMark(): boolean {
  if (mark !== undefined) return true;
  if (process.platform !== "linux") return false;
  const deno = (globalThis as unknown as { Deno: DenoNamespace }).Deno;
  // Without a look at the permission first, Deno would ask at the terminal.
  if (deno.permissions.querySync({ name: "ffi" }).state !== "granted") return false;
  try {
    const signature = { parameters: ["i32", "i32", "i32"], result: "i32" };
    const { symbols } = deno.dlopen("libc.so.6", { fcntl: signature });
    mark = (descriptor, closes) => symbols.fcntl(descriptor, F_SETFD, closes ? FD_CLOEXEC : 0) === 0;
    return true;
  } catch {
    // A system with another library of C.
    return false;
  }
}
