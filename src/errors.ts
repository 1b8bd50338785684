/**
 * Every error that Plugmap raises: one class, one table of codes, one way to quote outside text.
 *
 * @module
 */

/**
 * What each code means, in one sentence. The table is data for documentation and tooling; nothing at run time reads it,
 * so a bundler drops it from a build that only uses the class.
 *
 * @example Look a code up
 * ```ts
 * import { errorCodes } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(errorCodes["integrity-mismatch"], "The bytes do not have the pinned hash.");
 * ```
 */
export const errorCodes = {
  // import map
  "import-map-missing": "No import map was given and none was found.",
  "import-map-invalid": "The import map is not one.",
  "import-map-unresolved": "No rule of the import map covers the specifier.",
  "import-map-blocked": "A rule of the import map forbids the specifier.",
  // integrity
  "integrity-missing": "Something that must be pinned has no integrity metadata.",
  "integrity-invalid": "The integrity metadata is empty, malformed or names no known algorithm.",
  "integrity-mismatch": "The bytes do not have the pinned hash.",
  // manifest
  "manifest-invalid": "The manifest breaks a rule of its schema.",
  "manifest-mismatch": "The manifest is for another plugin than the one asked for.",
  "manifest-too-large": "The manifest, or something it lists, is over a cap.",
  "path-unsafe": "A path leaves the plugin's folder or is not in its one accepted spelling.",
  "engine-unmet": "The plugin does not support this runtime, host or version of Plugmap.",
  // policy
  "policy-invalid": "The policy breaks a rule of its schema.",
  "permission-invalid": "A permission descriptor is not one.",
  "permission-missing": "The plugin asks for permissions that the policy does not grant.",
  "permission-denied": "A plugin tried what it was not granted.",
  "tier-unavailable": "The tier that the policy asks for cannot be had here.",
  "enforcement-missing": "The policy demands that permissions are enforced, and one of them cannot be here.",
  // lock, signatures, revocations
  "lock-invalid": "The lock breaks a rule of its schema.",
  "lock-downgrade": "A plugin has a lower version than one that was loaded before.",
  "lock-changed": "A plugin has other bytes than the approved ones, under the same version.",
  "lock-widened": "A plugin asks for more than was approved.",
  "signature-missing": "A plugin is not signed, and the policy demands that it is.",
  "signature-invalid": "A signature is not one of the bytes, or not one of a key that the policy knows.",
  "revocation-invalid": "The list of revocations is not one, or not one of the pinned key, or too old.",
  "plugin-revoked": "The plugin is on the list of revocations.",
  // plan
  "plugin-duplicate": "Two plugins have the same name.",
  "plugin-unknown": "No plugin has that name.",
  "plugin-blocked": "The dispatcher of the host does not take the plugin.",
  "plugin-needed": "Another active plugin depends on the plugin.",
  "dependency-missing": "A plugin depends on one that is not listed.",
  "dependency-unmet": "A plugin depends on another version of a plugin than the one listed.",
  "dependency-failed": "A plugin depends on one that failed.",
  "dependency-cycle": "Plugins depend on each other in a circle.",
  // fetch
  "fetch-failed": "Bytes could not be had from where they are said to be.",
  "fetch-timeout": "A source did not answer, or went on answering, for too long.",
  "fetch-too-large": "A source sent more than the cap allows.",
  "fetch-redirect": "A redirect leads where the policy does not allow.",
  "scheme-unsupported": "A URL has a scheme that plugins cannot be loaded from.",
  "package-unresolved": "A registry has no version that fits.",
  "store-failed": "The store on disk could not be used.",
  // link and run
  "module-unlisted": "A module imports something that its plugin's manifest does not list.",
  "module-unsupported": "A module is of a kind that cannot be linked.",
  "module-invalid": "A module could not be parsed or evaluated.",
  "builtin-denied": "A module imports a builtin that needs a permission the plugin was not granted.",
  "npm-refused": "A module imports from npm; npm packages have to be bundled.",
  "run-timeout": "The plugin's modules did not finish running in time.",
  "plugin-invalid": "The entry module does not export a plugin.",
  "setup-failed": "The plugin's setup threw.",
  "setup-timeout": "The plugin's setup, or what it does for historic hooks, did not settle in time.",
  "dispose-failed": "The plugin's dispose threw or did not settle in time.",
  // hooks
  "hook-spec-invalid": "A hook spec contradicts itself.",
  "hook-unknown": "No spec declares that hook.",
  "hook-impl-invalid": "An implementation does not fit its hook.",
  "hook-failed": "An implementation, a wrapper or the callback of a historic call threw.",
  "hook-async": "Something of a sync hook takes time, or an async one is used as if it did not.",
  "hook-arguments": "A hook was called with something other than its arguments as one object, and options.",
  "hook-argument-missing": "A call lacks an argument that the spec or an implementation declares.",
  "hook-argument-unknown": "A call has an argument that the spec does not declare.",
  "hook-schema": "Arguments or a result break the schema of the hook.",
  "hook-duplicate": "Two specs have the same name.",
  "hook-order-loop": "Implementations want to run before each other in a circle.",
  "hook-wrapper": "A wrapper did not yield exactly once.",
  "hook-historic": "A historic hook was called like any other, or any other like a historic one.",
  "hook-timeout": "An implementation did not settle in time.",
  "hook-aborted": "The signal of a call was aborted.",
  "hook-deprecated": "A plugin implements something that is going away.",
  "hook-teardown-failed": "An old-style wrapper threw after its yield.",
  "hook-monitor-failed": "A monitor threw.",
  // isolated plugins
  "isolate-start": "The process of an isolated plugin could not be started.",
  "isolate-crashed": "The process of an isolated plugin ended while it was needed.",
  "isolate-crash-loop": "The process of an isolated plugin ended too often, and is not started again.",
  "isolate-timeout": "An isolated plugin did not answer in time.",
  "isolate-protocol": "A process sent what the protocol does not allow.",
  "isolate-value": "A value cannot be sent from one process to another.",
  "isolate-limit": "A message, a queue or a rate is over its cap.",
  // host
  "host-closed": "The host is closed.",
  "option-invalid": "An option is not one, or its value is of the wrong kind.",
  "runtime-unsupported": "This runtime, or this version of it, is not supported.",
  "usage": "The command line is not one.",
} as const;

