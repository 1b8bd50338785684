/** What a kind of file becomes when it is imported. The kind follows from the file's extension alone, on every runtime. */
export type ModuleKind = "javascript" | "typescript" | "json" | "text";

/** One module of a plugin: the bytes that were verified, and that are therefore the bytes that run. */
export interface SourceModule {
  /** Absolute URL, without query and fragment. */
  readonly url: string;
  readonly kind: ModuleKind;
  readonly bytes: Uint8Array;
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
  | { readonly name: "env"; readonly variable: string };

/** All that differs between runtimes. One file each implements it. */
export interface RuntimeAdapter {
  readonly name: RuntimeName;
  /** Version of the runtime, in semver. */
  readonly version: string;
  /** Makes a verified graph runnable. Nothing of it runs yet. */
  link(graph: ModuleGraph): LinkedPlugin;
  /** True when the host may do this now, without a question to the user at the terminal. */
  may(power: HostPower): boolean;
  /** The flag that grants the power, or undefined where the runtime has no such flags. */
  flagFor(power: HostPower): string | undefined;
}
