import { closeSync, writeSync } from "node:fs";
import { PlugmapError } from "../../errors.ts";
import { syscallNumber } from "./architecture.ts";
import { bunFfi, systemCalls } from "./bun_ffi.ts";
import { errno } from "./errno.ts";
import type { LinuxFacts } from "./plan.ts";
import { libraryOfC } from "./runtime_files.ts";

// linux/memfd.h
const MFD_CLOEXEC = 1;
const MFD_EXEC = 0x10;

/** Creates an empty file. */
let create: (() => number) | undefined;

/**
 * Opens a file that is in no folder, can be executed, and is gone once nobody has it open.
 *
 * @param bytes What is in it.
 * @param facts The machine.
 * @returns Its file descriptor, which no process that is started gets.
 * @throws {PlugmapError} `tier-unavailable` if the system does not let files in memory be made, or be executed.
 */
export function openMemoryFile(bytes: Uint8Array, facts: Pick<LinuxFacts, "architecture" | "files">): number {
  create ??= memoryFiles(facts);
  const file = create();
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function memoryFiles({ architecture, files }: Pick<LinuxFacts, "architecture" | "files">): () => number {
  const ffi = bunFfi()!;
  const system = systemCalls(ffi, libraryOfC(files));
  const number = syscallNumber(architecture, "memfd_create")!;
  const name = new TextEncoder().encode("plugmap\0");
  return () => {
    let file = system.call(number, ffi.ptr(name), MFD_CLOEXEC | MFD_EXEC);
    // Before Linux 6.3, every one can be executed, and the flag is unknown.
    if (file < 0 && system.errno() === errno.EINVAL) file = system.call(number, ffi.ptr(name), MFD_CLOEXEC);
    if (file >= 0) return file;
    const problem = system.errno();
    if (problem !== errno.EACCES) {
      throw new PlugmapError("tier-unavailable", `A file in memory cannot be made: errno ${problem}`);
    }
    throw new PlugmapError("tier-unavailable", "Files in memory cannot be executed here", {
      mend: "Set vm.memfd_noexec to 0 or 1.",
    });
  };
}
