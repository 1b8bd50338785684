import { PlugmapError } from "../errors.ts";
import type { DeclaredImpl } from "../manifest/mod.ts";
import type { StartedMessage } from "./messages.ts";

/**
 * What a process says that a plugin is. It is the plugin's word: here it gets its form, and what it says is still to be
 * compared with the manifest, and checked by the dispatcher.
 *
 * @throws {PlugmapError} `isolate-protocol`.
 */
export function readStarted(message: unknown): StartedMessage {
  const { impls, hasSetup, hasDispose } = Object(message);
  if (!(impls instanceof Map)) throw malformed();
  const read = Array.from(impls, ([name, impl]) => [readName(name), readImpl(impl)] as const);
  return { impls: new Map(read), hasSetup: hasSetup === true, hasDispose: hasDispose === true };
}

function readName(name: unknown): string {
  if (typeof name === "string") return name;
  throw malformed();
}

const wrappers: readonly unknown[] = [false, true, "outcome", "middleware"];

function readImpl(impl: unknown): DeclaredImpl {
  const { target, wrapper, tryFirst, tryLast, priority, before, after, args, optional } = Object(impl);
  if (typeof target !== "string" || !wrappers.includes(wrapper)) throw malformed();
  return { target, wrapper, tryFirst, tryLast, priority, before, after, args, optional };
}

function malformed(): PlugmapError {
  return new PlugmapError("isolate-protocol", "The process describes implementations that are none");
}
