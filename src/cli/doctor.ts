import process from "node:process";
import { type PlugmapError, printable } from "../errors.ts";
import { open, reportOf } from "../host/mod.ts";
import type { Opened, PluginReport } from "../host/mod.ts";
import { checkAll, choose } from "./check_plugins.ts";
import { formatJson, formatTable } from "./text.ts";
import type { Command } from "./types.ts";

/** Tells what can isolate plugins here, and for each plugin and permission what enforces it, and how well. */
export const doctor: Command = {
  options: new Map([["import-map", "value"], ["policy", "value"], ["json", "flag"]]),
  async run({ operands, flags, values }, terminal) {
    const [importMap, policy] = [values.get("import-map"), values.get("policy")];
    const given = { ...importMap !== undefined && { importMap }, ...policy !== undefined && { policy } };
    const problems: PlugmapError[] = [];
    const opened = await open(
      given,
      importMap !== undefined || operands.length > 0,
      (problem) => problems.push(problem),
    );
    const machine = await describeMachine(opened);
    const chosen = choose(operands, opened);
    const records = await checkAll(chosen, opened);
    const reports = chosen.map(({ name }) => reportOf(records.get(name)!));
    const plugins = reports.map(({ name, tier, enforcement, error }) => ({ name, tier, enforcement, error }));
    terminal.out(flags.has("json") ? formatJson({ ...machine, plugins }) : describe(machine, reports));
    for (const { message } of problems) terminal.problem(message);
    return reports.some(({ state }) => state === "failed") ? 1 : 0;
  },
};

interface Machine {
  readonly runtime: string;
  readonly system: string;
  readonly isolation: Awaited<ReturnType<Opened["ground"]["isolation"]["means"]>>;
}

async function describeMachine({ runtime, ground }: Opened): Promise<Machine> {
  return {
    runtime: `${runtime.name} ${runtime.version}`,
    system: `${process.platform} ${process.arch}`,
    isolation: await ground.isolation.means(),
  };
}

function describe({ runtime, system, isolation }: Machine, reports: readonly PluginReport[]): string {
  const means = isolation.map(({ name, problem, mend }) => [
    name,
    problem === undefined ? "works" : "does not work",
    problem === undefined ? "" : printable(mend === undefined ? problem : `${problem}. ${mend}`),
  ]);
  const chosen = isolation.find(({ problem }) => problem === undefined);
  const verdict = chosen === undefined
    ? "Plugins cannot be isolated here: those that the policy isolates are refused."
    : `Plugins are isolated by: ${chosen.name}`;
  return [
    `${runtime} on ${system}\n${verdict}`,
    formatTable(["means", "here", "why not"], means),
    ...reports.map(tableOf),
  ]
    .join("\n\n");
}

function tableOf({ name, tier, enforcement, error }: PluginReport): string {
  if (error !== undefined) return printable(error.message, 10_000);
  const rows = enforcement.map(({ permission, level, by, remark }) => [
    permission,
    level,
    remark === undefined ? by : `${by}. ${remark}`,
  ]);
  return `${name} (${tier})\n${formatTable(["permission", "is", "by"], rows)}`;
}
