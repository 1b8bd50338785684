/**
 * Hosts that are started again and again over the same lock, plugins that change meanwhile, signatures and lists.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { generateSigningKey, signBytes } from "../../mod.ts";
import type { HostOptions, HostReport, LockOptions, PluginReport, Rotation, SigningKey } from "../../mod.ts";
import { createTestHost } from "./host.ts";
import type { Listed, TestHooks } from "./host.ts";
import { createPluginFolder, manifestOf } from "./plugin_folder.ts";
import type { PluginFolder } from "./plugin_folder.ts";
import { createTemporaryFolder } from "./temporary_folder.ts";

/** A lock in a folder of its own; gone at the end of the block that declared it with `using`. */
export interface LockPlace {
  readonly path: string;
  readonly folder: string;
  /** The file, or undefined while there is none. */
  read(): LockDocument;
  [Symbol.dispose](): void;
}

/** What is in a lock. */
export interface LockDocument {
  readonly format: number;
  readonly plugins: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly rotations?: Readonly<Record<string, string>>;
  readonly revocations?: Readonly<Record<string, number>>;
}

export function createLockPlace(): LockPlace {
  const temporary = createTemporaryFolder();
  const path = join(temporary.path, "plugins.lock.json");
  return {
    path,
    folder: temporary.path,
    read: () => JSON.parse(readFileSync(path, "utf8")),
    [Symbol.dispose]: temporary.remove,
  };
}

/** One start of a host: loads the plugins, says what became of them, and closes. Whatever a plugin asks for is granted. */
export async function startOnce(
  plugins: readonly Listed[],
  options: Partial<HostOptions<TestHooks, unknown>>,
): Promise<HostReport> {
  const permissions = { read: true, net: true, env: true };
  await using host = createTestHost(plugins, { policy: { default: { permissions } }, ...options });
  return await host.load();
}

/** The same for one plugin that may change: nothing pins it. */
export async function startWith(
  { name, manifestUrl }: PluginFolder,
  lock: string | LockOptions,
  options: Partial<HostOptions<TestHooks, unknown>> = {},
): Promise<PluginReport> {
  const { plugins } = await startOnce([{ name, manifestUrl }], { lock, ...options });
  return plugins[0]!;
}

const source = `export default { hooks: { greeting: ({ name }) => "Hello, " + name } };\n`;

/** A plugin "sample" in a version, which may have more members. */
export function createVersion(version: string, overrides: Readonly<Record<string, unknown>> = {}): PluginFolder {
  return createPluginFolder({ "mod.js": source }, { version, ...overrides });
}

/** Puts another version in the place of a plugin that {@linkcode createVersion} made. */
export function publish(
  plugin: PluginFolder,
  version: string,
  overrides: Readonly<Record<string, unknown>> = {},
): void {
  const manifest = manifestOf({ "mod.js": source }, { name: plugin.name, version, ...overrides });
  plugin.write("plugin.json", JSON.stringify(manifest, null, 2));
}

/** Signs the manifest of a plugin, as it is now. */
export async function sign(
  { folder }: PluginFolder,
  { privateKey }: SigningKey,
  rotations: readonly Rotation[] = [],
): Promise<void> {
  const path = join(folder, "plugin.json");
  writeFileSync(`${path}.sig`, await signBytes(readFileSync(path), privateKey, rotations));
}

/** Some keys. */
export function createKeys(count: number): Promise<readonly SigningKey[]> {
  return Promise.all(Array.from({ length: count }, generateSigningKey));
}

/** A list of revocations as a document. */
export function listOf(revoked: readonly unknown[], overrides: Readonly<Record<string, unknown>> = {}): object {
  return {
    format: 1,
    sequence: 1,
    issued: at(-60),
    expires: at(3600),
    revoked,
    ...overrides,
  };
}

/** The time so many seconds from now, as a document has it. */
export function at(seconds: number): string {
  return new Date(Math.floor(Date.now() / 1000 + seconds) * 1000).toISOString().replace(".000Z", "Z");
}

/** Writes a list and its signature. */
export async function writeList(path: string, list: object, { privateKey }: SigningKey): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(list));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  writeFileSync(`${path}.sig`, await signBytes(bytes, privateKey));
}

/** Whether a text has the form of a public key. */
export function isPublicKey(text: string): boolean {
  return /^ed25519-[A-Za-z0-9+/]{43}=$/.test(text);
}
