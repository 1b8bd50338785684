import { parse } from "es-module-lexer";

/** A name that an import binds, and where its clause says so. */
interface Binding {
  readonly local: string;
  readonly start: number;
  readonly end: number;
}

const name = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`;
const clausePattern = new RegExp(
  String.raw`^import\s*(${name}\s*,?)?\s*(?:\*\s*as\s+(${name})|\{([^}]*)\})?\s*from\s*$`,
  "du",
);
const localPattern = new RegExp(String.raw`(${name})\s*$`, "u");
const namePart = /[\p{ID_Continue}$\ud800-\udfff]/u;
/** In text whose strings are blanked out. */
const importLine = /^import\b(?:([\w$\s{},*]*)\bfrom\b)? *;?$/gm;
const commentOrString = /\/\*[^]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;

/**
 * Takes out imports that are of no use once the types are gone. TypeScript drops a name that only types use, and an
 * import without names, so that `import { Options } from "./options.ts"` is right even where `Options` is a type. Type
 * stripping leaves such names, and linking then fails on them.
 *
 * @param code JavaScript that was stripped of types.
 * @returns The code without them, in the same lines; undefined where only a parser can tell.
 */
export function dropUnusedImports(code: string): string | undefined {
  if (!code.includes("import")) return code;
  const plain = code.replace(commentOrString, (found) => " ".repeat(found.length));
  if (areAllUsed(code, plain)) return code;
  let kept = code;
  const drop = (start: number, end: number): void => {
    kept = kept.slice(0, start) + blank(kept.slice(start, end)) + kept.slice(end);
  };
  for (const { type, importStart, importEnd, start } of parse(code)[0]) {
    if (type !== "static" || !code.startsWith("import", importStart)) continue;
    const clause = code.slice(importStart, start - 1);
    if (/^import\s*$/.test(clause)) continue;
    const bindings = bindingsOf(clause, importStart);
    // An escape can spell a name in another way.
    if (bindings === undefined || code.includes("\\u")) return undefined;
    const unused = bindings.filter(({ local }) => placesOf(local, code, importStart, importEnd).next().done);
    const others = bindings.filter((binding) => !unused.includes(binding));
    if (!others.every(({ local }) => isUsed(local, plain, importStart, importEnd))) return undefined;
    if (others.length > 0) {
      for (const { start, end } of unused) drop(start, end);
    } else {
      drop(importStart, importEnd);
      // Where the import was there is still the end of the statement before it.
      kept = `${kept.slice(0, importStart)};${kept.slice(importStart + 1)}`;
    }
  }
  return kept;
}

/** Whether each import begins a line and each of its names is used, as nearly always. It saves the lexer, slow on Deno. */
function areAllUsed(code: string, plain: string): boolean {
  let words = plain.match(/\bimport\b/g)?.length ?? 0;
  for (const { index, 0: { length }, 1: clause } of plain.matchAll(importLine)) {
    words--;
    if (clause === undefined) continue;
    const names = clause.replace(/(?:\*|[\w$]+)\s+as\s+/g, "").match(/[\w$]+/g) ?? [];
    if (names.length === 0 || !names.every((local) => isUsed(local, plain, index, index + length))) return false;
  }
  return words === 0 && !code.includes("\\u");
}

function blank(text: string): string {
  return text.replace(/[^\n\r\u2028\u2029]/g, " ");
}

/** The names in a clause, each with the comma behind it, or undefined for a clause without any or with odd ones. */
function bindingsOf(clause: string, offset: number): Binding[] | undefined {
  const match = clausePattern.exec(clause);
  if (match === null) return undefined;
  const [, byDefault, namespace, named] = match;
  const bindings: Binding[] = [];
  const add = (local: string, [start, end]: readonly [number, number]): void => {
    bindings.push({ local, start: offset + start, end: offset + end });
  };
  if (byDefault !== undefined) add(localPattern.exec(byDefault.replace(",", ""))![1]!, match.indices![1]!);
  if (namespace !== undefined) add(namespace, match.indices![2]!);
  let [at = 0] = match.indices![3] ?? [];
  for (const item of named?.split(",") ?? []) {
    const local = localPattern.exec(item)?.[1];
    const end = Math.min(at + item.length + 1, match.indices![3]![1]);
    if (local !== undefined) add(local, [at, end]);
    else if (item.trim() !== "") return undefined;
    at += item.length + 1;
  }
  return bindings.length === 0 ? undefined : bindings;
}

/** Where the name stands outside its own import, whatever it means there. */
function* placesOf(local: string, code: string, importStart: number, importEnd: number): Generator<number> {
  for (let at = code.indexOf(local); at >= 0; at = code.indexOf(local, at + 1)) {
    const isWhole = !namePart.test(code.charAt(at - 1)) && !namePart.test(code.charAt(at + local.length));
    if (isWhole && (at < importStart || at >= importEnd)) yield at;
  }
}

/** Whether it stands there for a value: behind a dot and before a colon it may be the name of a member. */
function isUsed(local: string, plain: string, importStart: number, importEnd: number): boolean {
  return placesOf(local, plain, importStart, importEnd).some((at) =>
    plain[at - 1] !== "." && !/^\s*:/.test(plain.slice(at + local.length, at + local.length + 20))
  );
}
