import { toFileUrl } from "@std/path/to-file-url";
import { PlugmapError, printable, quote } from "../errors.ts";
import { createRecord, open, planOrder, prepare, reportOf } from "../host/mod.ts";
import type { Opened, PluginRecord, PluginReport } from "../host/mod.ts";
import type { Manifest } from "../manifest/mod.ts";
import { checkImports } from "./check_imports.ts";
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

type Listings = Opened["listings"];

function choose(names: readonly string[], { listings }: Opened): Listings {
  const unknown = names.find((name) => !listings.some((listing) => listing.name === name));
  if (unknown !== undefined) {
    throw new PlugmapError("plugin-unknown", `No plugin ${quote(unknown)} is listed in the import map`, {
      mend: `Listed are ${listings.map(({ name }) => quote(name)).join(", ") || "none"}.`,
    });
  }
  return names.length === 0 ? listings : listings.filter(({ name }) => names.includes(name));
}

/** Checks the chosen plugins and, because they fail with them, those that they depend on. */
async function checkAll(chosen: Listings, opened: Opened): Promise<ReadonlyMap<string, PluginRecord>> {
  const records = new Map<string, PluginRecord>();
  let wanted = chosen;
  while (wanted.length > 0) {
    const batch = wanted.map(createRecord);
    for (const record of batch) records.set(record.listing.name, record);
    await Promise.all(batch.map((record) => check(record, opened)));
    const needed = new Set(batch.flatMap(({ prepared }) => [...prepared?.file.manifest.dependencies.keys() ?? []]));
    wanted = opened.listings.filter(({ name }) => needed.has(name) && !records.has(name));
  }
  for (const record of records.values()) checkLinks(record, records, opened);
  checkOrder(records);
  return records;
}

async function check(record: PluginRecord, { ground }: Opened): Promise<void> {
  try {
    record.prepared = await prepare(record, ground);
  } catch (error) {
    fail(record, error as PlugmapError);
  }
}

function checkLinks(record: PluginRecord, records: ReadonlyMap<string, PluginRecord>, { ground }: Opened): void {
  if (record.prepared === undefined) return;
  const { name, dependencies } = record.prepared.file.manifest;
  try {
    checkImports(
      record.prepared,
      [...dependencies.keys()].filter((name) => records.get(name)?.prepared),
      ground.sources.registry,
    );
  } catch (error) {
    fail(record, PlugmapError.within(error, "module-invalid", { plugin: name, step: "link" }));
  }
}

function fail(record: PluginRecord, error: PlugmapError): void {
  record.error = error;
  record.state = "failed";
}

function checkOrder(records: ReadonlyMap<string, PluginRecord>): void {
  const manifests = new Map<string, Manifest>();
  const failed = new Map<string, PlugmapError>();
  for (const [name, { prepared, error }] of records) {
    if (error !== undefined) failed.set(name, error);
    else if (prepared !== undefined) manifests.set(name, prepared.file.manifest);
  }
  for (const [name, failure] of planOrder(manifests, failed).failures) fail(records.get(name)!, failure);
}

function describe(reports: readonly PluginReport[], { found, policy }: Opened): string {
  const importMap = `Import map ${quote(found!.path!)}`;
  const grants = policy.path === undefined ? "No policy: nothing is granted" : `Policy ${quote(policy.path)}`;
  const parts = [`${importMap}\n${grants}`];
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
