/**
 * Rewrites every import of a module so that none reaches Bun's own resolution, which cannot be hooked for bare
 * specifiers (oven-sh/bun#40579) and would install them from npm.
 *
 * Lines are kept: only specifiers, `import` of `import()` and `import.meta` change, and what is added stands after
 * the last line, where imports and `var` are hoisted from. So stack traces show the author's lines.
 */
import type { DynamicImport, Import, StaticImport } from "es-module-lexer";
import { PlugmapError, quote } from "../errors.ts";
import { mayImport, rewritableText } from "./bun_text.ts";
import { unusedName } from "./unused_name.ts";

/** What the rewritten module may know of the world outside. */
export interface Rewriting {
  /** Name of the module, for messages. */
  readonly url: string;
  /**
   * The specifier that stands for what the author wrote; one that fails when it is loaded, if that is refused.
   *
   * @param type The attribute `type` of the import, if it has one.
   */
  rename(specifier: string, type?: string): string;
  /**
   * Where the imports stand in the text that {@linkcode rewritableText} gives.
   *
   * @throws {PlugmapError} `module-invalid`.
   */
  lex(text: string): readonly Import[];
  /** Specifier of the module whose default export is `{ meta, import }` for this module; asked for where it is needed. */
  support(): string;
}

/** A second opinion on rewritten code, from the parser that will run it. */
export interface BunParser {
  /** Specifiers of literal imports and requires, without running anything. */
  scanImports(text: string): readonly { readonly path: string }[];
  /** The JavaScript that Bun makes of it. Runs macros, so only for text that `scanImports` found nothing foreign in. */
  transformSync(text: string): string;
}

