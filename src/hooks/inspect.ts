import type { HookState } from "./hook_state.ts";
import type { Band, ImplKind } from "./impl.ts";
import type { AnyHookSpec } from "./spec.ts";

/** What is known of a hook: plain data, made when it is asked for. */
export interface HookReport {
  /** Name of the hook. */
  readonly name: string;
  /** Its spec; `undefined` if nobody has declared it. */
  readonly spec: AnyHookSpec | undefined;
  /** Its implementations in the order of running, wrappers first. */
  readonly impls: readonly ImplReport[];
  /** The recorded calls of a historic hook. */
  readonly history: readonly Readonly<Record<string, unknown>>[];
}

/** What is known of an implementation. */
export interface ImplReport {
  /** Name of the plugin. */
  readonly plugin: string;
  /** Part of the inside, or which kind of wrapper. */
  readonly kind: ImplKind;
  /** What it says about first and last. */
  readonly band: Band;
  /** Its priority. */
  readonly priority: number;
  /** The plugins it runs before. */
  readonly before: readonly string[];
  /** The plugins it runs after. */
  readonly after: readonly string[];
  /** The arguments it says it takes. */
  readonly args: readonly string[] | undefined;
  /** Whether it is no mistake if nobody declares the hook. */
  readonly optional: boolean;
}

/** Tells what is known of a hook. */
export function inspectHook(state: HookState): HookReport {
  return {
    name: state.name,
    spec: state.declaredSpec,
    impls: state.source().impls.map(({ plugin, kind, band, priority, before, after, args, optional }) => ({
      plugin,
      kind,
      band,
      priority,
      before,
      after,
      args,
      optional,
    })),
    history: state.history.list(),
  };
}
