/**
 * What host and child say to each other: the numbers of the methods and the shapes of their arguments. Nothing else can be
 * asked of either.
 *
 * @module
 */

import type { DeclaredImpl, Manifest } from "../manifest/mod.ts";
import type { SourceModule } from "../runtime/types.ts";

/** The methods of a child, by their numbers. */
export const childMethods = { start: 0, setUp: 1, call: 2, wrap: 3, dispose: 4, ping: 5, rehearse: 6 } as const;

/** One plugin as a child needs it: the verified bytes, and what its imports are resolved by. */
export interface PluginModules {
  readonly manifest: Manifest;
  /** Where the manifest is. */
  readonly url: string;
  readonly modules: readonly SourceModule[];
}

/** Arguments of `start`, and of `rehearse`, which runs a plugin that is none. */
export interface StartMessage {
  /** The plugin, after the plugins that it may import, in an order in which each can be linked. */
  readonly plugins: readonly PluginModules[];
  /** Base URL of the JSR registry. */
  readonly registry: string;
}

/** What went wrong where a code says it. */
export interface Failure {
  readonly code: string;
  readonly problem: string;
  readonly pointer: string | undefined;
  readonly mend: string | undefined;
  readonly cause: unknown;
}

/** Answer of what can fail with a code. */
export type Answer<Value> = { readonly value: Value } | { readonly failure: Failure };

/** What a plugin turned out to be once its modules have run. */
export interface StartedMessage {
  /** What it implements, by the names of the implementations. Their order is the one of the numbers that they are called by. */
  readonly impls: ReadonlyMap<string, DeclaredImpl>;
  readonly hasSetup: boolean;
  readonly hasDispose: boolean;
}

/** Arguments of `setUp`: the context, with its functions as capabilities. */
export interface SetUpMessage {
  readonly name: string;
  readonly version: string;
  readonly host: unknown;
}

/** Arguments of `call`: place of the implementation, and arguments of the hook. */
export type CallMessage = readonly [impl: number, args: Readonly<Record<string, unknown>>];

/** Arguments of `wrap`: the same, and what runs the inside of the call. */
export type WrapMessage = readonly [
  impl: number,
  args: Readonly<Record<string, unknown>>,
  next: (args?: object) => Promise<unknown>,
];
