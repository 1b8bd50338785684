import process from "node:process";
import type { ChildProcess } from "../runtime/types.ts";

/** The processes that have not ended. */
const running = new Set<ChildProcess>();
let listening = false;

/**
 * Lets a process end when the host exits. Should the host be killed, the kernel, or the process itself, sees to that; but
 * while it can, nobody has to wait for it.
 */
export function killWithHost(child: ChildProcess): void {
  running.add(child);
  child.ended.then(() => running.delete(child));
  if (listening) return;
  listening = true;
  process.on("exit", () => running.forEach((child) => child.kill()));
}
