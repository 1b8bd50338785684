/**
 * Isolation by Deno: a process whose flags are exactly what is granted. Our own program is its entry, because what an entry
 * imports statically is read with no permission at all (denoland/deno#10655); the plugin comes by computed imports.
 *
 * @module
 */

import { existsSync } from "node:fs";
import process from "node:process";
import { PlugmapError } from "../errors.ts";
import type { PermissionName, PermissionSet } from "../permissions/mod.ts";
import { denoEntry, denoPrologue } from "../runtime/deno_entry.ts";
import { denoRunner } from "../runtime/runners.ts";
import type { Program, RuntimeAdapter } from "../runtime/types.ts";
import { denoPaths } from "./deno_paths.ts";
import { denoReport } from "./deno_report.ts";
import { steeringVariables } from "./environment.ts";
import type { Launch } from "./launch.ts";
import { PermissionBroker } from "./permission_broker.ts";
import type { PermissionRequests } from "./permission_broker.ts";

/** What a Deno process is started for. */
export interface DenoLaunchOptions {
  /** What is granted, with absolute paths. */
  readonly granted: PermissionSet;
  readonly environment: Readonly<Record<string, string>>;
  /** Path of Deno. */
  readonly executable: string;
  /** The runtime of the host. */
  readonly host: RuntimeAdapter;
  /** Bytes that its JavaScript values may take. */
  readonly memory: number;
  /** Where the host decides, and records, while plugins run: by what. Then the flags only say what Deno tells a plugin of them. */
  readonly permissionRequests?: PermissionRequests | undefined;
}

/** Sends a signal when the parent is gone; of util-linux, which is nearly everywhere. */
const setpriv = "/usr/bin/setpriv";

/** @throws {PlugmapError} `tier-unavailable` when the host may not start Deno; `isolate-start` for paths. */
export function planDeno(options: DenoLaunchOptions): Launch {
  const { granted, environment, executable, host, memory, permissionRequests } = options;
  requireRun(executable, host);
  const { read, write, remarks } = denoPaths(granted, host);
  const leaked = host.leakedDescriptors();
  const flags = permissionFlags({ ...granted, read, write, import: [] });
  const heap = `--v8-flags=--max-old-space-size=${Math.max(16, Math.floor(memory / 2 ** 20))}`;
  const command = [
    executable,
    "run",
    ...fixedFlags,
    heap,
    ...flags,
    denoEntry,
  ];
  const guarded = canUseSetpriv(host);
  const [path, ...args] = guarded ? [setpriv, "--pdeathsig", "KILL", ...command] : command;
  const program: Program = {
    path: path!,
    args,
    // Where there is no folder for it, Deno keeps nothing on disk, not even what localStorage and caches would write
    // without any permission, and what other plugins could find there. Graphics drivers are native code, loaded without
    // any permission from wherever variables say.
    env: { ...environment, DENO_DIR: nowhere, DENO_WEBGPU_BACKEND: "none", NO_COLOR: "1" },
    channel: "stdio",
  };
  return {
    // A broker grants what no flag says.
    confinement: JSON.stringify([program, granted]),
    runtime: "deno",
    program,
    ...(permissionRequests && {
      accompany: () => PermissionBroker.start({ ...permissionRequests, granted, environment }),
    }),
    prologue: denoPrologue(denoRunner, !guarded),
    services: () => [],
    network: [],
    report: denoReport(granted, { remarks, leaked, asks: permissionRequests !== undefined }),
    limitsMemory: false,
  };
}

const nowhere = process.platform === "win32" ? "NUL" : "/dev/null";

const fixedFlags: readonly string[] = [
  "--quiet",
  "--no-prompt",
  "--no-npm",
  "--no-remote",
  "--no-lock",
  "--no-config",
  "--no-check",
  "--no-code-cache",
  "--deny-import",
  `--ignore-env=${steeringVariables.join(",")}`,
];

function requireRun(executable: string, host: RuntimeAdapter): void {
  const power = { name: "run", command: executable } as const;
  if (host.may(power)) return;
  throw new PlugmapError("tier-unavailable", "The host may not start Deno, which isolated plugins run in", {
    mend: `Start the host with ${host.flagFor(power)}.`,
  });
}

function canUseSetpriv(host: RuntimeAdapter): boolean {
  return process.platform === "linux" && host.may({ name: "run", command: setpriv }) &&
    host.may({ name: "read", path: setpriv }) && existsSync(setpriv);
}

const flagNames: readonly PermissionName[] = ["read", "write", "net", "env", "run", "sys", "ffi"];

function permissionFlags(granted: PermissionSet): string[] {
  return flagNames.flatMap((name) => {
    const items = granted[name];
    if (items === true) return [`--allow-${name}`];
    // A comma in a path is written twice.
    return items.length === 0 ? [] : [`--allow-${name}=${items.map((item) => item.replaceAll(",", ",,")).join(",")}`];
  });
}
