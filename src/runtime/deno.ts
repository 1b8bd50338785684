/**
 * Linking on Deno: `registerHooks` of `node:module` shows every import, static, dynamic, computed or evaluated, and
 * lets us hand over the source ourselves (stable for nested imports since Deno 2.9.0, denoland/deno#35169).
 */
import { channel } from "node:diagnostics_channel";
import { registerHooks } from "node:module";
import { PlugmapError, quote } from "../errors.ts";
import { authoringSource } from "./authoring.ts";
import { batchSource, importTogether, isBatch } from "./deno_batch.ts";
import { metaChannel, sourceOf } from "./deno_source.ts";
import type { DenoSource } from "./deno_source.ts";
import { failureOf, invalidModule } from "./failure.ts";
import { identityOf, nextLink, scheme, withUrls } from "./identity.ts";
import { metaOf } from "./module_meta.ts";
import type { LinkedPlugin, Linker, ModuleGraph, SourceModule } from "./types.ts";

interface DenoNamespace {
  readonly version: { readonly deno: string };
}

/** A module under its identity in one link. */
interface LinkedModule {
  readonly module: SourceModule;
  readonly graph: ModuleGraph;
  readonly link: number;
}

const authoringUrl = `${scheme}plugin`;
const refusalPrefix = `${scheme}refusal:`;

/** Deno 2.9.6 links a static import of these by the name alone, whatever a hook answers. Only an error keeps it from that. */
const linkedByName: ReadonlySet<string> = new Set(["node:url", "node:util", "node:worker_threads", "node:zlib"]);

const modules = new Map<string, LinkedModule>();
const entries = new WeakMap<LinkedPlugin, string>();
/** Errors of ours that went through the engine, by what it keeps of them; all else a plugin's own error could have too. */
const passedOn = new Map<string, PlugmapError>();
const metas = channel(metaChannel);
let installed = false;

/** @throws {PlugmapError} `runtime-unsupported` before Deno 2.9, whose hooks do not see nested imports. */
export function createDenoLinker(): Linker {
  const { version } = (globalThis as unknown as { Deno: DenoNamespace }).Deno;
  const [major = 0, minor = 0] = version.deno.split(".").map(Number);
  if (major < 2 || (major === 2 && minor < 9)) {
    throw new PlugmapError("runtime-unsupported", `Deno ${version.deno} cannot load verified plugins`, {
      mend: "Update to Deno 2.9 or later.",
    });
  }
  return { link };
}

function link(graph: ModuleGraph): LinkedPlugin {
  install();
  const link = nextLink();
  const identities: string[] = [];
  for (const module of graph.modules.values()) {
    const identity = identityOf(module.url, link);
    modules.set(identity, { module, graph, link });
    identities.push(identity);
  }
  const entry = identityOf(graph.entry, link);
  const linked: LinkedPlugin = {
    evaluate: () => evaluate(entry),
    unlink: () => identities.forEach((identity) => modules.delete(identity)),
  };
  entries.set(linked, entry);
  return linked;
}

async function evaluate(entry: string): Promise<Record<string, unknown>> {
  try {
    return await importTogether(entry);
  } catch (error) {
    throw failureOf(error, explain);
  }
}

function install(): void {
  if (installed) return;
  installed = true;
  metas.subscribe((meta) => completeMeta(meta as { url: string }));
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const importer = context.parentURL ?? "";
      if (!importer.startsWith(scheme) && !isEngine(importer)) {
        return specifier.startsWith(scheme) ? resolved(specifier) : nextResolve(specifier, context);
      }
      try {
        const target = targetOf(specifier, importer);
        return target.startsWith(scheme) ? resolved(target) : nextResolve(target, context);
      } catch (error) {
        if (linkedByName.has(specifier)) throw passOn(error as PlugmapError);
        const { code, problem, mend } = error as PlugmapError;
        return resolved(refusalPrefix + encodeURIComponent(JSON.stringify({ code, problem, mend })));
      }
    },
    load(url, context, nextLoad) {
      if (!url.startsWith(scheme)) return nextLoad(url, context);
      try {
        return { ...load(url, context.importAttributes["type"]), shortCircuit: true };
      } catch (error) {
        throw passOn(error as PlugmapError);
      }
    },
  });
}

