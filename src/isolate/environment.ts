import process from "node:process";
import { PlugmapError, quote } from "../errors.ts";
import type { PermissionItems } from "../permissions/mod.ts";
import type { RuntimeAdapter } from "../runtime/types.ts";

/**
 * Variables that steer a runtime or what it loads, rather than the program that it runs. No grant hands those on, nor lets a
 * plugin set them: Deno reads some while it runs, and a proxy is a way around the hosts that were granted.
 */
export const steeringVariables: readonly string[] = [
  "DENO_*",
  "BUN_*",
  "LD_*",
  "DYLD_*",
  "NODE_OPTIONS",
  "NODE_CHANNEL_*",
  "NODE_EXTRA_CA_CERTS",
  "NODE_TLS_REJECT_UNAUTHORIZED",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  ...["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]),
];

/** Whether a variable is one of {@linkcode steeringVariables}. */
export function isSteering(variable: string): boolean {
  return steeringVariables.some((item) =>
    item.endsWith("*") ? variable.startsWith(item.slice(0, -1)) : variable === item
  );
}

/**
 * The environment of an isolated plugin: of what it is granted, what is set.
 *
 * @throws {PlugmapError} `isolate-start` when the host itself may not read what it should hand on.
 */
export function grantedEnvironment(items: PermissionItems, runtime: RuntimeAdapter): Readonly<Record<string, string>> {
  const environment: Record<string, string> = Object.create(null);
  const take = (name: string, value: string | undefined): void => {
    if (value !== undefined && !isSteering(name)) environment[name] = value;
  };
  for (const item of items === true ? ["*"] : items) {
    if (item.endsWith("*")) {
      const start = item.slice(0, -1);
      for (const [name, value] of variables(runtime)) if (name.startsWith(start)) take(name, value);
    } else {
      requirePower(item, runtime);
      take(item, process.env[item]);
    }
  }
  return environment;
}

function variables(runtime: RuntimeAdapter): readonly (readonly [string, string | undefined])[] {
  requirePower(undefined, runtime);
  return Object.entries(process.env);
}

function requirePower(variable: string | undefined, runtime: RuntimeAdapter): void {
  const power = { name: "env", variable } as const;
  if (runtime.may(power)) return;
  const what = variable === undefined ? "all variables of its environment" : `the variable ${quote(variable)}`;
  throw new PlugmapError("isolate-start", `The host may not read ${what}, which the plugin is granted`, {
    mend: `Start the host with ${runtime.flagFor(power)}.`,
  });
}
