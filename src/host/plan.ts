/**
 * The order in which plugins can start: what one depends on comes before it, and otherwise the import map's own order
 * holds, so that the same map gives the same order of registration every time.
 */
import { PlugmapError, quote } from "../errors.ts";
import { satisfiesRange } from "../manifest/mod.ts";
import type { Manifest } from "../manifest/mod.ts";

/** An order, and the plugins that have no place in it. */
export interface Plan {
  readonly order: readonly string[];
  readonly failures: ReadonlyMap<string, PlugmapError>;
}

/**
 * @param manifests The plugins that can start, or have started, by name.
 * @param failed Why others, which were listed too, cannot.
 */
export function planOrder(
  manifests: ReadonlyMap<string, Manifest>,
  failed: ReadonlyMap<string, PlugmapError>,
): Plan {
  const failures = new Map<string, PlugmapError>();
  const places = new Map([...manifests.keys()].map((name, place) => [name, place]));
  const edges = new Map<string, Set<string>>();
  for (const [name, { dependencies }] of manifests) {
    const { found, failure } = findRequired(name, dependencies, manifests, failed);
    edges.set(name, found);
    if (failure !== undefined) failures.set(name, failure);
  }
  for (const [name, { dependencies }] of manifests) addOptional(name, dependencies, manifests, edges);
  const order: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  for (const name of manifests.keys()) visit(name);
  return { order, failures };

  function visit(name: string): void {
    if (done.has(name)) return;
    const start = path.indexOf(name);
    if (start >= 0) return refuseLoop(path.slice(start));
    path.push(name);
    const { dependencies } = manifests.get(name)!;
    for (const dependency of inMapOrder(edges.get(name)!)) {
      visit(dependency);
      const cause = failures.get(dependency);
      if (cause === undefined || failures.has(name) || dependencies.get(dependency)!.optional) continue;
      failures.set(name, dependencyFailed(name, dependency, cause));
    }
    path.pop();
    done.add(name);
    if (!failures.has(name)) order.push(name);
  }

  function inMapOrder(names: ReadonlySet<string>): readonly string[] {
    return [...names].sort((left, right) => places.get(left)! - places.get(right)!);
  }

  function refuseLoop(loop: readonly string[]): void {
    const told = [...loop, loop[0]!].map(quote).join(" -> ");
    for (const name of loop) {
      failures.set(
        name,
        planError("dependency-cycle", name, `It depends on itself: ${told}`, {
          mend: "Make one of these dependencies optional, or move what both need into a plugin of its own.",
        }),
      );
    }
  }
}

type Dependencies = Manifest["dependencies"];

/** What has to start before a plugin, and why the plugin cannot start if something of it is not to be had. */
function findRequired(
  plugin: string,
  dependencies: Dependencies,
  manifests: ReadonlyMap<string, Manifest>,
  failed: ReadonlyMap<string, PlugmapError>,
): { found: Set<string>; failure: PlugmapError | undefined } {
  const found = new Set<string>();
  let failure: PlugmapError | undefined;
  for (const [name, { version, optional }] of dependencies) {
    if (optional) continue;
    const there = manifests.get(name);
    const cause = failed.get(name);
    if (there !== undefined && satisfiesRange(there.version, version)) {
      found.add(name);
    } else if (there !== undefined) {
      const problem = `It depends on ${quote(name)} ${quote(version)}, and version ${quote(there.version)} is listed`;
      failure ??= planError("dependency-unmet", plugin, problem, { mend: "List a version that fits." });
    } else if (cause !== undefined) {
      failure ??= dependencyFailed(plugin, name, cause);
    } else {
      failure ??= planError("dependency-missing", plugin, `It depends on ${quote(name)}, which is not there`, {
        mend: `List ${quote(`plugins/${name}`)} in the import map, and let the host enable it.`,
      });
    }
  }
  return { found, failure };
}

/** An optional dependency decides the order only where it does not close a loop. */
function addOptional(
  name: string,
  dependencies: Dependencies,
  manifests: ReadonlyMap<string, Manifest>,
  edges: ReadonlyMap<string, Set<string>>,
): void {
  for (const [other, { optional, version }] of dependencies) {
    const there = manifests.get(other);
    if (!optional || there === undefined || !satisfiesRange(there.version, version)) continue;
    if (!reaches(other, name, edges)) edges.get(name)!.add(other);
  }
}

function reaches(from: string, to: string, edges: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const seen = new Set<string>([from]);
  // A set is walked in the order of insertion, also past what is added meanwhile.
  for (const name of seen) {
    if (name === to) return true;
    for (const next of edges.get(name) ?? []) seen.add(next);
  }
  return false;
}

/** What befalls a plugin whose dependency failed. It tells where that began, however many plugins lie between. */
export function dependencyFailed(plugin: string, dependency: string, cause: PlugmapError): PlugmapError {
  const root = cause.code === "dependency-failed" && cause.cause instanceof PlugmapError ? cause.cause : cause;
  const origin = root.plugin ?? dependency;
  const by = origin === dependency ? "" : ` because of ${quote(origin)}`;
  return planError(
    "dependency-failed",
    plugin,
    `It depends on ${quote(dependency)}, which failed${by}: ${root.problem}`,
    { mend: `Mend ${quote(origin)} first.`, cause: root },
  );
}

function planError(
  code: "dependency-cycle" | "dependency-failed" | "dependency-missing" | "dependency-unmet",
  plugin: string,
  problem: string,
  context: { mend: string; cause?: PlugmapError },
): PlugmapError {
  return new PlugmapError(code, problem, { plugin, step: "plan", ...context });
}
