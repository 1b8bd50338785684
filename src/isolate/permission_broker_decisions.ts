/**
 * Who decides what a process may do: its grant, then the host, and otherwise nobody, which denies.
 *
 * @module
 */

import { clearTimeout, setTimeout } from "node:timers";
import type { PermissionName } from "../permissions/mod.ts";
import { tellMissing } from "../permissions/require.ts";
import type { AuditRecord, AuditSink } from "./audit.ts";
import type { StaticGrant } from "./permission_broker_grant.ts";

/** Something that an isolated plugin is not granted and tries. */
export interface PermissionRequest {
  /** Name of the plugin. */
  readonly plugin: string;
  /** What kind of thing it tries. */
  readonly permission: PermissionName;
  /** What exactly: an absolute path in which no part is a link, a host with its port, a variable, a kind of information. */
  readonly value: string;
}

/** Decides. Only `true` allows; what throws, rejects or takes too long denies. An answer holds while the process runs. */
export type PermissionCallback = (request: PermissionRequest) => boolean | Promise<boolean>;

/** What decisions are made of. */
export interface DecisionOptions {
  readonly grant: StaticGrant;
  readonly onPermissionRequest: PermissionCallback | undefined;
  readonly audit: AuditSink | undefined;
  /** Milliseconds in which the callback has to decide. */
  readonly answerTime: number;
  /** How much may be asked of the callback for one process; anything beyond is denied. */
  readonly answers: number;
}

/** Why something is denied, or undefined if it is allowed. */
export type Refusal = string | undefined;

/** The decisions for one process. */
export class PermissionDecisions {
  readonly #options: DecisionOptions;
  readonly #answers = new Map<string, boolean | undefined>();
  #plugin: string | undefined;
  #asking = false;

  constructor(options: DecisionOptions) {
    this.#options = options;
  }

  /** Says whose process it is. Before that only the grant counts, since there is nobody to ask about. */
  belongTo(plugin: string): void {
    this.#plugin = plugin;
  }

  /** Whether the callback is deciding now, which is what the process waits for. */
  get asking(): boolean {
    return this.#asking;
  }

  /** @param value What it is about, or undefined for all of the kind. */
  decide(permission: PermissionName, value: string | undefined): Refusal | Promise<Refusal> {
    const { open, leadsTo } = this.#options.grant.cover(permission, value);
    const settle = (allowed: boolean, by: AuditRecord["by"]): Refusal => {
      const denial = `${tellMissing({ permission, item: value ?? true })} is not granted`;
      const fault = this.#record({ permission, value: value ?? null, ...(leadsTo && { leadsTo }), allowed, by });
      return fault ?? (allowed ? undefined : denial);
    };
    if (open?.length === 0) return settle(true, "grant");
    const { onPermissionRequest } = this.#options;
    if (open === undefined || onPermissionRequest === undefined || this.#plugin === undefined) {
      return settle(false, "default");
    }
    return this.#askAll(open.map((item) => ({ plugin: this.#plugin!, permission, value: item })), onPermissionRequest)
      .then((answer) => answer === undefined ? settle(false, "default") : settle(answer, "callback"));
  }

  /** @returns Whether all of it is allowed, or undefined if that was not decided. */
  async #askAll(requests: readonly PermissionRequest[], callback: PermissionCallback): Promise<boolean | undefined> {
    for (const request of requests) {
      const answer = await this.#ask(request, callback);
      if (answer !== true) return answer;
    }
    return true;
  }

  async #ask(request: PermissionRequest, callback: PermissionCallback): Promise<boolean | undefined> {
    const key = `${request.permission} ${request.value}`;
    if (this.#answers.has(key) || this.#answers.size >= this.#options.answers) return this.#answers.get(key);
    this.#asking = true;
    const said = await settleWithin(this.#options.answerTime, () => callback(request));
    this.#asking = false;
    const answer = typeof said === "boolean" ? said : undefined;
    this.#answers.set(key, answer);
    return answer;
  }

  #record(tried: Omit<AuditRecord, "time" | "plugin">): Refusal {
    if (this.#options.audit === undefined || this.#plugin === undefined) return undefined;
    try {
      this.#options.audit({ time: new Date().toISOString(), plugin: this.#plugin, ...tried });
    } catch {
      return "The host could not record what was tried, and denied it";
    }
  }
}

/** What a callback returns, or undefined if it throws or takes too long. */
async function settleWithin(time: number, callback: () => unknown): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, time, undefined).unref();
  try {
    return await Promise.race([callback(), promise]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
