/** What an implementation is to a call: part of its inside, or one of three kinds of wrapper around it. */
export type ImplKind = "plain" | "generator" | "middleware" | "outcome";

/** The function of an implementation of any kind. */
export type ImplRun = (this: void, ...given: never[]) => unknown;

/** Where in the order of running an implementation wants to be. */
export type Band = "tryFirst" | "normal" | "tryLast";

/** An implementation that a plugin has registered, or is about to. */
export interface RegisteredImpl {
  /** Name of the hook that it is bound to. */
  readonly hook: string;
  readonly plugin: string;
  readonly kind: ImplKind;
  readonly run: ImplRun;
  readonly band: Band;
  readonly priority: number;
  /** Names of the plugins whose implementations it runs before. */
  readonly before: readonly string[];
  /** Names of the plugins whose implementations it runs after. */
  readonly after: readonly string[];
  /** Names of the arguments it takes, if it says so. */
  readonly args: readonly string[] | undefined;
  readonly optional: boolean;
  /** Milliseconds that the plugin gave itself. */
  readonly timeLimit: number | undefined;
  /** Place of the plugin in the order of registration; what replaces a plugin has its place. */
  readonly place: number;
  /** Place among the implementations of the plugin. */
  readonly index: number;
}

/** An empty list for all: most implementations have several, and there can be a million of them. */
export const none: readonly never[] = Object.freeze([]);

/** Whether it runs around the others. */
export function isWrapper(impl: RegisteredImpl): boolean {
  return impl.kind !== "plain";
}

/** The name of the kind of function that something is, which holds for functions of other realms as well. */
export function tagOf(run: unknown): string {
  return Object.prototype.toString.call(run).slice("[object ".length, -1);
}