/** A code of {@linkcode errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** The stage of a plugin's way in which something failed. */
export type Step =
  | "discover"
  | "manifest"
  | "policy"
  | "plan"
  | "fetch"
  | "verify"
  | "link"
  | "run"
  | "setup"
  | "register"
  | "call"
  | "dispose";

/** What a {@linkcode PlugmapError} can say beside its code and its problem. */
export interface ErrorContext {
  /** Name of the plugin it is about. */
  readonly plugin?: string | undefined;
  /** Name of the hook it is about. */
  readonly hook?: string | undefined;
  /** Stage in which it happened. */
  readonly step?: Step | undefined;
  /** JSON pointer (RFC 6901) of the offending place in a document. */
  readonly pointer?: string | undefined;
  /** What to do about it: one or more whole sentences. */
  readonly mend?: string | undefined;
  /** The error that this one explains. */
  readonly cause?: unknown;
}

const attempts: Readonly<Record<Step, string>> = {
  discover: "find",
  manifest: "read the manifest of",
  policy: "grant the permissions of",
  plan: "order",
  fetch: "fetch the modules of",
  verify: "load",
  link: "link",
  run: "run",
  setup: "set up",
  register: "register",
  call: "call",
  dispose: "dispose of",
};

/**
 * The one error class of Plugmap. Its message reads
 * `[code] Cannot <attempt> plugin "<name>": <problem>. <mend>`; the parts are there as properties too.
 *
 * @example Tell errors apart by code
 * ```ts
 * import { PlugmapError } from "@plugmap/plugmap";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new PlugmapError("host-closed", "The host is closed", { mend: "Create another one." });
 * assertEquals(error.message, "[host-closed] The host is closed. Create another one.");
 * ```
 */
export class PlugmapError extends Error {
  /** Tells the class where `instanceof` cannot, because another copy of Plugmap threw. */
  override readonly name: string = "PlugmapError";
  /** The code, stable across releases. */
  readonly code: ErrorCode;
  /** What is wrong, without the code, the attempt and the mend. */
  readonly problem: string;
  /** What to do about it. */
  readonly mend: string | undefined;
  /** The plugin it is about. */
  readonly plugin: string | undefined;
  /** The hook it is about. */
  readonly hook: string | undefined;
  /** The stage in which it happened. */
  readonly step: Step | undefined;
  /** JSON pointer of the offending place. */
  readonly pointer: string | undefined;

