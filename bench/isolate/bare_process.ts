/**
 * A process without anything of ours in it, reached by the runtime's own means: the floor of what can be had over the same
 * kind of channel.
 *
 * @module
 */

import process from "node:process";
import { launch, runtime } from "./isolation.ts";

/** A process, and bytes to it and from it. */
export interface BareProcess {
  readonly pid: number;
  /** @returns A promise if it takes a while. */
  write(bytes: Uint8Array<ArrayBuffer>): void | Promise<void>;
  onBytes: (bytes: Uint8Array) => void;
  end(): void;
}

/**
 * What it does: answers one byte as soon as it can, sends back what comes, or answers one byte for each so many bytes that
 * came, which it may gather in one piece.
 */
export type Task = "greet" | "echo" | {
  readonly length: number;
  readonly keeps: boolean;
};

/** Starts it: on Deno with the flags of an isolated plugin, on Bun without what confines one. */
export async function startBare(task: Task): Promise<BareProcess> {
  return runtime.name === "deno" ? startDeno(task) : await startBun(task);
}

interface DenoNamespace {
  readonly Command: new (path: string, options: object) => {
    spawn(): {
      readonly pid: number;
      readonly stdin: WritableStream<Uint8Array>;
      readonly stdout: ReadableStream<Uint8Array>;
      kill(signal: "SIGKILL"): void;
    };
  };
}

function startDeno(task: Task): BareProcess {
  const { Command } = (globalThis as unknown as { Deno: DenoNamespace }).Deno;
  const { path, args, env } = launch.program;
  const source = `data:text/javascript,${encodeURIComponent(denoSource(task))}`;
  const options = {
    args: [...args.slice(0, -1), source],
    env,
    clearEnv: true,
    cwd: "/",
  };
  const child = new Command(path, {
    ...options,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  const bare: BareProcess = {
    pid: child.pid,
    write: (bytes) => writer.write(bytes),
    onBytes: () => {},
    end: () => child.kill("SIGKILL"),
  };
  const reader = child.stdout.getReader();
  const read = async () => {
    for (
      let { value } = await reader.read();
      value !== undefined;
      { value } = await reader.read()
    ) bare.onBytes(value);
  };
  read().catch(() => {});
  return bare;
}

function denoSource(task: Task): string {
  const write = (bytes: string): string => `Deno.stdout.writeSync(${bytes});`;
  return `import { registerHooks } from "node:module";
registerHooks({});
const answer = () => ${write("new Uint8Array(1)")}
${task === "greet" ? "answer();" : ""}
const buffer = new Uint8Array(256 * 1024);
for (;;) {
  const count = await Deno.stdin.read(buffer);
  if (count === null) break;
  const bytes = buffer.subarray(0, count);
  ${task === "echo" ? write("bytes") : countSource(task)}
}`;
}

/** Code that has `bytes` and can `answer()`. */
function countSource(task: Task): string {
  if (typeof task === "string") return "";
  const keep = task.keeps ? `(globalThis.whole ??= new Uint8Array(${task.length})).set(bytes, came);` : "";
  return `globalThis.came ??= 0; ${keep} came += bytes.length;
  if (came === ${task.length}) { came = 0; globalThis.whole = undefined; answer(); }`;
}

interface BunSocket {
  write(bytes: Uint8Array): number;
}

interface BunNamespace {
  spawn(command: readonly string[], options: object): {
    readonly pid: number;
    readonly stdio: readonly number[];
    kill(signal: "SIGKILL"): void;
  };
  connect(options: object): Promise<BunSocket>;
}

async function startBun(task: Task): Promise<BareProcess> {
  const { spawn, connect } = (globalThis as unknown as { Bun: BunNamespace }).Bun;
  const child = spawn([process.execPath, "-e", bunSource(task)], {
    cwd: "/",
    env: {},
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  let waiting: { bytes: Uint8Array<ArrayBuffer>; sent: () => void } | undefined;
  const bare: BareProcess = {
    pid: child.pid,
    write: (bytes) => {
      const taken = socket.write(bytes);
      if (taken >= bytes.length) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting = { bytes: bytes.subarray(taken), sent: resolve };
      return promise;
    },
    onBytes: () => {},
    end: () => child.kill("SIGKILL"),
  };
  const socket = await connect({
    fd: child.stdio[3],
    socket: {
      binaryType: "uint8array",
      data: (_: BunSocket, bytes: Uint8Array) => bare.onBytes(bytes),
      drain: (socket: BunSocket) => {
        if (waiting === undefined) return;
        waiting.bytes = waiting.bytes.subarray(socket.write(waiting.bytes));
        if (waiting.bytes.length > 0) return;
        const { sent } = waiting;
        waiting = undefined;
        sent();
      },
      close: () => {},
    },
  });
  return bare;
}

function bunSource(task: Task): string {
  return `let socket;
const answer = () => socket.write(new Uint8Array(1));
Bun.connect({ fd: 3, socket: {
  binaryType: "uint8array",
  data(socket, bytes) { ${task === "echo" ? "socket.write(bytes);" : countSource(task)} },
  close() { process.exit(0); },
} }).then((opened) => { socket = opened; ${task === "greet" ? "answer();" : ""} });`;
}
