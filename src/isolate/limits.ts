import { PlugmapError, quote } from "../errors.ts";

/** What isolated plugins may use, and how long is waited for them. Times are milliseconds. */
export interface IsolationLimits {
  /** How long an implementation may take. The process of one that does not even answer that it goes on is ended. Default: 30,000. */
  readonly call: number;
  /** How long starting a process may take, until the plugin's modules run. Default: 10,000. */
  readonly start: number;
  /** How long a process without calls is kept; 0 keeps it for ever. Default: 0. */
  readonly idle: number;
  /** How often a process has to show that it is alive, and how long it may take to. Default: 5,000. */
  readonly heartbeat: number;
  /** How long the host's `onPermissionRequest` may take; after that it has said no. Default: 4,000. */
  readonly answer: number;
  /** Bytes of memory for a process. Default: 512 MiB. */
  readonly memory: number;
  /** How often a process may end by itself, or fail to start, within `crashWindow` before it is not started again. Default: 5. */
  readonly crashes: number;
  /** Default: 60,000. */
  readonly crashWindow: number;
  /** The wait after the first crash. It doubles with each further one, up to `longestWait`. Default: 100. */
  readonly shortestWait: number;
  /** Default: 10,000. */
  readonly longestWait: number;
  /** Lines that a plugin may print in a second; of further ones only the number is told. Default: 200. */
  readonly lines: number;
  /** Calls that may wait for an answer; more are refused. Default: 16,384. */
  readonly pendingCalls: number;
  /** Bytes of a message. Default, and most: 64 MiB. */
  readonly messageBytes: number;
}

/** What holds unless the host says otherwise. */
export const defaultIsolationLimits: IsolationLimits = {
  call: 30_000,
  start: 10_000,
  idle: 0,
  heartbeat: 5_000,
  answer: 4_000,
  memory: 512 * 2 ** 20,
  crashes: 5,
  crashWindow: 60_000,
  shortestWait: 100,
  longestWait: 10_000,
  lines: 200,
  pendingCalls: 16_384,
  messageBytes: 64 * 2 ** 20,
};

/** Timers count in 32 bits. */
const highestTime = 2 ** 31 - 1;
/** From what to what those limits go that do not go from 1 to that. */
const ranges: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ["idle", [0, highestTime]],
  ["memory", [1, Number.MAX_SAFE_INTEGER]],
  // What both sides of the channel can do with.
  ["pendingCalls", [1, 2 ** 30]],
  ["messageBytes", [2 ** 14, 2 ** 26]],
]);

/** @throws {PlugmapError} `option-invalid`. */
export function readIsolationLimits(given: Partial<IsolationLimits> = {}): IsolationLimits {
  const limits: Record<string, number> = { ...defaultIsolationLimits };
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaultIsolationLimits, name)) {
      throw new PlugmapError("option-invalid", `Limit ${quote(name)} of isolated plugins is unknown`, {
        mend: `Known are ${Object.keys(defaultIsolationLimits).join(", ")}.`,
      });
    }
    if (value === undefined) continue;
    const [least, most] = ranges.get(name) ?? [1, highestTime];
    if (!Number.isInteger(value) || value < least || value > most) {
      const problem = `Limit ${quote(name)} of isolated plugins is not a whole number from ${least} to ${most}`;
      throw new PlugmapError("option-invalid", problem);
    }
    limits[name] = value;
  }
  return { ...defaultIsolationLimits, ...limits };
}
