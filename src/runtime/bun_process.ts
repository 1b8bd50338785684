import { closeSync } from "node:fs";
import process from "node:process";
import { openSocket } from "./bun_socket.ts";
import { readText, StreamChannel } from "./stream_channel.ts";
import type { ByteChannel } from "../isolate/wire/mod.ts";
import type { ChildProcess, Program, TextReceiver } from "./types.ts";

interface BunProcess {
  readonly pid: number;
  readonly stdin: { write(bytes: Uint8Array): number | Promise<number>; flush(): unknown; end(): unknown };
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly stdio: readonly (number | null)[];
  readonly exited: Promise<number>;
  readonly exitCode: number | null;
  readonly signalCode: string | null;
  kill(signal: "SIGKILL"): void;
}

interface BunNamespace {
  spawn(command: readonly string[], options: Readonly<Record<string, unknown>>): BunProcess;
}

/** Starts a program from Bun. The file descriptor 3 of the child is then one end of a pair of sockets. */
export async function spawnOnBun(
  { path, args, env, channel, file }: Program,
  print: TextReceiver,
): Promise<ChildProcess> {
  const { spawn } = (globalThis as unknown as { Bun: BunNamespace }).Bun;
  const descriptor = channel === "descriptor";
  const stdio = descriptor ? ["ignore", "pipe", "pipe", "pipe"] : ["pipe", "pipe", "pipe"];
  const fifth = file?.();
  let child: BunProcess;
  try {
    const files = fifth === undefined ? stdio : [...stdio, fifth];
    child = spawn([path, ...args], { env: { ...env }, cwd: "/", stdio: files });
  } finally {
    if (fifth !== undefined) closeSync(fifth);
  }
  readText(child.stderr, (text) => print(text, "stderr"));
  if (descriptor) readText(child.stdout, (text) => print(text, "stdout"));
  return {
    pid: child.pid,
    channel: descriptor ? await connect(child) : standardStreams(child),
    ended: child.exited.then(() => ({ code: child.exitCode, signal: child.signalCode })),
    kill: () => kill(child),
  };
}

async function connect(child: BunProcess): Promise<ByteChannel> {
  try {
    return await openSocket(child.stdio[3]!);
  } catch (error) {
    // Nobody knows of it yet who could end it.
    kill(child);
    throw error;
  }
}

function kill(child: BunProcess): void {
  child.kill("SIGKILL");
  try {
    // The launcher made the process the leader of a group, in which is all that it has started.
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // There is no such group, or nothing is left of it.
  }
}

function standardStreams({ stdin, stdout }: BunProcess): ByteChannel {
  const outgoing = new WritableStream<Uint8Array>({
    write: async (bytes) => {
      await stdin.write(bytes);
      await stdin.flush();
    },
    close: async () => {
      await stdin.end();
    },
  });
  return new StreamChannel(stdout, outgoing);
}
