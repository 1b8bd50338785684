/**
 * Linking on Bun: modules live in a namespace of our own, and every specifier in them is rewritten to lead there.
 */
import type { Import } from "es-module-lexer";
import { messageOf, PlugmapError, quote } from "../errors.ts";
import { kindAs } from "./attributes.ts";
import { authoringSource } from "./authoring.ts";
import { rewriteModule } from "./bun_rewrite.ts";
import type { BunParser } from "./bun_rewrite.ts";
import { failureOf, invalidModule } from "./failure.ts";
import { identityOf, nextLink, partsOf, scheme, withUrls } from "./identity.ts";
import { metaOf } from "./module_meta.ts";
import type { LinkedPlugin, Linker, ModuleGraph, ModuleKind, SourceModule } from "./types.ts";

interface BunNamespace {
  readonly version: string;
  readonly semver: { order(left: string, right: string): -1 | 0 | 1 };
  readonly Transpiler: new (options: { loader: "ts" | "js" }) => BunParser;
  plugin(plugin: { name: string; setup(build: PluginBuilder): void }): void;
}

interface PluginBuilder {
  onLoad(
    constraints: { filter: RegExp; namespace: string },
    callback: (request: { path: string }) => LoadedModule,
  ): void;
}

/** What Bun's parser throws; it is no error of JavaScript's. */
interface BuildMessage {
  readonly name: string;
  readonly message: string;
  readonly position: { readonly file: string; readonly line: number; readonly column: number } | null;
}

type LoadedModule =
  | { contents: string; loader: "ts" | "js" }
  | { exports: Record<string, unknown>; loader: "object" };

/** A linked graph, and what answers to specifiers beside those of its modules. */
interface Link {
  readonly graph: ModuleGraph;
  readonly number: number;
  readonly others: Map<string, () => LoadedModule>;
}

const namespace = scheme.slice(0, -1);
const authoringSpecifier = `${scheme}plugin`;
const decoder: TextDecoder = new TextDecoder();

/** The links whose specifiers are answered, by their numbers. */
const links = new Map<number, Link>();
const entries = new WeakMap<LinkedPlugin, string>();
let refusals = 0;
let parsers: Readonly<Record<"ts" | "js", BunParser>> | undefined;

/** Builtins that are answered by something else than the runtime's own: their exports, made when they are imported first. */
let replacedBuiltins: ReadonlyMap<string, () => Record<string, unknown>>;
let lex: Lex;

/** Tells where the imports of a module stand in its text. */
export type Lex = (text: string, module: SourceModule) => readonly Import[];

/**
 * @param lexer Tells where imports stand.
 * @param builtins What answers imports of builtins in the place of the runtime.
 * @throws {PlugmapError} `runtime-unsupported` before Bun 1.4.
 */
export function createBunLinker(lexer: Lex, builtins: typeof replacedBuiltins = new Map()): Linker {
  const bun = (globalThis as unknown as { Bun: BunNamespace }).Bun;
  if (bun.semver.order(bun.version, "1.4.0-0") < 0) {
    throw new PlugmapError("runtime-unsupported", `Bun ${bun.version} cannot load verified plugins`, {
      mend: "Update to Bun 1.4 or later.",
    });
  }
  lex = lexer;
  replacedBuiltins = builtins;
  parsers = { ts: new bun.Transpiler({ loader: "ts" }), js: new bun.Transpiler({ loader: "js" }) };
  bun.plugin({
    name: namespace,
    setup: (build) => build.onLoad({ filter: /.*/, namespace }, ({ path }) => load(scheme + path)),
  });
  return { link };
}

function load(specifier: string): LoadedModule {
  if (specifier === authoringSpecifier) return { contents: authoringSource, loader: "js" };
  const { link, name } = partsOf(specifier);
  const current = links.get(link);
  const module = current?.graph.modules.get(name);
  if (module !== undefined) return loadModule(module, current!);
  const answer = current?.others.get(name);
  if (answer !== undefined) return answer();
  throw new PlugmapError("module-unlisted", `${quote(withUrls(specifier))} is asked for, but its plugin was unloaded`);
}

function link(graph: ModuleGraph): LinkedPlugin {
  const current: Link = { graph, number: nextLink(), others: new Map() };
  links.set(current.number, current);
  const entry = identityOf(graph.entry, current.number);
  const linked: LinkedPlugin = {
    evaluate: () =>
      import(entry).catch((error) => {
        throw failureOf(error, (known) => explain(known, current));
      }),
    unlink: () => links.delete(current.number),
  };
  entries.set(linked, entry);
  return linked;
}

