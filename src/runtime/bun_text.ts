/** What of a module's text decides whether and how it is rewritten for Bun. */

/** At the head of a file it tells Bun that there is nothing to transpile. */
const bunPragma = /^\s*(?:#!.*\s+)?\/\/\s*@bun/;

/** The text that is lexed and rewritten: of the same length, so that every place stays. */
export function rewritableText(source: string): string {
  return source.replace(bunPragma, (pragma) => pragma.replace("@", " ")).replace(/^#!/, "//");
}

/** None of these words, and no escape that could spell the last, means nothing to rewrite. */
export function mayImport(text: string): boolean {
  return /import|from|require|\\u/.test(text);
}
