import { assertEquals } from "@std/assert";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { bun } from "../../support/binaries.ts";
import { notTested } from "../../support/not_tested.ts";
import { confinable } from "./confined_bun.ts";

const source = fileURLToPath(new URL("../../../src/isolate/linux/mod.ts", import.meta.url));

/** What a Bun prints that a shell starts after some commands. */
function printed(commands: string, program: string, ...wrapper: string[]): string {
  const [file, ...args] = [...wrapper, "/bin/sh", "-c", `${commands} && exec "$0" --no-install -e "$1"`, bun, program];
  const { stdout, stderr } = spawnSync(file!, args, { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
  return stdout + stderr;
}

/** In a process namespace of its own, since it is a setting of one. */
const apart = ["/usr/bin/unshare", "--pid", "--fork", "--mount", "--mount-proc", "--propagation", "private"];
const setting = "/proc/sys/vm/memfd_noexec";
const forbid = `[ $$ = 1 ] && echo 2 > ${setting}`;
const [unshare, ...options] = apart as [string, ...string[]];
const canForbid = spawnSync(unshare, [...options, "/bin/sh", "-c", forbid]).status === 0;

describe("openMemoryFile()", confinable, () => {
  it("says so if no more files can be opened", () => {
    const program = `import { openSync, closeSync } from "node:fs";
      import { detectLinux, openMemoryFile } from ${JSON.stringify(source)};
      const facts = detectLinux();
      const opened = [];
      try { for (;;) opened.push(openSync("/dev/null")); } catch {}
      let told;
      try { openMemoryFile(new Uint8Array(1), facts); } catch (error) { told = error.message; }
      opened.forEach(closeSync);
      console.log(told);`;
    const told = printed("ulimit -n 100", program);
    assertEquals(told, "[tier-unavailable] A file in memory cannot be made: errno 24.\n");
  });

  it("says so if the system lets none be executed", {
    // Before Linux 6.3, nothing forbids it.
    skip: existsSync(setting) ? !canForbid && notTested("vm.memfd_noexec cannot be set") : "it always does",
  }, () => {
    const program = `import { detectLinux } from ${JSON.stringify(source)};
      try { detectLinux(); } catch (error) { console.log(error.message); }`;
    const told = printed(forbid, program, ...apart);
    const mend = "Set vm.memfd_noexec to 0 or 1.";
    assertEquals(told, `[tier-unavailable] Files in memory cannot be executed here. ${mend}\n`);
  });
});
