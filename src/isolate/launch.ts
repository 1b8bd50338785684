import type { PlugmapError } from "../errors.ts";
import type { PermissionItems } from "../permissions/mod.ts";
import type { Program, RuntimeName, SourceModule, TextReceiver } from "../runtime/types.ts";
import type { PermissionReport } from "./enforcement.ts";
import type { Handler } from "./wire/mod.ts";

/** How the processes of a plugin are started. It is decided once, before the first of them. */
export interface Launch {
  /** What its processes may do, in writing: where it is the same, one can stand for another. */
  readonly confinement: string;
  /** The runtime that the plugin runs on. */
  readonly runtime: RuntimeName;
  /** What is started. */
  readonly program: Program;
  /** Starts what each process needs beside it, if there is anything. */
  readonly accompany?: () => Promise<Companion>;
  /** What the process is sent before anything else. */
  readonly prologue: Uint8Array | undefined;
  /** Adds to a module, before it is sent, what the process would take long to find out itself. */
  readonly complete?: (module: SourceModule) => SourceModule;
  /** What the process may ask of the host: what the host does for it because it may not do so itself. */
  readonly services: () => readonly Handler[];
  /** Where those services connect to for it; nowhere if the process has a network of its own. */
  readonly network: PermissionItems;
  /** What enforces each permission, and how well. */
  readonly report: readonly PermissionReport[];
  /** What exit codes mean before the process has said hello. */
  readonly failures?: Readonly<Record<number, string>>;
  /** Whether the memory limit is held by the kernel; otherwise the host has to look. */
  readonly limitsMemory: boolean;
}

/** What is there for one process, from before its start to its end. */
export interface Companion {
  /** Variables of the process, beside those of the program. */
  readonly environment: Readonly<Record<string, string>>;
  /** Settles if the process cannot go on, with why. */
  readonly failed: Promise<PlugmapError>;
  /** Whether the process waits for the host to decide something, and cannot do anything else. */
  readonly asking: boolean;
  /** Says whose process it is. */
  belongTo(plugin: string): void;
  /** Leaves out what the process prints because of it. */
  filter(print: TextReceiver): TextReceiver;
  close(): void;
}
