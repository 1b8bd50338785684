/** Bounds on what a source may cost. Times are in milliseconds, sizes in bytes. */
export interface Limits {
  /** Longest wait for the first byte of a response. */
  readonly connect: number;
  /** Longest pause between two pieces of a body. */
  readonly idle: number;
  /** Longest time for one file with all its redirects and retries. */
  readonly total: number;
  /** How often a file is asked for again after 429 and 5xx, or a broken connection. */
  readonly retries: number;
  /** Wait before the first retry; each further one waits twice as long. */
  readonly backoff: number;
  /** Most redirects for one file. */
  readonly redirects: number;
  /** Most requests under way at once, over all plugins. */
  readonly concurrency: number;
  /** Largest manifest. */
  readonly manifestSize: number;
  /** Largest document of a registry's metadata. */
  readonly metadataSize: number;
  /** Longest time that a plugin's modules may take to run when they are first imported. */
  readonly run: number;
  /** Longest time that a plugin's setup may take. */
  readonly setup: number;
  /** Longest time that a plugin's dispose may take. */
  readonly dispose: number;
}

/** The bounds of a host that names none. */
export const defaultLimits: Limits = Object.freeze({
  connect: 10_000,
  idle: 10_000,
  total: 60_000,
  retries: 3,
  backoff: 250,
  redirects: 5,
  concurrency: 16,
  manifestSize: 2 * 1024 * 1024,
  metadataSize: 8 * 1024 * 1024,
  run: 10_000,
  setup: 10_000,
  dispose: 10_000,
});