function resolved(url: string): { url: string; shortCircuit: true } {
  return { url, shortCircuit: true };
}

/**
 * What Deno calls the importer where it was not a module that called `eval` or `Function` but V8 itself, as in
 * `promise.then(eval)`, or code of Deno's own, as in `setTimeout(eval)`. That code may well be a plugin's.
 */
function isEngine(importer: string): boolean {
  return importer === "undefined" || importer.startsWith("ext:");
}

/** The identity, or the specifier of a builtin, that an import of a plugin's module leads to. */
function targetOf(specifier: string, importer: string): string {
  if (isBatch(importer)) return specifier;
  if (isEngine(importer)) {
    const problem = `${quote(specifier)} is imported by evaluated code that belongs to no module`;
    throw new PlugmapError("module-unlisted", problem, { mend: "Import it from the text of a module." });
  }
  const found = modules.get(importer);
  if (found === undefined) throw unloaded(specifier, importer);
  const target = found.graph.resolve(specifier, found.module.url);
  switch (target.kind) {
    case "module":
      return identityOf(target.url, found.link);
    case "linked":
      return entries.get(target.plugin)!;
    case "authoring":
      return authoringUrl;
    case "builtin":
      return target.specifier;
  }
}

function unloaded(specifier: string, importer: string): PlugmapError {
  const name = quote(withUrls(importer));
  return new PlugmapError("module-unlisted", `${name} imports ${quote(specifier)}, but its plugin was unloaded`);
}

function load(url: string, type: unknown): DenoSource {
  const found = modules.get(url);
  if (found !== undefined) return sourceOf(found.module, type, url);
  if (url === authoringUrl) return { format: "module", source: authoringSource };
  if (isBatch(url)) return { format: "module", source: batchSource(url) };
  if (!url.startsWith(refusalPrefix)) throw unloaded(url, url);
  const { code, problem, mend } = JSON.parse(decodeURIComponent(url.slice(refusalPrefix.length)));
  const refusal = new PlugmapError(code, problem, { mend });
  if (type !== undefined) throw refusal;
  return { format: "module", source: refusalSource(passOn(refusal)) };
}

/**
 * Deno turns an error thrown in a hook into a TypeError that has lost its code. So a refused import leads to a module
 * that throws an error with the code, which is what a plugin sees when it tries a computed import. Only an import of
 * JSON or text cannot be led to a module.
 */
function refusalSource({ name, message, code, problem, mend }: PlugmapError): string {
  const properties = JSON.stringify({ name, code, problem, mend });
  return `throw Object.assign(new Error(${JSON.stringify(message)}), ${properties});`;
}

/** Keeps an error that is about to go through the engine. */
function passOn(error: PlugmapError): PlugmapError {
  passedOn.set(error.message, error);
  return error;
}

/** What an error of V8's or Deno's means. */
function explain(error: object): PlugmapError | undefined {
  const { name, message } = error as Error;
  const own = passedOn.get(message.replace(/^PlugmapError: /, ""));
  if (own !== undefined) return new PlugmapError(own.code, own.problem, { mend: own.mend, cause: error });
  if (name !== "SyntaxError") return undefined;
  const [, text = "", identity = "", line, column] = /^(.*) at (plugmap:.+):(\d+):(\d+)$/s.exec(message) ?? [];
  const place = { url: withUrls(identity), line: Number(line), column: Number(column) };
  const [, specifier] = /^The requested module '(.*)' (?:does not provide|contains)/s.exec(text) ?? [];
  if (specifier !== undefined) {
    // What stands in for a refused import exports nothing: the refusal is what is wrong then.
    try {
      targetOf(specifier, identity);
    } catch (refusal) {
      return refusal as PlugmapError;
    }
  }
  return identity === "" ? undefined : invalidModule(text, place, error);
}

function completeMeta(meta: { url: string }): void {
  const found = modules.get(meta.url);
  if (found !== undefined) Object.assign(meta, metaOf(found.module, found.graph));
}
