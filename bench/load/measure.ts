/**
 * One measurement in a process of its own: `measure.ts SCENARIO FOLDER`. Prints one line of JSON:
 * `{ "milliseconds": …, "memory": … }`, the time of the scenario alone and the peak resident memory of the process in bytes.
 */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { hash } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/** As much of Bun as is measured against. */
interface BunPlugins {
  plugin(plugin: { name: string; setup(build: { onLoad(where: object, load: Load): void }): void }): void;
}

type Load = (request: { readonly path: string }) => { readonly contents: string; readonly loader: "ts" };

type Scenario = (folder: string) => Promise<number>;

const scenarios: Readonly<Record<string, Scenario>> = {
  /** All plugins of the folder, verified, through a host. */
  async plugmap(folder) {
    // Only here, so that the other side's memory is that of a host without us.
    const { createHost, defineHooks, hook } = await import("../../mod.ts");
    const hooks = defineHooks({ answer: hook<{ to: number }, number>() });
    const host = createHost({ hooks, importMap: join(folder, "plugins.json"), store: false });
    const start = performance.now();
    const { plugins } = await host.load();
    const time = performance.now() - start;
    expect(plugins.every(({ state }) => state === "active"), "a plugin failed", plugins);
    expect(host.hooks.answer({ to: 1 }).length === plugins.length, "a hook was not called");
    await host.close();
    return time;
  },

  /** The same files by plain `import()`, all at once, which is the fastest way. */
  async import(folder) {
    const { imports } = JSON.parse(readFileSync(join(folder, "plugins.json"), "utf8"));
    const urls = Object.values<string>(imports).map((address) => {
      const manifest = new URL(address, pathToFileURL(join(folder, "plugins.json")));
      return new URL(JSON.parse(readFileSync(manifest, "utf8")).entry, manifest).href;
    });
    const start = performance.now();
    const loaded = await Promise.all(urls.map((url) => import(url)));
    const time = performance.now() - start;
    const answers = loaded.map((module) => module.default.hooks.answer({ to: 1 }));
    expect(answers.every((answer) => typeof answer === "number"), "an import gave no plugin");
    return time;
  },

  /**
   * The same files on Bun by a loader that hashes what it reads and hands it over, and looks at nothing else: what no host
   * that verifies can be faster than.
   */
  async bare(folder) {
    const bun = (globalThis as { Bun?: BunPlugins }).Bun!;
    const texts = new Map<string, string>();
    bun.plugin({
      name: "bare",
      setup: (build) =>
        build.onLoad({ filter: /.*/, namespace: "bare" }, ({ path }) => ({ contents: texts.get(path)!, loader: "ts" })),
    });
    const start = performance.now();
    const decoder = new TextDecoder();
    const read = (path: string): { text: string; digest: string } => {
      expect(lstatSync(path).isFile(), `${path} is no file`);
      const bytes = readFileSync(path);
      return { text: decoder.decode(bytes), digest: `sha384-${hash("sha384", bytes, "base64")}` };
    };
    const entries: string[] = [];
    for (const address of Object.values<string>(JSON.parse(read(join(folder, "plugins.json")).text).imports)) {
      const { entry, modules } = JSON.parse(read(join(folder, address)).text);
      const inFolder = (name: string): string => join(folder, address, "..", name);
      for (const [name, { integrity }] of Object.entries<{ integrity: string }>(modules)) {
        const path = inFolder(name);
        const { text, digest } = read(path);
        expect(digest === integrity, `${path} was changed`);
        const rename = (_: string, specifier: string): string => `from "bare:${join(path, "..", specifier)}"`;
        texts.set(path, `${text.replace(/from "(\.[^"]*)"/g, rename)}\nexport {};`);
      }
      entries.push(inFolder(entry));
    }
    const loaded = await Promise.all(entries.map((path) => import(`bare:${path}`)));
    const time = performance.now() - start;
    expect(loaded.every((module) => typeof module.default.hooks.answer({ to: 1 }) === "number"), "no plugin");
    return time;
  },

  /** Checking bytes that are in memory against their pins, as the loader does. */
  async verify(folder) {
    const { parseIntegrity, verifyIntegrity } = await import("../../mod.ts");
    return overBytes(folder, (pins) => {
      for (const { bytes, pin, name } of pins) verifyIntegrity(bytes, parseIntegrity(pin, name), name);
    });
  },

  /** Hashing the same bytes with the runtime's fastest digest, and doing nothing with the result. */
  digest: (folder) => {
    const bun = (globalThis as { Bun?: { SHA384: { hash(bytes: Uint8Array): Uint8Array } } }).Bun;
    const digest = bun === undefined
      ? (bytes: Uint8Array) => hash("sha384", bytes, "buffer")
      : (bytes: Uint8Array) => bun.SHA384.hash(bytes);
    return Promise.resolve(overBytes(folder, (pins) => {
      let sum = 0;
      for (const { bytes } of pins) sum += digest(bytes)[0]!;
      expect(sum > 0, "nothing was hashed");
    }));
  },
};

interface PinnedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly pin: string;
}

/** The best of several passes over the files of the folder: what is measured fits a cache, and a pause spoils one pass. */
function overBytes(folder: string, pass: (pins: readonly PinnedBytes[]) => void): number {
  const pins = readdirSync(folder).filter((name) => name.endsWith(".bin")).map((name) => {
    const bytes = new Uint8Array(readFileSync(join(folder, name)));
    return { name, bytes, pin: `sha384-${hash("sha384", bytes, "base64")}` };
  });
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 15; round++) {
    const start = performance.now();
    pass(pins);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

function expect(condition: boolean, problem: string, detail?: unknown): void {
  if (!condition) throw new Error(`${problem} ${JSON.stringify(detail)?.slice(0, 2000) ?? ""}`);
}

const [name = "", folder = ""] = process.argv.slice(2);
const milliseconds = await scenarios[name]!(folder);
// Linux counts in kilobytes, as Node documents it; Bun follows the system.
const memory = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ milliseconds, memory }));
