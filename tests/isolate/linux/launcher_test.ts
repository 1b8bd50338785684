import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { launchFailures } from "../../../src/isolate/linux/mod.ts";
import type { LaunchJob, LinuxFacts } from "../../../src/isolate/linux/mod.ts";
import { bun } from "../../support/binaries.ts";
import { createTemporaryFolder } from "../../support/temporary_folder.ts";
import { confinable, confinedCommand, machine, runConfined, startConfined } from "./confined_bun.ts";

const program = "console.log('started')";

async function failure(change: (job: LaunchJob) => LaunchJob): Promise<[code: number | null, stderr: string]> {
  const { code, stdout, stderr } = await runConfined(program, { change });
  assertEquals(stdout, "");
  assert(code !== null && Object.hasOwn(launchFailures, code), `${code}: ${stderr}`);
  return [code, stderr];
}

describe("The launcher starts nothing", confinable, () => {
  it("if another process than the host started it, because the host is gone then", async () => {
    const [code] = await failure((job) => ({ ...job, parent: 1 }));
    assertEquals(code, 101);
  });

  it("without a file that Bun needs", async () => {
    const missing = { path: "/proc/self/missing", rights: 4, needed: true, follow: true };
    const [code, stderr] = await failure((job) => ({
      ...job,
      landlock: { ...job.landlock!, paths: [missing] },
    }));
    assertEquals(code, 103);
    assertStringIncludes(stderr, "/proc/self/missing");
  });

  it("if the kernel does not know the rights", async () => {
    const [code] = await failure((job) => ({
      ...job,
      landlock: { ...job.landlock!, withheld: { files: 2 ** 30, network: 0, scopes: 0, size: 8 } },
    }));
    assertEquals(code, 104);
  });

  it("if a limit cannot be set", async () => {
    const [code] = await failure((job) => ({ ...job, limits: [[99, 0]] }));
    assertEquals(code, 105);
  });

  it("if the kernel refuses the filter", async () => {
    const [code] = await failure((job) => ({ ...job, filter: [0xffff, 0], blanks: {} }));
    assertEquals(code, 110);
  });

  it("if there is no such program", async () => {
    const [code] = await failure((job) => ({ ...job, command: ["/proc/self/missing"] }));
    assertEquals(code, 111);
  });
});

describe("The launcher", confinable, () => {
  it("starts a program to which something is granted that does not exist", async () => {
    const { stdout } = await runConfined(program, { granted: { read: ["/missing/path"], write: ["/missing"] } });
    assertEquals(stdout, "started\n");
  });

  it("grants a file to the file and not to its folder", async () => {
    using folder = createTemporaryFolder();
    chmodSync(folder.path, 0o755);
    for (const name of ["granted", "beside"]) writeFileSync(join(folder.path, name), name);
    const { stdout } = await runConfined(
      `const { readFileSync } = process.getBuiltinModule("node:fs");
      for (const name of ["granted", "beside"]) {
        try { console.log(readFileSync(${JSON.stringify(folder.path)} + "/" + name, "utf8")); }
        catch (error) { console.log(error.code); }
      }`,
      { granted: { read: [join(folder.path, "granted")] } },
    );
    assertEquals(stdout, "granted\nEACCES\n");
  });

  it("leaves a channel over which bytes go both ways", async () => {
    const child = startConfined(
      `Bun.connect({ fd: 3, socket: {
        data(socket, bytes) { socket.write(bytes); },
        end() { process.exit(0); },
        close() { process.exit(0); },
      } })`,
    );
    const channel = child.stdio[3] as Socket;
    const echoed = new Promise<string>((resolve) =>
      channel.once("data", (bytes: Uint8Array) => resolve(String(bytes)))
    );
    channel.write("through");
    assertEquals(await echoed, "through");
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await ended;
  });

  it("gives the program a group of its own, so that what it started ends with it", async () => {
    const child = startConfined(
      `const child = Bun.spawn(["/usr/bin/sleep", "60"]);
      console.log(child.pid);`,
      { granted: { run: ["/usr/bin/sleep"] } },
    );
    const pid = await new Promise<number>((resolve) =>
      child.stdout!.once("data", (text) => resolve(Number(String(text))))
    );
    assert(existsSync(`/proc/${pid}`));
    const ended = new Promise((resolve) => child.once("close", resolve));
    process.kill(-child.pid!, "SIGKILL");
    await ended;
    await untilGone(pid);
  });

  it("ends with the host, also if that is killed", async () => {
    using folder = createTemporaryFolder();
    mkdirSync(join(folder.path, "empty"));
    // Its host is a process in between, whose id is not known before it runs.
    let made: LaunchJob | undefined;
    const command = confinedCommand("console.log(process.pid); setInterval(() => {}, 1000)", {
      change: (job) => made = job,
    });
    const host = join(folder.path, "host.mjs");
    writeFileSync(
      host,
      `import { spawn } from "node:child_process";
      import { writeFileSync } from "node:fs";
      import { launcherImage } from ${
        JSON.stringify(new URL("../../../src/isolate/linux/mod.ts", import.meta.url).pathname)
      };
      const command = ${JSON.stringify(command)};
      const job = { ...${JSON.stringify(made)}, parent: process.pid };
      writeFileSync(command.at(-1), launcherImage(job, ${JSON.stringify((machine as LinuxFacts).architecture)}));
      spawn(command[0], command.slice(1), { cwd: "/", env: {}, stdio: ["ignore", "inherit", "inherit", "pipe"] });
      setInterval(() => {}, 1000);`,
    );
    const between = spawn(bun, ["--no-install", host], { stdio: ["ignore", "pipe", "inherit"] });
    const pid = await new Promise<number>((resolve) =>
      between.stdout.once("data", (text) => resolve(Number(String(text))))
    );
    assert(existsSync(`/proc/${pid}`));
    between.kill("SIGKILL");
    await untilGone(pid);
  });
});

/** Waits until a process is gone; the test's own limit of time ends the wait. */
async function untilGone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 5));
}
