/**
 * The host of the attack plugin: `host.ts JOB`, a program of its own so that it can be run as anybody. It prints how the
 * attacks went.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { createHost, defineHooks, hook } from "../../../mod.ts";
import { importMapOf } from "../../support/host.ts";
import { createPluginFolder } from "../../support/plugin_folder.ts";
import type { Files } from "../../support/plugin_folder.ts";
import { grantsOf } from "./grants.ts";
import type { GrantName } from "./grants.ts";
import type { HostJob, Verdicts } from "./scene.ts";

const { tier, targets, skip }: HostJob = JSON.parse(readFileSync(process.argv.at(-1)!, "utf8"));

const folder = fileURLToPath(new URL("plugin/", import.meta.url));
const names = readdirSync(folder).sort((left, right) => Number(right === "mod.js") - Number(left === "mod.js"));
const files: Files = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));

const plugins = Object.entries(targets).map(([name, target]) =>
  createPluginFolder(files, { name, permissions: grantsOf(name as GrantName, target) })
);
const policy = {
  plugins: Object.fromEntries(
    Object.entries(targets).map(([name, target]) => [name, { tier, permissions: grantsOf(name as GrantName, target) }]),
  ),
};

/** Processes of the same user's that are nobody's to touch. */
const bystanders = [1, 2].map(() => spawn("/usr/bin/sleep", ["60"], { stdio: "ignore" }));
const [victim, other] = bystanders.map(({ pid }) => pid);
// Where the plugin runs in the host's own process, another stands for the host.
const host = tier === "isolated" ? process.pid : other;

const hooks = defineHooks({
  attack: hook<{ targets: unknown }, [string, Verdicts]>({ mode: "parallel", timeLimit: 45_000 }),
});
await using plugmap = createHost({
  hooks,
  importMap: importMapOf(...plugins),
  policy,
  store: false,
  isolation: { limits: { call: 45_000, heartbeat: 20_000 } },
  report: (problem) => console.error(problem.message),
});
const { plugins: loaded } = await plugmap.load();
for (const { error } of loaded) if (error !== undefined) console.error(error.message);
for (const target of Object.values(targets)) symlinkSync(`${target.denied}/file`, `${target.readable}/planted`);

const told = Object.fromEntries(
  Object.entries(targets).map((
    [name, target],
  ) => [name, { ...target, host, victim, hostFiles: hostFiles(), skip }]),
);
const verdicts = await plugmap.hooks.attack({ targets: told });
console.log(`VERDICTS ${JSON.stringify(verdicts)}`);
for (const plugin of plugins) plugin.remove();
for (const { pid } of bystanders) process.kill(pid!, "SIGKILL");
await plugmap.close();
process.exit(0);

/** The files, sockets and pipes that this process has open. */
function hostFiles(): string[] {
  return readdirSync("/proc/self/fd").flatMap((number) => {
    try {
      const { dev, ino } = statSync(`/proc/self/fd/${number}`);
      return Number(number) > 2 ? [`${dev}:${ino}`] : [];
    } catch {
      return [];
    }
  });
}
