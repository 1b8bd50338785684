import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Connection } from "../contestant.ts";

/** A process that is talked to in lines of JSON, as language servers and many plugin systems do it. */
export function connectJsonLines(): Connection {
  const program = fileURLToPath(
    new URL("./json_lines_child.ts", import.meta.url),
  );
  const args = "bun" in process.versions ? ["--no-install", program] : ["run", "-A", "--no-check", program];
  const child = spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const waiting = new Map<number, (result: number) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, result } = JSON.parse(line);
    waiting.get(id)!(result);
    waiting.delete(id);
  });
  let count = 0;
  const call = (method: string, argument: unknown): Promise<number> =>
    new Promise((resolve) => {
      const id = ++count;
      waiting.set(id, resolve);
      child.stdin.write(`${JSON.stringify({ id, method, argument })}\n`);
    });
  return {
    echo: (value) => call("echo", value),
    receive: (bytes) => call("receive", Buffer.from(bytes.buffer).toString("base64")),
    close: () => {
      child.kill("SIGKILL");
    },
  };
}
