/**
 * The list of revocations that a host goes by: got, verified, kept, and got anew (threat T16).
 */
import process from "node:process";
import { clearTimeout, setTimeout } from "node:timers";
import { toFileUrl } from "@std/path/to-file-url";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import { fetchBytes, folderOf, pathOf, readFile, urlBeside } from "../loader/mod.ts";
import type { Sources } from "../loader/mod.ts";
import { pathOf as pathOfOption } from "./discover.ts";
import type { LockFile } from "./lock_file.ts";
import { findRevocation, parseRevocations } from "./revocations/mod.ts";
import type { RevocationList, RevocationSubject } from "./revocations/mod.ts";
import { parseSignature, signatureSize, verifySignature } from "./signatures/mod.ts";
import type { RevocationChoice } from "./update_options.ts";

/** What is known of revoked plugins, for as long as it can be relied on. */
export class RevocationWatch {
  readonly choice: RevocationChoice;
  readonly #url: string;
  readonly #sources: Sources;
  readonly #lock: LockFile | undefined;
  readonly #report: (problem: PlugmapError) => void;
  #list: RevocationList | undefined;
  #refreshing: Promise<RevocationList> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(
    choice: RevocationChoice,
    sources: Sources,
    lock: LockFile | undefined,
    report: (problem: PlugmapError) => void,
  ) {
    this.choice = choice;
    this.#url = urlOf(choice.source);
    this.#sources = sources;
    this.#lock = lock;
    this.#report = report;
  }

  /**
   * @throws {PlugmapError} `plugin-revoked`; `revocation-invalid` when there is no list that can be relied on, since then
   * the plugin could be on it.
   */
  async require(plugin: RevocationSubject): Promise<void> {
    const error = refusalOf(plugin, this.#usable() ?? await this.refresh());
    if (error !== undefined) throw error;
  }

  /** Why a plugin that is active may not stay so, by the last list. */
  refusalOf(plugin: RevocationSubject): PlugmapError | undefined {
    return this.#list && refusalOf(plugin, this.#list);
  }

  /**
   * Gets the list anew. The last one stays, until it expires, when that fails.
   *
   * @throws {PlugmapError} `revocation-invalid`.
   */
  refresh(): Promise<RevocationList> {
    this.#refreshing ??= this.#get().finally(() => this.#refreshing = undefined);
    return this.#refreshing;
  }

  /**
   * Gets the list anew whenever it is time, and has it used. A process that has nothing else to do does not wait for that.
   *
   * @param use Compares active plugins with the list.
   */
  start(use: () => Promise<void>): void {
    const refresh = async (): Promise<void> => {
      await this.refresh().then(use).catch((error) => {
        if (!this.#stopped) this.#report(error);
      }).catch(() => {});
      if (!this.#stopped) this.start(use);
    };
    this.#timer = setTimeout(refresh, this.choice.interval).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #usable(): RevocationList | undefined {
    return this.#list !== undefined && faultOf(this.#list, this.choice) === undefined ? this.#list : undefined;
  }

  async #get(): Promise<RevocationList> {
    const { key } = this.choice;
    try {
      const { list, rotations } = await this.#read();
      const fault = faultOf(list, this.choice);
      if (fault !== undefined) throw new PlugmapError("revocation-invalid", fault, { mend: "Publish a newer one." });
      const least = Math.max(this.#list?.sequence ?? 0, this.#lock?.lock.revocations.get(key) ?? 0);
      if (list.sequence < least) {
        throw new PlugmapError("revocation-invalid", `It is number ${list.sequence}, and ${least} was seen before`);
      }
      this.#list = list;
      await this.#lock?.record({ revocations: new Map([[key, list.sequence]]), rotations }).catch(this.#report);
      return list;
    } catch (error) {
      throw unusable(this.#url, error);
    }
  }

  async #read(): Promise<{ list: RevocationList; rotations: ReadonlyMap<string, string> }> {
    const bytes = await this.#bytes(this.#url, this.#sources.limits.metadataSize);
    const signature = parseSignature(await this.#bytes(urlBeside(this.#url, ".sig"), signatureSize));
    const trust = { keys: [this.choice.key], rotations: this.#lock?.lock.rotations ?? new Map() };
    const { rotations } = await verifySignature(bytes, signature, trust);
    return { list: parseRevocations(bytes), rotations };
  }

  async #bytes(url: string, cap: number): Promise<Uint8Array> {
    if (!url.startsWith("file:")) return await fetchBytes(url, cap, this.#sources);
    const path = pathOf(url);
    return readFile(path, cap, folderOf(path, this.#sources.runtime));
  }
}

function urlOf(source: string | URL): string {
  const url = URL.parse(source);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.href;
  return toFileUrl(pathOfOption(source, process.cwd())).href;
}

/** Why a list cannot be relied on now, if it cannot. */
function faultOf({ issued, expires }: RevocationList, { maxAge }: RevocationChoice): string | undefined {
  const now = Date.now();
  if (now >= expires) return `It has expired at ${new Date(expires).toISOString()}`;
  return now - issued > maxAge ? `It is older than ${maxAge} ms` : undefined;
}

function refusalOf({ name, version, digest }: RevocationSubject, list: RevocationList): PlugmapError | undefined {
  const found = findRevocation(list, { name, version, digest });
  if (found === undefined) return undefined;
  return new PlugmapError("plugin-revoked", `Version ${quote(version)} was revoked: ${quote(found.reason)}`, {
    plugin: name,
    step: "verify",
    mend: "Do not use it. Take it out of the import map, or list a version that is not revoked.",
  });
}

function unusable(url: string, error: unknown): PlugmapError {
  const [problem, mend] = error instanceof PlugmapError ? [error.problem, error.mend] : [messageOf(error), undefined];
  const told = `The list of revocations ${quote(url)} cannot be relied on: ${problem}`;
  return new PlugmapError("revocation-invalid", told, { mend, cause: error });
}
