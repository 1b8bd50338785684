/**
 * Where the kernel has no Landlock: bubblewrap makes a file system that holds only what is granted, and the launcher does the
 * rest inside it.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { isGranted } from "../../permissions/granted.ts";
import type { PermissionItems, PermissionSet } from "../../permissions/types.ts";
import { filesOfPrograms } from "./landlock.ts";
import { jobWithoutFiles } from "./plan.ts";
import type { Confinement, ConfinementOptions } from "./plan.ts";
import { bubblewrapReport } from "./report.ts";
import type { RuntimeFiles } from "./runtime_files.ts";

/** A confinement by bubblewrap. */
export interface BubblewrapConfinement extends Confinement {
  /** The arguments of `bwrap`, to which the command of the launcher is appended. */
  readonly arguments: readonly string[];
}

/** In a process namespace of its own, bubblewrap is the parent, and has this id. */
const parent = 1;

/**
 * Plans how to confine a Bun without Landlock.
 *
 * @param options What is granted, and where; the id of the parent is another there.
 * @returns The arguments, the job for the launcher, and what enforces each permission.
 */
export function planBubblewrap(options: Omit<ConfinementOptions, "parent">): BubblewrapConfinement {
  const { granted, facts: { files } } = options;
  return {
    // Mounts that are read-only hold cutting off too, and signals reach nothing outside a process namespace. Of links no
    // mount knows; who may write everywhere may make them.
    job: jobWithoutFiles({ ...options, parent }, {
      truncationHeld: true,
      signalsHeld: true,
      linksHeld: granted.write === true,
    }),
    report: bubblewrapReport(granted),
    arguments: [
      ...isolation,
      ...mounts(granted.read, "--ro-bind-try"),
      ...mounts(granted.run, "--ro-bind-try"),
      ...(isGranted(granted.run) ? mounts([...filesOfPrograms(files)], "--ro-bind-try") : []),
      ...mounts(granted.write, "--bind-try"),
      ...(hasAll(granted) ? [] : runtimeMounts(files)),
      // Last, because a file system that is granted as a whole has the machine's at these places.
      "--proc",
      "/proc",
      ...(isGranted(granted.run) ? ["--dev-bind-try", "/dev/null", "/dev/null"] : []),
      // The rest of the root is bubblewrap's own, and would take new files.
      ...(granted.write === true ? [] : ["--remount-ro", "/"]),
    ],
  };
}

/** Whether the whole file system is there, and what Bun needs with it. */
function hasAll({ read, write, run }: PermissionSet): boolean {
  return read === true || write === true || run === true;
}

/** Namespaces of its own for everything. The environment is empty already. */
const isolation = ["--unshare-all", "--die-with-parent", "--new-session", "--chdir", "/"] as const;

function mounts(items: PermissionItems, how: string): string[] {
  return (items === true ? ["/"] : items).flatMap((path) => [how, path, path]);
}

function runtimeMounts({ bun, interpreter, linker, libraries }: RuntimeFiles): string[] {
  const found = new Set([bun, linker, interpreter, ...libraries]);
  return [
    ...[...found].flatMap((path) => ["--ro-bind", path, path]),
    "--ro-bind-try",
    "/etc/ld.so.cache",
    "/etc/ld.so.cache",
  ];
}

/**
 * Finds bubblewrap, and tries whether it works here: many containers and some distributions do not let it make namespaces.
 *
 * @param files The files that Bun needs.
 * @returns The path of `bwrap`; `undefined` if there is none, or it does not work.
 */
export function findBubblewrap(files: RuntimeFiles): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    let path: string;
    try {
      path = realpathSync(join(folder, "bwrap"));
    } catch {
      continue;
    }
    const options = [...isolation, ...runtimeMounts(files), "--proc", "/proc"];
    const { status } = spawnSync(path, [...options, files.bun, "--revision"], {
      env: {},
      stdio: "ignore",
      timeout: 5_000,
    });
    if (status === 0) return path;
  }
  return undefined;
}
