/**
 * What the loader needs beside a plugin, for tests of its parts.
 *
 * @module
 */
import { assertInstanceOf } from "@std/assert";
import { PlugmapError } from "../../src/errors.ts";
import type { Fetcher } from "../../src/loader/fetch.ts";
import { defaultLimits } from "../../src/loader/limits.ts";
import type { Limits } from "../../src/loader/limits.ts";
import type { Sources } from "../../src/loader/load_manifest.ts";
import { Semaphore } from "../../src/loader/semaphore.ts";
import { noStore } from "../../src/loader/store.ts";
import { detectRuntime } from "../../src/runtime/detect.ts";

const runtime = await detectRuntime();

/** No limit that a test does not name ends it, and no retry makes it wait. */
const patient: Limits = { ...defaultLimits, connect: 60_000, idle: 60_000, total: 60_000, backoff: 1 };

/**
 * A fetcher with limits that differ.
 *
 * @param redirects Origins that it may be redirected to.
 */
export function createFetcher(limits: Partial<Limits> = {}, redirects: readonly string[] = []): Fetcher {
  const all = { ...patient, ...limits };
  return { limits: all, redirects, places: new Semaphore(all.concurrency), runtime };
}

/** What loading needs: no store, and a registry that does not answer, unless others are given. */
export function createSources(given: Partial<Sources> = {}, limits: Partial<Limits> = {}): Sources {
  return { ...createFetcher(limits), store: noStore, registry: "http://127.0.0.1:1/", ...given };
}

/** The error that a promise is rejected with, or that a function throws; nothing else will do. */
export async function failureOf(attempt: Promise<unknown> | (() => unknown)): Promise<PlugmapError> {
  let thrown: unknown;
  try {
    await (typeof attempt === "function" ? attempt() : attempt);
  } catch (error) {
    thrown = error;
  }
  assertInstanceOf(thrown, PlugmapError);
  return thrown;
}
