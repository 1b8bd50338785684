import type { Place, Problems } from "../document.ts";
import type { PermissionSet } from "../permissions/types.ts";
import type { ManifestLimits } from "./limits.ts";

/** What a plugin can name in `engines`. */
export type EngineName = "plugmap" | "deno" | "bun" | "host";

/** A plugin that another one needs. */
export interface Dependency {
  /** The semver range that its version must be in. */
  readonly version: string;
  /** Whether the plugin can do without it. */
  readonly optional: boolean;
}

/** What a module must be: both are checked before any of it runs. */
export interface ModuleRecord {
  /** Integrity metadata, of the shape that SRI has; not yet parsed. */
  readonly integrity: string;
  /** How many bytes it has. */
  readonly size: number;
}

/** An implementation as a manifest declares it: all that there is to it but its function. */
export interface DeclaredImpl {
  /** The hook that it is for. */
  readonly target: string;
  /** Whether it is a wrapper, and of which kind: a generator, an old-style one that gets an outcome, or middleware. */
  readonly wrapper: boolean | "outcome" | "middleware";
  /** Whether it runs before all that do not say so. */
  readonly tryFirst: boolean;
  /** Whether it runs after all that do not say so. */
  readonly tryLast: boolean;
  /** Of those that say the same about first and last, the one with the higher number runs earlier. */
  readonly priority: number;
  /** The plugins before whose implementations it runs. */
  readonly before: readonly string[];
  /** The plugins after whose implementations it runs. */
  readonly after: readonly string[];
  /** The arguments that it takes, if it says so. */
  readonly args: readonly string[] | undefined;
  /** Whether it is no mistake if nobody declares the hook. */
  readonly optional: boolean;
}

/** What a plugin says of itself. Names are data, so what they key is a `Map`. */
export interface Manifest {
  /** The plugin's name. */
  readonly name: string;
  /** Its semantic version. */
  readonly version: string;
  /** What it does, in a sentence. */
  readonly description: string | undefined;
  /** Who made it. */
  readonly author: string | undefined;
  /** An SPDX expression. */
  readonly license: string | undefined;
  /** Path of the module that exports the plugin; one of `modules`. */
  readonly entry: string;
  /** The semver ranges of what it runs with. */
  readonly engines: ReadonlyMap<EngineName, string>;
  /** The plugins it needs, by name. */
  readonly dependencies: ReadonlyMap<string, Dependency>;
  /** Its own import map: a specifier, or a prefix that ends in `/`, to one of `modules`, or a prefix of some. */
  readonly imports: ReadonlyMap<string, string>;
  /** What it asks for, as written: relative paths are not yet resolved. */
  readonly permissions: PermissionSet;
  /** The hooks that it says it implements, if it says. */
  readonly hooks: readonly string[] | undefined;
  /** What it says it implements, by the names of the implementations and in their order, if it says so much. */
  readonly impls: ReadonlyMap<string, DeclaredImpl> | undefined;
  /** Every module it consists of, by path or URL. */
  readonly modules: ReadonlyMap<string, ModuleRecord>;
}

/** Reads the member `permissions`, noting what is wrong with it. */
export type PermissionReader = (value: unknown, place: Place, problems: Problems) => PermissionSet;

/** How to read a manifest. */
export interface ManifestOptions {
  /** What reads the member `permissions`: `readPermissions`. The two parts of the core do not import each other. */
  readonly readPermissions: PermissionReader;
  /** Caps that differ from the default. */
  readonly limits?: Partial<ManifestLimits> | undefined;
}
