import { createDenoLinker } from "./deno.ts";
import { leakedDescriptors } from "./deno_descriptors.ts";
import { spawnOnDeno } from "./deno_process.ts";
import type { HostPower, RuntimeAdapter } from "./types.ts";

interface DenoNamespace {
  readonly version: { readonly deno: string };
  execPath(): string;
  readonly permissions: { querySync(descriptor: Record<string, string>): { readonly state: string } };
}

/** @throws {PlugmapError} `runtime-unsupported` before Deno 2.9. */
export function createDenoAdapter(): RuntimeAdapter {
  const deno = (globalThis as unknown as { Deno: DenoNamespace }).Deno;
  return {
    ...createDenoLinker(),
    name: "deno",
    version: deno.version.deno,
    may: (power) => deno.permissions.querySync(descriptorOf(power)).state === "granted",
    executable: deno.execPath(),
    spawn: spawnOnDeno,
    leakedDescriptors,
    flagFor: (power) => {
      const value = valueOf(power);
      return `--allow-${power.name}${value === undefined ? "" : `=${value}`}`;
    },
  };
}

function descriptorOf(power: HostPower): Record<string, string> {
  if (power.name === "net") return { name: "net", host: power.host };
  if (power.name === "env") return { name: "env", ...power.variable !== undefined && { variable: power.variable } };
  if (power.name === "run") return { name: "run", command: power.command };
  return { name: power.name, path: power.path };
}

function valueOf(power: HostPower): string | undefined {
  switch (power.name) {
    case "net":
      return power.host;
    case "env":
      return power.variable;
    case "run":
      return power.command;
    default:
      return power.path;
  }
}