  /**
   * Makes an error, and its message out of the parts.
   *
   * @param code One of {@linkcode errorCodes}.
   * @param problem What is wrong, in sentence case, without a full stop. Outside text in it must be {@linkcode quote}d.
   * @param context What it is about, and the mend.
   */
  constructor(code: ErrorCode, problem: string, context: ErrorContext = {}) {
    const { plugin, hook, step, pointer, mend, cause } = context;
    // Callers quote what is not theirs; plugins, which can come by this class, may not.
    const message = `[${code}] ${attempt(context)}${problem}.${mend === undefined ? "" : ` ${mend}`}`;
    super(
      printable(message, Number.POSITIVE_INFINITY),
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.problem = problem;
    this.mend = mend;
    this.plugin = plugin;
    this.hook = hook;
    this.step = step;
    this.pointer = pointer;
  }

  /**
   * The same error, told as part of a larger attempt: what it lacks is taken from `context`, what it has is kept.
   * An error that is not one of ours becomes the cause of one with code `fallback`.
   *
   * @param error What was thrown; anything can be.
   * @param fallback The code for an error that has none.
   * @param context What the attempt was about.
   * @returns An error that names plugin, hook and step.
   */
  static within(error: unknown, fallback: ErrorCode, context: ErrorContext): PlugmapError {
    if (!isOurs(error)) return new PlugmapError(fallback, messageOf(error), { ...context, cause: error });
    const { code, problem, plugin, hook, step, pointer, mend, cause } = error;
    const told = new PlugmapError(code, problem, {
      plugin: plugin ?? context.plugin,
      hook: hook ?? context.hook,
      step: step ?? context.step,
      pointer: pointer ?? context.pointer,
      mend: mend ?? context.mend,
      cause,
    });
    told.stack = `${told.name}: ${told.message}${(error.stack ?? "").replace(/^[^]*?(?=\n {4}at )/, "")}`;
    return told;
  }
}

function isOurs(thrown: unknown): thrown is PlugmapError {
  try {
    return thrown instanceof PlugmapError;
  } catch {
    // A proxy can throw when its prototype is asked for.
    return false;
  }
}

function attempt({ plugin, hook, step = "verify" }: ErrorContext): string {
  if (plugin === undefined) return hook === undefined ? "" : `Hook ${quote(hook)}: `;
  const target = hook === undefined ? "" : `hook ${quote(hook)} of `;
  return `Cannot ${attempts[step]} ${target}plugin ${quote(plugin)}: `;
}

/** The message of anything that was thrown, on one line and safe for a terminal; without its full stop. */
export function messageOf(thrown: unknown): string {
  let text: string;
  try {
    text = thrown instanceof Error ? String(thrown.message || thrown.name) : `${quote(textOf(thrown))} was thrown`;
  } catch {
    text = "something that has no text was thrown";
  }
  return printable(text).replace(/\.$/, "");
}

/** Arrays are only named: the text of one that holds one twice, which holds one twice, and so on, has no end. */
function textOf(thrown: unknown): string {
  const isLong = Array.isArray(thrown) || ArrayBuffer.isView(thrown);
  return isLong ? Object.prototype.toString.call(thrown) : String(thrown);
}

const longest = 300;

/** Outside text with every character escaped that a terminal or a reader would not see as itself, cut at a length. */
export function printable(text: string, limit: number = 4 * longest): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return /^[ -~]*$/.test(cut) ? cut : escapeUnprintable(cut);
}

/**
 * Controls move cursors, bidi controls reorder text (CVE-2021-42574), and what is drawn as nothing hides it. The pattern is
 * in a function of its own because compiling it takes Bun milliseconds, and most text is ASCII.
 */
function escapeUnprintable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/** Outside text as a quoted value for a message: {@linkcode printable}, in double quotes. */
export function quote(text: string): string {
  return `"${printable(text.replace(/["\\]/g, "\\$&"), longest)}"`;
}
