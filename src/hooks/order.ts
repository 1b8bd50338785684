import type { Constraints } from "./constraints.ts";
import { type Band, isWrapper, type RegisteredImpl } from "./impl.ts";
import type { HookOrder } from "./spec.ts";

const bands: Readonly<Record<Band, number>> = { tryFirst: 0, normal: 1, tryLast: 2 };

/**
 * Puts implementations in the order of running: wrappers, outermost first, then the rest.
 *
 * @param impls What is registered for one hook.
 * @param order Which end of the registration order runs first.
 * @param constraints Who runs before whom, if anybody says so; there is no loop among them.
 * @returns A new list.
 */
export function inOrder(
  impls: Iterable<RegisteredImpl>,
  order: HookOrder,
  constraints: Constraints | undefined,
): RegisteredImpl[] {
  const sorted = [...impls].sort((left, right) => compare(left, right, order));
  return constraints === undefined ? sorted : constrained(sorted, constraints);
}

function compare(left: RegisteredImpl, right: RegisteredImpl, order: HookOrder): number {
  const kinds = Number(isWrapper(right)) - Number(isWrapper(left));
  if (kinds !== 0) return kinds;
  const apart = bands[left.band] - bands[right.band];
  if (apart !== 0) return apart;
  if (left.priority !== right.priority) return right.priority - left.priority;
  // As in pluggy, of those that want to be last the one registered last is last: this band is not turned round.
  const oldestFirst = order === "fifo" || left.band === "tryLast";
  const later = left.place - right.place || left.index - right.index;
  return oldestFirst ? later : -later;
}

/**
 * The order closest to the given one that keeps all constraints: whoever is to run after others waits for them, and
 * whoever is to run before others is drawn to the place of the first of them.
 */
function constrained(sorted: readonly RegisteredImpl[], constraints: Constraints): RegisteredImpl[] {
  const position = new Map(sorted.map((impl, index) => [impl, index]));
  const drawn = new Map<RegisteredImpl, number>();
  const place = (impl: RegisteredImpl): number => {
    let found = drawn.get(impl);
    if (found !== undefined) return found;
    found = Math.min(position.get(impl)!, ...constraints.namedByBefore(impl).map(place));
    drawn.set(impl, found);
    return found;
  };
  const earlier = (left: RegisteredImpl, right: RegisteredImpl) =>
    place(left) - place(right) || position.get(left)! - position.get(right)!;

  const waitsFor = new Map<RegisteredImpl, number>();
  for (const impl of sorted) {
    for (const follower of constraints.followers(impl)) waitsFor.set(follower, (waitsFor.get(follower) ?? 0) + 1);
  }
  const result: RegisteredImpl[] = [];
  // Sorted from the end, where taking and inserting are cheap.
  const ready = sorted.filter((impl) => !waitsFor.has(impl)).sort((left, right) => earlier(right, left));
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    result.push(next);
    for (const follower of constraints.followers(next)) {
      const left = waitsFor.get(follower)! - 1;
      waitsFor.set(follower, left);
      if (left === 0) insert(ready, follower, earlier);
    }
  }
  return result;
}

/** Inserts into a list whose last element comes first. */
function insert(
  ready: RegisteredImpl[],
  impl: RegisteredImpl,
  earlier: (left: RegisteredImpl, right: RegisteredImpl) => number,
): void {
  let low = 0;
  for (let high = ready.length; low < high;) {
    const middle = (low + high) >> 1;
    if (earlier(ready[middle]!, impl) > 0) low = middle + 1;
    else high = middle;
  }
  ready.splice(low, 0, impl);
}
