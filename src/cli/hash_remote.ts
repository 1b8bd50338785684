import process from "node:process";
import { join } from "@std/path/join";
import { PlugmapError } from "../errors.ts";
import { open } from "../host/mod.ts";
import { computeIntegrity } from "../integrity/mod.ts";
import { fetchBytes, fetchJsrFile, jsrFileUrl, loadModules, locate, parseJsr, resolveVersion } from "../loader/mod.ts";
import type { Sources } from "../loader/mod.ts";
import { faultOfAddress } from "../manifest/addresses.ts";
import { defaultManifestLimits, parseManifest } from "../manifest/mod.ts";
import { readPermissions } from "../permissions/mod.ts";
import { detectRuntime } from "../runtime/detect.ts";
import { formatJson, formatPermissions, formatPin } from "./text.ts";
import type { Terminal } from "./types.ts";

/** A file on a server or of a package. */
interface RemoteFile {
  /** What pins it: a URL, or a `jsr:` package in the one version that the hash is of. */
  readonly address: string;
  readonly url: string;
  readonly bytes: Uint8Array;
}

/**
 * Prints what pins a remote plugin, once all of it is as its manifest says; or what lists a remote module in a manifest.
 *
 * @throws {PlugmapError} What is wrong with the plugin, or keeps it from being fetched.
 */
export async function hashRemote(target: string, terminal: Terminal): Promise<number> {
  const sources = await openSources();
  const file = await fetchRemote(target, sources);
  const integrity = computeIntegrity(file.bytes);
  const size = file.bytes.length;
  if (!isManifest(file.url)) {
    terminal.out('Review it; a "plugin.json" lists it with:');
    terminal.out(formatJson({ modules: { [file.address]: { integrity, size } } }));
    return 0;
  }
  const manifest = parseManifest(file.bytes, { readPermissions });
  const modules = await loadModules({ manifest, url: file.url }, sources);
  const total = [...modules.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  terminal.out(
    `${manifest.name} ${manifest.version}, ${modules.size} modules, ${total} bytes, all as its manifest says.`,
  );
  terminal.out(`It asks for ${formatPermissions(manifest.permissions) ?? "no permissions"}.\n`);
  terminal.out("Review it; an import map lists and pins it with:");
  terminal.out(formatPin(manifest.name, file.address, integrity));
  return 0;
}

/** A policy in the working directory says what redirects are followed; where it may not be read, none are. */
async function openSources(): Promise<Sources> {
  const runtime = await detectRuntime();
  const mayLook = runtime.may({ name: "read", path: join(process.cwd(), "plugins.policy.json") });
  const options = { importMap: { imports: {} }, store: false, lock: false, ...!mayLook && { policy: {} } } as const;
  const { ground } = await open(options, false, () => {});
  return ground.sources;
}

async function fetchRemote(target: string, sources: Sources): Promise<RemoteFile> {
  if (/^jsr:/i.test(target)) {
    const { registry } = sources;
    const { path, ...jsr } = parseJsr(target);
    const file = { ...jsr, path: path || "plugin.json" };
    const version = await resolveVersion(file, registry, sources);
    const url = jsrFileUrl(file, version, registry);
    const bytes = await fetchJsrFile(file, version, capOf(url, sources), registry, sources);
    return { address: `jsr:@${jsr.scope}/${jsr.name}@${version}${path && `/${path}`}`, url, bytes };
  }
  const url = isManifest(target) ? locate(target).manifest : addressOfModule(target);
  return { address: url, url, bytes: await fetchBytes(url, capOf(url, sources), sources) };
}

/** What a host would take of it. */
function capOf(url: string, { limits }: Sources): number {
  return isManifest(url) ? limits.manifestSize : defaultManifestLimits.moduleBytes;
}

function isManifest(url: string): boolean {
  return /(?:\/|\.json)$/.test(URL.parse(url)?.pathname ?? "/");
}

/** @throws {PlugmapError} What a manifest would not take. */
function addressOfModule(target: string): string {
  const address = new URL(target).href;
  const fault = faultOfAddress(address);
  if (fault === undefined) return address;
  throw new PlugmapError(fault.code, fault.text, { mend: fault.mend });
}
