import { closest, describe } from "../document.ts";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import type { HookSpecs } from "../hooks/mod.ts";
import { readIsolationLimits } from "../isolate/limits.ts";
import type { AuditSink, PermissionCallback } from "../isolate/mod.ts";
import { defaultLimits } from "../loader/mod.ts";
import type { Limits } from "../loader/mod.ts";
import { satisfiesRange } from "../manifest/mod.ts";
import type { IsolationOptions } from "./isolation.ts";
import { readLockOption, readRevocationOption } from "./update_options.ts";
import type { LockOptions, RevocationOptions } from "./update_options.ts";

/** An import map given in code. */
export interface ImportMapObject {
  /** Addresses by specifier; `plugins/<name>` lists a plugin. */
  readonly imports?: Readonly<Record<string, string | null>>;
  /** Rules for some importers only; of no effect on plugins, which bring their own. */
  readonly scopes?: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  /** Integrity metadata by URL. */
  readonly integrity?: Readonly<Record<string, string>>;
}

/** Which plugin a context is made for. */
export interface PluginIdentity {
  /** Its name, as its verified manifest has it. */
  readonly name: string;
  /** Its version, as its verified manifest has it. */
  readonly version: string;
}

/** What {@linkcode createHost} takes. */
export interface HostOptions<Specs extends HookSpecs, Context = undefined> {
  /** The hooks that plugins may implement, made by `defineHooks`. */
  readonly hooks: Specs;
  /**
   * The import map that lists the plugins: a path, a `file:` URL, or an object, whose addresses are then relative to the
   * working directory. Default: `PLUGMAP_IMPORT_MAP`, then `plugins.json`, then `deno.json` in the working directory.
   */
  readonly importMap?: string | URL | ImportMapObject;
  /**
   * What plugins are granted: a path, a `file:` URL, or an object. Default: `plugins.policy.json` beside the import map
   * if it is there, else nothing is granted. On Deno the host has to be allowed to read it, or a policy has to be given:
   * what cannot be looked for is not taken to be absent.
   */
  readonly policy?: string | URL | object;
  /**
   * What to remember from one start to the next: `true` keeps `plugins.lock.json` beside the import map up to date, a path
   * or `file:` URL a lock elsewhere, an object says more, `false` is none. Default: a `plugins.lock.json` beside the import
   * map counts if it is there, and is not written. On Deno the host has to be allowed to read it, as with the policy.
   */
  readonly lock?: boolean | string | URL | LockOptions;
  /** A signed list of plugins that are not loaded any more, whoever lists them. Default: none. */
  readonly revocations?: RevocationOptions;
  /**
   * Says whether an isolated plugin on Deno may do something that it was not granted, when it tries. Only `true` is yes;
   * an error, and no answer within the limit `answer`, is no. Default: no.
   */
  readonly onPermissionRequest?: PermissionCallback;
  /** What isolated plugins on Deno try, and whether they may: to a function, or as lines of JSON to a file. */
  readonly audit?: AuditSink | string | URL;
  /** How plugins run that the policy has in tier `isolated`. */
  readonly isolation?: IsolationOptions;
  /** What every plugin's setup receives as `context.host`. To isolated plugins its functions are async. */
  readonly context?: Context;
  /**
   * Makes what one plugin's setup receives as `context.host`, in place of `context`: functions made here know whom they are
   * for, whatever the caller says.
   */
  readonly contextFor?: (plugin: PluginIdentity) => Context;
  /** Names of the plugins to load, or a function that says whether to; default all. */
  readonly enabled?: readonly string[] | ((name: string) => boolean);
  /** Version of the host application, for plugins that name one in `engines.host`. */
  readonly version?: string;
  /**
   * Folder of the store for what came over the network, or false for none. Default: `.plugmap` beside the import map,
   * where the host may write there.
   */
  readonly store?: string | false;
  /** Bounds that differ from the default. */
  readonly limits?: Partial<Limits>;
  /**
   * Receives problems that stop nothing, such as a store that cannot be written, and what hooks have to tell. What it throws
   * stops nothing either.
   */
  readonly report?: (problem: PlugmapError) => void;
}

/** What an option has to be. */
interface Kind {
  readonly name: string;
  fits(value: unknown): boolean;
}

const objects: Kind = { name: "an object", fits: isObject };
const strings: Kind = { name: "a string", fits: (value) => typeof value === "string" };
const versions: Kind = { name: "a semantic version", fits: isVersion };
const places: Kind = { name: "a path, a URL or an object", fits: (value) => isPlace(value) || isObject(value) };

const hostOptions: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["hooks", objects],
  ["importMap", places],
  ["policy", places],
  ["lock", {
    name: "a path, a URL, a boolean or an object",
    fits: (value) => isPlace(value) || isObject(value) || typeof value === "boolean",
  }],
  ["revocations", objects],
  ["isolation", objects],
  ["onPermissionRequest", { name: "a function", fits: (value) => typeof value === "function" }],
  ["audit", { name: "a function, a path or a URL", fits: (value) => typeof value === "function" || isPlace(value) }],
  ["context", { name: "anything", fits: () => true }],
  ["contextFor", { name: "a function", fits: (value) => typeof value === "function" }],
  ["enabled", {
    name: "an array of names or a function",
    fits: (value) => isStrings(value) || typeof value === "function",
  }],
  ["version", versions],
  ["store", { name: "a path or false", fits: (value) => isPath(value) || value === false }],
  ["limits", objects],
  ["report", { name: "a function", fits: (value) => typeof value === "function" }],
]);

