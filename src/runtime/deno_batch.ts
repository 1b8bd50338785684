/**
 * Many entries by one import. A dynamic import costs Deno 0.2 ms, a static one 0.05 ms (measured on 2.9.6), so entries that
 * are asked for at the same time are first run by a module that imports them all, and are then there for the asking.
 */
import { channel } from "node:diagnostics_channel";
import { scheme } from "./identity.ts";

const prefix = `${scheme}batch:`;
const endMark = "#end";

/** One plugin that cannot be linked spoils its batch, and the others of it then run one by one. */
const largest = 100;

/** An entry that somebody waits for. */
interface Waiting {
  readonly identity: string;
  /** Receives what to import in order to have the entry. */
  readonly tell: (specifier: string) => void;
}

/** Sources of the batches that are being imported, by URL. */
const batches = new Map<string, string>();
const progress = channel("plugmap:batch");

let count = 0;
let waiting: Waiting[] = [];

/**
 * Runs an entry, together with all others that are asked for before the next microtask.
 *
 * @returns The namespace of the entry.
 * @throws What running it throws.
 */
export async function importTogether(identity: string): Promise<Record<string, unknown>> {
  const { promise, resolve } = Promise.withResolvers<string>();
  if (waiting.push({ identity, tell: resolve }) === 1) Promise.resolve().then(importWaiting);
  const specifier = await promise;
  const namespace = await import(specifier);
  return specifier === identity ? namespace : namespace.entry;
}

async function importWaiting(): Promise<void> {
  const asked = waiting;
  waiting = [];
  for (let start = 0; start < asked.length; start += largest) {
    const batch = asked.slice(start, start + largest);
    const ready = batch.length === 1 || await importBatch(batch.map(({ identity }) => identity));
    for (const { identity, tell } of batch) tell(ready ? identity : alone(identity));
  }
}

/** @returns Whether all entries have run to their end. */
async function importBatch(identities: readonly string[]): Promise<boolean> {
  const url = `${prefix}${++count}`;
  batches.set(url, [...identities, url + endMark].map((identity) => `import ${JSON.stringify(identity)};\n`).join(""));
  // The last import runs once the others have run, or wait for a top-level await of theirs, which may never settle.
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const listen = (message: unknown): void => message === url ? resolve() : undefined;
  progress.subscribe(listen);
  const all = import(url).then(() => true, () => false);
  const turn = reached.then(() => new Promise<false>((settle) => setTimeout(settle, 0, false)));
  const ready = await Promise.race([all, turn]);
  progress.unsubscribe(listen);
  return ready;
}

/**
 * A module that has the entry as a static import. Deno settles a dynamic import of a module that is at a top-level await
 * before it has come through (seen on 2.9.6), and waits for a static one.
 */
function alone(identity: string): string {
  const url = `${prefix}${++count}`;
  batches.set(url, `import * as entry from ${JSON.stringify(identity)};\nexport { entry };\n`);
  return url;
}

/** Whether a URL is that of a batch, or of its end. */
export function isBatch(url: string): boolean {
  return url.startsWith(prefix);
}

/** The source of a batch, or of the module that tells that its end was reached. */
export function batchSource(url: string): string {
  const [batch = ""] = url.split(endMark);
  if (url === batch) {
    const source = batches.get(batch) ?? "";
    batches.delete(batch);
    return source;
  }
  const published = JSON.stringify(batch);
  return `import { channel } from "node:diagnostics_channel";\nchannel("plugmap:batch").publish(${published});\n`;
}
