/**
 * The `plugmap` command.
 *
 * ```sh
 * deno run --allow-read --allow-net jsr:@plugmap/plugmap/cli inspect
 * bun --no-install node_modules/@plugmap/plugmap/cli.js inspect
 * ```
 *
 * @module
 */

import process from "node:process";
import { runCommand } from "./src/cli/mod.ts";

if (import.meta.main) {
  // A reader such as "head" may go away before all is written; that is no failure of the command.
  process.stdout.on("error", (error: Error & { code?: string }) => {
    if (error.code !== "EPIPE") throw error;
  });
  process.exitCode = await runCommand(process.argv.slice(2), {
    out: (text) => process.stdout.write(`${text}\n`),
    problem: (text) => process.stderr.write(`${text}\n`),
  });
}
