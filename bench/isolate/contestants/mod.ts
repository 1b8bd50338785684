/**
 * All that take part, by the names that the tables give them. None is loaded but the one that is asked for.
 *
 * @module
 */

import type { Contestant } from "../contestant.ts";

export const contestants: Readonly<Record<string, Contestant>> = {
  "plugmap": async () => (await import("./plugmap.ts")).connectPlugmap(),
  "plugmap, without dispatcher": async () => (await import("./isolated.ts")).connectIsolated(),
  "bare channel": async () => (await import("./bare.ts")).connectBare(false),
  "bare channel, bytes kept": async () => (await import("./bare.ts")).connectBare(true),
  "comlink": async () => (await import("./comlink.ts")).connectComlink(),
  "birpc": async () => (await import("./birpc.ts")).connectBirpc(),
  "JSON lines": async () => (await import("./json_lines.ts")).connectJsonLines(),
};
