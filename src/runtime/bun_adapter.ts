import process from "node:process";
import { createBunLinker } from "./bun.ts";
import { lexImports } from "./bun_lex.ts";
import { spawnOnBun } from "./bun_process.ts";
import type { RuntimeAdapter } from "./types.ts";

/**
 * Bun has no permissions for its own process, so the host may always do everything.
 *
 * @throws {PlugmapError} `runtime-unsupported` before Bun 1.4.
 */
export function createBunAdapter(): RuntimeAdapter {
  return {
    ...createBunLinker((text, { url }) => lexImports(text, url)),
    name: "bun",
    version: process.versions["bun"]!,
    executable: process.execPath,
    spawn: spawnOnBun,
    // Bun marks all but the standard streams and 3 when it starts, to be closed when a program is executed.
    leakedDescriptors: () => [],
    may: () => true,
    flagFor: () => undefined,
  };
}
