/**
 * Fetching with every bound that a hostile or broken server makes necessary: threats T5 (redirects) and T11 (endless
 * and slow bodies).
 */
import { setTimeout as pause } from "node:timers/promises";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import type { RuntimeAdapter } from "../runtime/types.ts";
import type { Limits } from "./limits.ts";
import type { Semaphore } from "./semaphore.ts";

/** What all requests of a host have in common. */
export interface Fetcher {
  readonly limits: Limits;
  /** Origins that a redirect may lead to from elsewhere. */
  readonly redirects: readonly string[];
  readonly places: Semaphore;
  readonly runtime: RuntimeAdapter;
  /** Ends what is under way and what still waits for a place, once nobody wants it any more. */
  readonly signal?: AbortSignal;
}

/**
 * The bytes at an `http:` or `https:` URL.
 *
 * @param cap Most bytes that are taken; one more is an error.
 * @throws {PlugmapError} `fetch-failed`, `fetch-timeout`, `fetch-too-large` or `fetch-redirect`.
 */
export function fetchBytes(url: string, cap: number, fetcher: Fetcher): Promise<Uint8Array> {
  return fetcher.places.run(() => withRetries(url, cap, fetcher));
}

/** An answer that may be another one the next time. */
class Passing extends Error {
  readonly told: PlugmapError;
  /** Milliseconds after which the server asks to be asked again. */
  readonly wait: number | undefined;

  constructor(told: PlugmapError, wait: number | undefined) {
    super(told.message);
    this.told = told;
    this.wait = wait;
  }
}

async function withRetries(url: string, cap: number, fetcher: Fetcher): Promise<Uint8Array> {
  const { total, retries, backoff } = fetcher.limits;
  const deadline = Date.now() + total;
  for (let attempt = 0;; attempt++) {
    try {
      return await followRedirects(url, cap, deadline, fetcher);
    } catch (error) {
      if (!(error instanceof Passing)) throw error;
      // Jitter keeps many hosts from coming back in the same instant.
      const wait = error.wait ?? backoff * 2 ** attempt * (0.5 + Math.random() / 2);
      if (attempt >= retries || Date.now() + wait >= deadline) throw error.told;
      await pause(wait, undefined, { signal: fetcher.signal });
    }
  }
}

async function followRedirects(start: string, cap: number, deadline: number, fetcher: Fetcher): Promise<Uint8Array> {
  let url = start;
  for (let hops = 0; hops <= fetcher.limits.redirects; hops++) {
    requireNet(url, fetcher.runtime);
    const answer = await request(url, cap, deadline, fetcher);
    if (answer instanceof Uint8Array) return answer;
    url = allowedRedirect(start, url, answer.location, fetcher.redirects);
  }
  throw new PlugmapError("fetch-redirect", `${quote(start)} redirects more than ${fetcher.limits.redirects} times`);
}

function requireNet(url: string, runtime: RuntimeAdapter): void {
  const { hostname, port, protocol } = new URL(url);
  const host = `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  if (runtime.may({ name: "net", host })) return;
  const flag = runtime.flagFor({ name: "net", host });
  throw new PlugmapError("fetch-failed", `The host may not connect to ${quote(host)}`, {
    mend: `Start it with ${flag}.`,
  });
}

function allowedRedirect(start: string, from: string, location: string, allowed: readonly string[]): string {
  const refuse = (why: string, mend?: string): never => {
    throw new PlugmapError("fetch-redirect", `${quote(start)} redirects to ${quote(location)}, ${why}`, { mend });
  };
  if (!URL.canParse(location, from)) return refuse("which is no URL");
  const target = new URL(location, from);
  const downgrade = new URL(from).protocol === "https:" && target.protocol !== "https:";
  if (downgrade || !/^https?:$/.test(target.protocol)) return refuse("which is a weaker scheme");
  if (target.username !== "" || target.password !== "") return refuse("which has a user name or password");
  if (target.origin !== new URL(start).origin && !allowed.includes(target.origin)) {
    return refuse(
      "which is another origin",
      `List the target itself, or add ${quote(target.origin)} to "redirects" in the policy.`,
    );
  }
  return target.href;
}

/**
 * Bun decodes a body faster than it is read, and goes on when nobody reads it any more: a few kilobytes of Brotli become
 * gigabytes of memory. Its option `decompress`, which Deno does not know, keeps it from decoding at all.
 */
const asIs: RequestInit & { readonly decompress: boolean } = {
  redirect: "manual",
  headers: { accept: "*/*", "accept-encoding": "identity" },
  decompress: false,
};

async function request(
  url: string,
  cap: number,
  deadline: number,
  { limits, signal }: Fetcher,
): Promise<Uint8Array | { location: string }> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let late: PlugmapError | undefined;
  const expect = (milliseconds: number, what: string): void => {
    clearTimeout(timer);
    const left = Math.max(0, deadline - Date.now());
    const wait = Math.min(milliseconds, left);
    timer = setTimeout(() => {
      const limit = left < milliseconds ? `is not through after ${limits.total} ms` : `${what} for ${milliseconds} ms`;
      late = new PlugmapError("fetch-timeout", `${quote(url)} ${limit}`, {
        mend: "Try again later, or raise the host's limits.",
      });
      controller.abort(late);
    }, wait);
  };
  try {
    expect(limits.connect, "does not answer");
    const signals = signal === undefined ? [controller.signal] : [controller.signal, signal];
    const response = await fetch(url, { ...asIs, signal: AbortSignal.any(signals) });
    if (response.ok && response.body !== null) {
      requireAsIs(url, response);
      return await readCapped(response.body, cap, url, () => expect(limits.idle, "sends nothing"));
    }
    await response.body?.cancel();
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location !== null) return { location };
    throw refused(url, response);
  } catch (error) {
    if (late !== undefined) throw late;
    if (error instanceof PlugmapError || error instanceof Passing) throw error;
    const failure = new PlugmapError("fetch-failed", `${quote(url)} cannot be fetched: ${messageOf(error)}`, {
      mend: "Check the address and the network.",
      cause: error,
    });
    throw new Passing(failure, undefined);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}

function refused(url: string, response: Response): Error {
  const failure = new PlugmapError("fetch-failed", `${quote(url)} answers with status ${response.status}`, {
    mend: response.status === 404 ? "Check that the file is there, under exactly this address." : undefined,
  });
  if (response.status !== 429 && response.status < 500) return failure;
  return new Passing(failure, waitUntil(response.headers.get("retry-after") ?? ""));
}

/** Milliseconds that a `Retry-After` asks for, which is a number of seconds or a date (RFC 9110, section 10.2.3). */
function waitUntil(retryAfter: string): number | undefined {
  const wait = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

function requireAsIs(url: string, response: Response): void {
  const encoding = response.headers.get("content-encoding") || "identity";
  if (encoding === "identity") return;
  throw new PlugmapError("fetch-failed", `${quote(url)} comes encoded as ${quote(encoding)}`, {
    mend: 'Have the server send the file as it is: the request says "accept-encoding: identity".',
  });
}

async function readCapped(
  body: ReadableStream<Uint8Array>,
  cap: number,
  url: string,
  expectMore: () => void,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  expectMore();
  for await (const piece of body) {
    expectMore();
    size += piece.length;
    // The size of a body is known before it is asked for, so one byte too many is enough to stop.
    if (size > cap) {
      throw new PlugmapError("fetch-too-large", `${quote(url)} is larger than ${cap} bytes`);
    }
    pieces.push(piece);
  }
  if (pieces.length === 1) return pieces[0]!;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
