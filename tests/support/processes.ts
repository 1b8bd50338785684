/**
 * Processes, seen from outside. Linux only.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** A process, by what the kernel says of it. */
interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** One letter; `Z` is one that has ended and was not waited for. */
  readonly state: string;
}

/** All processes that there are. */
function processes(): readonly ProcessFacts[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const text = readFileSync(`/proc/${name}/stat`, "utf8");
      const [state, parent, group] = text.slice(text.lastIndexOf(")") + 2).split(" ");
      return [{ pid: Number(name), parent: Number(parent), group: Number(group), state: state! }];
    } catch {
      return [];
    }
  });
}

/** Ids of the children of a process, those that have ended left out. */
export function childrenOf(parent: number = process.pid): readonly number[] {
  return processes().filter((other) => other.parent === parent && other.state !== "Z").map(({ pid }) => pid);
}

/** Whether nothing is left of processes: neither they, nor anything in the groups that they lead. */
export function areGone(pids: readonly number[]): boolean {
  return !processes().some(({ pid, group, state }) => state !== "Z" && (pids.includes(pid) || pids.includes(group)));
}

/** How many files a process has open. */
export function openFiles(pid: number | "self" = "self"): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
