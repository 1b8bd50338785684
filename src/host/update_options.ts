/**
 * The options `lock` and `revocations`, as they are given and as they are meant.
 */
import { closest, describe } from "../document.ts";
import { PlugmapError, quote } from "../errors.ts";
import { decodePublicKey } from "../public_key.ts";
import type { LockChange } from "./lock/mod.ts";

/** What to do with a lock. */
export interface LockOptions {
  /** Where it is: a path or a `file:` URL. Default: `plugins.lock.json` beside the import map. */
  readonly path?: string | URL;
  /**
   * `update`, the default: what is loaded is recorded, a plugin that is new is trusted on first use. `frozen`: nothing is
   * written, and nothing is loaded that the lock does not have exactly so.
   */
  readonly mode?: "update" | "frozen";
  /**
   * Decides on a plugin that is not what was approved; without it, such a plugin is refused.
   *
   * @param change The plugin, what was approved, what is there now, and what it asks for in addition.
   * @returns Whether to load it; then it is recorded as approved.
   */
  readonly approve?: (change: LockChange) => boolean | Promise<boolean>;
}

/** Where a signed list of revoked plugins is, and how often to look at it. */
export interface RevocationOptions {
  /** A path, or a `file:`, `https:` or `http:` URL. Its signature lies beside it, with `.sig` after the name. */
  readonly source: string | URL;
  /** The public key that it has to be signed with: `ed25519-` and 32 bytes in base64. */
  readonly key: string;
  /** Milliseconds after which it is read again, and active plugins that are on it by then are taken out. Default: an hour. */
  readonly interval?: number;
  /** Longest time in milliseconds that a list counts after it was issued, if it does not expire before. */
  readonly maxAge?: number;
}

/** Option `lock` with its defaults. */
export interface LockChoice {
  /** Undefined for the default place. */
  readonly path: string | URL | undefined;
  /** `honor`, without the option: what the lock refuses is refused, and nothing is written. */
  readonly mode: "honor" | "update" | "frozen";
  readonly approve: LockOptions["approve"];
}

/** Option `revocations` with its defaults. */
export type RevocationChoice = Required<RevocationOptions>;

const hour = 3_600_000;

/**
 * @returns What the option means; undefined if there is to be no lock.
 * @throws {PlugmapError} `option-invalid`.
 */
export function readLockOption(given: boolean | string | URL | LockOptions | undefined): LockChoice | undefined {
  if (given === false) return undefined;
  if (given === undefined) return { path: undefined, mode: "honor", approve: undefined };
  if (given === true) return { path: undefined, mode: "update", approve: undefined };
  if (typeof given === "string" || given instanceof URL) return { path: given, mode: "update", approve: undefined };
  requireKnown("lock", given, ["path", "mode", "approve"]);
  const { path, mode = "update", approve } = given;
  if (path !== undefined && typeof path !== "string" && !(path instanceof URL)) {
    throw wrong("lock.path", "a path or a URL");
  }
  if (mode !== "update" && mode !== "frozen") throw wrong("lock.mode", '"update" or "frozen"');
  if (approve !== undefined && typeof approve !== "function") throw wrong("lock.approve", "a function");
  if (approve !== undefined && mode === "frozen") throw wrong("lock.approve", "for a lock that is frozen");
  return { path, mode, approve };
}

/** @throws {PlugmapError} `option-invalid`. */
export function readRevocationOption(given: RevocationOptions | undefined): RevocationChoice | undefined {
  if (given === undefined) return undefined;
  requireKnown("revocations", given, ["source", "key", "interval", "maxAge"]);
  const { source, key, interval = hour, maxAge = Number.POSITIVE_INFINITY } = given;
  if (!(typeof source === "string" && source !== "") && !(source instanceof URL)) {
    throw wrong("revocations.source", "a path or a URL");
  }
  if (typeof key !== "string" || decodePublicKey(key) === undefined) {
    throw wrong("revocations.key", 'a public key: "ed25519-" and 32 bytes in base64');
  }
  if (!Number.isInteger(interval) || interval < 1 || interval >= 2 ** 31) {
    throw wrong("revocations.interval", "a number of milliseconds that a timer can wait");
  }
  if (typeof maxAge !== "number" || !(maxAge > 0)) throw wrong("revocations.maxAge", "a number of milliseconds");
  return { source, key, interval, maxAge };
}

function requireKnown(option: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = closest(unknown, known);
  throw new PlugmapError("option-invalid", `Option ${quote(option)} has no ${quote(unknown)}`, {
    mend: meant === undefined ? `Known are ${known.map(quote).join(", ")}.` : `Did you mean ${quote(meant)}?`,
  });
}

function wrong(option: string, expected: string): PlugmapError {
  return new PlugmapError("option-invalid", `Option ${quote(option)} is not ${expected}`);
}

/** An answer of `approve`, which may be the plugin's only hurdle: whatever is not a clear yes or no is an error. */
export function readApproval(answer: unknown): boolean {
  if (typeof answer === "boolean") return answer;
  throw new PlugmapError("option-invalid", `Option "lock.approve" answers with ${describe(answer)}`, {
    mend: "Answer with true or false.",
  });
}
