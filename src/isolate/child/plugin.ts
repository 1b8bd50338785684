/**
 * The plugin's side of an isolated plugin: what the host asks of a child process, and what the child does then.
 *
 * @module
 */

import { PlugmapError } from "../../errors.ts";
import { wrapAsync } from "../../hooks/async_wrappers.ts";
import type { RegisteredImpl } from "../../hooks/impl.ts";
import type { Run } from "../../hooks/plan.ts";
import { readImpls } from "../../hooks/read_impls.ts";
import type { ImplContext } from "../../hooks/types.ts";
import { createGraph } from "../../loader/graph.ts";
import { declarationsOf } from "../../runtime/declared_impls.ts";
import { readPluginExport } from "../../runtime/plugin_export.ts";
import type { PluginExport } from "../../runtime/plugin_export.ts";
import type { LinkedPlugin, Linker } from "../../runtime/types.ts";
import type {
  Answer,
  CallMessage,
  childMethods,
  SetUpMessage,
  StartedMessage,
  StartMessage,
  WrapMessage,
} from "../messages.ts";
import type { Handler } from "../wire/mod.ts";

/** What one child process runs: one plugin, once. */
export class ChildPlugin {
  readonly #linker: Linker;
  readonly #memory: () => number;
  readonly #ready: () => Promise<void>;
  #exported: PluginExport | undefined;
  #impls: readonly RegisteredImpl[] = [];

  /**
   * @param memory Tells how many bytes of memory the process takes.
   * @param ready Settles when all is there that a plugin expects.
   */
  constructor(linker: Linker, memory: () => number, ready: () => Promise<void> = () => Promise.resolve()) {
    this.#linker = linker;
    this.#memory = memory;
    this.#ready = ready;
  }

  /** The methods that the host may call, in the order of their numbers. */
  get methods(): readonly Handler[] {
    const methods: Record<keyof typeof childMethods, Handler> = {
      start: (message) => answered(() => this.#start(message as StartMessage)),
      setUp: (message) => answered(async () => await this.#exported!.setup!(Object.freeze(message as SetUpMessage))),
      call: (message, context) => this.#call(message as CallMessage, context),
      wrap: (message) => answered(() => this.#wrap(message as WrapMessage)),
      dispose: () => answered(async () => await this.#exported!.dispose!()),
      ping: () => this.#memory(),
      rehearse: (message) => answered(async () => void await this.#load(message as StartMessage)),
    };
    return Object.values(methods);
  }

  async #start(message: StartMessage): Promise<StartedMessage> {
    const { exported, impls } = await this.#load(message);
    this.#exported = exported;
    this.#impls = impls;
    return {
      impls: declarationsOf(exported.hooks, impls),
      hasSetup: exported.setup !== undefined,
      hasDispose: exported.dispose !== undefined,
    };
  }

  /** Runs the last of the plugins, and what it imports of the others. */
  async #load(
    { plugins, registry }: StartMessage,
  ): Promise<{ exported: PluginExport; impls: readonly RegisteredImpl[] }> {
    await this.#ready();
    const linked = new Map<string, LinkedPlugin>();
    for (const { manifest, url, modules } of plugins) {
      const listed = new Map(modules.map((module) => [module.url, module]));
      linked.set(manifest.name, this.#linker.link(createGraph({ manifest, url }, listed, linked, registry)));
    }
    const { manifest } = plugins.at(-1)!;
    const exported = readPluginExport(await linked.get(manifest.name)!.evaluate(), manifest);
    const registrant = { plugin: manifest.name, place: 0, timeLimit: undefined };
    // Which hooks there are, and what they allow, the host checks, as it does with every plugin.
    return { exported, impls: readImpls(registrant, exported.hooks, new Map(), true) };
  }

  #call([index, args]: CallMessage, context: ImplContext): unknown {
    const run = this.#impls[index]!.run as (args: object, context: ImplContext) => unknown;
    return run(args, context);
  }

  async #wrap([index, args, next]: WrapMessage): Promise<unknown> {
    const inside: Run = (given) => next(given === args ? undefined : given);
    const warn = (problem: PlugmapError): void => console.warn(problem.message);
    return await wrapAsync([{ impl: this.#impls[index]!, limits: undefined }], inside, warn)(args);
  }
}

/** The answer of what may fail with one of our codes: an error that crosses the channel is data, and keeps no class. */
async function answered<Value>(work: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof PlugmapError)) throw error;
    const { code, problem, pointer, mend, cause } = error;
    return { failure: { code, problem, pointer, mend, cause } };
  }
}