/** An import assertion, the older form of attributes. It is not in the lexer's record. */
const assertion = /^(?:\s|\/\*[^]*?\*\/|\/\/.*)*assert(?:\s|\/\*[^]*?\*\/|\/\/.*)*\{/;

/**
 * The keyword, if it is one, of an import that Bun's parser does not tell of. It tells of every literal that is no type. In
 * `import a = b.c` the keyword only gives a member of a TypeScript namespace another name.
 */
const hiddenKeyword = new RegExp(
  String.raw`(?<![\p{ID_Continue}$])import(?![\p{ID_Continue}$\\])` +
    String.raw`(?!\s*\(\s*(?:"[^"\\\n]+"|'[^'\\\n]+')\s*\))(?!\s+[\p{ID_Continue}$]+\s*=(?!\s*require))`,
  "uy",
);

/**
 * @throws {PlugmapError} `module-invalid` for text that is no module, `module-unsupported` for imports that cannot be
 * told from the text with certainty.
 */
export function rewriteModule(source: string, rewriting: Rewriting, parser: BunParser): string {
  const text = rewritableText(source);
  if (!mayImport(text)) return `${text}\nexport {};`;
  let imports = rewriting.lex(text);
  let rewritten = rewrite(text, imports, rewriting);
  if (imports.some((found) => mayBeMethod(found, text)) && !parses(rewritten.code, parser)) {
    imports = imports.filter((found) => !mayBeMethod(found, text));
    rewritten = rewrite(text, imports, rewriting);
  }
  const { code, edits, specifiers } = rewritten;
  // Bun gives ES modules a `require` that leads anywhere. The name can also be written with an escape.
  const mayRequire = /require|\\u/.test(text);
  const unseen = unseenWords(text, imports, edits);
  if (unseen.length === 0 && !mayRequire && areAllClausesSeen(text, imports)) return code;
  refuseForeign(code, specifiers, rewriting.url, parser);
  refuseUnseen(text, unseen, edits, rewriting.url, parser);
  return mayRequire && !declaresRequire(code, parser) ? `${code}\nvar require;` : code;
}

/** A part of the text, and what stands there instead. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Code that Bun can run, how it came about, and the specifiers that it may have. */
interface Rewritten {
  readonly code: string;
  readonly edits: readonly Edit[];
  readonly specifiers: ReadonlySet<string>;
}

function rewrite(text: string, imports: readonly Import[], rewriting: Rewriting): Rewritten {
  const specifiers = new Set<string>();
  const support = unusedName(text);
  let needsSupport = false;
  const edits: Edit[] = [];
  const specifierFor = (name: string): string => {
    specifiers.add(name);
    return JSON.stringify(name);
  };
  for (const found of imports) {
    switch (found.type) {
      case "static":
      case "reexport-star": {
        refuseOddForm(found, text, rewriting.url);
        const type = found.attributes?.find(([name]) => name === "type")?.[1];
        const name = specifierFor(rewriting.rename(found.specifier, type));
        // Attributes choose Bun's loader, or a macro. What they ask for is in the name already.
        const attributes = found.end + 1 < found.importEnd ? blank(text.slice(found.end + 1, found.importEnd)) : "";
        edits.push({ start: found.start - 1, end: found.importEnd, text: name + attributes });
        break;
      }
      case "dynamic":
        refuseOddForm(found, text, rewriting.url);
        if (found.specifier !== undefined && isPlainLiteral(found, text)) {
          // It may as well be a type, as in `typeof import("./x.ts")`, where nothing but a literal can stand.
          edits.push({ start: found.start, end: found.end, text: specifierFor(rewriting.rename(found.specifier)) });
        } else {
          needsSupport = true;
          const end = found.importStart + "import".length;
          edits.push({ start: found.importStart, end, text: `${support}.import` });
        }
        break;
      case "import-meta":
        needsSupport = true;
        edits.push({ start: found.importStart, end: found.importEnd, text: `${support}.meta` });
        break;
    }
  }
  // Without a trace of ESM, Bun takes a file for CommonJS.
  const end = needsSupport ? `\nimport ${support} from ${specifierFor(rewriting.support())};` : "\nexport {};";
  return { code: apply(text, edits) + end, edits, specifiers };
}

function apply(text: string, edits: readonly Edit[]): string {
  let edited = "";
  let done = 0;
  for (const edit of edits.toSorted((left, right) => left.start - right.start)) {
    edited += text.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return edited + text.slice(done);
}

/** Refuses what Bun would understand in a way of its own. */
function refuseOddForm(found: StaticImport | DynamicImport, text: string, url: string): void {
  if (found.phase !== null) throw unsupported(url, `the "${found.phase}" phase in an import`);
  if (found.type === "dynamic" || found.typeOnly) return;
  if (assertion.test(text.slice(found.importEnd))) {
    throw unsupported(url, `the keyword "assert" after an import; write "with" instead`);
  }
  if (text.slice(found.importStart, found.start).includes("=")) throw unsupported(url, "an import by require()");
}

/** Whether an `import()` has nothing but a literal between its parentheses. */
function isPlainLiteral({ importStart, start, end, importEnd, glob }: DynamicImport, text: string): boolean {
  return !glob && /^import\s*\(\s*$/.test(text.slice(importStart, start)) && /^\s*\)$/.test(text.slice(end, importEnd));
}

/** In TypeScript the lexer takes `import(file: string): void` for a dynamic import, where it is a method. */
function mayBeMethod(found: Import, text: string): boolean {
  return found.type === "dynamic" && found.specifier === undefined && /^\s*:/.test(text.slice(found.importEnd));
}

/** Where `import` stands in the text without the lexer telling of it: in a comment, a string, a name, or in its blind spot. */
function unseenWords(text: string, imports: readonly Import[], edits: readonly Edit[]): number[] {
  const seen = new Set(imports.map(({ importStart }) => importStart));
  const unseen: number[] = [];
  for (let at = text.indexOf("import"); at >= 0; at = text.indexOf("import", at + 1)) {
    if (!seen.has(at) && !edits.some(({ start, end }) => start <= at && at < end)) unseen.push(at);
  }
  return unseen;
}

/** True when each `from` belongs to a clause that the lexer tells of, with nothing in it that could hide another. */
function areAllClausesSeen(text: string, imports: readonly Import[]): boolean {
  const clauses = imports.filter(({ type }) => type === "static" || type === "reexport-star");
  const isPlain = clauses.every(({ importStart, start }) =>
    /^(?:import|export)[\w$\s{},*]*$/.test(text.slice(importStart, start - 1))
  );
  if (!isPlain) return false;
  // Statements do not overlap, and the lexer tells of them in their order.
  let next = 0;
  for (let at = text.indexOf("from"); at >= 0; at = text.indexOf("from", at + 1)) {
    while (next < clauses.length && clauses[next]!.start <= at) next++;
    if (next === clauses.length || at < clauses[next]!.importStart) return false;
  }
  return true;
}

function parses(code: string, parser: BunParser): boolean {
  try {
    parser.scanImports(code);
    return true;
  } catch {
    return false;
  }
}

function refuseForeign(code: string, specifiers: ReadonlySet<string>, url: string, parser: BunParser): void {
  const foreign = parser.scanImports(code).find(({ path }) => !specifiers.has(path));
  if (foreign !== undefined) throw unsupported(url, `an import of ${quote(foreign.path)} in a form that is not ESM`);
}

/**
 * Spells the word with an escape: that is the same in a comment, a string, a regular expression and a name, and an error
 * where it is the keyword. So the parser tells what no lexer can be sure of: which slash begins a regular expression.
 */
function refuseUnseen(
  text: string,
  unseen: readonly number[],
  edits: readonly Edit[],
  url: string,
  parser: BunParser,
): void {
  const escapes = unseen.filter((at) => isHiddenKeyword(text, at)).map((at) => {
    // After a backslash the first letter is part of an escape already.
    const start = text[at - 1] === "\\" ? at + 1 : at;
    return { start, end: start + 1, text: start === at ? "\\u0069" : "\\u006d" };
  });
  if (escapes.length > 0 && !parses(apply(text, [...edits, ...escapes]), parser)) {
    throw unsupported(url, "an import that cannot be told from the text");
  }
}

function isHiddenKeyword(text: string, at: number): boolean {
  hiddenKeyword.lastIndex = at;
  return hiddenKeyword.test(text);
}

/** A module can only export what it declares. */
function declaresRequire(code: string, parser: BunParser): boolean {
  const name = unusedName(code);
  try {
    return parser.transformSync(`${code}\nexport { require as ${name} };`).includes(`require as ${name}`);
  } catch {
    return false;
  }
}

function unsupported(url: string, what: string): PlugmapError {
  return new PlugmapError("module-unsupported", `${quote(url)} has ${what}`, {
    mend: "Write it as a plain static or dynamic import.",
  });
}

function blank(text: string): string {
  return text.replace(/[^\n\r\u2028\u2029]/g, " ");
}
