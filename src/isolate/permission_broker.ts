/**
 * The permission broker of Deno (`DENO_PERMISSION_BROKER_PATH`): the process asks the host at each use of a permission, and
 * ends when it cannot. There is one broker for each process, so that who asks is told by the connection.
 *
 * @module
 */

import type { Socket } from "node:net";
import { setTimeout } from "node:timers";
import { PlugmapError } from "../errors.ts";
import type { PermissionSet } from "../permissions/mod.ts";
import type { TextReceiver } from "../runtime/types.ts";
import { auditSink } from "./audit.ts";
import type { AuditSink } from "./audit.ts";
import type { Companion } from "./launch.ts";
import { PermissionDecisions } from "./permission_broker_decisions.ts";
import type { PermissionCallback, Refusal } from "./permission_broker_decisions.ts";
import { StaticGrant } from "./permission_broker_grant.ts";
import { QuestionReader } from "./permission_broker_lines.ts";
import { formatAnswer, readRequest } from "./permission_broker_messages.ts";
import { Pace } from "./permission_broker_pace.ts";
import { openDoorway } from "./permission_broker_socket.ts";
import type { Doorway } from "./permission_broker_socket.ts";
import { withoutBrokerWarning } from "./permission_broker_warning.ts";

/** What the host says about permissions while plugins run. */
export interface PermissionRequests {
  /** Decides about what is not granted. Without it, that is denied. */
  readonly onPermissionRequest?: PermissionCallback | undefined;
  /** Where to record what plugins try: a function, or a file. */
  readonly audit?: AuditSink | string | URL | undefined;
  readonly limits?: Partial<BrokerLimits> | undefined;
}

/** What a broker puts up with. */
export interface BrokerLimits {
  /** Bytes of a question. Default: 256 KiB. */
  readonly lineBytes: number;
  /** Questions that are answered in a second; the process has to wait for its further answers. Default: 20,000. */
  readonly requests: number;
  /** Milliseconds in which the callback has to decide. Shorter than the heartbeat of isolated plugins. Default: 4,000. */
  readonly answerTime: number;
  /** How much may be asked of the callback for one process; anything beyond is denied. Default: 1,000. */
  readonly answers: number;
}

/** What holds unless the host says otherwise. */
export const defaultBrokerLimits: BrokerLimits = {
  lineBytes: 256 * 1024,
  requests: 20_000,
  answerTime: 4_000,
  answers: 1_000,
};

/** What a broker is started for. */
export interface BrokerOptions extends PermissionRequests {
  /** What is granted from the start, with absolute paths. */
  readonly granted: PermissionSet;
  /** What the process is started with. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The broker of one process. */
export class PermissionBroker implements Companion {
  readonly failed: Promise<PlugmapError>;
  readonly #fail: (error: PlugmapError) => void;
  readonly #decisions: PermissionDecisions;
  readonly #reader: QuestionReader;
  readonly #pace: Pace;
  #doorway: Doorway | undefined;
  #socket: Socket | undefined;
  #pending = false;
  #closed = false;

  private constructor({ granted, environment, onPermissionRequest, audit, limits }: BrokerOptions) {
    const { lineBytes, requests, answerTime, answers } = { ...defaultBrokerLimits, ...limits };
    this.#decisions = new PermissionDecisions({
      grant: new StaticGrant(granted, environment),
      onPermissionRequest,
      audit: audit === undefined ? undefined : auditSink(audit),
      answerTime,
      answers,
    });
    this.#reader = new QuestionReader(lineBytes);
    this.#pace = new Pace(requests);
    const { promise, resolve } = Promise.withResolvers<PlugmapError>();
    this.failed = promise;
    this.#fail = resolve;
  }

  /** Starts one. @throws What the system says against it. */
  static async start(options: BrokerOptions): Promise<PermissionBroker> {
    const broker = new PermissionBroker(options);
    broker.#doorway = await openDoorway((socket) => broker.#enter(socket));
    return broker;
  }

  get environment(): Readonly<Record<string, string>> {
    return { DENO_PERMISSION_BROKER_PATH: this.#doorway!.path };
  }

  get asking(): boolean {
    return this.#decisions.asking;
  }

  belongTo(plugin: string): void {
    this.#decisions.belongTo(plugin);
  }

  filter(print: TextReceiver): TextReceiver {
    return withoutBrokerWarning(print);
  }

  /** Takes the connection away, at which Deno ends the process. */
  close(): void {
    this.#closed = true;
    this.#doorway?.close();
    this.#socket?.destroy();
  }

  #enter(socket: Socket): void {
    if (this.#closed) return void socket.destroy();
    this.#socket = socket;
    // What has broken ends; whoever waits for the process is told by how that ended.
    socket.unref().on("error", () => socket.destroy());
    socket.on("data", (piece: Uint8Array) => this.#guard(() => this.#receive(piece)));
  }

  #receive(piece: Uint8Array): void {
    const line = this.#reader.add(piece);
    if (line === undefined) return;
    if (this.#pending) throw new PlugmapError("isolate-protocol", "Its runtime asked before it had its answer");
    const { id, permission, value } = readRequest(line);
    const wait = this.#pace.next();
    const refusal = this.#decisions.decide(permission, value);
    if (wait === 0 && !(refusal instanceof Promise)) return this.#answer(id, refusal);
    this.#pending = true;
    Promise.all([refusal, pause(wait)]).then(([settled]) => {
      this.#pending = false;
      this.#answer(id, settled);
    });
  }

  #answer(id: number, refusal: Refusal): void {
    if (!this.#closed) this.#socket?.write(formatAnswer(id, refusal));
  }

  /** What cannot be understood is not answered, and whoever said it has no more say. */
  #guard(receive: () => void): void {
    try {
      if (!this.#closed) receive();
    } catch (error) {
      this.close();
      this.#fail(PlugmapError.within(error, "isolate-protocol", {}));
    }
  }
}

function pause(time: number): Promise<void> {
  return time === 0 ? Promise.resolve() : new Promise((resolve) => void setTimeout(resolve, time).unref());
}