/** The specifier of something that is no module of the graph. */
function answer(name: string, module: () => LoadedModule, { number, others }: Link): string {
  others.set(name, module);
  return identityOf(name, number);
}

function loadModule(module: SourceModule, current: Link, kind: ModuleKind = module.kind): LoadedModule {
  const text = decoder.decode(module.bytes);
  if (kind === "text") return { exports: { default: text }, loader: "object" };
  if (kind === "json") return { exports: { default: parseJson(text, module.url) }, loader: "object" };
  const loader = kind === "typescript" ? "ts" : "js";
  const rewriting = {
    url: module.url,
    lex: (text: string) => lex(text, module),
    support: () => answer(`support:${module.url}`, () => supportOf(module, current), current),
    rename: (specifier: string, type: unknown) => rename(specifier, type, module, current),
  };
  try {
    return { contents: rewriteModule(text, rewriting, parsers![loader]), loader };
  } catch (error) {
    throw explainMessage(error, module) ?? error;
  }
}

function parseJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PlugmapError("module-invalid", `${quote(url)} is not JSON: ${messageOf(error)}`, { cause: error });
  }
}

/** What stands for a specifier that the author wrote. Where that is refused, it says so when it is asked for. */
function rename(specifier: string, type: unknown, importer: SourceModule, current: Link): string {
  try {
    return targetOf(specifier, type, importer, current);
  } catch (error) {
    // It may never be asked for: Bun drops imports of types, and a dynamic import may not run.
    const refuse = (): never => {
      throw error;
    };
    return answer(`refusal:${++refusals}`, refuse, current);
  }
}

function targetOf(specifier: string, type: unknown, importer: SourceModule, current: Link): string {
  const { graph, number } = current;
  const target = graph.resolve(specifier, importer.url);
  switch (target.kind) {
    case "module": {
      const module = graph.modules.get(target.url)!;
      const kind = kindAs(module, type);
      if (kind === module.kind) return identityOf(module.url, number);
      return answer(`${kind}:${module.url}`, () => loadModule(module, current, kind), current);
    }
    case "linked":
      return entries.get(target.plugin)!;
    case "authoring":
      return authoringSpecifier;
    case "builtin": {
      const replaced = replacedBuiltins.get(target.specifier);
      if (replaced === undefined) return target.specifier;
      return answer(target.specifier, () => ({ exports: replaced(), loader: "object" }), current);
    }
  }
}

/** What stands for `import.meta` and `import()` in one module. */
function supportOf(module: SourceModule, current: Link): LoadedModule {
  const meta = Object.assign(Object.create(null), metaOf(module, current.graph));
  const importDynamically = async (
    specifier: unknown,
    options?: { readonly with?: { readonly type?: unknown } },
  ): Promise<unknown> => await import(targetOf(`${specifier}`, options?.with?.type, module, current));
  return { exports: { default: Object.freeze({ meta, import: importDynamically }) }, loader: "object" };
}

/** What an error of Bun's parser or of JavaScriptCore's means. */
function explain(error: object, { graph }: Link): PlugmapError | undefined {
  const { name, message, sourceURL } = error as { name?: unknown; message?: unknown; sourceURL?: unknown };
  if (name === "SyntaxError" && String(sourceURL).startsWith(scheme)) {
    // The line is one of the text that Bun made, not of the author's.
    return invalidModule(String(message), { url: withUrls(String(sourceURL)) }, error);
  }
  const file = buildMessageOf(error)?.position?.file;
  const module = file === undefined ? undefined : graph.modules.get(withUrls(file));
  return module === undefined ? undefined : explainMessage(error, module);
}

/** Places are best told of the author's own text, without what the rewriting adds. */
function explainMessage(error: unknown, module: SourceModule): PlugmapError | undefined {
  const found = buildMessageOf(error);
  if (!found?.position) return undefined;
  let told = found;
  try {
    parsers![module.kind === "typescript" ? "ts" : "js"].scanImports(decoder.decode(module.bytes));
  } catch (original) {
    told = buildMessageOf(original) ?? found;
  }
  return invalidModule(told.message, { url: module.url, ...told.position }, error);
}

/** Bun gathers several errors of its parser in one whose own message says only how many there are. */
function buildMessageOf(error: unknown): BuildMessage | undefined {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return (first as BuildMessage | undefined)?.name === "BuildMessage" ? first as BuildMessage : undefined;
}
