import { closeSync, openSync, readFileSync, readSync, realpathSync } from "node:fs";
import process from "node:process";
import { PlugmapError, quote } from "../../errors.ts";
import { isSupported, syscallNumber } from "./architecture.ts";
import type { Architecture } from "./architecture.ts";
import { bunFfi, systemCalls } from "./bun_ffi.ts";
import type { Ffi, SystemCalls } from "./bun_ffi.ts";
import { openMemoryFile } from "./memory_file.ts";
import type { LinuxFacts } from "./plan.ts";
import { libraryOfC, runtimeFiles } from "./runtime_files.ts";
import { verdicts } from "./seccomp.ts";

/**
 * Finds out whether this Bun can start confined ones, and what that needs. The kernel is asked, and not a version compared:
 * distributions leave things out and bring others back.
 *
 * @returns The facts. `landlockAbi` is 0 where the kernel has no Landlock; there, bubblewrap may do.
 * @throws {PlugmapError} `tier-unavailable` if this is not Bun on Linux, on an architecture that filters are made for, or the
 * kernel has no seccomp filters, or does not let files in memory be executed.
 */
export function detectLinux(): LinuxFacts {
  const ffi = bunFfi();
  if (process.platform !== "linux" || ffi === undefined) {
    throw new PlugmapError("tier-unavailable", "Landlock and seccomp are for Bun on Linux");
  }
  const architecture: string = process.arch;
  if (!isSupported(architecture)) {
    throw new PlugmapError("tier-unavailable", `There are no filters for the architecture ${quote(architecture)}`);
  }
  const bun = realpathSync(process.execPath);
  const files = runtimeFiles(bun, startOf(bun), readFileSync("/proc/self/maps", "utf8"));
  const system = systemCalls(ffi, libraryOfC(files));
  requireSeccomp(ffi, system, architecture);
  closeSync(openMemoryFile(new Uint8Array(0), { architecture, files }));
  return { architecture, landlockAbi: landlockAbi(system, architecture), files };
}

/** The first bytes of a file that has a hundred million. */
function startOf(path: string): Uint8Array {
  const file = openSync(path, "r");
  try {
    const start = new Uint8Array(4096);
    return start.subarray(0, readSync(file, start));
  } finally {
    closeSync(file);
  }
}

const LANDLOCK_CREATE_RULESET_VERSION = 1;

/** 0 if the kernel was built without Landlock (ENOSYS) or started without it (EOPNOTSUPP). */
function landlockAbi({ call }: SystemCalls, architecture: Architecture): number {
  const number = syscallNumber(architecture, "landlock_create_ruleset")!;
  return Math.max(0, call(number, 0, 0, LANDLOCK_CREATE_RULESET_VERSION));
}

const SECCOMP_GET_ACTION_AVAIL = 2;

function requireSeccomp(ffi: Ffi, { call }: SystemCalls, architecture: Architecture): void {
  const number = syscallNumber(architecture, "seccomp")!;
  for (const verdict of [verdicts.error, verdicts.kill]) {
    if (call(number, SECCOMP_GET_ACTION_AVAIL, 0, ffi.ptr(new Uint32Array([verdict]))) === 0) continue;
    throw new PlugmapError("tier-unavailable", "The kernel does not let processes filter their system calls", {
      mend: "Use a kernel with CONFIG_SECCOMP_FILTER, and a container whose own filter allows seccomp().",
    });
  }
}
