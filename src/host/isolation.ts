/**
 * What a host has to do with plugins that run in processes of their own.
 */
import process from "node:process";
import { PlugmapError, printable } from "../errors.ts";
import type { Dispatcher, HookSpecs } from "../hooks/mod.ts";
import { readIsolationLimits } from "../isolate/limits.ts";
import type {
  IsolatedPlugin,
  IsolationLimits,
  Launch,
  MeansReport,
  OutputLine,
  PermissionRequests,
  PluginModules,
  SpareProcesses,
} from "../isolate/mod.ts";
import { Semaphore } from "../loader/mod.ts";
import { checkEngines } from "../manifest/mod.ts";
import type { EngineVersions, Manifest } from "../manifest/mod.ts";
import { parsePermissions } from "../permissions/mod.ts";
import type { PermissionSet, Policy } from "../permissions/mod.ts";
import type { RuntimeAdapter } from "../runtime/types.ts";

/** How isolated plugins run. */
export interface IsolationOptions {
  /** Limits that differ from the default; see {@linkcode IsolationLimits}. */
  readonly limits?: Partial<IsolationLimits>;
  /**
   * How many processes are kept ready for plugins to come, or to be started again; default 1. One is only of use to plugins
   * that are granted the same.
   */
  readonly spares?: number;
  /**
   * Where Deno is, for hosts on Bun that can isolate no other way: a path, or a name to look for where commands are looked
   * for; default `deno`.
   */
  readonly deno?: string;
  /** Receives each line that a plugin prints. Default: to standard error, with the plugin's name and without controls. */
  readonly output?: (line: OutputLine) => void;
}

/** What isolation rests on beside its own options. */
export interface IsolationGround extends Pick<PermissionRequests, "onPermissionRequest" | "audit"> {
  readonly policy: Policy;
  readonly runtime: RuntimeAdapter;
  /** Receives problems that stop nothing. */
  readonly report: (problem: PlugmapError) => void;
}

/** What a plugin's process tells of itself. */
export interface IsolatedEvents {
  /** Milliseconds that its modules may take to run. */
  readonly runLimit: number;
  /** Milliseconds that its setup may take. */
  readonly setupLimit: number;
  onCrash(error: PlugmapError): void;
  onGivenUp(error: PlugmapError): void;
}

/**
 * The isolated plugins of a host. What they take is loaded with the first of them: hosts that have none need not wait for
 * it.
 */
export class Isolation {
  readonly #runtime: RuntimeAdapter;
  readonly #limits: IsolationLimits;
  readonly #output: (line: OutputLine) => void;
  readonly #require: Policy["require"];
  readonly #most: number;
  readonly #deno: string;
  readonly #report: (problem: PlugmapError) => void;
  #requests: PermissionRequests | undefined;
  #spares: SpareProcesses | undefined;
  #starts: Semaphore | undefined;

  constructor(options: IsolationOptions = {}, { policy, runtime, report, ...requests }: IsolationGround) {
    this.#runtime = runtime;
    this.#report = report;
    const limits = this.#limits = readIsolationLimits(options.limits);
    if (Object.values(requests).some((given) => given !== undefined)) {
      this.#requests = { ...requests, limits: { answerTime: limits.answer } };
    }
    this.#output = options.output ?? printLine;
    this.#require = policy.require;
    this.#most = options.spares ?? 1;
    this.#deno = options.deno ?? "deno";
  }

  /**
   * Decides how a plugin would be started.
   *
   * @param granted What it asks for, all of which is granted, with absolute paths.
   * @throws {PlugmapError} `tier-unavailable`, `enforcement-missing`, `isolate-start`, `permission-invalid`.
   */
  async plan(manifest: Manifest, granted: PermissionSet, engines: EngineVersions): Promise<Launch> {
    const { planLaunch } = await import("../isolate/mod.ts");
    const launch = await planLaunch({
      granted,
      host: this.#runtime,
      limits: this.#limits,
      demand: this.#require === "enforced",
      deno: this.#deno,
      requireDeno: (version) => checkEngines(manifest, { ...engines, bun: undefined, deno: version }),
      permissionRequests: this.#requests,
    });
    if (this.#requests !== undefined && launch.accompany === undefined) this.#report(unasked(manifest.name));
    return launch;
  }

  /** What there is to isolate plugins with, the best first. */
  async means(): Promise<readonly MeansReport[]> {
    const { reportMeans } = await import("../isolate/mod.ts");
    return await reportMeans({
      granted: parsePermissions({}, ""),
      host: this.#runtime,
      limits: this.#limits,
      demand: false,
      deno: this.#deno,
      requireDeno: () => {},
      permissionRequests: undefined,
    });
  }

  /** A plugin that is not started yet. */
  async create(
    launch: Launch,
    plugins: readonly PluginModules[],
    registry: string,
    events: IsolatedEvents,
  ): Promise<IsolatedPlugin> {
    const { IsolatedPlugin, SpareProcesses } = await import("../isolate/mod.ts");
    const [limits, runtime] = [this.#limits, this.#runtime];
    this.#spares ??= new SpareProcesses(this.#most, limits, runtime);
    // All at once, each of many would take longer to start than it may.
    this.#starts ??= new Semaphore(2 * navigator.hardwareConcurrency);
    return new IsolatedPlugin({
      plugin: plugins.at(-1)!.manifest.name,
      message: { plugins, registry },
      launch,
      limits,
      runtime,
      spares: this.#spares,
      starts: this.#starts,
      output: this.#output,
      ...events,
    });
  }

  /** Ends the processes that no plugin has. */
  close(): void {
    this.#spares?.close();
  }
}

/** @throws {PlugmapError} `enforcement-missing`: nothing holds a plugin in the host's own process to anything. */
export function requireEnforcement({ require }: Policy): void {
  if (require === undefined) return;
  throw new PlugmapError("enforcement-missing", `The policy demands enforcement, and the tier "trusted" has none`, {
    mend: 'Set its "tier" to "isolated" in plugins.policy.json, or take "require" out.',
  });
}

/** The hooks that cannot wait for another process. */
export function syncHooksOf(dispatcher: Dispatcher<HookSpecs>): ReadonlySet<string> {
  const sync = dispatcher.inspect().filter(({ spec }) => spec?.async === false);
  return new Set(sync.map(({ name }) => name));
}

/** Nothing is granted that should not be, so this stops nothing. */
function unasked(plugin: string): PlugmapError {
  const problem = 'Options "onPermissionRequest" and "audit" have no effect: the kernel decides, and asks nobody';
  return new PlugmapError("option-invalid", problem, { plugin, step: "policy", mend: "They are for plugins on Deno." });
}

function printLine({ plugin, text }: OutputLine): void {
  process.stderr.write(`[${printable(plugin)}] ${printable(text)}\n`);
}
