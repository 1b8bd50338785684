/**
 * The commands of `plugmap`.
 *
 * @module
 */

export { runCommand } from "./command.ts";
export type { Terminal } from "./types.ts";
