/**
 * The host's side of an isolated plugin: its process is started when it is needed, watched while it runs, and started
 * again when it has ended by itself.
 *
 * @module
 */

import { setTimeout } from "node:timers";
import { PlugmapError } from "../errors.ts";
import { attribute } from "../hooks/failure.ts";
import type { Subject } from "../hooks/failure.ts";
import type { Semaphore } from "../loader/semaphore.ts";
import type { Manifest } from "../manifest/mod.ts";
import type { RuntimeAdapter } from "../runtime/types.ts";
import { failureIn, valueOf } from "./answers.ts";
import { BackOff } from "./back_off.ts";
import { IsolatedProcess } from "./isolated_process.ts";
import type { Launch } from "./launch.ts";
import type { IsolationLimits } from "./limits.ts";
import { childMethods } from "./messages.ts";
import type { Answer, SetUpMessage, StartedMessage, StartMessage } from "./messages.ts";
import { type OutputLine, readLines } from "./output_lines.ts";
import { Pause } from "./pause.ts";
import { runModules, setUp, setUpAnew } from "./plugin_start.ts";
import { ProcessWatch } from "./process_watch.ts";
import type { SpareProcesses } from "./spare_processes.ts";

/** What an isolated plugin is made of, and what it tells. */
export interface IsolatedPluginOptions {
  readonly plugin: string;
  readonly message: StartMessage;
  readonly launch: Launch;
  readonly limits: IsolationLimits;
  readonly runtime: RuntimeAdapter;
  readonly spares: SpareProcesses;
  /** In which processes are started. */
  readonly starts: Semaphore;
  /** Milliseconds that its modules may take to run. */
  readonly runLimit: number;
  /** Milliseconds that its setup may take. */
  readonly setupLimit: number;
  readonly output: (line: OutputLine) => void;
  /** Told when the process has ended by itself, or could not be started again. */
  readonly onCrash: (error: PlugmapError) => void;
  /** Told when it will not be started again. */
  readonly onGivenUp: (error: PlugmapError) => void;
}

/** What is known of the process of a plugin. */
export interface IsolationStatus {
  /** `stopped`: it is started at the next call. `waiting`: it failed, and is not started again for a while. */
  readonly state: "stopped" | "starting" | "running" | "waiting" | "given up" | "disposed";
  /** Its id, while there is one. */
  readonly pid: number | undefined;
  /** How often the process has ended by itself, or could not be started for a call. */
  readonly crashes: number;
}

/** A plugin in a process of its own. */
export class IsolatedPlugin {
  readonly #options: IsolatedPluginOptions;
  readonly #backOff: BackOff;
  #context: SetUpMessage | undefined;
  #started: StartedMessage | undefined;
  #running: Promise<IsolatedProcess> | undefined;
  #process: IsolatedProcess | undefined;
  #state: IsolationStatus["state"] = "stopped";
  /** Whether it is to run although nobody calls it: it did, and has not been idle since. */
  #isWanted = false;
  #crashes = 0;
  #end: PlugmapError | undefined;
  /** In which nothing may be started. */
  #pause: Pause | undefined;
  #busy = 0;
  #watch: ProcessWatch | undefined;

