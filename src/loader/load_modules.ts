import { PlugmapError, quote } from "../errors.ts";
import { parseIntegrity, verifyIntegrity } from "../integrity/mod.ts";
import type { IntegrityMetadata } from "../integrity/mod.ts";
import type { ModuleRecord } from "../manifest/mod.ts";
import type { SourceModule } from "../runtime/types.ts";
import { fetchBytes } from "./fetch.ts";
import { pathIn, readFile } from "./files.ts";
import { loadPinned } from "./load_manifest.ts";
import type { Located, Sources } from "./load_manifest.ts";
import { kindOf } from "./media.ts";
import { urlOfModule } from "./module_url.ts";

/** As much as a manifest may give for a module; a file of another size than its own is told by its size. */
const largestModule = 64 * 1024 * 1024;

/** The modules of a plugin, by URL: every one that its manifest lists, verified. */
export type Modules = ReadonlyMap<string, SourceModule>;

/**
 * Gets all modules of a plugin at once, since the manifest names them all, and checks hash and size of each. The first
 * that fails ends the fetching of the others.
 *
 * @throws {PlugmapError} `integrity-invalid`, `integrity-mismatch`, `module-unsupported`, and what fetching and reading
 * throw.
 */
export async function loadModules(file: Located, sources: Sources): Promise<Modules> {
  const { folder } = file;
  const modules = new Map<string, SourceModule>();
  const remote: ((during: Sources) => Promise<SourceModule>)[] = [];
  for (const [key, pin] of file.manifest.modules) {
    const url = urlOfModule(key, file.url, sources.registry);
    const kind = kindOf(key);
    const pins = parseIntegrity(pin.integrity, key);
    if (folder !== undefined && key.startsWith("./")) {
      const bytes = readFile(pathIn(folder, key), largestModule, folder);
      verifySize(key, bytes, pin);
      verifyIntegrity(bytes, pins, key);
      modules.set(url, { url, kind, bytes });
    } else {
      remote.push(async (during) => ({ url, kind, bytes: await fetchModule(key, url, pin, pins, during) }));
    }
  }
  if (remote.length === 0) return modules;
  // Nothing is asked of a server before everything here is right.
  const ended = new AbortController();
  const during = { ...sources, signal: ended.signal };
  try {
    for (const module of await Promise.all(remote.map((get) => get(during)))) modules.set(module.url, module);
  } finally {
    ended.abort();
  }
  return modules;
}

async function fetchModule(
  key: string,
  url: string,
  pin: ModuleRecord,
  pins: IntegrityMetadata,
  sources: Sources,
): Promise<Uint8Array> {
  const bytes = await loadPinned(key, pins, sources, () => fetchBytes(url, pin.size, sources));
  verifySize(key, bytes, pin);
  return bytes;
}

function verifySize(key: string, bytes: Uint8Array, { size }: ModuleRecord): void {
  if (bytes.length === size) return;
  throw new PlugmapError("integrity-mismatch", `${quote(key)} has ${bytes.length} bytes where ${size} are pinned`, {
    mend: "Restore the bytes that were pinned, or review the change and pin the new hash.",
  });
}