/** What makes the context of a plugin. What goes wrong in it is told as that, whatever the tier. */
export function contextMaker<Context>(
  { context, contextFor }: Pick<HostOptions<HookSpecs, Context>, "context" | "contextFor">,
): (plugin: PluginIdentity) => unknown {
  if (contextFor === undefined) return () => context;
  return (plugin) => {
    try {
      return contextFor(plugin);
    } catch (cause) {
      const problem = `The host's "contextFor" threw: ${messageOf(cause)}`;
      throw new PlugmapError("setup-failed", problem, { plugin: plugin.name, step: "setup", cause });
    }
  };
}

const isolationOptions: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["limits", objects],
  ["spares", { name: "a whole number from 0", fits: (value) => Number.isInteger(value) && Number(value) >= 0 }],
  ["deno", { name: "a path or a name", fits: (value) => typeof value === "string" && value !== "" }],
  ["output", { name: "a function", fits: (value) => typeof value === "function" }],
]);

function checkIsolation(options: IsolationOptions | undefined): void {
  if (options === undefined) return;
  check(options, isolationOptions);
  readIsolationLimits(options.limits);
}

const loadOptions: ReadonlyMap<string, Kind> = new Map([["integrity", strings]]);

/** @throws {PlugmapError} `option-invalid` for options of `createHost` that do not exist or are of the wrong kind. */
export function checkOptions(options: Pick<HostOptions<HookSpecs>, "isolation" | "lock" | "revocations">): void {
  check(options, hostOptions);
  if ("context" in options && "contextFor" in options) {
    throw new PlugmapError("option-invalid", 'Options "context" and "contextFor" exclude each other');
  }
  checkIsolation(options.isolation);
  readLockOption(options.lock);
  readRevocationOption(options.revocations);
}

/** @throws {PlugmapError} `option-invalid` for arguments of `loadPlugin` that are none. */
export function checkLoadOptions(nameOrUrl: unknown, options: unknown): void {
  if (!isPlace(nameOrUrl)) throw new PlugmapError("option-invalid", "A plugin is named by something that is no string");
  check(options, loadOptions);
}

/** A misspelt option that is silently ignored is a policy that does not apply. */
function check(options: unknown, known: ReadonlyMap<string, Kind>): void {
  if (typeof options !== "object" || options === null) {
    throw new PlugmapError("option-invalid", `Expected an object of options, found ${describe(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    const kind = known.get(name);
    if (kind === undefined) {
      const meant = closest(name, known.keys());
      throw new PlugmapError("option-invalid", `Option ${quote(name)} is unknown`, {
        mend: meant === undefined ? `Known are ${[...known.keys()].join(", ")}.` : `Did you mean ${quote(meant)}?`,
      });
    }
    if (value !== undefined && !kind.fits(value)) {
      throw new PlugmapError("option-invalid", `Option ${quote(name)} is not ${kind.name}`);
    }
  }
}

/** Option `enabled` as a function has to say yes or no: the promise of an async one would always count as yes. */
export function readAnswer(answer: unknown, name: string): boolean {
  if (typeof answer === "boolean") return answer;
  throw new PlugmapError("option-invalid", `Option "enabled" says neither true nor false of ${quote(name)}`, {
    mend: "Answer at once, with true or false.",
  });
}

/** The longest time that a timer can wait; with a longer one it does not wait at all. */
const longestWait = 2 ** 31 - 1;

/** @throws {PlugmapError} `option-invalid` for a limit that does not exist or is no whole number in its bounds. */
export function readLimits(given: Partial<Limits> = {}): Limits {
  const limits: Record<string, number> = { ...defaultLimits };
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaultLimits, name)) {
      throw new PlugmapError("option-invalid", `Limit ${quote(name)} is unknown`, {
        mend: `Known are ${Object.keys(defaultLimits).join(", ")}.`,
      });
    }
    if (value === undefined) continue;
    const least = name === "retries" || name === "redirects" ? 0 : 1;
    if (!Number.isInteger(value) || value < least || value > longestWait) {
      throw new PlugmapError(
        "option-invalid",
        `Limit ${quote(name)} is not a whole number from ${least} to ${longestWait}`,
      );
    }
    limits[name] = value;
  }
  return { ...defaultLimits, ...limits };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isPlace(value: unknown): boolean {
  return typeof value === "string" || value instanceof URL;
}

/** A URL would become a folder of that name, and an empty path the working directory. */
function isPath(value: unknown): boolean {
  return typeof value === "string" && value !== "" && !/^[a-z][a-z0-9+.-]+:/i.test(value);
}

function isVersion(value: unknown): boolean {
  try {
    satisfiesRange(value as string, "*");
    return true;
  } catch {
    return false;
  }
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((element) => typeof element === "string");
}
