/**
 * Chooses what enforces the tier `isolated` here: the runtime's own means first, then the next best that is as good, and
 * otherwise nothing starts.
 *
 * @module
 */

import { PlugmapError } from "../errors.ts";
import type { PermissionName, PermissionSet } from "../permissions/mod.ts";
import type { PermissionRequests } from "./permission_broker.ts";
import type { RuntimeAdapter } from "../runtime/types.ts";
import { planDeno } from "./deno_launch.ts";
import { grantedEnvironment } from "./environment.ts";
import type { Launch } from "./launch.ts";
import type { IsolationLimits } from "./limits.ts";

/** What a launch is planned for. */
export interface LaunchRequest {
  /** What the plugin asks for, all of which is granted; with absolute paths. */
  readonly granted: PermissionSet;
  readonly host: RuntimeAdapter;
  readonly limits: IsolationLimits;
  /** Whether what does not enforce each permission will not do. */
  readonly demand: boolean;
  /** What the host decides and records while plugins run, where Deno isolates them. */
  readonly permissionRequests: PermissionRequests | undefined;
  /** Where Deno is, for hosts on another runtime: a path, or a name to look for where commands are looked for. */
  readonly deno: string;
  /** Throws if the plugin is not for a version of Deno. */
  readonly requireDeno: (version: string) => void;
}

/** One way to isolate, and what it is called. */
export interface Means {
  readonly name: string;
  /** @throws {PlugmapError} `tier-unavailable` where it is not to be had; anything else where the plugin cannot be started at all. */
  plan(request: LaunchRequest, environment: Readonly<Record<string, string>>): Launch;
}

/**
 * @throws {PlugmapError} `tier-unavailable` where nothing enforces it, `enforcement-missing` where nothing does as well as
 * is demanded; `isolate-start`, `permission-invalid`.
 */
export async function planLaunch(request: LaunchRequest): Promise<Launch> {
  const environment = grantedEnvironment(request.granted.env, request.host);
  const refusals: PlugmapError[] = [];
  for (const { name, plan } of await meansOf(request.host)) {
    try {
      const launch = plan(request, environment);
      const loose = request.demand ? notEnforced(launch) : [];
      if (loose.length === 0) return launch;
      refusals.push(new PlugmapError("enforcement-missing", `${name} does not wholly enforce ${loose.join(", ")}`));
    } catch (error) {
      if (!(error instanceof PlugmapError) || error.code !== "tier-unavailable") throw error;
      refusals.push(error);
    }
  }
  const code = refusals.some(({ code }) => code === "enforcement-missing") ? "enforcement-missing" : "tier-unavailable";
  throw new PlugmapError(code, refusals.map(({ problem }) => problem).join("; "), {
    mend: refusals.findLast(({ mend }) => mend !== undefined)?.mend ??
      'See "plugmap doctor" for what there is, grant less, or leave the plugin out.',
  });
}

/** Whether a way to isolate can be had here. */
export interface MeansReport {
  readonly name: string;
  /** Why it cannot; undefined if it can. */
  readonly problem: string | undefined;
  /** What would help. */
  readonly mend: string | undefined;
}

/** Tries all the ways there are for a plugin that is granted nothing, the best first. */
export async function reportMeans(request: LaunchRequest): Promise<readonly MeansReport[]> {
  return (await meansOf(request.host)).map(({ name, plan }) => {
    try {
      plan(request, {});
      return { name, problem: undefined, mend: undefined };
    } catch (error) {
      const { problem, mend } = PlugmapError.within(error, "tier-unavailable", {});
      return { name, problem, mend };
    }
  });
}

/** The ways there are on a runtime, the best first. */
async function meansOf({ name }: RuntimeAdapter): Promise<readonly Means[]> {
  if (name === "bun") return (await import("./bun_launch.ts")).bunMeans;
  const here: Means = {
    name: "Deno",
    plan: ({ granted, host, limits: { memory }, permissionRequests }, environment) =>
      planDeno({ granted, environment, executable: host.executable, host, memory, permissionRequests }),
  };
  return [here];
}

function notEnforced({ report }: Launch): readonly PermissionName[] {
  return report.filter(({ level }) => level !== "enforced").map(({ permission }) => permission);
}
