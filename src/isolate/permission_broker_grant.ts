import { missingPermissions } from "../permissions/mod.ts";
import { isCommandPath, permissionSet } from "../permissions/descriptors.ts";
import type { PermissionItems, PermissionName, PermissionSet } from "../permissions/mod.ts";
import { isSteering } from "./environment.ts";
import { findCommand } from "./permission_broker_commands.ts";
import { leadsTo, placesOf } from "./real_paths.ts";

/** What there is to decide about a question: nothing where it lists no values, and nothing to be had where it has no list. */
export interface Coverage {
  /** What is not granted and could be allowed; undefined if nobody can tell what allowing it would mean. */
  readonly open: readonly string[] | undefined;
  /** Where links lead, if there are any. */
  readonly leadsTo: string | undefined;
}

const covered: Coverage = { open: [], leadsTo: undefined };
const refused: Coverage = { open: undefined, leadsTo: undefined };

/** Nothing that there is has a longer name, and what is asked about is remembered. */
const longest = 4096;

/** Kinds whose values are paths. A command by name could be any program, since the plugin chooses where it is looked for. */
const pathKinds: ReadonlySet<PermissionName> = new Set(["read", "write", "ffi", "run"]);

/**
 * What a process is granted from its start. Deno ignores its flags where there is a broker, so this stands in for them.
 *
 * @param granted With absolute paths.
 * @param environment What the process is started with.
 */
export class StaticGrant {
  readonly #granted: PermissionSet;

  constructor(granted: PermissionSet, environment: Readonly<Record<string, string>>) {
    const real = (items: PermissionItems): PermissionItems => items === true || items.map(leadsTo);
    const programs = (items: PermissionItems): PermissionItems => items === true || real(items.flatMap(program));
    const program = (item: string): string[] => {
      const path = isCommandPath(item) ? item : findCommand(item, environment["PATH"]);
      return path === undefined ? [] : [path];
    };
    const { read, write, ffi, run } = granted;
    this.#granted = {
      ...granted,
      read: real(read),
      write: real(write),
      ffi: real(ffi),
      run: programs(run),
      import: [],
    };
  }

  /** @param value What the question is about, or undefined for all of the kind. */
  cover(permission: PermissionName, value: string | undefined): Coverage {
    if (permission === "env" && value !== undefined && isSteering(value)) return refused;
    if (this.#granted[permission] === true) return covered;
    // All of a kind is what a policy grants. Deno also asks for it before it asks for one program.
    if (value === undefined || value.length > longest || permission === "import") return refused;
    if (!pathKinds.has(permission)) return { open: this.#missing(permission, [value]), leadsTo: undefined };
    const places = placesOf(value);
    if (places === undefined) return refused;
    const [target] = places;
    return { open: this.#missing(permission, places), leadsTo: target === value ? undefined : target };
  }

  #missing(permission: PermissionName, values: readonly string[]): readonly string[] {
    const missing = missingPermissions({ ...nothing, [permission]: values }, this.#granted);
    return missing.map(({ item }) => item as string);
  }
}

const nothing = permissionSet(() => []);
