/**
 * JSON with comments to JSON, for `deno.json`, whose format allows them. What is taken out becomes spaces, so that
 * positions in error messages stay right. (`@std/jsonc` would do it, but this is all that is needed of it.)
 */
export function blankComments(text: string): string {
  // One kind after the other: an expression that looks past comments for the end of a list takes exponential time.
  return blank(blank(text, /\/\/[^\n\r]*|\/\*[^]*?\*\//), /,(?=\s*[}\]])/);
}

function blank(text: string, unwanted: RegExp): string {
  // Strings first, so that nothing inside one is taken for a comment or a comma.
  const token = new RegExp(`"(?:[^"\\\\]|\\\\[^])*"|${unwanted.source}`, "g");
  return text.replace(token, (found) => found.startsWith('"') ? found : found.replace(/[^\n\r]/g, " "));
}
