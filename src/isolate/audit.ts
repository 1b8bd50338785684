/**
 * The audit log of isolated plugins: what each tried, and whether it was allowed to. Only the host writes it. What Deno itself
 * can write (`DENO_AUDIT_PERMISSIONS`) comes from the plugin's own process, and does not tell what was allowed.
 *
 * @module
 */

import { appendFileSync } from "node:fs";
import type { PermissionName } from "../permissions/mod.ts";

/** One thing that an isolated plugin tried. */
export interface AuditRecord {
  /** When, as ISO 8601 in UTC. */
  readonly time: string;
  /** Name of the plugin. */
  readonly plugin: string;
  /** What kind of thing it tried. */
  readonly permission: PermissionName;
  /** What it tried, in its own words, or null for all of the kind. */
  readonly value: string | null;
  /** What a path leads to by links, if that is another. */
  readonly leadsTo?: string;
  /** Whether it may. */
  readonly allowed: boolean;
  /** What decided: the grant, the host's `onPermissionRequest`, or, as it was neither, that nothing is allowed by default. */
  readonly by: "grant" | "callback" | "default";
}

/** Receives each record before the plugin gets its answer. What it throws denies: nothing goes unrecorded. */
export type AuditSink = (record: AuditRecord) => void;

/**
 * @param audit A function, or the path or `file:` URL of a file that gets a line of JSON for each record. What plugins write
 * into it is escaped: a line is one record, all of it ASCII.
 */
export function auditSink(audit: AuditSink | string | URL): AuditSink {
  if (typeof audit === "function") return (record) => handled(audit(record));
  return (record) => appendFileSync(audit, auditLine(record), { mode: 0o600 });
}

/** Nobody waits for an async sink, whatever its type says, and nothing should end the host because of what it rejects with. */
function handled(returned: unknown): void {
  if (returned instanceof Promise) returned.catch(() => {});
}

/** A record as a line. */
export function auditLine(record: AuditRecord): string {
  const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `${JSON.stringify(record).replace(/[^ -~]/g, escape)}\n`;
}
