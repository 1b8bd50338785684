import type { PathRule, Withheld } from "./landlock.ts";
import type { Unknown } from "./syscall_rule.ts";

/** A Landlock ruleset. */
export interface LandlockRules {
  /** What it withholds. */
  readonly withheld: Withheld;
  /** What it grants. */
  readonly paths: readonly PathRule[];
  /** The rights that a rule for a file, and not a folder, can have. */
  readonly rightsOfFiles: number;
}

/** What a launcher is to do. It holds no secret, and can be used again. */
export interface LaunchJob {
  /** The Landlock rules; `null` where bubblewrap has made a file system that holds nothing else. */
  readonly landlock: LandlockRules | null;
  /** The seccomp filter, as 32-bit words, two an instruction. */
  readonly filter: readonly number[];
  /** What is filled in for each launcher. */
  readonly blanks: Readonly<Partial<Record<Unknown, readonly number[]>>>;
  /** Resource limits: RLIMIT_* and the most it may be. */
  readonly limits: readonly (readonly [resource: number, most: number])[];
  /** The capabilities that are kept, as bits; only root has any. */
  readonly capabilities: number;
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** The environment, as `NAME=value`. */
  readonly environment: readonly string[];
  /** The process that starts the launcher. If it is another by then, the host is gone. */
  readonly parent: number;
}

/**
 * What went wrong, by the exit code of a launcher. It never goes on with less than it was told to apply, so nothing of the
 * plugin has run then.
 */
export const launchFailures: Readonly<Record<number, string>> = {
  101: "The host ended while a plugin was being started",
  102: "A session of its own could not be made",
  103: "A file that Bun needs, or that is granted, cannot be opened",
  104: "The kernel refuses the Landlock rules",
  105: "A resource limit could not be set",
  106: "Capabilities could not be dropped",
  107: "Privileges gained by execve could not be ruled out",
  108: "The Landlock rules could not be applied",
  109: "File descriptors could not be closed",
  110: "The seccomp filter could not be applied",
  111: "The program could not be executed",
};
