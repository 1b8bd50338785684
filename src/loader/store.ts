/**
 * A content-addressed store on disk. The name of a file is the digest of its content, so an entry cannot go stale, and
 * because it is hashed again whenever it is read, it cannot be poisoned either (threat T12).
 */
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import { checkIntegrity } from "../integrity/mod.ts";
import type { IntegrityHash, IntegrityMetadata } from "../integrity/mod.ts";

/** Where verified bytes are kept between runs. */
export interface Store {
  /** The bytes that have one of the pinned digests, if they are here and still have it. */
  get(pins: IntegrityMetadata): Uint8Array | undefined;
  /**
   * Keeps bytes that were verified against these pins. A full disk or a read-only folder is reported once and otherwise
   * ignored: the store saves time, nothing depends on it.
   */
  put(pins: IntegrityMetadata, bytes: Uint8Array): void;
}

/** A host that keeps nothing. */
export const noStore: Store = { get: () => undefined, put: () => {} };

/**
 * @param folder Made when the first entry is written, readable by its owner only. One that is there is left as it is.
 * @param report Receives what goes wrong, at most once for reading and once for writing.
 */
export function openStore(folder: string, report: (problem: PlugmapError) => void): Store {
  const reported = new Set<string>();
  const tell = (what: "read" | "written", error: unknown): void => {
    if (reported.has(what)) return;
    reported.add(what);
    const problem = `The store ${quote(folder)} cannot be ${what}: ${messageOf(error)}`;
    report(
      new PlugmapError("store-failed", problem, { mend: "Make the folder usable, or name another.", cause: error }),
    );
  };
  const locate = ({ algorithm, digest }: IntegrityHash): string => {
    const name = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return join(folder, algorithm, name.slice(0, 2), name.slice(2));
  };

  function get(pins: IntegrityMetadata): Uint8Array | undefined {
    for (const pin of pins) {
      const path = locate(pin);
      try {
        // A pipe or a device in place of an entry would never end.
        const bytes = lstatSync(path).isFile() ? new Uint8Array(readFileSync(path)) : undefined;
        if (bytes !== undefined && checkIntegrity(bytes, [pin])) return bytes;
        rmSync(path, { force: true });
      } catch (error) {
        if ((error as { code?: string }).code !== "ENOENT") tell("read", error);
      }
    }
    return undefined;
  }

  function put(pins: IntegrityMetadata, bytes: Uint8Array): void {
    const pin = pins.find((candidate) => checkIntegrity(bytes, [candidate]));
    if (pin === undefined) return;
    const path = locate(pin);
    // A name of its own in the same folder: the rename is then atomic, also against another host doing the same.
    const draft = `${path}.${crypto.randomUUID()}`;
    try {
      makeFolder(folder);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(draft, bytes, { mode: 0o600, flag: "wx" });
      renameSync(draft, path);
    } catch (error) {
      tell("written", error);
      discard(draft);
    }
  }

  return { get, put };
}

/** The store lies beside the user's import map by default, where its files do not belong into version control. */
function makeFolder(folder: string): void {
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
  // What is in a folder that was there before is not the store's business.
  if (made !== undefined) writeFileSync(join(folder, ".gitignore"), "*\n", { mode: 0o600 });
}

/** Where nothing can be written there may be nothing that can be removed; a draft that stays is never read. */
function discard(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // The reason is the one that is reported already.
  }
}
