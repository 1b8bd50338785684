import { toFileUrl } from "@std/path/to-file-url";
import { type PlugmapError, printable, quote } from "../errors.ts";
import { open, reportOf } from "../host/mod.ts";
import type { Opened, PluginReport } from "../host/mod.ts";
import { checkAll, choose } from "./check_plugins.ts";
import { formatJson, formatPermissions, formatTable } from "./text.ts";
import type { Command } from "./types.ts";

/** Checks plugins as a host would, up to the point where their code would run. It does not. */
export const inspect: Command = {
  options: new Map([["import-map", "value"], ["policy", "value"], ["json", "flag"]]),
  async run({ operands, flags, values }, terminal) {
    const [importMap, policy] = [values.get("import-map"), values.get("policy")];
    const given = { ...importMap !== undefined && { importMap }, ...policy !== undefined && { policy } };
    const problems: PlugmapError[] = [];
    const opened = await open(given, true, (problem) => problems.push(problem));
    const chosen = choose(operands, opened);
    const records = await checkAll(chosen, opened);
    const reports = chosen.map(({ name }) => reportOf(records.get(name)!));
    terminal.out(flags.has("json") ? formatJson(reports) : describe(reports, opened));
    for (const { message } of problems) terminal.problem(message);
    return reports.some(({ state }) => state === "failed") ? 1 : 0;
  },
};

function describe(reports: readonly PluginReport[], { found, policy, ground }: Opened): string {
  const importMap = `Import map ${quote(found!.path!)}`;
  const grants = policy.path === undefined ? "No policy: nothing is granted" : `Policy ${quote(policy.path)}`;
  const lock = ground.gate.lock === undefined ? "" : `\nLock ${quote(ground.gate.lock.path)}`;
  const parts = [`${importMap}\n${grants}${lock}`];
  if (reports.length === 0) parts.push('No plugin is listed: the map has no "plugins/<name>".');
  else parts.push(tableOf(reports, `${toFileUrl(found!.folder)}/`));
  const asking = reports.flatMap(({ name, permissions }) => {
    const asked = formatPermissions(permissions);
    return asked === undefined ? [] : [`${name} asks for ${asked}`];
  });
  if (asking.length > 0) parts.push(asking.join("\n"));
  for (const { error } of reports) if (error !== undefined) parts.push(printable(error.message, 10_000));
  return parts.join("\n\n");
}

function tableOf(reports: readonly PluginReport[], base: string): string {
  const rows = reports.map(({ name, version, error, pinned, modules, source }) => [
    name,
    version ?? "-",
    error === undefined ? "ready" : "refused",
    pinned ? "pinned" : "not pinned",
    `${modules.count} (${modules.size} bytes)`,
    source.startsWith(base) ? `./${source.slice(base.length)}` : source,
  ]);
  return formatTable(["plugin", "version", "state", "integrity", "modules", "from"], rows);
}
