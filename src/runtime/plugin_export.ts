import { PlugmapError, quote } from "../errors.ts";
import { readImpls } from "../hooks/read_impls.ts";
import type { DeclaredImpl, Manifest } from "../manifest/mod.ts";
import { checkImpls, declarationsOf } from "./declared_impls.ts";

/** The default export of an entry module, checked for its shape. */
export interface PluginExport {
  readonly setup: ((context: unknown) => unknown) | undefined;
  readonly hooks: object;
  readonly dispose: (() => unknown) | undefined;
}

const members = ["setup", "hooks", "dispose"];

/**
 * The default export of an entry module, checked. Its members are read once, and only as data: a getter in it is refused
 * and never runs.
 *
 * @param namespace What the entry module exports; anything if it exports a function `then`, which `import()` calls.
 * @throws {PlugmapError} `plugin-invalid`.
 */
export function readPluginExport(namespace: unknown, manifest: Manifest): PluginExport {
  const exported = isObject(namespace) && "default" in namespace ? namespace.default : undefined;
  if (!isObject(exported)) throw invalid(`${quote(manifest.entry)} has no plugin as its default export`);
  // What is inherited is not seen below: the methods of a class would silently never be called.
  const inherited = members.find((name) => name in exported && !Object.hasOwn(exported, name));
  if (inherited !== undefined) throw invalid(`Member ${quote(inherited)} of the plugin is inherited`);
  const found = new Map<string, unknown>();
  for (const [name, { value, get, set }] of Object.entries(Object.getOwnPropertyDescriptors(exported))) {
    if (get !== undefined || set !== undefined) throw invalid(`Member ${quote(name)} of the plugin is an accessor`);
    if (!members.includes(name)) throw invalid(`Member ${quote(name)} of the plugin is unknown`);
    if (value !== undefined) found.set(name, value);
  }
  for (const name of ["setup", "dispose"]) {
    if (found.has(name) && typeof found.get(name) !== "function") {
      throw invalid(`Member ${quote(name)} of the plugin is not a function`);
    }
  }
  const hooks = found.get("hooks") ?? {};
  if (!isObject(hooks)) throw invalid('Member "hooks" of the plugin is not an object');
  const table = declared(fixed(hooks), manifest);
  const bound = (name: string): ((...args: unknown[]) => unknown) | undefined => {
    const method = found.get(name) as ((...args: unknown[]) => unknown) | undefined;
    return method === undefined ? undefined : (...args) => Reflect.apply(method, exported, args);
  };
  return { setup: bound("setup"), hooks: table, dispose: bound("dispose") };
}

/**
 * A copy of the table of hooks that setup cannot change any more: what the manifest was compared with is what is
 * registered, and what was registered once can be registered again. No getter runs; those are refused later.
 */
function fixed(hooks: object): object {
  const members = Object.getOwnPropertyDescriptors(hooks) as Record<PropertyKey, PropertyDescriptor>;
  for (const key of Reflect.ownKeys(members)) {
    const member = members[key]!;
    if (isObject(member.value)) member.value = copyOf(member.value, Object.getOwnPropertyDescriptors(member.value));
  }
  return copyOf(hooks, members);
}

function copyOf(object: object, members: PropertyDescriptorMap): object {
  return Object.freeze(Object.create(Object.getPrototypeOf(object), members));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Names of the hooks that a table is for: an implementation can be bound to another than it stands under. */
export function implementedHooks(table: object): readonly string[] {
  const names = Object.entries(Object.getOwnPropertyDescriptors(table)).map(([name, { value }]) => {
    const target = isObject(value) ? Object.getOwnPropertyDescriptor(value, "target")?.value : undefined;
    return typeof target === "string" ? target : name;
  });
  return [...new Set(names)];
}

/** The table, once it is what the manifest declares; in the order of that, which is known before any code runs. */
function declared(table: object, manifest: Manifest): object {
  const { name, hooks, impls } = manifest;
  if (impls === undefined) {
    if (hooks !== undefined) checkHooks(implementedHooks(table), hooks);
    return table;
  }
  const read = readImpls({ plugin: name, place: 0, timeLimit: undefined }, table, new Map(), true);
  checkImpls(declarationsOf(table, read), impls);
  const members = Object.getOwnPropertyDescriptors(table) as Record<string, PropertyDescriptor>;
  return copyOf(table, Object.fromEntries(Array.from(impls.keys(), (name) => [name, members[name]!])));
}

/**
 * What the manifest tells reviewers and tools that a plugin does has to be what it does.
 *
 * @param found What it implements, by the names of the implementations.
 * @throws {PlugmapError} `plugin-invalid`.
 */
export function checkDeclared(found: ReadonlyMap<string, DeclaredImpl>, { hooks, impls }: Manifest): void {
  if (impls !== undefined) checkImpls(found, impls);
  else if (hooks !== undefined) checkHooks([...new Set(Array.from(found.values(), ({ target }) => target))], hooks);
}

function checkHooks(implemented: readonly string[], declared: readonly string[]): void {
  const secret = implemented.filter((name) => !declared.includes(name));
  const absent = declared.filter((name) => !implemented.includes(name));
  if (secret.length === 0 && absent.length === 0) return;
  const told = [
    ...secret.map((name) => `implements ${quote(name)}, which its manifest does not declare`),
    ...absent.map((name) => `declares ${quote(name)}, which it does not implement`),
  ];
  throw new PlugmapError("plugin-invalid", `It ${told.join("; it ")}`, {
    pointer: "/hooks",
    mend: 'Make "hooks" in plugin.json the list of what the plugin implements.',
  });
}

function invalid(problem: string): PlugmapError {
  return new PlugmapError("plugin-invalid", problem, {
    mend: 'Write "export default definePlugin({ hooks: { … } })", with "setup" and "dispose" if it needs them.',
  });
}
