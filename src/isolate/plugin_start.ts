/**
 * Putting a plugin into a process: its modules are sent and run there, then it is set up.
 *
 * @module
 */

import { messageOf, PlugmapError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { areSame } from "../runtime/declared_impls.ts";
import { checkDeclared } from "../runtime/plugin_export.ts";
import { valueOf } from "./answers.ts";
import type { IsolatedProcess } from "./isolated_process.ts";
import type { Launch } from "./launch.ts";
import { childMethods } from "./messages.ts";
import type { Answer, SetUpMessage, StartedMessage, StartMessage } from "./messages.ts";
import { rehearsal } from "./rehearsal.ts";
import { readStarted } from "./started.ts";

/**
 * Runs a plugin's modules.
 *
 * @param timeLimit Milliseconds that they may take.
 * @param before What the plugin was when it ran before.
 * @returns What the plugin is.
 * @throws {PlugmapError} `run-timeout`, `plugin-invalid`, and what the process says is wrong with it.
 */
export async function runModules(
  { peer }: IsolatedProcess,
  message: StartMessage,
  { complete }: Launch,
  timeLimit: number,
  before: StartedMessage | undefined,
): Promise<StartedMessage> {
  const answer = await peer.call(childMethods.start, completed(message, complete), { timeLimit }).catch((error) => {
    const problem = `Its modules did not finish running within ${timeLimit} ms`;
    throw whatIsLate(error, "run-timeout", problem, "Look for a top-level await that never settles.");
  });
  const started = readStarted(valueOf(answer as Answer<unknown>));
  checkDeclared(started.impls, message.plugins.at(-1)!.manifest);
  if (before !== undefined && !areSame(started.impls, before.impls)) {
    throw new PlugmapError("plugin-invalid", "It implements other hooks than when it ran before", {
      mend: "What a plugin implements must not depend on when or where it runs.",
    });
  }
  return started;
}

/**
 * Runs a plugin that does nothing, in a process that has no plugin yet. What a runtime compiles when it is first used is
 * compiled then, and a plugin that comes later starts in half the time.
 */
export async function rehearse({ peer }: IsolatedProcess, { complete }: Launch, timeLimit: number): Promise<void> {
  valueOf(await peer.call(childMethods.rehearse, completed(rehearsal, complete), { timeLimit }) as Answer<void>);
}

/** The message as a process needs it. It is made while that is starting. */
function completed(message: StartMessage, complete: Launch["complete"]): StartMessage {
  if (complete === undefined) return message;
  const plugins = message.plugins.map((plugin) => ({ ...plugin, modules: plugin.modules.map(complete) }));
  return { ...message, plugins };
}

/** Runs a plugin's setup. */
export async function setUp({ peer }: IsolatedProcess, context: SetUpMessage, timeLimit?: number): Promise<void> {
  valueOf(await peer.call(childMethods.setUp, context, { timeLimit }) as Answer<void>);
}

/**
 * Runs a plugin's setup in a process that has taken the place of another.
 *
 * @throws {PlugmapError} `setup-timeout`, `setup-failed`.
 */
export async function setUpAnew(process: IsolatedProcess, context: SetUpMessage, timeLimit: number): Promise<void> {
  await setUp(process, context, timeLimit).catch((error) => {
    const mend = "Look for a promise in setup that never settles, or raise the host's limit.";
    const told = whatIsLate(error, "setup-timeout", `Its setup is not done within ${timeLimit} ms`, mend);
    if (told instanceof PlugmapError) throw told;
    throw new PlugmapError("setup-failed", `Its setup failed: ${messageOf(told)}`, { cause: told });
  });
}

/** Says what took too long, where a call of ours did. */
function whatIsLate(error: unknown, code: ErrorCode, problem: string, mend: string): unknown {
  const isLate = error instanceof PlugmapError && error.code === "isolate-timeout";
  return isLate ? new PlugmapError(code, problem, { mend }) : error;
}
