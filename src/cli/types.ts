import type { Arguments, OptionKind } from "./arguments.ts";

/** Where a command writes, a line or a few at a time. */
export interface Terminal {
  /** What was asked for. */
  out(text: string): void;
  /** What went wrong, and warnings. */
  problem(text: string): void;
}

/** One of the commands of `plugmap`. */
export interface Command {
  /** What can follow it, by name without the dashes. */
  readonly options: ReadonlyMap<string, OptionKind>;
  /** Carries it out and gives the exit status. */
  run(args: Arguments, terminal: Terminal): Promise<number>;
}
