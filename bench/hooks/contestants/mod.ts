/**
 * All that take part, by the names that the tables give them. None is loaded but the one that is asked for.
 *
 * @module
 */

import type { Contestant } from "../contestant.ts";
import { contestEmittery, type EmitteryModule } from "./emittery.ts";
import { contestEventEmitter3, type EventEmitter3Module } from "./eventemitter3.ts";
import { handWritten } from "./hand_written.ts";
import { contestHookable, contestHookableCallers, contestHookableCore, type HookableModule } from "./hookable.ts";
import { contestTapable, type Tapable } from "./tapable.ts";

export const contestants: Readonly<Record<string, () => Promise<Contestant>>> = {
  "plugmap": async () => (await import("./plugmap.ts")).contestPlugmap(true),
  "plugmap, no code generation": async () => (await import("./plugmap.ts")).contestPlugmap(false),
  "hand-written": () => Promise.resolve(handWritten),
  "tapable": async () => contestTapable(await load<Tapable>("tapable")),
  "hookable": async () => contestHookable(await load<HookableModule>("hookable")),
  "hookable callHookWith": async () => contestHookableCallers(await load<HookableModule>("hookable")),
  "HookableCore": async () => contestHookableCore(await load<HookableModule>("hookable")),
  "emittery": async () => contestEmittery(await load<EmitteryModule>("emittery")),
  "eventemitter3": async () => contestEventEmitter3(await load<EventEmitter3Module>("eventemitter3")),
};

/** Loads a package that only this folder installs: type checks of the checkout run without, and must not look for it. */
async function load<Module>(name: string): Promise<Module> {
  return await import(name);
}
