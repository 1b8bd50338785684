/**
 * Isolation where the host runs on Bun, which has no permissions of its own: on Linux by the kernel, elsewhere by Deno for
 * plugins that run there as well.
 *
 * @module
 */

import { existsSync } from "node:fs";
import process from "node:process";
import { PlugmapError, quote } from "../errors.ts";
import type { PermissionItems, PermissionSet } from "../permissions/mod.ts";
import { withImports } from "../runtime/bun_lex.ts";
import { planDeno } from "./deno_launch.ts";
import { findDeno } from "../runtime/find_deno.ts";
import type { Launch } from "./launch.ts";
import {
  detectLinux,
  findBubblewrap,
  launcherImage,
  launchFailures,
  openMemoryFile,
  planBubblewrap,
  planConfinement,
} from "./linux/mod.ts";
import type { Confinement, LinuxFacts } from "./linux/mod.ts";
import { networkServices } from "./network/mod.ts";
import { leadsTo, placesOf } from "./real_paths.ts";
import type { LaunchRequest, Means } from "./plan_launch.ts";
import { bunRunner } from "../runtime/runners.ts";

/** The best first. */
export const bunMeans: readonly Means[] = [
  { name: "Landlock with seccomp", plan: planLandlock },
  { name: "Bubblewrap", plan: planInBubblewrap },
  { name: "Deno", plan: planOnDeno },
];

let facts: LinuxFacts | undefined;
let bubblewrap: { readonly path: string | undefined } | undefined;

/** The machine does not change while the process runs. */
function machine(): LinuxFacts {
  return facts ??= detectLinux();
}

function planLandlock(
  { granted, limits }: LaunchRequest,
  environment: Readonly<Record<string, string>>,
): Launch {
  const confinement = planConfinement({
    granted: realPaths(granted),
    facts: machine(),
    program: bunRunner,
    environment,
    parent: process.pid,
    limits: { memory: limits.memory },
  });
  return launchOf(confinement, [], granted.net);
}

function planInBubblewrap(
  { granted, limits }: LaunchRequest,
  environment: Readonly<Record<string, string>>,
): Launch {
  const { files } = machine();
  bubblewrap ??= { path: findBubblewrap(files) };
  if (bubblewrap.path === undefined) {
    throw new PlugmapError("tier-unavailable", "Bubblewrap is not there, or may not make namespaces", {
      mend: "Install the package bubblewrap.",
    });
  }
  const real = realPaths(granted);
  const confinement = planBubblewrap({
    granted: real,
    facts: machine(),
    program: bunRunner,
    environment,
    limits: { memory: limits.memory },
  });
  const check = () => requireInPlace(real);
  return launchOf(confinement, [bubblewrap.path, ...confinement.arguments], granted.net, check);
}

/** The launcher, which is a file in memory, as the process sees it that is to become it. */
const launcherPath = "/proc/self/fd/4";

/** @param check Looks before each start whether there may be one. */
function launchOf(
  { job, report }: Confinement,
  before: readonly string[],
  network: PermissionItems,
  check?: () => void,
): Launch {
  const [path, ...args] = [...before, launcherPath];
  const facts = machine();
  // All but the program, which is long, and the same for all.
  const { command, ...rest } = job;
  return {
    confinement: JSON.stringify([before, command.slice(0, -1), rest, network]),
    runtime: "bun",
    program: {
      path: path!,
      args,
      env: {},
      channel: "descriptor",
      file: () => {
        check?.();
        return openMemoryFile(launcherImage(job, facts.architecture), facts);
      },
    },
    prologue: undefined,
    complete: withImports,
    services: () => networkServices(network),
    network,
    report,
    failures: launchFailures,
    limitsMemory: true,
  };
}

function planOnDeno(request: LaunchRequest, environment: Readonly<Record<string, string>>): Launch {
  const { granted, host, limits: { memory }, deno, requireDeno, permissionRequests } = request;
  const found = findDeno(deno);
  if (found === undefined) {
    throw new PlugmapError("tier-unavailable", `There is no Deno: ${quote(deno)} does not run`, {
      mend: "Install Deno 2.9 or later, which isolates on every system.",
    });
  }
  try {
    requireDeno(found.version);
  } catch (cause) {
    throw new PlugmapError("tier-unavailable", `Its manifest does not name Deno ${found.version} in "engines"`, {
      cause,
    });
  }
  return planDeno({ granted, environment, executable: found.path, host, memory, permissionRequests });
}

/** Landlock rules and mounts are for files, not for names, so links in granted paths are followed once, here. */
function realPaths(granted: PermissionSet): PermissionSet {
  const real = (items: PermissionItems): PermissionItems => items === true ? true : items.map(leadsTo);
  const run = granted.run === true ? true : granted.run.flatMap((command) => commandPath(command) ?? []);
  return { ...granted, read: real(granted.read), write: real(granted.write), run: real(run) };
}

/**
 * Bubblewrap follows links, also those that came into a resolved path later, as when a plugin moves a folder with a link in
 * it. What they lead to was not granted.
 *
 * @throws {PlugmapError} `isolate-start`.
 */
function requireInPlace({ read, write, run }: PermissionSet): void {
  for (const path of [read, write, run].flatMap((items) => items === true ? [] : items)) {
    if (placesOf(path)?.[0] === path) continue;
    throw new PlugmapError("isolate-start", `${quote(path)}, which is granted, does not lead where it did`, {
      mend: "Take the link out of it, or load the plugin again.",
    });
  }
}

/** Where a command is that is granted by name; undefined if it is nowhere, so that it cannot be run either. */
function commandPath(command: string): string | undefined {
  if (command.includes("/")) return command;
  const folders = (process.env.PATH ?? "").split(":").filter((folder) => folder.startsWith("/"));
  return folders.map((folder) => `${folder}/${command}`).find((path) => existsSync(path));
}
