/** What a plugin's process may use. */
export interface ResourceLimits {
  /** Bytes of memory for JavaScript values and what Bun needs beside them; by default no limit but the machine's. */
  readonly memory?: number | undefined;
  /** Seconds of processor time over the life of the process; by default no limit. */
  readonly processorTime?: number | undefined;
  /** Files open at a time, by default 256. */
  readonly openFiles?: number | undefined;
}

/** RLIMIT_* of asm-generic/resource.h, the same on x64 and arm64. */
const resources = { processorTime: 0, fileSize: 1, core: 4, openFiles: 7, addressSpace: 9 } as const;

const defaultOpenFiles = 256;

const mebibyte = 1024 * 1024;

/**
 * Address space is what can be limited, and Bun reserves 10 GB of it at start, most of it for nothing. Where it cannot have
 * that, it goes on without its compiler. So it is told to reserve less; what it maps beside its heap is then this much.
 */
const mappedBesides = 384 * mebibyte;

/** Variables of JavaScriptCore's for a process whose memory is limited, in bytes and in KiB. */
const smallReservations: Readonly<Record<string, string>> = {
  BUN_JSC_jitMemoryReservationSize: String(64 * mebibyte),
  BUN_JSC_structureHeapSizeInKB: String(128 * 1024),
};

/** The names of the variables that a process gets for its limits, and not because they are granted. */
export const limitVariables: readonly string[] = Object.keys(smallReservations);

/** The variables that Bun needs to start within its limits. */
export function limitEnvironment({ memory }: ResourceLimits): Readonly<Record<string, string>> {
  return memory === undefined ? {} : smallReservations;
}

/**
 * The resource limits of a process, for the launcher.
 *
 * @param limits What it may use.
 * @param writes Whether it may write files. If not, it cannot make one larger either.
 */
export function resourceLimits(limits: ResourceLimits, writes: boolean): [resource: number, most: number][] {
  const { memory, processorTime, openFiles = defaultOpenFiles } = limits;
  // A core file would hold the plugin's memory, in a folder it was not granted.
  const set: [number, number][] = [[resources.core, 0], [resources.openFiles, openFiles]];
  if (!writes) set.push([resources.fileSize, 0]);
  if (processorTime !== undefined) set.push([resources.processorTime, processorTime]);
  if (memory !== undefined) set.push([resources.addressSpace, memory + mappedBesides]);
  return set;
}
