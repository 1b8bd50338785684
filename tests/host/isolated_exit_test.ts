import { spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { bun } from "../support/binaries.ts";
import { confinedDeno, onDeno, plugmap, runProgram } from "../support/child.ts";
import { until } from "../support/isolated.ts";
import { areGone, childrenOf } from "../support/processes.ts";
import { createTemporaryFolder } from "../support/temporary_folder.ts";
import { createUnruly } from "../support/unruly_plugin.ts";

/** How a host can end, as what it does when it is told to. */
const endings = {
  "closes and comes to its end": "await host.close().catch(() => {}); process.stdin.destroy();",
  "exits": "process.exit(3);",
  "throws what nobody catches": `throw new Error("uncaught");`,
} as const;

const signals = ["SIGTERM", "SIGINT", "SIGKILL"] as const;

/** A host with one plugin and, after a while, a spare process. It does as it is told by the first line that it reads. */
const hostProgram = (manifestUrl: string, deed: string, ending: string): string => `
import { createHost, defineHooks, hook } from ${JSON.stringify(plugmap)};
import process from "node:process";
const host = createHost({
  hooks: defineHooks({ one: hook({ async: true, mode: "first" }) }),
  importMap: { imports: { "plugins/unruly": ${JSON.stringify(manifestUrl)} } },
  policy: { default: { tier: "isolated" } },
  store: false,
  limits: { dispose: 200 },
});
await host.load();
host.hooks.one({ deed: ${JSON.stringify(deed)} }).catch(() => {});
process.stdin.once("data", async () => { ${ending} });
console.log("ready");
`;

/** Whether what ends a plugin's process with its host is the kernel, by way of setpriv; else it is a thread in it. */
const ways: Readonly<Record<string, readonly string[]>> = onDeno
  ? {
    "by the kernel": ["-A"],
    "by a thread": ["--allow-read", "--allow-env", `--allow-run=${confinedDeno}`],
  }
  : { "by the kernel": [] };

/** Starts a host, lets its plugin do something, ends the host, and checks that nothing is left of either. */
async function endHost(
  flags: readonly string[],
  deed: string,
  end: keyof typeof endings | NodeJS.Signals,
): Promise<void> {
  using folder = createTemporaryFolder();
  using temporary = createTemporaryFolder();
  using unruly = createUnruly();
  const path = join(folder.path, "host.ts");
  writeFileSync(path, hostProgram(unruly.manifestUrl, deed, endings[end as keyof typeof endings] ?? ""));
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const [program, ...args] = onDeno
    ? [confinedDeno, "run", "--no-prompt", "--no-lock", "--config", config, ...flags, path]
    : [bun, "--no-install", path];
  const host = spawn(program!, args, {
    cwd: folder.path,
    env: { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", TMPDIR: temporary.path },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let printed = "";
  host.stdout.setEncoding("utf8").on("data", (text: string) => printed += text);
  host.stderr.setEncoding("utf8").on("data", (text: string) => printed += text);
  try {
    await until(() => printed.includes("ready\n") || host.exitCode !== null, "the host is ready");
    assert(printed.includes("ready\n"), printed);
    await until(() => childrenOf(host.pid).length === 2, "the plugin and a spare process run");
    const children = childrenOf(host.pid);
    const exited = new Promise((resolve) => host.on("exit", resolve));
    if (end in endings) host.stdin.end("end\n");
    else host.kill(end as NodeJS.Signals);
    await exited;
    await until(() => areGone(children), `nothing is left of ${children} (${printed})`);
    assertEquals(readdirSync(temporary.path), []);
  } finally {
    host.kill("SIGKILL");
  }
}

describe("the processes of isolated plugins end with their host", { skip: process.platform !== "linux" }, () => {
  for (const [way, flags] of Object.entries(ways)) {
    for (const end of [...Object.keys(endings), ...signals] as (keyof typeof endings | NodeJS.Signals)[]) {
      // The others do not differ from those that a thread sees to.
      if (way === "by a thread" && end !== "SIGKILL" && end !== "exits") continue;
      it(`${way}, when it ${end in endings ? end : `gets ${end}`}, even out of an endless loop`, async () => {
        await endHost(flags, "loop", end);
      });
    }
  }

  it("when it gets SIGKILL and the plugin does nothing", async () => {
    for (const flags of Object.values(ways)) await endHost(flags, "answer", "SIGKILL");
  });
});

describe("a host that starts and stops plugins", { skip: process.platform !== "linux" }, () => {
  it("keeps no file open of those that have ended", async () => {
    using folder = createTemporaryFolder();
    using unruly = createUnruly();
    const support = new URL("../support/", import.meta.url);
    const { code, stdout, stderr } = await runProgram(
      `import { loadIsolated } from "${support}isolated.ts";
import { childrenOf, openFiles } from "${support}processes.ts";
const listed = { name: "unruly", manifestUrl: ${JSON.stringify(unruly.manifestUrl)} };
const settled = async () => {
  while (childrenOf().length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 300));
  return openFiles();
};
const cycle = async (n) => {
  const host = await loadIsolated([listed], { isolation: { spares: n % 2 } });
  const deed = ["answer", "exit", "die", "garbage", "print"][n % 5];
  await host.hooks.one({ deed, text: "x", code: 0 }).catch(() => {});
  await host.close().catch(() => {});
};
// What is opened once, for good, is opened by the first.
for (let n = 0; n < 5; n++) await cycle(n);
const before = await settled();
for (let n = 0; n < 50; n += 5) await Promise.all([0, 1, 2, 3, 4].map((m) => cycle(n + m)));
console.log(JSON.stringify([before, await settled()]));
`,
      { cwd: folder.path },
    );
    assertEquals([code, stderr], [0, ""]);
    const [before, after] = JSON.parse(stdout);
    // The runtime opens and closes some of its own. One of each process would be fifty.
    assert(after < before + 10, `${before} files were open, and ${after} are`);
  });
});
