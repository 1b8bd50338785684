import type { Import } from "es-module-lexer";
import type { ByteChannel } from "../isolate/wire/mod.ts";

/** What a kind of file becomes when it is imported. The kind follows from the file's extension alone, on every runtime. */
export type ModuleKind = "javascript" | "typescript" | "json" | "text";

/** Where a module imports, or why that cannot be told. */
export type ModuleImports = { readonly found: readonly Import[] } | { readonly problem: string };

/** One module of a plugin: the bytes that were verified, and that are therefore the bytes that run. */
export interface SourceModule {
  /** Absolute URL, without query and fragment. */
  readonly url: string;
  readonly kind: ModuleKind;
  readonly bytes: Uint8Array;
  /** Where it imports, for a process on Bun that cannot find that out itself. */
  readonly imports?: ModuleImports;
}

/** Where an import leads. */
export type ImportTarget =
  /** A module of the same plugin, by absolute URL. */
  | { readonly kind: "module"; readonly url: string }
  /** A builtin of the runtime, spelled with its scheme: `node:path`. */
  | { readonly kind: "builtin"; readonly specifier: string }
  /** The entry of another plugin, already linked. */
  | { readonly kind: "linked"; readonly plugin: LinkedPlugin }
  /** The few lines that `@plugmap/plugmap/plugin` is at run time. */
  | { readonly kind: "authoring" };

/** A plugin's modules and the one way to get from one to the next. */
export interface ModuleGraph {
  /** Name of the plugin. */
  readonly plugin: string;
  /** URL of the module whose default export is the plugin. */
  readonly entry: string;
  /** Every module there is, by URL. */
  readonly modules: ReadonlyMap<string, SourceModule>;
  /**
   * Where `specifier`, found in the module `importer`, leads.
   *
   * @throws {PlugmapError} `module-unlisted`, `module-unsupported`, `builtin-denied` or `npm-refused`: the world of a plugin is closed.
   */
  resolve(specifier: string, importer: string): ImportTarget;
}

/** A graph that the runtime has been told about and can run. */
export interface LinkedPlugin {
  /** Runs the entry and all that it imports; the same namespace every time. */
  evaluate(): Promise<Readonly<Record<string, unknown>>>;
  /** Forgets the modules. What runs already goes on; nothing more can be imported. */
  unlink(): void;
}

/** Names of the runtimes that there is an adapter for. */
export type RuntimeName = "deno" | "bun";

/** A power of the host's process that the runtime may withhold. */
export type HostPower =
  | { readonly name: "read" | "write"; readonly path: string }
  | { readonly name: "net"; readonly host: string }
  | { readonly name: "env"; /** One of them, or all. */ readonly variable: string | undefined }
  | { readonly name: "run"; readonly command: string };

/** A program to start as a process of its own. */
export interface Program {
  /** Path of the executable. */
  readonly path: string;
  readonly args: readonly string[];
  /** All of its environment; nothing of the host's is added. */
  readonly env: Readonly<Record<string, string>>;
  /** What it talks to the host by: its standard input and output, or the file descriptor 3, which leaves those free. */
  readonly channel: "stdio" | "descriptor";
  /** Opens what it gets as file descriptor 4, beside such a channel; called for each start. */
  readonly file?: () => number;
}

/** Receives text that a process prints. */
export type TextReceiver = (text: string, stream: "stdout" | "stderr") => void;

/** How a process ended. */
export interface ProcessEnd {
  /** The exit code, or null if a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, such as `SIGKILL`. */
  readonly signal: string | null;
}

/** A process that was started. */
export interface ChildProcess {
  readonly pid: number;
  readonly channel: ByteChannel;
  readonly ended: Promise<ProcessEnd>;
  /** Ends it at once, and all that it may have started where there is a group of them. Does nothing once it has ended. */
  kill(): void;
}

/** What runs modules: all of a runtime that the process of an isolated plugin needs. */
export interface Linker {
  /** Makes a verified graph runnable. Nothing of it runs yet. */
  link(graph: ModuleGraph): LinkedPlugin;
}

/** All that differs between runtimes. One file each implements it. */
export interface RuntimeAdapter extends Linker {
  readonly name: RuntimeName;
  /** Version of the runtime, in semver. */
  readonly version: string;
  /** True when the host may do this now, without a question to the user at the terminal. */
  may(power: HostPower): boolean;
  /** Path of the executable of this runtime. */
  readonly executable: string;
  /**
   * Starts a program, in the root folder.
   *
   * @param print Receives what it prints, as it comes.
   * @throws What the system says against it.
   */
  spawn(program: Program, print: TextReceiver): Promise<ChildProcess>;
  /** File descriptors that a program would have of the host, and that the host cannot keep from it. */
  leakedDescriptors(): readonly number[];
  /** The flag that grants the power, or undefined where the runtime has no such flags. */
  flagFor(power: HostPower): string | undefined;
}
