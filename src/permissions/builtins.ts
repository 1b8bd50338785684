import { PlugmapError, quote } from "../errors.ts";
import { isGranted } from "./granted.ts";
import type { PermissionName, PermissionSet } from "./types.ts";

/** What a plugin needs to import a builtin of the runtime. */
export type BuiltinRequirement =
  /** Nothing: it computes, and reaches nothing outside. */
  | { readonly kind: "free" }
  /** Some grant of at least one of these. */
  | { readonly kind: "needs"; readonly anyOf: readonly PermissionName[] }
  /** More than any permission gives. */
  | { readonly kind: "never"; readonly why: string };

const free: BuiltinRequirement = Object.freeze({ kind: "free" });

function needs(...anyOf: PermissionName[]): BuiltinRequirement {
  return Object.freeze({ kind: "needs", anyOf: Object.freeze(anyOf) });
}

function never(why: string): BuiltinRequirement {
  return Object.freeze({ kind: "never", why });
}

const files = needs("read", "write");
const network = needs("net");
const loadsCode = never("It loads code that nothing has verified");
const changesEngine = never("It changes or inspects the engine that the host shares");
const isInternal = never("It is internal to the runtime");
const isForTests = never("It is for tests, not for plugins");

/**
 * Builtins of Node's API, by their name without `node:`.
 *
 * A builtin is judged by the most that it can do, since an import cannot be told which part of it is used: `node:fs` can
 * read and write, so one of the two is needed to import it, and what enforces the tier tells them apart.
 */
const nodeBuiltins: ReadonlyMap<string, BuiltinRequirement> = new Map([
  ...[
    "assert",
    "assert/strict",
    "async_hooks",
    "buffer",
    "console",
    "constants",
    "crypto",
    "diagnostics_channel",
    "domain",
    "events",
    "path",
    "path/posix",
    "path/win32",
    "perf_hooks",
    "punycode",
    "querystring",
    "readline",
    "readline/promises",
    "stream",
    "stream/consumers",
    "stream/promises",
    "stream/web",
    "string_decoder",
    "sys",
    "timers",
    "timers/promises",
    "url",
    "util",
    "util/types",
    "zlib",
  ].map((name) => [name, free] as const),
  ...["fs", "fs/promises", "sqlite", "tty", "wasi"].map((name) => [name, files] as const),
  ...["dgram", "dns", "dns/promises", "http", "http2", "https", "net", "tls"].map((name) => [name, network] as const),
  ["child_process", needs("run")],
  ["os", needs("sys")],
  ["process", needs("env")],
  // registerHooks and createRequire of node:module undo what keeps a plugin to its own modules.
  ...["cluster", "module", "repl", "vm", "worker_threads"].map((name) => [name, loadsCode] as const),
  ...["inspector", "inspector/promises", "trace_events", "v8"].map((name) => [name, changesEngine] as const),
  ...["test", "test/reporters"].map((name) => [name, isForTests] as const),
]);

/** Builtins of Bun, by their whole name. */
const bunBuiltins: ReadonlyMap<string, BuiltinRequirement> = new Map([
  ["bun", never("It is all of Bun's API, which no permission divides")],
  ["bun:ffi", needs("ffi")],
  ["bun:jsc", changesEngine],
  ["bun:sqlite", files],
  ["bun:test", isForTests],
]);

/** Those that only exist with the prefix: without it they are names of packages. */
const onlyPrefixed: ReadonlySet<string> = new Set(["sqlite", "test", "test/reporters"]);

/** An item that shows how a kind is granted. */
const sampleItems: Readonly<Record<PermissionName, string>> = {
  read: "./data",
  write: "./data",
  net: "example.com:443",
  env: "LANG",
  run: "git",
  sys: "hostname",
  ffi: "./libgreet.so",
  import: "example.com:443",
};

/**
 * What a plugin needs to import a builtin. A `node:` or `bun:` specifier that Plugmap does not know is never allowed: a
 * newer runtime can have one that does anything.
 *
 * @param specifier A specifier, such as `node:fs`, `fs/promises` or `bun:sqlite`.
 * @returns What it needs, or `undefined` for what is no builtin.
 *
 * @example Look up some builtins
 * ```ts
 * import { builtinRequirement } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(builtinRequirement("node:path"), { kind: "free" });
 * assertEquals(builtinRequirement("fs/promises"), { kind: "needs", anyOf: ["read", "write"] });
 * assertEquals(builtinRequirement("node:module")?.kind, "never");
 * assertEquals(builtinRequirement("lodash"), undefined);
 * ```
 */
export function builtinRequirement(specifier: string): BuiltinRequirement | undefined {
  // Runtimes parse a specifier as a URL before they look at its scheme, so "NODE:fs" is node:fs.
  const url = URL.parse(specifier);
  if (url?.protocol === "node:") {
    const name = url.href.slice("node:".length);
    return nodeBuiltins.get(name) ?? (name.startsWith("_") ? isInternal : never("Plugmap does not know it"));
  }
  if (url?.protocol === "bun:") return bunBuiltins.get(url.href) ?? never("Plugmap does not know it");
  if (specifier === "bun") return bunBuiltins.get(specifier);
  if (/^_(?:http|stream|tls)_/.test(specifier)) return isInternal;
  return onlyPrefixed.has(specifier) ? undefined : nodeBuiltins.get(specifier);
}

/**
 * Checks that a plugin may import a builtin; does nothing for what is no builtin.
 *
 * @param specifier The specifier.
 * @param granted What the plugin is granted.
 * @throws {PlugmapError} `builtin-denied`, naming the permission that is needed and what to add to the policy.
 *
 * @example Refuse a builtin that nothing was granted for
 * ```ts
 * import { checkBuiltin, parsePermissions, PlugmapError } from "@plugmap/plugmap";
 * import { assertThrows } from "@std/assert";
 *
 * const granted = parsePermissions({ net: ["example.com"] }, "/permissions");
 * checkBuiltin("node:https", granted);
 * assertThrows(() => checkBuiltin("node:fs", granted), PlugmapError, "builtin-denied");
 * ```
 */
export function checkBuiltin(specifier: string, granted: PermissionSet): void {
  const requirement = builtinRequirement(specifier);
  if (requirement === undefined || requirement.kind === "free") return;
  if (requirement.kind === "never") {
    throw new PlugmapError("builtin-denied", `No plugin can import ${quote(specifier)}: ${requirement.why}`, {
      mend: "Do without it; the host can offer what is needed in the context of the plugin.",
    });
  }
  const { anyOf } = requirement;
  if (anyOf.some((name) => isGranted(granted[name]))) return;
  const kinds = anyOf.map(quote).join(" or ");
  const sample = `"${anyOf[0]}": ["${sampleItems[anyOf[0]!]}"]`;
  throw new PlugmapError("builtin-denied", `Importing ${quote(specifier)} needs the permission ${kinds}`, {
    mend:
      `Ask for it in the manifest and grant it to the plugin in plugins.policy.json, such as "permissions": { ${sample} }.`,
  });
}
