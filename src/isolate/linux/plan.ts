import { Buffer } from "node:buffer";
import { PlugmapError } from "../../errors.ts";
import { isGranted } from "../../permissions/granted.ts";
import type { PermissionSet } from "../../permissions/types.ts";
import type { Architecture } from "./architecture.ts";
import { bootText, flagsFor } from "./command.ts";
import { heldBy, pathRules, rightsOfFiles, withheldBy } from "./landlock.ts";
import type { Held } from "./landlock.ts";
import type { LaunchJob } from "./launch_job.ts";
import type { ResourceLimits } from "./limits.ts";
import { limitEnvironment, resourceLimits } from "./limits.ts";
import type { PermissionReport } from "../enforcement.ts";
import { confinementReport } from "./report.ts";
import type { RuntimeFiles } from "./runtime_files.ts";
import { seccompFilter } from "./seccomp.ts";
import { syscallRules } from "./syscall_rules.ts";

/** What is known about the machine and the Bun on it. */
export interface LinuxFacts {
  /** The architecture. */
  readonly architecture: Architecture;
  /** The ABI of Landlock, from 1; 0 if the kernel does not have it. */
  readonly landlockAbi: number;
  /** The files that Bun needs. */
  readonly files: RuntimeFiles;
}

/** How to start a confined Bun. */
export interface Confinement {
  /** What the launcher is to do. */
  readonly job: LaunchJob;
  /** What enforces each permission. */
  readonly report: readonly PermissionReport[];
}

/** What a confinement is made for. */
export interface ConfinementOptions {
  /** What is granted, with absolute and resolved paths, also for `run`. A path where nothing is then grants nothing. */
  readonly granted: PermissionSet;
  /** The machine. */
  readonly facts: LinuxFacts;
  /** The text that it runs: a script, with `import()` but without `import`. */
  readonly program: string;
  /** The variables that the plugin gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** The id of the process that will start the launcher. */
  readonly parent: number;
  /** What the process may use. */
  readonly limits?: ResourceLimits;
}

/**
 * Plans how to confine a Bun to what is granted: Landlock rules, a seccomp filter, and resource limits.
 *
 * @param options What is granted, and where.
 * @returns The job for the launcher, and what enforces each permission.
 * @throws {PlugmapError} `tier-unavailable` if the kernel has no Landlock.
 */
export function planConfinement(options: ConfinementOptions): Confinement {
  const { granted, facts } = options;
  const { landlockAbi } = facts;
  if (landlockAbi < 1) throw withoutLandlock();
  const withheld = withheldBy(landlockAbi);
  const job: LaunchJob = {
    ...jobWithoutFiles(options, heldBy(landlockAbi)),
    landlock: {
      withheld,
      paths: pathRules(granted, facts.files, landlockAbi),
      rightsOfFiles: rightsOfFiles & withheld.files,
    },
  };
  return { job, report: confinementReport(granted, landlockAbi) };
}

/** Why a kernel without Landlock does not do. */
export function withoutLandlock(): PlugmapError {
  return new PlugmapError("tier-unavailable", "The kernel has no Landlock, or it is switched off", {
    mend: "Use Linux 5.13 or later, and name landlock in the kernel's parameter lsm=.",
  });
}

/**
 * CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH and CAP_FOWNER: root goes on to reach the files that it is granted. All others are
 * dropped.
 */
const keptCapabilities = 1 << 1 | 1 << 2 | 1 << 3;

/** A job in which something else than Landlock keeps files away. */
export function jobWithoutFiles(options: ConfinementOptions, held: Held): LaunchJob {
  const { granted, facts, program: text, environment, parent, limits = {} } = options;
  const { architecture, files } = facts;
  const write = isGranted(granted.write);
  const rules = syscallRules({ write, run: isGranted(granted.run), ...held });
  const { program, blanks } = seccompFilter(rules, architecture);
  const variables = Object.entries({ ...environment, ...limitEnvironment(limits) }).map(([name, value]) =>
    `${name}=${value}`
  );
  requireShort([text, ...variables]);
  return {
    landlock: null,
    filter: program,
    blanks,
    limits: resourceLimits(limits, write),
    capabilities: keptCapabilities,
    command: [files.bun, ...flagsFor(granted), "-e", bootText, text],
    environment: variables,
    parent,
  };
}

/** The longest string that Linux takes as an argument or a variable (MAX_ARG_STRLEN), less the zero at its end. */
const longestArgument = 131_071;

function requireShort(words: readonly string[]): void {
  if (words.every((word) => Buffer.byteLength(word) <= longestArgument)) return;
  throw new PlugmapError("isolate-start", "A variable of an isolated plugin is longer than a process can be given", {
    mend: "Grant less in the environment.",
  });
}
