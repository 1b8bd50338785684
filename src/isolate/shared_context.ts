import { capability } from "./wire/mod.ts";

/**
 * What a host offers to an isolated plugin: its functions can be called, and everything else is a copy. Getters and
 * methods of a prototype are not part of it: what is offered is what is listed.
 *
 * @param value What the host passes as its context.
 * @returns The same with each function in it marked as callable.
 */
export function sharedContext(value: unknown): unknown {
  return share(value, undefined, new Map());
}

function share(value: unknown, owner: object | undefined, shared: Map<object, unknown>): unknown {
  if (typeof value === "function") return capability((...args) => Reflect.apply(value, owner, args));
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  const known = shared.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    shared.set(value, copy);
    for (const element of value) copy.push(share(element, value, shared));
    return copy;
  }
  const copy: Record<string, unknown> = Object.create(null);
  shared.set(value, copy);
  for (const name of Object.keys(value)) {
    copy[name] = share(Object.getOwnPropertyDescriptor(value, name)?.value, value, shared);
  }
  return copy;
}

/** Class instances are sent as the data that they are. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || prototype === Object.prototype;
}
