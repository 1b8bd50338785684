import { isWrapper, type RegisteredImpl } from "./impl.ts";

/**
 * Who runs before whom among the implementations of one hook, as far as `before` and `after` say so. Kept up to date
 * with each registration, so that a new implementation is checked against those it has to do with and no others.
 *
 * Wrappers and the rest are never compared: all wrappers run around all others.
 */
export class Constraints {
  readonly #byPlugin = new Map<string, Set<RegisteredImpl>>();
  readonly #afterPlugin = new Map<string, Set<RegisteredImpl>>();
  readonly #beforePlugin = new Map<string, Set<RegisteredImpl>>();

  constructor(impls: Iterable<RegisteredImpl>) {
    for (const impl of impls) this.add(impl);
  }

  add(impl: RegisteredImpl): void {
    file(this.#byPlugin, impl.plugin, impl);
    for (const name of impl.after) file(this.#afterPlugin, name, impl);
    for (const name of impl.before) file(this.#beforePlugin, name, impl);
  }

  remove(impl: RegisteredImpl): void {
    unfile(this.#byPlugin, impl.plugin, impl);
    for (const name of impl.after) unfile(this.#afterPlugin, name, impl);
    for (const name of impl.before) unfile(this.#beforePlugin, name, impl);
  }

  /** Those that an implementation names in its own `before`. */
  namedByBefore(impl: RegisteredImpl): RegisteredImpl[] {
    return impl.before.flatMap((name) => [...this.#byPlugin.get(name) ?? []].filter(sameKind(impl)));
  }

  /** All that have to wait for an implementation, whoever of the two says so. */
  followers(impl: RegisteredImpl): ReadonlySet<RegisteredImpl> {
    const after = [...this.#afterPlugin.get(impl.plugin) ?? []].filter(sameKind(impl));
    return new Set([...this.namedByBefore(impl), ...after]);
  }

  /**
   * Looks for a loop that an implementation is part of.
   *
   * @returns The names of the plugins along it, the first one again at the end; `undefined` if there is none.
   */
  loopThrough(impl: RegisteredImpl): readonly string[] | undefined {
    // Nothing runs before most of them, and a loop leads back; without this, a long chain would be walked for each link.
    const isPreceded = this.#beforePlugin.has(impl.plugin) || impl.after.some((name) => this.#byPlugin.has(name));
    if (!isPreceded) return undefined;
    const cameFrom = new Map<RegisteredImpl, RegisteredImpl>();
    const open = [impl];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const follower of this.followers(at)) {
        if (follower === impl) return this.#path(impl, at, cameFrom);
        if (cameFrom.has(follower)) continue;
        cameFrom.set(follower, at);
        open.push(follower);
      }
    }
    return undefined;
  }

  #path(
    start: RegisteredImpl,
    end: RegisteredImpl,
    cameFrom: ReadonlyMap<RegisteredImpl, RegisteredImpl>,
  ): readonly string[] {
    const path = [start.plugin];
    for (let at = end; at !== start; at = cameFrom.get(at)!) path.unshift(at.plugin);
    return [start.plugin, ...path];
  }
}

function sameKind(impl: RegisteredImpl): (other: RegisteredImpl) => boolean {
  return (other) => isWrapper(other) === isWrapper(impl);
}

function file(index: Map<string, Set<RegisteredImpl>>, name: string, impl: RegisteredImpl): void {
  const filed = index.get(name);
  if (filed === undefined) index.set(name, new Set([impl]));
  else filed.add(impl);
}

function unfile(index: Map<string, Set<RegisteredImpl>>, name: string, impl: RegisteredImpl): void {
  const filed = index.get(name);
  filed?.delete(impl);
  if (filed?.size === 0) index.delete(name);
}
