/**
 * What Deno and a permission broker say to each other: one line of JSON each, a question and its answer. Seen on Deno 2.9.6,
 * which calls it experimental.
 *
 * @module
 */

import { PlugmapError } from "../errors.ts";
import { permissionNames } from "../permissions/mod.ts";
import type { PermissionName } from "../permissions/mod.ts";

/** A question of the runtime's. */
export interface BrokerRequest {
  readonly id: number;
  readonly permission: PermissionName;
  /** What it is about, or undefined for all of the kind. */
  readonly value: string | undefined;
}

/**
 * Reads a question. The process that it names counts for nothing: who asks is told by the connection. Members that are not
 * known are let be, since a version that meant something else would say so in `v`.
 *
 * @throws {PlugmapError} `isolate-protocol`.
 */
export function readRequest(line: string): BrokerRequest {
  const { v, id, permission, value } = parseObject(line);
  const isValid = v === 1 && Number.isSafeInteger(id) && Number(id) >= 0 &&
    permissionNames.includes(permission as PermissionName) && (value === null || typeof value === "string");
  if (!isValid) throw brokerFault("Its runtime sent a line that is no question of permission");
  return { id: id as number, permission: permission as PermissionName, value: value as string | null ?? undefined };
}

/** The line that answers a question. The plugin is told the reason as the message of the error that it gets. */
export function formatAnswer(id: number, refusal: string | undefined): string {
  const answer = refusal === undefined ? { id, result: "allow" } : { id, result: "deny", reason: refusal };
  return `${JSON.stringify(answer)}\n`;
}

/** An error about what came over the connection to the broker. */
export function brokerFault(problem: string): PlugmapError {
  return new PlugmapError("isolate-protocol", problem);
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw brokerFault("Its runtime sent a line that is no JSON");
  }
  if (typeof value !== "object" || value === null) throw brokerFault("Its runtime sent a line that is no JSON object");
  // A name that is missing must not be found in a prototype.
  return Object.assign(Object.create(null), value);
}
