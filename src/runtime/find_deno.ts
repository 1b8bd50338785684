import { spawnSync } from "node:child_process";

/** A Deno on this machine. */
export interface FoundDeno {
  /** Path of the executable itself: what is called `deno` may be a script that starts it. */
  readonly path: string;
  readonly version: string;
}

/**
 * Finds Deno.
 *
 * @param command A path, or a name to look for where commands are looked for.
 * @returns What was found, or undefined if there is none that runs.
 */
export function findDeno(command: string): FoundDeno | undefined {
  const text = "console.log(JSON.stringify({ path: Deno.execPath(), version: Deno.version.deno }))";
  const { status, stdout } = spawnSync(command, ["eval", "--no-config", "--no-lock", text], {
    encoding: "utf8",
    timeout: 10_000,
  });
  if (status !== 0) return undefined;
  try {
    const { path, version } = JSON.parse(stdout);
    return { path, version };
  } catch {
    return undefined;
  }
}
