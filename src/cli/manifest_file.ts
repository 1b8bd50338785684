/**
 * A plugin's `plugin.json` as a file to write: found, read whole, checked, replaced.
 */
import { existsSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import process from "node:process";
import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { resolve } from "@std/path/resolve";
import { toFileUrl } from "@std/path/to-file-url";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import { folderOf, readFile } from "../loader/mod.ts";
import { faultOfAddress } from "../manifest/addresses.ts";
import { defaultManifestLimits, isPluginName, parseManifest } from "../manifest/mod.ts";
import type { Manifest, ModuleRecord } from "../manifest/mod.ts";
import { readPermissions } from "../permissions/mod.ts";
import type { RuntimeAdapter } from "../runtime/types.ts";
import { decodeUtf8, parseStrictJson } from "../strict_json.ts";
import type { DocumentKind } from "../strict_json.ts";

/** What a manifest says, in its order. */
export type Members = Readonly<Record<string, unknown>>;

/** A manifest that is there, or that there could be. */
export interface ManifestDraft {
  readonly path: string;
  readonly url: string;
  /** The bytes of the file; undefined where there is none yet. */
  readonly bytes: Uint8Array | undefined;
  readonly members: Members;
  /** What it says, but for the modules: those are the ones to begin with, and all their hashes are blank. */
  readonly manifest: Manifest;
}

const document: DocumentKind = { code: "manifest-invalid", name: "The manifest" };
const entries: readonly string[] = ["mod.ts", "main.ts", "index.ts", "mod.js", "main.js", "index.js"];
const blank: ModuleRecord = { integrity: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", size: 0 };

/**
 * Finds the manifest of a plugin, or drafts a first one for a folder that has an entry module under a usual name.
 *
 * @param target A folder, or the path of a manifest.
 * @throws {PlugmapError} `fetch-failed`, `path-unsafe`, and what is wrong with the manifest.
 */
export function openDraft(target: string, runtime: RuntimeAdapter): ManifestDraft {
  const given = resolve(process.cwd(), target);
  requireRead(given, runtime);
  const path = pathOfManifest(given);
  const url = toFileUrl(path).href;
  const folder = folderOf(path, runtime);
  const bytes = existsSync(path) ? readFile(path, defaultManifestLimits.manifestBytes, folder) : undefined;
  const members = bytes === undefined ? firstMembers(folder.path) : readMembers(bytes);
  return { path, url, bytes, members, manifest: parseBlanked(members) };
}

/** The manifest that a folder or a path names. */
export function pathOfManifest(given: string): string {
  const status = statSync(given, { throwIfNoEntry: false });
  if (status?.isDirectory()) return join(given, "plugin.json");
  if (status?.isFile() && given.endsWith(".json")) return given;
  const what = status === undefined ? "does not exist" : "is neither a folder nor a manifest";
  throw new PlugmapError("fetch-failed", `${quote(given)} ${what}`, { mend: "Name the folder of a plugin." });
}

function readMembers(bytes: Uint8Array): Members {
  const value = parseStrictJson(decodeUtf8(bytes, document), document);
  if (isTable(value)) return value;
  throw new PlugmapError(document.code, `${document.name} is not an object`, { pointer: "" });
}

function isTable(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstMembers(folder: string): Members {
  const entry = entries.find((candidate) => existsSync(join(folder, candidate)));
  if (entry === undefined) {
    throw new PlugmapError("fetch-failed", `There is neither "plugin.json" nor an entry module in ${quote(folder)}`, {
      mend: 'Write a "main.ts" that has a plugin as its default export.',
    });
  }
  return { name: nameFor(folder), version: "0.1.0", entry: `./${entry}` };
}

/** The name of the folder, with the scope that it may lie in. */
function nameFor(folder: string): string {
  const name = basename(folder).toLowerCase();
  const scope = basename(dirname(folder)).toLowerCase();
  const candidates = scope.startsWith("@") ? [`${scope}/${name}`, name] : [name];
  return candidates.find(isPluginName) ?? "my-plugin";
}

/**
 * Checks everything but the hashes, before anything that the manifest names is looked for. It has to list its entry and
 * what its import map names, which it may come to do only now.
 */
function parseBlanked(members: Members): Manifest {
  const { modules = {}, entry, imports = {} } = members;
  if (!isTable(modules) || !isTable(imports)) return parseManifest(encode(members), { readPermissions });
  const named = [entry, ...Object.values(imports)]
    .filter((address) => typeof address === "string")
    .map((address) => address.endsWith("/") ? `${address}any` : address)
    .filter((address) => faultOfAddress(address) === undefined);
  const listed = [...Object.keys(modules), ...named].map((address) => [address, blank]);
  return parseManifest(encode({ ...members, modules: Object.fromEntries(listed) }), { readPermissions });
}

function encode(members: Members): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(members));
}

/** @throws {PlugmapError} `fetch-failed` with the flag that the runtime lacks, before it says so in its own words. */
export function requireRead(path: string, runtime: RuntimeAdapter): void {
  const power = { name: "read", path } as const;
  if (runtime.may(power)) return;
  throw new PlugmapError("fetch-failed", `${quote(path)} may not be read`, {
    mend: `Start "plugmap" with ${runtime.flagFor(power)}.`,
  });
}

/** The draft's bytes with these modules; the rest as it was, indented as it was. */
export function withModules({ members, bytes }: ManifestDraft, modules: ReadonlyMap<string, ModuleRecord>): Uint8Array {
  const indentation = /\n([ \t]+)"/.exec(new TextDecoder().decode(bytes))?.[1] ?? "  ";
  const text = JSON.stringify({ ...members, modules: Object.fromEntries(modules) }, null, indentation);
  return new TextEncoder().encode(`${text}\n`);
}

/**
 * Writes a manifest, or what lies beside it: whole, or not at all.
 *
 * @throws {PlugmapError} `store-failed`.
 */
export function replaceManifest(path: string, bytes: Uint8Array, runtime: RuntimeAdapter): void {
  const power = { name: "write", path: dirname(path) } as const;
  if (!runtime.may(power)) {
    throw new PlugmapError("store-failed", `${quote(path)} may not be written`, {
      mend: `Start "plugmap" with ${runtime.flagFor(power)}.`,
    });
  }
  const draft = `${path}.${crypto.randomUUID()}`;
  try {
    writeFileSync(draft, bytes, { flag: "wx" });
    renameSync(draft, path);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw new PlugmapError("store-failed", `${quote(path)} cannot be written: ${messageOf(cause)}`, { cause });
  }
}
