import { describe, it } from "node:test";
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { createPlugin } from "../host/sample_plugins.ts";
import { bun, deno } from "../support/binaries.ts";
import { onDeno } from "../support/child.ts";

// T22: a socket that whoever started the host left open, as supervisors do, is open in its processes too, and no permission is
// asked for what is open already.

/** One that no runtime gets to by itself. */
const inherited = 200;

const source = `const { Socket } = globalThis.process.getBuiltinModule("node:net");
export default { hooks: { one: () => new Promise((resolve) => {
  try {
    const socket = new Socket({ fd: ${inherited} });
    socket.on("error", (error) => resolve("refused"));
    socket.write("from the plugin", (error) => resolve(error ? "refused" : "written"));
  } catch {
    resolve("refused");
  }
}) } };`;

describe("T22, descriptors that the host has inherited", () => {
  it("are not open in the process of an isolated plugin", {
    skip: !existsSync("/proc/self/fdinfo") && "this system does not tell what is open",
  }, async () => {
    using plugin = createPlugin("heir", source);
    const received: string[] = [];
    const server = createServer((socket) => socket.on("data", (bytes) => void received.push(String(bytes))));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const program = join(plugin.folder, "host.ts");
    const library = fileURLToPath(new URL("../../mod.ts", import.meta.url));
    writeFileSync(
      program,
      `import { createHost, defineHooks, hook } from ${JSON.stringify(library)};
const hooks = defineHooks({ one: hook({ async: true, mode: "first" }) });
await using host = createHost({
  hooks,
  importMap: { imports: { "plugins/heir": ${JSON.stringify(plugin.manifestUrl)} } },
  policy: { default: { tier: "isolated" } },
  store: false,
});
await host.loadPlugin("heir");
console.log(await host.hooks.one({}));
`,
    );
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const command = onDeno
      ? [deno, "run", "-A", "--no-check", "--node-modules-dir=manual", "--config", config]
      : [bun, "--no-install"];
    // bash opens the socket, and leaves it to what it becomes.
    const script = `exec ${inherited}<>/dev/tcp/127.0.0.1/${port}; exec "$@"`;
    const child = spawn("bash", ["-c", script, "bash", ...command, program], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
    });
    let printed = "";
    child.stdout.on("data", (text) => printed += text);
    await new Promise((resolve) => child.on("close", resolve));
    await new Promise((resolve) => server.close(resolve));
    assertEquals([received, printed.trim()], [[], "refused"]);
  });
});
