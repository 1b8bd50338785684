/**
 * Checking plugins as a host would, up to the point where their code would run.
 */
import { PlugmapError, quote } from "../errors.ts";
import { createRecord, planOrder, prepare } from "../host/mod.ts";
import type { Opened, PluginRecord } from "../host/mod.ts";
import type { Manifest } from "../manifest/mod.ts";
import { checkImports } from "./check_imports.ts";

type Listings = Opened["listings"];

/** The listings of the plugins that are named, or of all. */
export function choose(names: readonly string[], { listings }: Opened): Listings {
  const unknown = names.find((name) => !listings.some((listing) => listing.name === name));
  if (unknown !== undefined) {
    throw new PlugmapError("plugin-unknown", `No plugin ${quote(unknown)} is listed in the import map`, {
      mend: `Listed are ${listings.map(({ name }) => quote(name)).join(", ") || "none"}.`,
    });
  }
  return names.length === 0 ? listings : listings.filter(({ name }) => names.includes(name));
}

/** Checks the chosen plugins and, because they fail with them, those that they depend on. */
export async function checkAll(chosen: Listings, opened: Opened): Promise<ReadonlyMap<string, PluginRecord>> {
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
