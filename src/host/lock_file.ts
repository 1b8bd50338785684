/**
 * The lock on disk: read once, and written whole or not at all.
 */
import { closeSync, fsyncSync, lstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import process from "node:process";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { toFileUrl } from "@std/path/to-file-url";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import type { RuntimeAdapter } from "../runtime/types.ts";
import { exists, inFile, pathOf, readText } from "./discover.ts";
import { parseLock, serializeLock } from "./lock/mod.ts";
import type { Lock, LockChange } from "./lock/mod.ts";
import { refusalOf } from "./lock/compare.ts";
import { emptyLock, mergeLock } from "./lock/merge.ts";
import { readApproval } from "./update_options.ts";
import type { LockChoice } from "./update_options.ts";

/** Milliseconds after which a draft is one that a host has left behind when it was killed. */
const longestDraft = 10_000;

/** A lock, and what a host adds to it. */
export class LockFile {
  readonly path: string;
  readonly choice: LockChoice;
  readonly #runtime: RuntimeAdapter;
  #lock: Lock;
  /** People are asked one thing at a time. */
  #asking: Promise<unknown> = Promise.resolve();

  constructor(path: string, choice: LockChoice, lock: Lock, runtime: RuntimeAdapter) {
    this.path = path;
    this.choice = choice;
    this.#lock = lock;
    this.#runtime = runtime;
  }

  /** What it says, with what this host has recorded. */
  get lock(): Lock {
    return this.#lock;
  }

  /** @throws {PlugmapError} What is wrong with the change, if it is not approved. */
  async requireApproval(change: LockChange): Promise<void> {
    const { approve } = this.choice;
    if (approve === undefined) throw refusalOf(change);
    const asked = this.#asking.then(() => approve(change));
    this.#asking = asked.catch(() => {});
    const answer = await asked.catch((cause) => {
      throw refusalOf(change, cause);
    });
    if (!readApproval(answer)) throw refusalOf(change);
  }

  /**
   * Records what was loaded, on disk too if this host keeps the lock up to date. What other hosts have recorded meanwhile
   * stays.
   *
   * @throws {PlugmapError} `lock-invalid` when it cannot be written; this host then remembers it all the same.
   */
  async record(update: Partial<Lock>): Promise<void> {
    this.#lock = mergeLock(this.#lock, update);
    if (this.choice.mode !== "update") return;
    const { path } = this;
    this.#requireWritable();
    try {
      await this.#write(update);
    } catch (cause) {
      if (cause instanceof PlugmapError) throw cause;
      throw new PlugmapError("lock-invalid", `The lock ${quote(path)} cannot be written: ${messageOf(cause)}`, {
        mend: "Make its folder writable. Until then, what was loaded now counts as new the next time.",
        cause,
      });
    }
  }

  #requireWritable(): void {
    const power = { name: "write", path: dirname(this.path) } as const;
    if (this.#runtime.may(power)) return;
    throw new PlugmapError("lock-invalid", `The lock ${quote(this.path)} may not be written`, {
      mend: `Start the host with ${this.#runtime.flagFor(power)}.`,
    });
  }

  /** Between the making of the draft and its renaming nothing waits, and no other host has a draft. */
  async #write(update: Partial<Lock>): Promise<void> {
    const { path } = this;
    const base = toFileUrl(path).href;
    const draft = `${path}.new`;
    const file = await openDraft(draft);
    try {
      const before = readIfThere(path);
      const known = before === undefined ? emptyLock : inFile(path, () => parseLock(before, { base }));
      const text = serializeLock(mergeLock(known, update), { base });
      if (text === before) return discard(file, draft);
      writeFileSync(file, text);
      fsyncSync(file);
    } catch (error) {
      discard(file, draft);
      throw error;
    }
    closeSync(file);
    renameSync(draft, path);
  }
}

function discard(file: number, draft: string): void {
  closeSync(file);
  rmSync(draft, { force: true });
}

/** The name of the draft is always the same, so that having it is having the right to write. */
async function openDraft(draft: string): Promise<number> {
  for (const deadline = Date.now() + longestDraft;;) {
    try {
      return openSync(draft, "wx", 0o600);
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST") throw error;
      if (Date.now() > deadline) throw occupied(draft, error);
    }
    if (isLeft(draft)) rmSync(draft, { force: true });
    else await pause(5 + Math.random() * 10);
  }
}

function isLeft(draft: string): boolean {
  const status = lstatSync(draft, { throwIfNoEntry: false });
  return status !== undefined && Date.now() - status.mtimeMs > longestDraft;
}

function occupied(draft: string, cause: unknown): PlugmapError {
  return new PlugmapError("lock-invalid", `The lock cannot be written while ${quote(draft)} is there`, {
    mend: "A host makes it and takes it away again. If none is writing now, remove it.",
    cause,
  });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * @param choice What the option says.
 * @param folder Where the import map is.
 * @returns The lock, or undefined where nobody asks for one and there is none.
 * @throws {PlugmapError} `lock-invalid`, also for a lock that must be there and is not.
 */
export function openLock(
  choice: LockChoice | undefined,
  folder: string,
  runtime: RuntimeAdapter,
): LockFile | undefined {
  if (choice === undefined) return undefined;
  const path = choice.path === undefined ? join(folder, "plugins.lock.json") : pathOf(choice.path, process.cwd());
  // A lock that may not be read is not one that is not there: it could refuse what passes without it.
  const isMissing = runtime.may({ name: "read", path }) && !exists(path, runtime);
  if (isMissing && choice.mode === "honor") return undefined;
  if (isMissing && choice.mode === "update") return new LockFile(path, choice, emptyLock, runtime);
  if (isMissing) {
    throw new PlugmapError("lock-invalid", `The lock ${quote(path)} is frozen and not there`, {
      mend: 'Load once with the lock in mode "update", review what that writes, and keep it with the import map.',
    });
  }
  const text = readText(path, "lock-invalid", "The lock", runtime);
  const lock = inFile(path, () => parseLock(text, { base: toFileUrl(path).href }));
  return new LockFile(path, choice, lock, runtime);
}
