import { withoutLeaks } from "./deno_descriptors.ts";
import { readText, StreamChannel } from "./stream_channel.ts";
import type { ChildProcess, ProcessEnd, Program, TextReceiver } from "./types.ts";

interface DenoProcess {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly status: Promise<ProcessEnd>;
  kill(signal: "SIGKILL"): void;
}

interface DenoNamespace {
  readonly Command: new (path: string, options: Readonly<Record<string, unknown>>) => { spawn(): DenoProcess };
}

/**
 * Starts a program from Deno. It can only give a child the three standard streams, so there is no channel beside those; and
 * `node:child_process` adds `-A` to the arguments where the program is Deno itself, so that is of no use here.
 */
export function spawnOnDeno({ path, args, env, channel }: Program, print: TextReceiver): Promise<ChildProcess> {
  if (channel !== "stdio") throw new TypeError("Deno gives a process no descriptor beside the standard streams");
  const { Command } = (globalThis as unknown as { Deno: DenoNamespace }).Deno;
  const streams = { stdin: "piped", stdout: "piped", stderr: "piped" };
  const command = new Command(path, { args: [...args], env: { ...env }, clearEnv: true, cwd: "/", ...streams });
  const child = withoutLeaks(() => command.spawn());
  readText(child.stderr, (text) => print(text, "stderr"));
  return Promise.resolve({
    pid: child.pid,
    channel: new StreamChannel(child.stdout, child.stdin),
    ended: child.status,
    kill: () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
    },
  });
}
