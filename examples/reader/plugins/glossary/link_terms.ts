/** Links the first mention of each term to where it is explained; not in headings, code or other links. */
export function linkTerms(html: string, terms: Readonly<Record<string, string>>): string {
  const left = new Map(Object.entries(terms));
  const quiet = /^(?:a|code|pre|h[1-6])$/;
  let depth = 0;
  const link = (text: string): string => {
    for (const [term, url] of left) {
      const linked = text.replace(new RegExp(`\\b${term}\\b`, "i"), (found) => `<a href="${url}">${found}</a>`);
      if (linked === text) continue;
      left.delete(term);
      // One term a piece of text is enough, and keeps links out of links.
      return linked;
    }
    return text;
  };
  return html.split(/(<[^>]*>)/).map((piece) => {
    const [, slash, tag] = /^<(\/?)(\w+)/.exec(piece) ?? [];
    if (tag === undefined) return depth === 0 ? link(piece) : piece;
    if (quiet.test(tag)) depth += slash === "/" ? -1 : 1;
    return piece;
  }).join("");
}
