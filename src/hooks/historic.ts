import { messageOf, PlugmapError } from "../errors.ts";
import { compile, type Source } from "./compile.ts";
import type { HistoryRecord, OnResult } from "./history.ts";
import type { HookState } from "./hook_state.ts";
import type { RegisteredImpl } from "./impl.ts";
import type { Arguments } from "./plan.ts";

/**
 * Calls a historic hook. The call is recorded first, so that a plugin that is registered meanwhile does not miss it, and
 * taken back if it fails, so that nobody is told later of what did not happen.
 */
export function callHistoric(
  state: HookState,
  without: ReadonlySet<string>,
  args: Arguments,
  onResult: OnResult | undefined,
  signal: AbortSignal | undefined,
): void | Promise<void> {
  const source = state.source([], without);
  const { limit } = state.spec.historic!;
  const record = state.history.record(args, onResult);
  const fail = (error: unknown): never => {
    state.history.takeBack(record);
    throw error;
  };
  try {
    const ran = run(source, record, state, signal);
    if (ran instanceof Promise) return ran.then(() => state.history.trim(limit), fail);
    state.history.trim(limit);
  } catch (error) {
    fail(error);
  }
}

/**
 * Runs an implementation that was just added to a sync hook for all that was called before it came. What is called
 * meanwhile reaches it directly.
 */
export function replay(impl: RegisteredImpl, state: HookState): void {
  const { history } = state;
  const { last } = history;
  if (last === undefined) return;
  let record = history.after(undefined);
  for (; record !== undefined && record.serial <= last.serial; record = history.after(record)) {
    void run(sourceOf(impl, state), record, state);
  }
}

/**
 * Runs an implementation that is about to be added to an async hook for all that was called since.
 *
 * @param since The call up to which it has caught up already.
 * @param signal Ends the wait for it.
 * @returns The last call that it knows of now. There may be newer ones, as it took a while.
 */
export async function replayAsync(
  impl: RegisteredImpl,
  state: HookState,
  since: HistoryRecord | undefined,
  signal: AbortSignal | undefined,
): Promise<HistoryRecord | undefined> {
  const { history } = state;
  let last = since;
  for (let record = history.after(last); record !== undefined; record = history.after(record)) {
    await run(sourceOf(impl, state), record, state, signal);
    last = record;
  }
  return last;
}

function sourceOf(impl: RegisteredImpl, state: HookState): Source {
  return { hook: state.name, spec: state.spec, impls: [impl] };
}

function run(
  source: Source,
  { args, onResult }: HistoryRecord,
  { ground }: HookState,
  signal?: AbortSignal,
): void | Promise<void> {
  const results: { readonly plugin: string; readonly result: unknown }[] = [];
  const record = (plugin: string) => (result: unknown) => {
    results.push({ plugin, result });
    return result;
  };
  const ran = compile(source, ground, { record, signal })(args);
  const tell = () => {
    if (onResult === undefined) return;
    for (const { plugin, result } of results) callBack(onResult, result, plugin, source.hook);
  };
  return source.spec.async ? (ran as Promise<unknown>).then(tell) : tell();
}

function callBack(onResult: OnResult, result: unknown, plugin: string, hook: string): void {
  try {
    onResult(result, plugin);
  } catch (thrown) {
    const problem = `The callback of a historic call threw: ${messageOf(thrown)}`;
    throw new PlugmapError("hook-failed", problem, { plugin, hook, step: "call", cause: thrown });
  }
}
