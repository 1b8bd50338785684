import { PlugmapError, quote } from "../../errors.ts";
import { elfInterpreter } from "./elf.ts";

/** The files that Bun opens before it runs anything. */
export interface RuntimeFiles {
  /** Bun. */
  readonly bun: string;
  /** The dynamic linker, at the path where the kernel looks for it. */
  readonly interpreter: string;
  /** The dynamic linker, resolved. */
  readonly linker: string;
  /** The C library and what belongs to it, resolved. */
  readonly libraries: readonly string[];
}

/**
 * Finds the files that Bun opens before it runs anything: itself, the dynamic linker and the C library. They are where the
 * distribution put them, so they are taken from a process of Bun's that is running.
 *
 * @param bun The path of Bun, resolved.
 * @param start The first bytes of that file; 4096 are enough.
 * @param maps The text of `/proc/PID/maps` of a process that runs it.
 * @returns The files.
 * @throws {PlugmapError} `tier-unavailable` if Bun is not linked dynamically, as its releases are.
 */
export function runtimeFiles(bun: string, start: Uint8Array, maps: string): RuntimeFiles {
  const interpreter = elfInterpreter(start);
  const mapped = mappedFiles(maps);
  const linker = mapped.find((path) => linkerName.test(path));
  if (interpreter === undefined || linker === undefined) {
    throw new PlugmapError("tier-unavailable", `The Bun at ${quote(bun)} names no dynamic linker, or maps none`, {
      mend: "Use a released Bun, which is linked dynamically.",
    });
  }
  return { bun, interpreter, linker, libraries: mapped.filter((path) => libraryName.test(path)) };
}

/**
 * The path of the C library.
 *
 * @param files The files that Bun needs.
 */
export function libraryOfC({ linker, libraries }: RuntimeFiles): string {
  // musl is its own dynamic linker.
  return libraries.find((path) => path.includes("/libc.so.")) ?? linker;
}

const linkerName = /\/ld-(?:linux|musl)[^/]*\.so(?:\.\d+)?$/;
/** What a release of Bun is linked to; another library in the process is one that the host opened. */
const libraryName = /\/lib(?:c|m|dl|pthread|rt|stdc\+\+|gcc_s)\.so(?:\.\d+)*$/;

/** The files that are mapped into a process: `from-to rwxp offset device inode path`. */
function mappedFiles(maps: string): string[] {
  const paths = maps.split("\n").map((line) => /^\S+ \S+ \S+ \S+ [1-9]\d* +(\/.*)$/.exec(line)?.[1]);
  return [...new Set(paths.filter((path) => path !== undefined))];
}
