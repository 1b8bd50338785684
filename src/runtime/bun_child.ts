/**
 * What a Bun process is made into before a plugin comes into it. What it may do is decided by the kernel; this here is for
 * order, not for safety.
 *
 * @module
 */

import process from "node:process";
import { limitVariables } from "../isolate/linux/limits.ts";
import type { ByteChannel } from "../isolate/wire/mod.ts";
import { openSocket } from "./bun_socket.ts";

/** The file descriptor by which the process talks to its host. */
const channelDescriptor = 3;

/** The channel to the host. */
export function openParentChannel(): Promise<ByteChannel> {
  return openSocket(channelDescriptor);
}

/**
 * Takes away what would start code that nothing has verified, and the variables that are there for Bun: the environment of a
 * plugin is what it was granted.
 */
export function settle(): void {
  for (const name of limitVariables) delete process.env[name];
  Object.defineProperty(globalThis, "Worker", { value: undefined, configurable: true, writable: true });
}

/** Bytes of memory that the process takes. */
export function memory(): number {
  return process.memoryUsage.rss();
}

/** Ends the process. */
export const exit: (code: number) => never = process.exit.bind(process);

/**
 * Replaces what opens sockets, which would fail in ways that say nothing of permissions. `Bun.fetch` cannot be replaced.
 *
 * @param refusal Makes what stands for it, by its name.
 */
export function withholdSockets(refusal: (name: string) => () => never): void {
  const bun = (globalThis as unknown as { Bun: Record<string, unknown> }).Bun;
  for (const name of ["connect", "listen", "serve", "udpSocket"]) bun[name] = refusal(`Bun.${name}`);
}
