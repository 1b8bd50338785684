import { PlugmapError } from "../errors.ts";
import type { RuntimeAdapter } from "./types.ts";

let adapter: Promise<RuntimeAdapter> | undefined;

/**
 * The adapter of the runtime that this code runs on.
 *
 * @throws {PlugmapError} `runtime-unsupported` elsewhere, and on versions whose loader hooks cannot keep the guarantees.
 */
export function detectRuntime(): Promise<RuntimeAdapter> {
  adapter ??= load();
  return adapter;
}

async function load(): Promise<RuntimeAdapter> {
  // Bun first: it may one day offer a `Deno` global for compatibility, the other way round is less likely.
  if ("Bun" in globalThis) return (await import("./bun_adapter.ts")).createBunAdapter();
  if ("Deno" in globalThis) return (await import("./deno_adapter.ts")).createDenoAdapter();
  throw new PlugmapError("runtime-unsupported", "This runtime is neither Deno nor Bun", {
    mend: "Start the host with Deno 2.9 or later, or with Bun 1.4 or later.",
  });
}
