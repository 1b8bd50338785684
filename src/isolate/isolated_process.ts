import { messageOf, PlugmapError } from "../errors.ts";
import type { ChildProcess, ProcessEnd, RuntimeAdapter, TextReceiver } from "../runtime/types.ts";
import type { Companion, Launch } from "./launch.ts";
import type { IsolationLimits } from "./limits.ts";
import { childMethods } from "./messages.ts";
import { killWithHost } from "./orphans.ts";
import { Peer } from "./wire/mod.ts";

/** One process for one plugin, from its start to its end. Until a plugin is put into it, it can become any plugin's. */
export class IsolatedProcess {
  readonly pid: number;
  readonly peer: Peer;
  /** Settles once the process is gone, with why. */
  readonly ended: Promise<PlugmapError>;
  readonly #child: ChildProcess;
  readonly #companion: Companion | undefined;
  #reason: PlugmapError | undefined;
  #isEnding = false;
  readonly #output: Output;

  private constructor(
    child: ChildProcess,
    output: Output,
    companion: Companion | undefined,
    launch: Launch,
    limits: IsolationLimits,
  ) {
    this.#child = child;
    this.#companion = companion;
    this.#output = output;
    this.pid = child.pid;
    const { pendingCalls, messageBytes } = limits;
    this.peer = new Peer({
      channel: child.channel,
      methods: launch.services(),
      limits: { pendingCalls, messageBytes, queuedBytes: Math.max(messageBytes, 64 * 2 ** 20) },
      // A channel that has only ended says less than how the process did.
      onClose: (error) => error.code === "isolate-crashed" ? this.#kill() : this.kill(error),
    });
    companion?.failed.then((error) => this.kill(error));
    this.ended = child.ended.then((end) => {
      companion?.close();
      const error = this.#reason ?? crashed(end, this.peer.isGreeted ? undefined : launch.failures);
      this.peer.close(error);
      return error;
    });
  }

  /**
   * Starts a process.
   *
   * @throws {PlugmapError} `isolate-start`, or what the launch says against it.
   */
  static async start(
    launch: Launch,
    limits: IsolationLimits,
    runtime: RuntimeAdapter,
  ): Promise<IsolatedProcess> {
    const { program, prologue, accompany } = launch;
    const output = new Output();
    let child: ChildProcess;
    let companion: Companion | undefined;
    try {
      companion = await accompany?.();
      const env = { ...program.env, ...companion?.environment };
      child = await runtime.spawn({ ...program, env }, companion?.filter(output.print) ?? output.print);
    } catch (error) {
      companion?.close();
      if (error instanceof PlugmapError) throw error;
      throw new PlugmapError("isolate-start", `A process could not be started: ${messageOf(error)}`, { cause: error });
    }
    killWithHost(child);
    if (prologue !== undefined) child.channel.write([prologue]);
    return new IsolatedProcess(child, output, companion, launch, limits);
  }

  /** Whether the process waits for the host to decide something, and therefore cannot answer. */
  get asking(): boolean {
    return this.#companion?.asking ?? false;
  }

  /** Whether nothing can be asked of it any more, though it may still be there. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Says whose process it is from now on. */
  belongTo(plugin: string): void {
    this.#companion?.belongTo(plugin);
  }

  /** Says who receives what the process prints. */
  print(receive: TextReceiver): void {
    this.#output.receive(receive);
  }

  /**
   * Asks the process to show that it is alive.
   *
   * @returns How many bytes of memory it says that it takes.
   * @throws {PlugmapError} `isolate-timeout`; why it has ended, if it has.
   */
  async ping(timeLimit: number): Promise<number> {
    const began = performance.now();
    const ask = () => this.peer.call(childMethods.ping, undefined, { timeLimit, urgent: true });
    const used = await ask().catch((error) => {
      // A host that was held up itself has not looked for the answer in time, and may not even have sent the question.
      if (performance.now() - began < timeLimit + lateness) throw error;
      return ask();
    });
    // Anything else than a number is not even looked at: to turn an array into one can take for ever.
    return typeof used === "number" ? used : 0;
  }

  /** Ends the process at once; what waits for it gets the reason. */
  kill(reason: PlugmapError): void {
    this.#reason ??= reason;
    this.#kill();
  }

  #kill(): void {
    this.#isEnding = true;
    this.#child.kill();
  }
}

/** Milliseconds by which timers can be late without something else being wrong. */
const lateness = 50;

/** What a process prints, kept until it is known who wants it. */
class Output {
  #receiver: TextReceiver | undefined;
  #early: Parameters<TextReceiver>[] = [];

  readonly print: TextReceiver = (text, stream) => {
    if (this.#receiver === undefined) this.#early.push([text, stream]);
    else this.#receiver(text, stream);
  };

  receive(receiver: TextReceiver): void {
    this.#receiver = receiver;
    for (const [text, stream] of this.#early.splice(0)) receiver(text, stream);
  }
}

/** @param failures What exit codes mean, as long as they cannot be the plugin's. */
function crashed({ code, signal }: ProcessEnd, failures: Launch["failures"]): PlugmapError {
  const failure = failures?.[code ?? -1];
  if (failure !== undefined) return new PlugmapError("isolate-start", failure, { mend: "See what it printed." });
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  return new PlugmapError("isolate-crashed", `Its process ended ${how}`, {
    mend: "See what it printed. It is started again, unless it ends too often.",
  });
}
