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
import type { Program, RuntimeAdapter } from "../runtime/types.ts";
import { denoPaths } from "./deno_paths.ts";
import { steeringVariables } from "./environment.ts";
import type { Launch } from "./launch.ts";
import type { PermissionReport } from "./linux/report.ts";
import { PermissionBroker } from "./permission_broker.ts";
import type { PermissionRequests } from "./permission_broker.ts";
import { denoRunner } from "./runners.ts";

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

/**
 * The entry. It reads the length and the text of our program and runs that, since a text of some length in an address costs
 * Deno 20 ms.
 */
const entry = `import "node:module";
const read = async (length) => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await Deno.stdin.read(bytes.subarray(at));
    if (count === null) Deno.exit(0);
    at += count;
  }
  return bytes;
};
const head = new DataView((await read(5)).buffer);
const text = new TextDecoder().decode(await read(head.getUint32(0, true)));
(0, eval)(text)(process.getBuiltinModule, head.getUint8(4) === 1);
await new Promise(() => {});`;

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
    `data:text/javascript,${encodeURIComponent(entry)}`,
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
    runtime: "deno",
    program,
    ...(permissionRequests && {
      accompany: () => PermissionBroker.start({ ...permissionRequests, granted, environment }),
    }),
    prologue: prologueOf(denoRunner, !guarded),
    services: () => [],
    network: [],
    report: (permissionRequests === undefined ? reportOf(granted, remarks) : reportOf(granted, [], asked)).map((
      permission,
    ) => leaked.length === 0 ? permission : loosened(permission, leaked)),
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

/** What a process inherits it can use without any permission, whatever it is. */
function loosened(report: PermissionReport, descriptors: readonly number[]): PermissionReport {
  if (!["read", "write", "net"].includes(report.permission)) return report;
  const told = `It has the descriptors ${descriptors.join(", ")}, which the host has inherited and not closed.`;
  return { ...report, level: "approximate", remark: report.remark === undefined ? told : `${report.remark} ${told}` };
}

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

function prologueOf(text: string, watch: boolean): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const prologue = new Uint8Array(5 + bytes.length);
  const view = new DataView(prologue.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint8(4, watch ? 1 : 0);
  prologue.set(bytes, 5);
  return prologue;
}

const asked = "the host, asked by Deno at each use (permission broker)";

function reportOf(
  granted: PermissionSet,
  remarks: readonly string[],
  mechanism = "flags of the Deno process",
): PermissionReport[] {
  const enforced = (permission: PermissionName, by = mechanism): PermissionReport => ({
    permission,
    level: "enforced",
    by,
  });
  const files = (permission: "read" | "write"): PermissionReport => {
    const items = granted[permission];
    if (items !== true && items.length === 0) return enforced(permission);
    const told = permission === "write"
      ? [...remarks, "It sets the modes of what it writes, set-user-ID too."]
      : remarks;
    const level = remarks.length === 0 || items === true ? "enforced" : "approximate";
    return { ...enforced(permission), level, ...told.length > 0 && { remark: told.join(" ") } };
  };
  const escape = (permission: "run" | "ffi", remark: string): PermissionReport => {
    const items = granted[permission];
    return items === true || items.length > 0
      ? { ...enforced(permission), level: "approximate", remark }
      : enforced(permission);
  };
  return [
    files("read"),
    files("write"),
    enforced("net"),
    enforced("env", `${mechanism}; its environment`),
    escape("run", "What is run is not confined: it can do what the user of the host can."),
    enforced("sys"),
    escape("ffi", "Native code is not confined: it can do what the user of the host can."),
    enforced("import", "no remote imports; the host loads every module"),
  ];
}
