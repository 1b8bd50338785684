import type { PlugmapError } from "../errors.ts";
import { hasArgumentRules, prepareArguments, type PreparedArguments } from "./arguments.ts";
import { wrapAsync } from "./async_wrappers.ts";
import { CollectedFailures } from "./collected_failures.ts";
import { parallel, race, stream } from "./concurrent.ts";
import { type CallScope, decorate, limitsOf, needsArguments, requireArguments } from "./decorate.ts";
import { directCall, raise } from "./failure.ts";
import { generate } from "./generated.ts";
import { isWrapper, type RegisteredImpl } from "./impl.ts";
import { asyncLoops, syncLoops } from "./loops.ts";
import type { Monitors } from "./monitors.ts";
import type { Loop, Plan, Run } from "./plan.ts";
import type { AnyHookSpec, HookMode } from "./spec.ts";
import { wrapSync } from "./wrappers.ts";

/** What all calls of a dispatcher share. */
export interface Ground {
  readonly monitors: Monitors;
  readonly report: (diagnostic: PlugmapError) => void;
  /** Whether loops may be written out as text and compiled. */
  readonly codeGeneration: boolean;
}

/** What is compiled: a hook and those of its implementations that are to run. */
export interface Source {
  /** Name of the hook. */
  readonly hook: string;
  readonly spec: AnyHookSpec;
  /** In the order of running, wrappers first. */
  readonly impls: readonly RegisteredImpl[];
}

/** Makes the function that plain calls share. */
export function compileEntry(source: Source, ground: Ground, onHot?: (run: Run) => void): Run {
  const { hook, spec } = source;
  if (spec.historic !== undefined) return () => raise(directCall(hook), spec);
  return compile(source, ground, {}, onHot);
}

/**
 * Makes the function that runs implementations. From the inside out: the loop over them, the wrappers, the monitors,
 * and what the spec says about arguments.
 *
 * @param scope What one call asks for; empty for the function that plain calls share.
 * @param onHot Gets a faster function for the same once it is known to be worth it.
 */
export function compile(source: Source, ground: Ground, scope: CallScope = {}, onHot?: (run: Run) => void): Run {
  const { hook, spec } = source;
  const run = compileRun(source, ground, scope, onHot);
  if (!hasArgumentRules(spec)) return run;
  let incompleteRun: Run | undefined;
  const runWith = ({ args, incomplete }: PreparedArguments) => {
    if (!incomplete) return run(args);
    incompleteRun ??= compileRun(source, ground, { ...scope, incomplete });
    return incompleteRun(args);
  };
  const prepare = (args: Parameters<Run>[0]) => prepareArguments(hook, spec, args, ground.report);
  if (spec.mode === "stream") {
    return async function* (args) {
      yield* runWith(await prepare(args)) as AsyncIterable<unknown>;
    };
  }
  if (spec.async) return async (args) => await runWith(await prepare(args));
  return (args) => runWith(prepare(args) as PreparedArguments);
}

function compileRun(source: Source, ground: Ground, scope: CallScope, onHot?: (run: Run) => void): Run {
  const { hook, spec, impls } = source;
  const { monitors } = ground;
  const wrappers = impls.filter(isWrapper);
  const bare = wrappers.length === 0 && !monitors.any && !hasArgumentRules(spec);
  const core = compileInside(source, ground, scope, bare ? onHot : undefined);
  // Wrappers get a promise of the stream, as of everything else that is async.
  const inside: Run = spec.mode === "stream" ? async (args) => await core(args) : core;
  const wrapped = wrap(wrappers, inside, spec, ground, scope);
  const run = wrappers.length === 0 ? core : spec.mode === "stream" ? opened(wrapped) : wrapped;
  return monitors.aroundCall(hook, Object.freeze(impls.map((impl) => impl.plugin)), run, spec);
}

function compileInside(
  { hook, spec, impls }: Source,
  ground: Ground,
  scope: CallScope,
  onHot?: (run: Run) => void,
): Run {
  const plain = impls.filter((impl) => !isWrapper(impl));
  const plugins = plain.map((impl) => impl.plugin);
  const planned = (scope: CallScope, fail: CallScope["fail"]): Plan => ({
    hook,
    spec,
    runs: plain.map((impl) => decorate(impl, spec, { ...scope, fail }, ground.monitors)),
    plugins,
  });
  const loop = loopOf(spec);
  if (spec.errors === "collect") {
    return (args) => {
      const failures = new CollectedFailures(hook, spec, ground.report);
      const ran = loop(planned({ ...scope, record: failures.noting(scope.record) }, failures.add), args);
      return failures.settle(ran);
    };
  }
  const plan = planned(scope, spec.errors === "isolate" ? ground.report : undefined);
  return ground.codeGeneration && isOneAfterTheOther(spec.mode)
    ? warming(plan, loop, onHot)
    : (args) => loop(plan, args);
}

const concurrent: Readonly<Record<"parallel" | "race" | "stream", Loop>> = { parallel, race, stream };

function loopOf({ mode, async }: AnyHookSpec): Loop {
  if (!isOneAfterTheOther(mode)) return concurrent[mode];
  return async ? asyncLoops[mode] : syncLoops[mode];
}

function isOneAfterTheOther(mode: HookMode): mode is "collect" | "first" | "pipeline" {
  return mode === "collect" || mode === "first" || mode === "pipeline";
}

/**
 * Runs the loop until it is worth writing it out. That takes as long as a thousand calls, but has to come early: V8
 * starts to learn from calls at about the tenth, and what it has seen by then it takes into account for ever.
 */
const hot = 8;

function warming(plan: Plan, loop: Loop, onHot: (run: Run) => void = () => {}): Run {
  let calls = 0;
  let written: Run | undefined;
  return (args) => {
    if (written !== undefined) return written(args);
    if (++calls === hot) {
      written = generate(plan);
      if (written !== undefined) onHot(written);
    }
    return loop(plan, args);
  };
}

function wrap(
  wrappers: readonly RegisteredImpl[],
  inside: Run,
  spec: AnyHookSpec,
  { report }: Ground,
  scope: CallScope,
): Run {
  const checked = wrappers.map((impl) => needsArguments(impl, spec, scope) ? requiring(impl) : impl);
  if (!spec.async) return checked.reduceRight<Run>((inner, impl) => wrapSync(impl, inner, report), inside);
  return wrapAsync(checked.map((impl) => ({ impl, limits: limitsOf(impl, spec, scope.signal) })), inside, report);
}

/** The same wrapper, which throws if an argument is missing that it declares. */
function requiring(impl: RegisteredImpl): RegisteredImpl {
  const run = (...given: never[]): unknown => {
    requireArguments(impl, given[impl.kind === "middleware" ? 1 : 0]!);
    return impl.run(...given);
  };
  return { ...impl, run };
}

/** A stream that wrappers had their hands on, which takes them a while. */
function opened(wrapped: Run): Run {
  return async function* (args) {
    yield* await wrapped(args) as AsyncIterable<unknown>;
  };
}
