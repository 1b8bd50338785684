/**
 * A place on this machine to which one process, and no other user, can connect, once. Named pipes of Windows are not tested.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import process from "node:process";
import { join } from "@std/path/join";

/** Where a connection is waited for. */
export interface Doorway {
  /** What the process is told. */
  readonly path: string;
  /** Stops waiting. What has connected stays so. */
  close(): void;
}

interface Place {
  readonly path: string;
  remove(): void;
}

/**
 * Waits for the first connection. After that there is nothing left to connect to, nor anything on disk.
 *
 * @throws What the system says against it.
 */
export async function openDoorway(enter: (socket: Socket) => void): Promise<Doorway> {
  const { path, remove } = process.platform === "win32" ? namedPipe() : privateFolder();
  const close = (): void => {
    server.close();
    remove();
  };
  let entered = false;
  const server = createServer((socket) => {
    if (entered) return socket.destroy();
    entered = true;
    close();
    enter(socket);
  });
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
  } catch (error) {
    remove();
    throw error;
  }
  server.unref();
  return { path, close };
}

function privateFolder(): Place {
  const folder = mkdtempSync(join(tmpdir(), "plugmap-"));
  const forget = removeAtExit(folder);
  return {
    path: join(folder, "broker"),
    remove: () => {
      forget();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Its name cannot be guessed, and Windows removes it with its last handle. */
function namedPipe(): Place {
  return { path: `\\\\.\\pipe\\plugmap-${randomUUID()}`, remove: () => {} };
}

const folders = new Set<string>();
let listening = false;

/** Removes a folder if the host exits before it has been used. */
function removeAtExit(folder: string): () => void {
  folders.add(folder);
  if (!listening) {
    listening = true;
    process.on("exit", () => folders.forEach((path) => rmSync(path, { recursive: true, force: true })));
  }
  return () => folders.delete(folder);
}