  constructor(options: IsolatedPluginOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.limits);
  }

  /** What is known of its process. */
  get status(): IsolationStatus {
    return { state: this.#state, pid: this.#process?.pid, crashes: this.#crashes };
  }

  /**
   * Starts the process and runs the plugin's modules in it.
   *
   * @returns What the plugin is.
   * @throws {PlugmapError} What is wrong with the plugin, or `isolate-start`.
   */
  async start(): Promise<StartedMessage> {
    await this.#ensureRunning();
    return this.#started!;
  }

  /** Sets the plugin up, now if it runs, and whenever its process is started, if it has a setup. */
  async setUp(context: SetUpMessage): Promise<void> {
    this.#context = context;
    const process = this.#process;
    if (process === undefined || !this.#hasSetUp(context)) return;
    await setUp(process, context).catch(async (error) => {
      throw error instanceof PlugmapError ? await explained(error, process) : error;
    });
  }

  get #manifest(): Manifest {
    return this.#options.message.plugins.at(-1)!.manifest;
  }

  /**
   * Calls an implementation.
   *
   * @throws What it throws, as data; or one of our errors, about it.
   */
  async call(subject: Subject, impl: number, args: object, signal: AbortSignal | undefined): Promise<unknown> {
    return await this.#ask(subject, childMethods.call, [impl, args], signal);
  }

  /** Calls a wrapper, which calls `next` for what is inside. */
  async wrap(
    subject: Subject,
    impl: number,
    args: object,
    next: unknown,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const answer = await this.#ask(subject, childMethods.wrap, [impl, args, next], signal) as Answer<unknown>;
    if ("value" in Object(answer)) return (answer as { readonly value: unknown }).value;
    throw attribute(PlugmapError.within(failureIn(answer), "hook-failed", { ...subject, step: "call" }));
  }

  /** Waits until nothing is in flight any more, but no longer than so many milliseconds. */
  async drain(timeLimit: number): Promise<void> {
    const end = performance.now() + timeLimit;
    while (this.#isBusy && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Lets the plugin give back what it took, and ends its process. */
  async dispose(): Promise<void> {
    const process = this.#process;
    try {
      if (this.#state === "running" && !process!.isEnding && this.#started?.hasDispose) {
        valueOf(await process!.peer.call(childMethods.dispose, undefined) as Answer<void>);
      }
    } catch (error) {
      throw error instanceof PlugmapError ? await explained(error, process) : error;
    } finally {
      this.end();
    }
  }

  /** Ends the process for good. */
  end(reason: PlugmapError = new PlugmapError("isolate-crashed", "The plugin is disposed of")): void {
    this.#end ??= reason;
    this.#state = "disposed";
    this.#pause?.end();
    this.#stop(reason);
  }

  async #ask(subject: Subject, method: number, message: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    this.#busy++;
    let process: IsolatedProcess | undefined;
    try {
      if (this.#watch?.doubt !== undefined) await this.#watch.doubt;
      process = await this.#ensureRunning();
      return await process.peer.call(method, message, { signal, timeLimit: this.#options.limits.call });
    } catch (error) {
      if (!(error instanceof PlugmapError)) throw error;
      if (error.code === "isolate-timeout") this.#watch?.askWhetherAlive();
      const told = await explained(error, process);
      throw attribute(PlugmapError.within(told, told.code, { ...subject, step: "call" }));
    } finally {
      this.#busy--;
      this.#watch?.noteUse();
    }
  }

  #ensureRunning(): Promise<IsolatedProcess> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    // A process that was told to end, and has not yet, is none to call.
    if (this.#state === "running" && this.#process!.isEnding) {
      return this.#process!.ended.then(() => this.#ensureRunning());
    }
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<IsolatedProcess> {
    await this.#pause?.wait();
    if (this.#end !== undefined) throw this.#end;
    this.#state = "starting";
    let process: IsolatedProcess | undefined;
    try {
      await this.#options.starts.run(async () => await this.#bring(process = await this.#obtain()));
      if (this.#hasSetUp(this.#context)) await setUpAnew(process!, this.#context, this.#options.setupLimit);
      // It may have been disposed of after the last answer came.
      if (this.#end !== undefined) throw this.#end;
    } catch (error) {
      const told = await explained(error, process);
      process?.kill(told);
      this.#forget();
      if (this.#end === undefined) this.#couldNotStart(told);
      throw told;
    }
    this.#state = "running";
    this.#isWanted = true;
    return this.#attend(process!);
  }

  #attend(process: IsolatedProcess): IsolatedProcess {
    const { launch, limits } = this.#options;
    const [isBusy, onIdle] = [() => this.#isBusy, () => this.#rest()];
    this.#watch = new ProcessWatch({ process, launch, limits, isBusy, onIdle });
    process.ended.then((reason) => this.#ended(process, reason));
    return process;
  }

  /** A process for the plugin. */
  async #obtain(): Promise<IsolatedProcess> {
    const { plugin, launch, limits, runtime, spares, output } = this.#options;
    if (this.#end !== undefined) throw this.#end;
    const process = await spares.take(launch) ?? await IsolatedProcess.start(launch, limits, runtime);
    if (this.#end !== undefined) {
      process.kill(this.#end);
      throw this.#end;
    }
    process.belongTo(plugin);
    process.print(readLines(plugin, limits.lines, output));
    return this.#process = process;
  }

  /** Puts the plugin into a process. */
  async #bring(process: IsolatedProcess): Promise<void> {
    const { message, launch, limits, runLimit } = this.#options;
    this.#started = await runModules(process, message, launch, Math.min(limits.start, runLimit), this.#started);
  }

  /** Whether there is anything to do with a context. */
  #hasSetUp(context: SetUpMessage | undefined): context is SetUpMessage {
    return context !== undefined && this.#started?.hasSetup === true;
  }

  #ended(process: IsolatedProcess, reason: PlugmapError): void {
    if (this.#process !== process) return;
    this.#forget();
    if (this.#end !== undefined) return;
    this.#options.onCrash(reason);
    this.#holdOff(reason);
  }

  /** A plugin that cannot be started when it is loaded is not loaded. Later that is as bad as a crash. */
  #couldNotStart(reason: PlugmapError): void {
    this.#state = "stopped";
    const isKnown = this.#started !== undefined || this.#manifest.impls !== undefined;
    if (isKnown) this.#holdOff(reason);
  }

  /** Counts a failure. Nothing is started then for a while, or never again. */
  #holdOff(reason: PlugmapError): void {
    this.#crashes++;
    const wait = this.#backOff.crashed(performance.now());
    if (wait === undefined) return this.#giveUp(reason);
    this.#state = "waiting";
    this.#pause = new Pause(wait, () => {
      this.#pause = undefined;
      if (this.#running !== undefined) return;
      this.#state = "stopped";
      if (this.#isWanted) this.#restart();
    });
  }

  #restart(): void {
    this.#ensureRunning().catch((error: PlugmapError) => {
      if (this.#end === undefined) this.#options.onCrash(error);
    });
  }

  #giveUp(cause: PlugmapError): void {
    this.#state = "given up";
    this.#end = new PlugmapError("isolate-crash-loop", `Its process ended too often, last because: ${cause.problem}`, {
      mend: "See what it printed, mend it, and load it again.",
      cause,
    });
    this.#options.onGivenUp(this.#end);
  }

  #stop(reason: PlugmapError): void {
    const process = this.#process;
    this.#forget();
    process?.kill(reason);
  }

  #forget(): void {
    this.#watch?.end();
    this.#watch = undefined;
    this.#process = this.#running = undefined;
  }

  get #isBusy(): boolean {
    return this.#busy > 0 || (this.#process?.peer.streams ?? 0) > 0;
  }

  /** Stops a process that nobody needs now. */
  #rest(): void {
    this.#state = "stopped";
    this.#isWanted = false;
    this.#stop(new PlugmapError("isolate-crashed", "Its process was stopped because nobody used it"));
  }
}

/** That a channel was closed says less than how the process at its other end has ended. */
async function explained(error: unknown, process: IsolatedProcess | undefined): Promise<PlugmapError> {
  const told = PlugmapError.within(error, "isolate-start", {});
  return told.code === "isolate-crashed" && process !== undefined ? await process.ended : told;
}
