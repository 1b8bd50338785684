/**
 * Where the Deno and Bun are that tests start as programs of their own.
 *
 * @module
 */
import process from "node:process";
import { fileURLToPath } from "node:url";

const isBun = "bun" in process.versions;
const installed = (path: string): string => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));

/** The Deno that runs this test, or else the one installed in this checkout. */
export const deno: string = isBun
  ? installed(process.platform === "win32" ? "deno/deno.exe" : "deno/deno")
  : process.execPath;

/** The Bun that runs this test, or else the one installed in this checkout. */
export const bun: string = isBun ? process.execPath : installed("bun/bin/bun.exe");
